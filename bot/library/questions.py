"""Which question of a changed document is which of those that are kept, and what has to be written for it.

A question is the same while its paper, its text and the texts of its options are, whatever their spacing,
case or order; anything else is a new question, and the old one is retired with its answers. The order in
which a question's options were first kept stays, since answers and keys point into it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.library.describing import describe
from bot.model import Digest, Paper, Question

Translated = dict[str, tuple[str, str, tuple[str, ...]]]
"""The paper's title, the question's text and its options, by language."""

_SAME = str.maketrans("‘’‚‛“”„‟‐‑‒–—―", "''''\"\"\"\"------")


@dataclass(frozen=True, slots=True)
class Stored:
    """A question as it is kept."""

    id: int
    paper: int
    position: int
    title: str
    text: str
    options: tuple[str, ...]
    translations: Translated
    retired: bool
    made: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question as the document has it now, in its own order of options."""

    paper: int
    number: int
    """The question's, within its paper."""
    position: int
    title: str
    text: str
    options: tuple[str, ...]
    translations: Translated
    answer: int | None
    reason: str | None
    made: bool = False
    """Not the document's: we made it, and `text` describes one of the papers whose titles are the options."""


@dataclass(frozen=True, slots=True)
class Match:
    """A wanted question, and the stored one that it is, or None.

    `places` says for each of its options which place that has in the stored order.
    """

    wanted: Wanted
    stored: Stored | None
    places: tuple[int, ...]

    def ordered(self, options: Sequence[str]) -> tuple[str, ...]:
        """Options in the document's order, put into the stored one."""
        placed = dict(zip(self.places, options, strict=True))
        return tuple(placed[place] for place in range(len(options)))

    @property
    def translations(self) -> Translated:
        """The wanted translations, their options in the stored order."""
        return {
            language: (title, text, self.ordered(options))
            for language, (title, text, options) in self.wanted.translations.items()
        }

    @property
    def answer(self) -> int | None:
        """The right option's place in the stored order, from 0."""
        return None if self.wanted.answer is None else self.places[self.wanted.answer]


def wanted(digest: Digest) -> list[Wanted]:
    """The questions of a digest that can be played: its own, else those that can be made of its summaries."""
    return own(digest) or _made(digest)


def _made(digest: Digest) -> list[Wanted]:
    """Questions made of a digest. They name no paper: its title is the answer."""
    return [
        Wanted(
            paper=question.paper,
            number=position + 1,
            position=position,
            title="",
            text=question.text,
            options=question.options,
            translations={},
            answer=question.answer,
            reason=question.reason,
            made=True,
        )
        for position, question in enumerate(describe(digest))
    ]


def own(digest: Digest) -> list[Wanted]:
    """The document's own questions: those with options, in its order."""
    found: list[Wanted] = []
    for paper in digest.papers:
        for question in paper.questions:
            if not question.options:
                continue
            found.append(
                Wanted(
                    paper=paper.number,
                    number=question.number,
                    position=len(found),
                    title=paper.title,
                    text=question.text,
                    options=question.options,
                    translations=_translations(digest, paper, question),
                    answer=question.answer
                    if question.answer is not None and 0 <= question.answer < len(question.options)
                    else None,
                    reason=question.reason,
                )
            )
    return found


def _translations(digest: Digest, paper: Paper, question: Question) -> Translated:
    found: Translated = {}
    for language, translation in digest.languages.items():
        for other in translation.papers:
            if other.number != paper.number:
                continue
            for same in other.questions:
                if same.number == question.number and len(same.options) == len(question.options):
                    found.setdefault(language, (other.title, same.text, same.options))
    return found


def normalised(text: str) -> str:
    """What of a text makes it the same text: neither its case nor its spacing nor the shape of its quotes."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_SAME).casefold().split())


def match(questions: Sequence[Wanted], kept: Sequence[Stored]) -> list[Match]:
    """Each wanted question with the stored one that it is; every stored question is used once at most.

    A question's paper is known by its title, else by its number where no other paper has that title now.
    Questions in play are matched before retired ones.
    """
    if not kept:
        return [Match(question, None, tuple(range(len(question.options)))) for question in questions]
    titles = {normalised(question.title) for question in questions}
    alike: dict[tuple[str, ...], dict[int, tuple[Stored, str]]] = {}
    for stored in sorted(kept, key=lambda question: (question.retired, question.position, question.id)):
        alike.setdefault(_texts(stored), {})[stored.id] = (stored, normalised(stored.title))
    matches = []
    for question in questions:
        candidates, own_title = alike.get(_texts(question), {}), normalised(question.title)
        found, places = None, tuple(range(len(question.options)))
        for stored, title in candidates.values():
            if title == own_title or (stored.paper == question.paper and title not in titles):
                found, places = stored, _places(question.options, stored.options)
                del candidates[stored.id]
                break
        matches.append(Match(question, found, places))
    return matches


def _texts(question: Wanted | Stored) -> tuple[str, ...]:
    """What makes it the same question: its text, and its options in whatever order."""
    return (normalised(question.text), *sorted(map(normalised, question.options)))


def _places(options: Sequence[str], kept: Sequence[str]) -> tuple[int, ...]:
    """For each option its place among `kept`, where the same texts stand in whatever order.

    Options that are written exactly alike find each other before those that are only alike when normalised.
    """
    places: dict[int, int] = {}
    free = dict(enumerate(kept))
    for spelled in (str, normalised):
        waiting: dict[str, list[int]] = {}
        for place, text in reversed(free.items()):
            waiting.setdefault(spelled(text), []).append(place)
        for index, option in enumerate(options):
            if index not in places and (found := waiting.get(spelled(option))):
                places[index] = found.pop()
                del free[places[index]]
    return tuple(places[index] for index in range(len(options)))
