"""A side file gives keys, reasons, figures and a series; its mistakes are noted and cost nothing else."""

from __future__ import annotations

import tomllib

import pytest

from bot.documents import read
from bot.documents.side_file import SideFileError, with_key
from bot.model import Language, Level, Question, Reading
from tests.documents.pages import DRAWING, card, chunk, only_paper, page, popup, tab

TEXT = """\
2025-02-03 Papers

Paper 1

Bees Count

Link: http://a.org/1

1. Topic: Bees.
Q1
1. How far?
To three
To four
Q2
2. Which letter?
B
C
A
"""


def merged(side: str | bytes, document: str = TEXT, *, series: str | None = None) -> Reading:
    """The document read with a side file beside it."""
    data = side if isinstance(side, bytes) else side.encode()
    return read(document.encode(), "bees.txt", side=data, series=series)


def notes(reading: Reading) -> list[tuple[Level, str]]:
    """The notes about the side file."""
    return [(note.level, note.message) for note in reading.notes if note.message.startswith("Side file ")]


def answers(reading: Reading) -> list[int | None]:
    """The keys of the one paper's questions."""
    return [question.answer for question in only_paper(reading).questions]


def test_keys_reasons_figures_and_series() -> None:
    reading = merged(
        f"""\
# by hand
series = "bees"

[[papers]]
number = 1
figure = '''{DRAWING}'''

[[papers.questions]]
number = 1
text = "How far?"
answer = "To four"
reason = '''
Four spots,
  four drops.'''
"""
    )
    assert notes(reading) == []
    assert reading.digest.series == "bees"
    assert reading.drawings == {1: DRAWING}
    first, second = only_paper(reading).questions
    assert (first.answer, first.reason, second.answer) == (1, "Four spots, four drops.", None)


@pytest.mark.parametrize(
    ("answer", "place"),
    [("A", 2), ("b", 0), ("C", 1), ("a", 2)],
    ids=["text first", "small", "text", "small text"],
)
def test_an_option_that_is_a_letter_is_named_by_its_text(answer: str, place: int) -> None:
    side = f'[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 2\nanswer = "{answer}"\n'
    assert answers(merged(side)) == [None, place]


@pytest.mark.parametrize(("answer", "place"), [("A", 0), ("b", 1), ("To  four", 1), ("to four.", 1)])
def test_an_answer_by_letter_or_text(answer: str, place: int) -> None:
    side = f'[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 1\nanswer = "{answer}"\n'
    assert answers(merged(side)) == [place, None]


def test_a_key_corrects_the_document_and_counts_in_every_language() -> None:
    english = popup("1. How far?", ("To three", "To four"), "To three", language="en")
    chinese = popup("1. 多远？", ("三", "四"), "三", language="zh")
    sections = f'<div data-lang="zh">{chunk(1, "甲", "乙")}</div>'
    document = page(card(1, "T", sections=sections, tabs=tab(english, chinese), drawing=DRAWING))
    side = '[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 1\nanswer = "B"\nreason = "So."\n'
    reading = merged(side, document)
    assert only_paper(reading).questions[0].answer == 1
    assert reading.digest.languages[Language.CHINESE].papers[0].questions == (
        Question(1, "多远？", ("三", "四"), 1, "So."),
    )
    assert reading.drawings == {1: DRAWING}


def test_the_folder_counts_more_than_the_side_file_and_that_more_than_the_layout() -> None:
    assert merged("").digest.series == "deep-dive"
    assert merged('series = "bees"').digest.series == "bees"
    assert merged('series = "bees"', series="wasps").digest.series == "wasps"


@pytest.mark.parametrize("side", ["", " \n\n", "# nothing yet\n"])
def test_an_empty_side_file_is_none(side: str) -> None:
    assert merged(side) == read(TEXT.encode(), "bees.txt")


MISTAKES = {
    "no TOML": ('series = "bees"\nnumber == 1', Level.ERROR, "bees.toml, line 2: "),
    "breaks off": ('series = "bees', Level.ERROR, "nothing in it counts"),
    "another encoding": (b'series = "b\xe9es"', Level.ERROR, "isn't UTF-8"),
    "too large": (b"#" * 1_048_577, Level.ERROR, "more than 1024 kB"),
    "a key of too many parts": (".".join("a" * 100_000) + " = 1", Level.ERROR, "a key in it has too many parts"),
    "a quoted one": ("[" + ".".join(["'a'"] * 100_000) + "]", Level.ERROR, "a key in it has too many parts"),
    "a number without an end": ("number = " + "9" * 100_000, Level.ERROR, "too many digits"),
    "too deep": ("series = " + "[" * 5_000, Level.ERROR, "nested too deep"),
    "unknown key": ('\ntitle = "x"', Level.WARNING, "bees.toml, line 2: “title” isn't known in a side file"),
    "no series": ('\nseries = "Big Bees"', Level.WARNING, "bees.toml, line 2: “Big Bees” is no series"),
    "kind of series": ("series = 3", Level.WARNING, "line 1: “series” in a side file must be a string"),
    "kind of papers": ("papers = 3", Level.WARNING, "line 1: “papers” in a side file must be [[tables]]"),
    "no such paper": ("[[papers]]\nnumber = 2", Level.ERROR, "line 1: there is no paper 2; the document has 1."),
    "paper without number": ("[[papers]]\nfigure = 'x'", Level.ERROR, "line 1: this paper has no number"),
    "kind of number": (
        '[[papers]]\nnumber = "1"',
        Level.WARNING,
        "line 2: “number” in a paper must be a whole number",
    ),
    "unknown key of a paper": (
        "[[papers]]\nnumber = 1\nfigur = '''x'''",
        Level.WARNING,
        "line 3: “figur” isn't known in a paper; known are number, figure, questions.",
    ),
    "no drawing": (
        "[[papers]]\nnumber = 1\nfigure = 'x'",
        Level.ERROR,
        "line 3: the figure of paper 1 is no <svg>.",
    ),
    "no such question": (
        "[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 3",
        Level.ERROR,
        "line 3: there is no question 3 of paper 1; paper 1 has 1, 2.",
    ),
    "question without number": (
        "[[papers]]\nnumber = 1\n\n[[papers.questions]]\nanswer = 'A'",
        Level.ERROR,
        "line 4: this question has no number",
    ),
    "unknown key of a question": (
        "[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 1\nanwser = 'A'",
        Level.WARNING,
        "line 5: “anwser” isn't known in a question",
    ),
    "no such option": (
        "[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 1\nanswer = 'C'",
        Level.ERROR,
        "line 5: “C” is none of the options of question 1 of paper 1.",
    ),
    "another question": (
        "[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 1\ntext = 'How near?'\nanswer = 'A'",
        Level.WARNING,
        "line 5: question 1 of paper 1 reads “How far?”, so this key doesn't count.",
    ),
    "a reason alone": (
        "[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 1\nreason = 'So.'",
        Level.WARNING,
        "line 3: question 1 of paper 1 has a reason, and no answer.",
    ),
}


