"""Documents: bytes and a name in, a digest and notes out. Nothing here knows of Discord, the database or the disk.

`read` finds out by the content which layout a document has, lets that layout's reader read it, and merges the
side file that stands beside it. A new layout is one new file in this folder and one line in `READERS`.
`figures` renders the drawings that a reading found.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from bot.documents import deep_dive_page, deep_dive_text, round_up, side_file
from bot.documents.reader import MAX_OPTIONS, MAX_QUESTIONS, Reader
from bot.documents.source import DocumentError, decode
from bot.model import Digest, Reading

__all__ = ["READERS", "DocumentError", "read", "side_file"]

READERS: tuple[Reader, ...] = (
    deep_dive_page.READER,
    round_up.READER,
    deep_dive_text.READER,
)


def read(
    data: bytes, name: str, *, side: bytes | None = None, side_name: str | None = None, series: str | None = None
) -> Reading:
    """Reads a document.

    `name` is the document's file name: it gives the date where the heading has none, and nothing else. `side` is
    the content of the TOML file beside it, `side_name` what that is called (else the document's name with
    `.toml`). The digest belongs to `series` (the seed folder's name), else to the one that the side file names,
    else to the layout's own. A mistake in the side file is a note, never an error.

    Raises `DocumentError` for a document of more than 10 MB, one that is no digest in a known layout, or one that
    asks more than can be played.
    """
    source = decode(data, name)
    reader = next((reader for reader in READERS if reader.recognises(source)), None)
    if reader is None:
        layouts = ", ".join(reader.layout for reader in READERS)
        raise DocumentError(
            f"This is none of the layouts known here ({layouts}): a deep dive starts with a heading such as"
            " “2025-02-28 Papers”, a round-up with “## Papers for 2025-02-28”.",
            1,
        )
    reading = reader.read(source)
    _check_questions(reading.digest)
    reading = replace(reading, digest=replace(reading.digest, series=reader.series))
    if side is not None:
        reading = side_file.merge(reading, side, side_name or PurePath(name).stem + ".toml")
    if series is not None:
        reading = replace(reading, digest=replace(reading.digest, series=series))
    return reading


def _check_questions(digest: Digest) -> None:
    """Raises `DocumentError` beyond `MAX_QUESTIONS` or `MAX_OPTIONS`."""
    number = sum(len(paper.questions) for paper in digest.papers)
    if number > MAX_QUESTIONS:
        raise DocumentError(
            f"The document asks {number:,} questions, and {MAX_QUESTIONS:,} are the most; split it."
        )
    for paper in digest.papers:
        many = next((question for question in paper.questions if len(question.options) > MAX_OPTIONS), None)
        if many is not None:
            raise DocumentError(
                f"Question {many.number} of paper {paper.number} has {len(many.options):,} options, and"
                f" {MAX_OPTIONS} are the most; take some out."
            )
