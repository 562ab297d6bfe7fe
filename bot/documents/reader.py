"""What a reader is, and what every reader needs: a date, and a place for its notes.

A new layout is one new file with a `READER` in it, and one line in `bot.documents.READERS`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.documents.source import DocumentError, Source, quote
from bot.model import Level, Note, Reading

MAX_PAPERS = 500
MAX_QUESTIONS = 1_000
"""Of a digest; the most known are 18."""
MAX_OPTIONS = 100
"""Of a question; the most known are 3."""
MAX_NUMBER = 9_999
MAX_NOTES = 200

DATE = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Reader:
    """One layout: how it is recognised and how it is read."""

    layout: str
    series: str
    """Where its digests belong when neither the seed folder nor the side file says."""
    recognises: Callable[[Source], bool]
    """Whether a document is of this layout; looks at the text, never at the name, and is quick."""
    read: Callable[[Source], Reading]
    """Reads a document of this layout; raises `DocumentError` where there is no digest in it."""


@dataclass(slots=True)
class Notes:
    """The notes of one reading, `MAX_NOTES` at most, then one that counts the rest."""

    source: Source | None = None
    kept: list[Note] = field(default_factory=list)
    more: int = 0

    def add(self, level: Level, line: int | None, message: str) -> None:
        """Note `message` about a line (from 1) of the document."""
        if len(self.kept) < MAX_NOTES:
            self.kept.append(Note(line, level, message))
        else:
            self.more += 1

    def info(self, line: int | None, message: str) -> None:
        """Nobody needs to act."""
        self.add(Level.INFO, line, message)

    def warning(self, line: int | None, message: str) -> None:
        """Somebody should look."""
        self.add(Level.WARNING, line, message)

    def passed_over(self, line: int | None, text: str) -> None:
        """Text that has no place in a digest."""
        self.warning(line, f"Passed over: {quote(text)}.")

    def done(self) -> tuple[Note, ...]:
        """The notes in the order of their lines."""
        notes = sorted(self.kept, key=lambda note: note.line or 0)
        if self.more:
            notes.append(Note(None, Level.WARNING, f"There are {self.more} more notes like these."))
        return tuple(notes)


def real_date(text: str) -> dt.date | None:
    """The first date in `text` (year, month, day), or None; raises `ValueError` when it isn't in the calendar."""
    found = DATE.search(text)
    return dt.date(*map(int, found.groups())) if found else None


def digest_date(source: Source, heading: str, line: int | None, notes: Notes) -> dt.date:
    """The date of a digest: the one in its heading, else the one in the document's name, with a note.

    Raises `DocumentError` when there is none, or none that is in the calendar.
    """
    try:
        date = real_date(heading)
    except ValueError:
        raise DocumentError(
            f"The heading {quote(heading)} names a day that isn't in the calendar.", line
        ) from None
    try:
        named = real_date(source.name)
    except ValueError:
        named = None
    if date is None:
        if named is None:
            raise DocumentError(
                "There is no date: write it into the heading, as in “2025-02-28 Papers”, or into the file's name.",
                line,
            )
        notes.warning(line, f"The heading has no date, so the file's name gives it: {named}.")
        return named
    if named is not None and named != date:
        notes.warning(line, f"The heading says {date} and the file's name {named}; the heading counts.")
    return date


def unique_numbers(written: list[int | None], lines: list[int | None], notes: Notes) -> list[int]:
    """Papers' numbers as written, or their places from 1 where a number is missing or comes twice."""
    numbers = [number for number in written if number is not None and 0 < number <= MAX_NUMBER]
    if len(numbers) == len(written) == len(set(numbers)):
        if numbers != list(range(1, len(numbers) + 1)):
            notes.warning(lines[0], f"The papers are numbered {', '.join(map(str, numbers[:20]))}.")
        return numbers
    line = next(
        (line for line, number in zip(lines, written, strict=True) if numbers.count(number or 0) != 1), None
    )
    notes.warning(line, "A paper's number is missing, odd or comes twice, so all papers are counted through.")
    return list(range(1, len(written) + 1))
