"""Questions made from a digest: right by construction, nothing given away, never two that fit, always the same."""

import re
from collections.abc import Set
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents import read
from bot.library import describing
from bot.library.describing import MOST, OPTIONS, describe
from bot.library.questions import wanted
from bot.library.words import MASK, folded, masked, telling
from bot.model import Digest, Paper
from tests.library.kit import DAY, digest, question

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "round-up"
DOCUMENTS = sorted((ROOT / "seeds" / "round-up").glob("*.md"))
LITTLE = frozenset(
    re.findall(
        "[a-z]+",
        "a an and are as at be by can do for from has have how in into is it its of on or the this to "
        "was we what when  where which while who why will with that up not no so such than may then "
        "there these those they their them  out our if but been had does were you your s t d i",
    )
)


def plainly(text: str) -> list[str]:
    """The words of a text, by a rule of the test's own."""
    return re.findall(r"[a-z0-9]+", folded(text))


def check(given_digest: Digest) -> int:
    """Holds every question of a digest to what was promised; how many there are."""
    papers = {paper.number: paper for paper in given_digest.papers}
    made = describe(given_digest)
    assert len(made) <= MOST
    assert len({question.paper for question in made}) == len(made)
    for asked in made:
        paper = papers[asked.paper]
        assert len(set(asked.options)) == OPTIONS
        assert asked.options[asked.answer] == paper.title
        assert set(asked.options) <= {other.title for other in given_digest.papers}
        assert asked.reason in " ".join((paper.summary or "").split())
        shown = [word for word in plainly(asked.text) if word not in LITTLE]
        text = " ".join(plainly(asked.text))
        for title in asked.options:
            for word in plainly(title):
                if word in LITTLE:
                    continue
                assert word not in shown, (word, asked)
                for start in range(len(word) - 4):
                    assert word[start : start + 5] not in text, (word, asked)
            capitals = "".join(word[0] for word in title.replace("-", " ").split())
            assert len(capitals) < 3 or folded(capitals) not in shown
        left = telling(asked.text)
        for other in given_digest.papers:
            if other.title in asked.options and other is not paper:
                theirs = telling(f"{other.title} {other.summary}")
                assert len(left & theirs) < len(left) * 0.6
    return len(made)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_shipped_round_ups_have_a_handful(path: Path) -> None:
    assert check(read(path.read_bytes(), path.name).digest) == MOST


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample round-ups are not on this machine")
def test_round_ups_in_the_wild_have_a_handful_unless_they_are_short() -> None:
    for path in sorted(SAMPLES.glob("*.md")):
        found = read(path.read_bytes(), path.name).digest
        made = check(found)
        assert made == MOST or len(found.papers) < 8


def shipped() -> Digest:
    return read(DOCUMENTS[0].read_bytes(), DOCUMENTS[0].name).digest


def test_they_depend_on_the_papers_alone() -> None:
    found = shipped()
    turned = replace(found, papers=tuple(reversed(found.papers)), date=DAY, series="x")
    numbered = replace(
        found, papers=tuple(replace(paper, number=paper.number + 7, url=None) for paper in found.papers)
    )
    titles = [(asked.text, asked.options, asked.answer) for asked in describe(found)]
    for other in (turned, numbered):
        assert [(asked.text, asked.options, asked.answer) for asked in describe(other)] == titles


def test_a_digest_with_too_little_in_it_has_none() -> None:
    found = shipped()
    assert describe(replace(found, papers=found.papers[:3])) == ()
    assert describe(replace(found, papers=tuple(replace(p, summary=None) for p in found.papers))) == ()
    assert describe(replace(found, papers=tuple(replace(p, title="One") for p in found.papers))) == ()
    same = tuple(replace(paper, summary=found.papers[0].summary) for paper in found.papers)
    assert describe(replace(found, papers=same)) == ()


def test_a_digest_with_questions_of_its_own_keeps_to_them() -> None:
    [only] = wanted(digest((question(1, "One?"),)))
    assert not only.made
    made = wanted(shipped())
    assert [asked.position for asked in made] == list(range(MOST))
    assert all(asked.made and asked.title == "" and asked.answer is not None for asked in made)


@pytest.mark.parametrize(
    ("text", "title", "shown"),
    [
        ("We present Token-Shuffle for images.", "TokenShuffle", f"We present {MASK} for images."),
        ("A token shuffle and tokens.", "Token-Shuffle: Why", f"A {MASK} and {MASK}."),
        ("Group Policy Optimization (GPO) is used.", "Group Policy Optimization", f"{MASK} is used."),
        ("GSPOs beat PPO.", "Group Sequence Policy Optimization", f"{MASK} beat {MASK}."),
        ("Detoxification in many tongues", "SynthDetoxM", f"{MASK} in many tongues"),
        ("Möbius strips", "A MOBIUS Band", f"{MASK} strips"),
        ("The math of mathematics", "Math Matters", f"The {MASK} of {MASK}"),
        ("Codes and coding", "A Code", f"{MASK} and {MASK}"),
        ("ViT Det runs", "ViTDet", f"{MASK} runs"),
        ("It costs 4K a month", "4K Video", f"It costs {MASK} a month"),
    ],
)
def test_what_could_be_read_out_of_a_title_is_masked(text: str, title: str, shown: str) -> None:
    assert masked(text, [title]) == shown


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


@given(text=_TEXTS, titles=st.lists(_TEXTS, max_size=4))
def test_whatever_is_masked_is_masked_the_second_time_too(text: str, titles: list[str]) -> None:
    shown = masked(text, titles)
    assert masked(shown, titles) == shown


@given(
    st.lists(
        st.builds(
            Paper, number=st.integers(1, 99), title=_TEXTS, summary=st.none() | st.text(min_size=80, max_size=300)
        ),
        max_size=8,
    )
)
def test_no_digest_is_too_strange(papers: list[Paper]) -> None:
    describe(Digest(DAY, "round-up", "round-up-table", tuple(papers)))


def test_a_day_that_is_good_for_no_question_is_soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever brings in a document decides what it says, and everybody waits until its questions are made."""
    compared = 0

    def held(day: describing._Day, found: Set[str], other: Paper) -> float:
        nonlocal compared
        compared += 1
        return 1.0

    monkeypatch.setattr(describing._Day, "held", held)
    summary = "Honey is stored by seven patient colonies beneath wooden frames in every long cold winter. " * 20
    papers = tuple(Paper(n, f"Bees{n} Wasps{n} Ants{n}", summary=f"{summary}{n}") for n in range(1, 301))
    assert describe(Digest(DAY, "round-up", "round-up-table", papers)) == ()
    assert 0 < compared <= 10_000
