"""A custom_id says the same after any journey, and hostile ones say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.posts import custom_ids
from bot.posts.custom_ids import (
    Answer,
    AuditPage,
    CustomId,
    DocumentsPage,
    ForgetMe,
    ForgetServer,
    FoundPapers,
    Leaderboard,
    LeaderboardAround,
    LeaderboardPage,
    OpenFound,
    PlayRound,
    ReadPaper,
    RemoveDocument,
    ReviewAnswers,
    ShareLeaderboard,
    StartSeason,
    Word,
    format_custom_id,
    from_word,
    kind,
    parse,
    to_word,
)

KINDS: tuple[type[CustomId], ...] = (
    *(ReadPaper, PlayRound, Leaderboard, Answer, ReviewAnswers, LeaderboardPage, ShareLeaderboard),
    *(LeaderboardAround, AuditPage, StartSeason, FoundPapers, OpenFound),
    *(ForgetMe, ForgetServer),
    *(DocumentsPage, RemoveDocument),
)
numbers = st.integers(0, 2**63 - 1)
WORD = st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"], include_characters="_-")


def of_any_kind() -> st.SearchStrategy[CustomId]:
    def build(cls: type[CustomId]) -> st.SearchStrategy[CustomId]:
        hints = get_type_hints(cls, include_extras=True)
        return st.builds(
            cls,
            **{
                name: numbers if hint is int else st.text(WORD, max_size=hint.__metadata__[0].most)
                for name, hint in hints.items()
            },
        )

    return st.one_of([build(cls) for cls in KINDS])


@given(of_any_kind())
def test_a_custom_id_survives_the_journey(custom_id: CustomId) -> None:
    text = format_custom_id(custom_id)
    assert len(text) <= 100
    assert parse(text) == custom_id


@given(
    st.text(max_size=120)
    | of_any_kind()
    .map(format_custom_id)
    .flatmap(
        lambda text: st.sampled_from(
            [
                text + ":",
                text + "0",
                ":" + text,
                text[:-1],
                text.upper(),
                text.replace(":", ":0", 1),
                text.replace("1", "2", 1),
                text * 5,
            ]
        )
    )
)
def test_whatever_comes_is_nothing_or_exactly_what_we_write(text: str) -> None:
    custom_id = parse(text)
    assert custom_id is None or format_custom_id(custom_id) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ":",
            "1",
            "1:",
            "rp:1:0:k",
            "1zz:1",
            "1rp",
            "1rp:1:0",
            "1rp:1:0:k:x",
            "1rp:-1:0:k",
            "1rp:+1:0:k",
            "2rp:1:0:k",
        ),
        *(
            "1rp:01:0:k",
            "1rp:1:0:k k",
            "1rp:1:0:" + "k" * 26,
            "1rp:٣:0:k",
            "1rp:1.0:0:k",
            "1rp:9223372036854775808:0:k",
        ),
        *(
            "1rp:1:0:k\n",
            "1rp:1 :0:k",
            "1rp:1:0:é",
            "\ud800",
            "1lb:" + "9" * 10_000,
            "1lb:" + ":" * 10_000,
            "1rp::0:k",
        ),
    ],
)
def test_what_is_none_of_ours_is_nothing(text: str) -> None:
    assert parse(text) is None


def test_the_text_is_what_old_messages_carry() -> None:
    # Messages of any age hold these: a change here makes every button out there go dead.
    assert format_custom_id(ReadPaper(17, 0, "k3")) == "1rp:17:0:k3"
    assert format_custom_id(PlayRound(17, "k3")) == "1pr:17:k3"
    assert format_custom_id(Leaderboard("k3")) == "1lb:k3"
    assert format_custom_id(Answer(3, 14, 2)) == "1an:3:14:2"
    assert format_custom_id(ReviewAnswers(3, 0)) == "1ra:3:0"
    assert format_custom_id(LeaderboardPage("month", 4, 2, 17)) == "1lp:month:4:2:17"
    assert format_custom_id(ShareLeaderboard("month", 4)) == "1ls:month:4:0:0"


@pytest.mark.parametrize(
    "wrong", [ReadPaper(-1, 0, "k"), ReadPaper(2**63, 0, "k"), Leaderboard("a:b"), Leaderboard("k" * 26)]
)
def test_what_no_custom_id_can_hold_is_refused(wrong: CustomId) -> None:
    with pytest.raises(ValueError, match="can't be"):
        format_custom_id(wrong)


def test_a_kind_that_could_grow_too_long_or_takes_anothers_prefix_is_refused_when_declared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_kinds", "_prefixes", "_fields"):
        monkeypatch.setattr(custom_ids, name, dict(getattr(custom_ids, name)))

    @dataclass(frozen=True, slots=True)
    class TooLong(CustomId):
        first: Annotated[str, Word(60)]
        second: Annotated[str, Word(60)]

    @dataclass(frozen=True, slots=True)
    class Odd(CustomId):
        what: float

    with pytest.raises(ValueError, match="100 are allowed"):
        kind("zz")(TooLong)
    with pytest.raises(ValueError, match="no free prefix"):
        kind("rp")(TooLong)
    with pytest.raises(TypeError, match="neither a number nor a word"):
        kind("zz")(Odd)


@given(st.text(max_size=45), st.text(WORD, max_size=60))
def test_any_short_text_is_a_word_and_any_word_is_read(text: str, word: str) -> None:
    if len(text.encode()) <= 45:
        assert from_word(to_word(text)) == text
        format_custom_id(FoundPapers(to_word(text), 1))
    else:
        with pytest.raises(ValueError, match="no longer text"):
            to_word(text)
    from_word(word)
