"""A document as it came in: bytes become text here, or are refused with one sentence.

A reader is handed a `Source` and never bytes, so every cap on what a document may weigh stands in this file
or in `markup`, and holds before anything is parsed. Memory stays below ten times the document: the text is
copied once and no list is made of it before its lines are counted.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass, field

MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
MAX_LINES = 50_000
MAX_LINE = 200_000
"""Characters in one line of a text or of a table; the longest known has 9,000."""

SPACES = re.compile(r"\s+")


class DocumentError(Exception):
    """A document that can't be read: what is wrong and what to do, in one sentence, and the line if there is one.

    The name of the document isn't in the message: whoever reports it knows the path better.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message, line)  # both, so that it can be pickled
        self.message = message
        self.line = line

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


def collapse(text: str) -> str:
    """`text` without surrounding whitespace and with every run of whitespace as one space."""
    return SPACES.sub(" ", text).strip()


def quote(text: str, limit: int = 60) -> str:
    """The beginning of `text` on one line and in quotation marks, `limit` characters at most, for a note."""
    head = collapse(text[: 4 * limit])
    return f"“{head}”" if len(head) <= limit else f"“{head[:limit].rstrip()}…”"


@dataclass(frozen=True, slots=True)
class Source:
    """A document's name and its text: no byte order mark, lines ended by a line feed alone."""

    name: str
    text: str = field(repr=False)
    starts: list[int] = field(repr=False)
    """Where each line starts."""

    def line(self, offset: int) -> int:
        """The line, from 1, on which the character at `offset` stands."""
        return bisect_right(self.starts, offset)

    def lines(self) -> list[str]:
        """The lines without their line feeds and without trailing whitespace.

        Raises `DocumentError` for a line of more than `MAX_LINE` characters.
        """
        ends = [*self.starts[1:], len(self.text) + 1]
        for number, (start, end) in enumerate(zip(self.starts, ends, strict=True), 1):
            if end - start > MAX_LINE:
                raise DocumentError(
                    f"This line has more than {MAX_LINE:,} characters; break it or leave it out.", number
                )
        return [line.rstrip() for line in self.text.split("\n")]


def decode(data: bytes, name: str) -> Source:
    """The text of a document.

    UTF-8 with or without a byte order mark, and UTF-16 with one, of at most `MAX_BYTES` bytes and `MAX_LINES`
    lines. Raises `DocumentError` for anything else.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(f"The document has more than {MAX_BYTES // MEGABYTE} MB; split it.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _decode_utf16(data)
    else:
        text = _decode_utf8(data)
    text = text.replace("\r\n", "\n")
    text = text.replace("\r", "\n")  # in two steps, so that only one copy is made at a time
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DocumentError("There is a NUL byte here, so this isn't a text; save it as UTF-8 text.", line)
    if not text or text.isspace():
        raise DocumentError("The document is empty.")
    if text.count("\n") >= MAX_LINES:
        raise DocumentError(f"The document has more than {MAX_LINES:,} lines; split it.", MAX_LINES)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return Source(name, text, starts)


def _decode_utf8(data: bytes) -> str:
    start = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    try:
        return str(memoryview(data)[start:], "utf-8")
    except UnicodeDecodeError as error:
        at = start + error.start
        line = data.count(b"\n", 0, at) + 1
        raise DocumentError(
            f"Byte {at} (0x{data[at]:02x}) isn't UTF-8, so the document is in another encoding, or in two;"
            " save it as UTF-8.",
            line,
        ) from None


def _decode_utf16(data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        line = data[: error.start].decode("utf-16", "ignore").count("\n") + 1
        raise DocumentError(
            f"Byte {error.start} breaks off a UTF-16 character; save the document as UTF-8.", line
        ) from None