@pytest.mark.parametrize(("side", "level", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_noted_and_the_document_goes_in(side: str | bytes, level: Level, says: str) -> None:
    reading = merged(side)
    noted = notes(reading)
    assert any(at == level and says in message for at, message in noted), noted
    assert answers(reading) == [None, None]
    assert reading.digest.series == "deep-dive"


def test_what_is_right_counts_beside_what_is_wrong() -> None:
    side = (
        "[[papers]]\nnumber = 9\n[[papers]]\nnumber = 1\ncolour = 'red'\n"
        "[[papers.questions]]\nnumber = 1\nanswer = 'Z'\n[[papers.questions]]\nnumber = 2\nanswer = 'B'\n"
    )
    reading = merged(side)
    assert answers(reading) == [None, 0]
    assert [message.split(":")[0] for _, message in notes(reading)] == [
        "Side file bees.toml, line 1",
        "Side file bees.toml, line 5",
        "Side file bees.toml, line 8",
    ]


def test_lines_are_right_after_a_figure_that_looks_like_toml() -> None:
    side = f"[[papers]]\nnumber = 1\nfigure = '''\n[[papers]]\n[[papers.questions]]\n{DRAWING}'''\nwrong = 1\n"
    assert "line 7" in notes(merged(side))[0][1]


def test_thousands_of_mistakes_are_counted_not_listed() -> None:
    reading = merged("".join(f"key{number} = 1\n" for number in range(30_000)))
    assert len(notes(reading)) < 30


ASKED = Question(1, 'How "far"?', ("To three", "To four"), 1, "Four spots.")


def test_a_key_is_written_into_an_empty_side_file() -> None:
    document = TEXT.replace("How far?", 'How "far"?')
    reading = merged(with_key("", 1, ASKED), document)
    assert (notes(reading), only_paper(reading).questions[0]) == ([], ASKED)


def test_a_key_is_corrected_and_nothing_else_changes() -> None:
    before = f"""\
# My side file
series = "bees"  # of course

[[papers]]
number = 1
figure = '''{DRAWING}
[[papers]]'''

# the first one is hard
[[papers.questions]]
number = 2
answer = "A"

[[papers.questions]]
number = 1
answer = "A" # not sure
reason = "Guessed."
"""
    after = with_key(before, 1, ASKED)
    kept = [line for line in before.splitlines() if "Guessed" not in line and "not sure" not in line]
    assert [line for line in after.splitlines() if line in kept] == kept
    assert "not sure" in after
    first, second = tomllib.loads(after)["papers"][0]["questions"]
    assert first == {"number": 2, "answer": "A"}
    assert second == {"number": 1, "answer": "B", "reason": "Four spots.", "text": 'How "far"?'}


def test_keys_of_many_papers_and_questions_find_their_places() -> None:
    text = ""
    for paper in (2, 1, 3):
        for number in (2, 1):
            text = with_key(text, paper, Question(number, f"{paper}{number}?", ("a", "b"), number - 1))
    written = {
        (paper["number"], question["number"]): question["answer"]
        for paper in tomllib.loads(text)["papers"]
        for question in paper["questions"]
    }
    assert written == {(paper, number): "AB"[number - 1] for paper in (1, 2, 3) for number in (1, 2)}
    assert with_key(text, 1, Question(1, "11?", ("a", "b"), 0)) == text


def test_a_reason_is_taken_back_with_its_key() -> None:
    text = with_key(with_key("", 1, ASKED), 1, Question(1, "How?", ("a", "b"), 0))
    assert "reason" not in text


@pytest.mark.parametrize("text", ["a = = 1", "papers = 3", "papers = [{number = 1}]", '[papers]\nnumber = "x"'])
def test_a_side_file_that_cannot_be_read_is_not_written_to(text: str) -> None:
    with pytest.raises(SideFileError):
        with_key(text, 1, ASKED)


def test_a_key_needs_an_answer() -> None:
    with pytest.raises(ValueError, match="answer"):
        with_key("", 1, Question(1, "How?", ("a", "b")))
