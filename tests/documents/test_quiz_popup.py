"""The right answer of a question on a page: found where it is beyond doubt, and never made up."""

from __future__ import annotations

import pytest

from bot.model import Level, Question
from tests.documents.pages import card, messages, only_paper, page, popup, read_text, tab

OPTIONS = ("To three", "To four", "On and on")


def asked(*popups: str) -> tuple[tuple[Question, ...], list[str]]:
    """The questions read from popups, and the warnings about them."""
    reading = read_text(page(card(1, "T", tabs="".join(map(tab, popups)))))
    return only_paper(reading).questions, messages(reading, Level.WARNING)


@pytest.mark.parametrize("answer", ["To four", " To  four ", "To four\n"])
def test_an_answer_as_an_option_has_it(answer: str) -> None:
    (question,), warnings = asked(popup("1. How far?", OPTIONS, answer))
    assert (question.answer, warnings) == (1, [])


def test_references_in_an_answer_are_resolved() -> None:
    options = ("It is &quot;free&quot;", "R&amp;D", "&lt;none&gt;")
    (question,), warnings = asked(popup("1. What?", options, "It is &quot;free&quot;"))
    assert question.options == ('It is "free"', "R&D", "<none>")
    assert (question.answer, warnings) == (0, [])


@pytest.mark.parametrize("answer", ["to four.", "“To four”", "TO FOUR"])
def test_an_answer_that_is_only_spelled_otherwise_counts_with_a_note(answer: str) -> None:
    (question,), (warning,) = asked(popup("1. How far?", OPTIONS, answer))
    assert question.answer == 1
    assert "is taken for B, “To four”" in warning


def test_an_answer_cut_at_a_quotation_mark_is_read_on() -> None:
    options = ('It says "four" twice', 'It says "five" twice', "It sleeps")
    (question,), warnings = asked(popup("1. What?", options, options[1]))
    assert question.options == options
    assert question.answer == 1
    assert len(warnings) == 1


def test_an_answer_and_one_option_cut_alike_belong_together() -> None:
    options = ('A "big" step', "Another step", "None")
    (question,), warnings = asked(popup("1. What?", options, options[0]))
    assert (question.answer, warnings) == (0, [])  # as the page itself compares them


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (OPTIONS, ""),
        (OPTIONS, None),
        (OPTIONS, "To five"),
        (OPTIONS, "To"),
        (("Same", "Same", "Other"), "Same"),
        (('A "b', 'A "c', "D"), 'A "'),
    ],
    ids=["empty", "missing", "another", "two could be meant", "twice", "two are cut alike"],
)
def test_an_answer_that_could_be_none_or_several_leaves_no_key(
    options: tuple[str, ...], answer: str | None
) -> None:
    (question,), warnings = asked(popup("1. How far?", options, answer))
    assert question.answer is None
    assert any("has no key" in warning for warning in warnings)


def test_a_tag_that_ends_inside_its_own_attribute_leaves_the_option_clean() -> None:
    (question,), _ = asked(popup("1. When?", ('If "x" > 3', "Never"), "Never"))
    assert question.options == ('If "x" > 3', "Never")


def test_any_number_of_questions_and_options() -> None:
    popups = [popup(f"{number}. Q{number}?", tuple("abcdef"[:number]), "a") for number in range(2, 7)]
    questions, _ = asked(*popups)
    assert [(question.number, len(question.options)) for question in questions] == [
        (1, 2),
        (2, 3),
        (3, 4),
        (4, 5),
        (5, 6),
    ]


def test_feedback_on_the_page_is_the_reason() -> None:
    text = popup("1. How far?", OPTIONS, "To four").replace(
        '<div class="quiz-feedback">', '<div class="quiz-feedback">Bees said so.'
    )
    assert asked(text)[0][0].reason == "Bees said so."


def test_a_popup_without_a_question_and_stray_words_are_noted() -> None:
    stray = popup("1. A?", ("b", "c"), "b").replace(
        '<div class="quiz-feedback">', 'Hint: no<div class="quiz-feedback">'
    )
    questions, warnings = asked(popup("", ("a", "b"), "a"), stray)
    assert len(questions) == 1
    assert any("There is no question in this popup" in warning for warning in warnings)
    assert any("“Hint: no”" in warning for warning in warnings)
