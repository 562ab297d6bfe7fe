"""Questions made from a digest itself: which of these papers does this describe? Pure, and the same every time.

The text is a sentence or two of a paper's summary, its options are the titles of that paper and of three others
of the same day. What would give the answer away is masked, and what would fit two options is not asked:

- no word of any of the four titles is left in the text, nor another form of one, nor one that shares five letters
  with one, nor an abbreviation that could be read out of one; so neither what is left nor what is missing points
  at a title, and whoever knows the answer knows it from what the paper is about;
- the other three are alike enough to be believed, and unlike enough to be wrong: what is left of the text has to
  be found in the right paper's summary by far more than in any of theirs.

A paper for which that can't be had is passed over, so a digest of few or short papers has fewer questions, or
none. docs/rounds.md tells it with its reasons.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from bot.library import words
from bot.library.words import MASK, masked
from bot.model import Digest, Paper

MOST: Final = 5
"""So many questions are made of a digest at most."""
OPTIONS: Final = 4
_TEXT: Final = (80, 700)
"""Characters of a describing text before it is masked: at least, at most."""
_ENOUGH: Final = 90
"""A sentence shorter than this gets the next one along."""
_LEFT_WORDS: Final = 7
"""Telling words that have to be left after masking."""
_LEFT_SHARE: Final = 0.5
"""Of the telling words, the share that has to be left after masking."""
_FITS: Final = 0.4
"""Of the weight of the words left, another option's title and summary may hold no more than this share."""
_SAME_TITLE: Final = 0.6
"""Titles that share more of their words than this are too alike to stand beside each other."""

_TITLE: Final = 300
_SUMMARY: Final = 5_000
"""Characters of titles and summaries that are looked at for questions; the longest known have 140 and 2,200."""
_PAPERS: Final = 100
"""Papers of a day that are looked at; the most known are 59."""
_TRIED: Final = 100
"""Texts that are tried before a digest is given up: all this is done while others wait for the database."""

_SENTENCE_END: Final = re.compile(r"(?<=[a-z0-9)%\]”\"’'][.!?])\s+(?=[A-Z“\"(])|(?<=[。！？])")
_ABBREVIATION: Final = re.compile(
    r"\b(?:al|cf|e\.g|i\.e|eq|eqs|etc|fig|figs|no|resp|sec|vs|approx|dr|mr|[a-z])\.$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Described:
    """A question that was made."""

    paper: int
    """The number of the paper that is described."""
    text: str
    """The describing text, masked."""
    options: tuple[str, ...]
    """Titles, in an order that says nothing."""
    answer: int
    """The right one's place in `options`, from 0."""
    reason: str
    """The describing text as it stands in the summary."""


def describe(digest: Digest, most: int = MOST) -> tuple[Described, ...]:
    """The questions that a digest of papers with summaries is good for, at most so many.

    They depend on titles and summaries alone, not on ids, the order of the papers or the date.
    """
    return _described(
        tuple(Paper(paper.number, paper.title, summary=paper.summary) for paper in digest.papers), most
    )


@lru_cache(maxsize=64)
def _described(given: tuple[Paper, ...], most: int) -> tuple[Described, ...]:
    """As `describe`; a digest is posted in many channels, and looked at anew for each."""
    papers = _candidates(given)
    if len(papers) < OPTIONS:
        return ()
    seed = _hash("", *sorted(f"{paper.title}\0{paper.summary}" for paper in papers))
    papers = sorted(papers, key=lambda paper: _hash(seed, paper.title))[:_PAPERS]
    day = _Day(papers)
    made: list[Described] = []
    for paper in papers:
        question = _question(paper, day, seed)
        if question is not None:
            made.append(question)
        if len(made) == most:
            break
    return tuple(made)


def _candidates(papers: Sequence[Paper]) -> list[Paper]:
    """The papers that can be described or stand beside others: with title and summary, no title twice."""
    papers = [paper for paper in papers if len(paper.title) <= _TITLE and len(paper.summary or "") <= _SUMMARY]
    titles = Counter(words.folded(paper.title) for paper in papers)
    return [
        paper
        for paper in papers
        if (paper.summary or "").strip() and paper.title.strip() and titles[words.folded(paper.title)] == 1
    ]


class _Day:
    """What the papers of a digest have in common: how telling each word is, and who is like whom."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.papers = papers
        """In an order that says nothing, which decides between those that are equally alike."""
        self.tries = _TRIED
        self.titles = {paper.number: words.telling(paper.title) for paper in papers}
        self.known = {paper.number: words.telling(f"{paper.title} {paper.summary}") for paper in papers}
        seen_in = Counter(word for known in self.known.values() for word in known)
        telling = {number: math.log((1 + len(papers)) / number) + 0.1 for number in {1, *seen_in.values()}}
        self._weights = defaultdict(lambda: telling[1], {word: telling[n] for word, n in seen_in.items()})

    def weight(self, found: Set[str]) -> float:
        """How much these words tell together: the fewer papers use one, the more."""
        return math.fsum(map(self._weights.__getitem__, found))

    def alike(self, paper: Paper, other: Paper) -> float:
        """How alike two papers are, 0 to 1."""
        one, two = self.known[paper.number], self.known[other.number]
        return self.weight(one & two) / self.weight(one | two) if one | two else 0.0

    def held(self, found: Set[str], other: Paper) -> float:
        """The share of the weight of these words that another paper's title and summary hold, 0 to 1."""
        weight = self.weight(found)
        return self.weight(found & self.known[other.number]) / weight if weight else 1.0


def _question(paper: Paper, day: _Day, seed: str) -> Described | None:
    """The question on a paper, from the first of its sentences that is good for one."""
    others = [
        other
        for other in day.papers
        if other is not paper and _overlap(day.titles[paper.number], day.titles[other.number]) <= _SAME_TITLE
    ]
    others.sort(key=lambda other: -day.alike(paper, other))
    for text in _texts(paper.summary or ""):
        if not day.tries:
            return None
        day.tries -= 1
        found = words.telling(text)
        chosen = list(islice((other for other in others if day.held(found, other) <= _FITS), OPTIONS - 1))
        if len(chosen) < OPTIONS - 1:
            continue
        titles = [paper.title, *(other.title for other in chosen)]
        shown = masked(text, titles)
        left = words.telling(shown)
        if len(left) < _LEFT_WORDS or len(left) < _LEFT_SHARE * len(found):
            continue
        if MASK * 2 in shown or any(day.held(left, other) > _FITS for other in chosen):
            continue
        options = sorted(titles, key=lambda title: _hash(seed, paper.title, title))
        return Described(paper.number, shown, tuple(options), options.index(paper.title), text)
    return None


def _overlap(one: Set[str], two: Set[str]) -> float:
    return len(one & two) / min(len(one), len(two)) if one and two else 0.0


def _texts(summary: str) -> Iterator[str]:
    """What of a summary can describe its paper: each sentence, with the next one where it is short."""
    sentences = list(_sentences(" ".join(summary.split())))
    for place, sentence in enumerate(sentences):
        text = sentence
        if len(text) < _ENOUGH and place + 1 < len(sentences):
            text = f"{text} {sentences[place + 1]}"
        if _TEXT[0] <= len(text) <= _TEXT[1] and "://" not in text and "▒" not in text:
            yield text


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[start : end.start()]):
            yield text[start : end.start()].strip()
            start = end.end()
    yield text[start:].strip()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
