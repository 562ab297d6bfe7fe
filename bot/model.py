"""What the bot is about: digests, their papers and questions. Frozen, typed, without any I/O.

A document is what its author wrote; a digest is what was read out of it. The words are explained in
docs/architecture.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Language(StrEnum):
    """The languages in which documents come and in which the bot speaks."""

    ENGLISH = "en"
    CHINESE = "zh"


class Look(StrEnum):
    """How much of a deep dive stands in its post."""

    BRIEF = "brief"
    FULL = "full"


class Level(StrEnum):
    """How much a note matters: `info` needs nobody, `warning` a look, `error` lost something."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader passed over or guessed in a document, with its line (from 1; None: no line to name)."""

    line: int | None
    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of a paper's digest; the name stands without its number, emoji and colon."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A workflow figure as rendered; sizes in pixels."""

    width: int
    height: int
    sha: str
    """SHA-256 of the PNG, hexadecimal: what it is stored under."""
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """A quiz question, its options in the author's order."""

    number: int
    """Its place in the paper, from 1."""
    text: str
    """Without its number."""
    options: tuple[str, ...]
    answer: int | None = None
    """The right option's place in `options`, from 0; None while nobody has said."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a digest. What the document doesn't say is None or empty."""

    number: int
    """Its place in the digest, from 1."""
    title: str
    url: str | None = None
    """The first link, exactly as written."""
    links: tuple[str, ...] = ()
    published: str | None = None
    """Exactly as written."""
    authors: tuple[str, ...] = ()
    summary: str | None = None
    sections: tuple[Section, ...] = ()
    workflow: str | None = None
    """The text of the workflow figure."""
    figure: Figure | None = None
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """A digest's papers and tips in another language: same papers in the same order.

    A paper's questions keep their `number`; one whose translation doesn't match the English is left out.
    """

    papers: tuple[Paper, ...]
    tips: str | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What was read out of one document, in English; other languages stand under `languages`."""

    date: dt.date
    series: str
    layout: str
    """Which reader read it: `deep-dive-text`, `deep-dive-page` or `round-up-table`."""
    papers: tuple[Paper, ...]
    tips: str | None = None
    """Reading tips for the day."""
    languages: Mapping[str, Translation] = field(default_factory=lambda: MappingProxyType({}))

    def paper(self, number: int, language: str = Language.ENGLISH) -> Paper | None:
        """The paper with this number in this language, in English where there is no translation, or None."""
        translation = self.languages.get(language)
        for papers in (translation.papers if translation else (), self.papers):
            for paper in papers:
                if paper.number == number:
                    return paper
        return None


@dataclass(frozen=True, slots=True)
class Reading:
    """A digest as read, the SVG drawings found for its papers (by paper number), and the reader's notes."""

    digest: Digest
    drawings: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[Note, ...] = ()
