"""Which question of a changed document is which of those that are kept."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.library import questions
from bot.library.questions import Stored, Wanted, match, normalised, wanted
from bot.model import Digest, Translation
from tests.library.kit import any_digest, digest, question


def kept(digest: Digest) -> list[Stored]:
    return [
        Stored(
            id=100 + q.position,
            paper=q.paper,
            position=q.position,
            title=q.title,
            text=q.text,
            options=q.options,
            translations=q.translations,
            retired=False,
        )
        for q in wanted(digest)
    ]


@settings(deadline=None)
@given(any_digest)
def test_an_unchanged_digest_matches_itself_one_to_one(given: Digest) -> None:
    matches = match(wanted(given), kept(given))
    ids = [m.stored.id for m in matches if m.stored]
    assert len(set(ids)) == len(matches)
    for m in matches:
        assert m.stored is not None
        assert m.ordered(m.wanted.options) == m.stored.options


@settings(deadline=None)
@given(st.permutations(["1", "2", "2", "Ab", "aB", "ab"]), st.permutations(["1", "2", "2", "Ab", "aB", "ab"]))
def test_reordered_options_are_found_by_their_text_and_the_answer_goes_with_its_text(
    old: list[str], new: list[str]
) -> None:
    stored = kept(digest((question(1, "Which?", *old),)))
    for answer in range(len(new)):
        [m] = match(wanted(digest((question(1, "Which?", *new, answer=answer),))), stored)
        assert m.stored is not None
        assert m.ordered(new) == tuple(old)
        assert m.answer is not None
        assert old[m.answer] == new[answer]


def test_case_spacing_and_quotes_make_no_new_question_but_a_changed_word_does() -> None:
    stored = kept(digest((question(1, "Which “red” is it?"),)))
    assert match(wanted(digest((question(1, 'which  "Red" is\nit?'),))), stored)[0].stored is not None
    assert match(wanted(digest((question(1, "Which “red” was it?"),))), stored)[0].stored is None
    assert (
        match(wanted(digest((question(1, "Which “red” is it?", "Red", "Green", "Black"),))), stored)[0].stored
        is None
    )
    assert match(wanted(digest((question(1, "Which “red” is it?", "Red", "Green"),))), stored)[0].stored is None


def test_the_same_question_of_another_paper_is_another_question() -> None:
    first, second = question(1, "Which?"), question(1, "Which?")
    stored = kept(digest((first,), (second,)))
    both = match(wanted(digest((first,), (second,))), stored)
    assert [m.stored and m.stored.paper for m in both] == [1, 2]
    # the papers change places: their questions go with their titles
    turned = replace(
        digest((first,), (second,)),
        papers=tuple(
            replace(paper, number=3 - paper.number) for paper in reversed(digest((first,), (second,)).papers)
        ),
    )
    assert [(m.wanted.title, m.stored and m.stored.title) for m in match(wanted(turned), stored)] == [
        ("Paper 2", "Paper 2"),
        ("Paper 1", "Paper 1"),
    ]


def test_many_options_in_another_order_are_matched_without_comparing_each_with_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = [f"Option {number}" for number in range(100)]
    stored = kept(digest((question(1, "Which?", *options),)))
    looked = 0

    def counted(text: str) -> str:
        nonlocal looked
        looked += 1
        return normalised(text)

    monkeypatch.setattr(questions, "normalised", counted)
    turned = [option.upper() for option in reversed(options)]
    [m] = match(wanted(digest((question(1, "Which?", *turned, answer=0),))), stored)
    assert m.stored is stored[0]
    assert m.answer == 99
    assert looked < 1_000


def test_a_retitled_paper_keeps_its_questions_by_its_number() -> None:
    stored = kept(digest((question(),)))
    renamed = digest((question(),))
    renamed = replace(renamed, papers=(replace(renamed.papers[0], title="A better title"),))
    assert match(wanted(renamed), stored)[0].stored is stored[0]


def test_a_question_in_play_is_matched_before_a_retired_one() -> None:
    [stored] = kept(digest((question(),)))
    retired = replace(stored, id=1, retired=True)
    [m] = match(wanted(digest((question(),))), [retired, stored])
    assert m.stored is stored


def test_translations_follow_the_kept_order_of_options_and_misfits_are_left_out() -> None:
    english = digest((question(1, "Which?", "a", "b"), question(2, "And?", "c", "d")))
    chinese = digest((question(1, "哪个?", "甲", "乙"), question(2, "还有?", "丙")))
    both = replace(english, languages=MappingProxyType({"zh": Translation(chinese.papers)}))
    stored = kept(digest((question(1, "Which?", "b", "a"), question(2, "And?", "c", "d"))))
    first, second = match(wanted(both), stored)
    assert first.translations == {"zh": ("Paper 1", "哪个?", ("乙", "甲"))}
    assert second.translations == {}


def test_a_question_without_options_cannot_be_played_and_an_answer_beyond_them_is_none() -> None:
    odd = replace(question(2), answer=7)
    asked: list[Wanted] = wanted(digest((replace(question(1), options=()), odd)))
    assert [(q.number, q.answer) for q in asked] == [(2, None)]


@settings(deadline=None)
@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
