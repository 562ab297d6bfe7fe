"""`paper-round check`: what is wrong or doubtful in documents, a line each that editors can jump to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from bot.cli.documents import Read, read_all
from bot.model import Level, Note


def run(paths: Sequence[Path], *, side: bool) -> None:
    """Prints every problem and doubt as `path:line: level: message`; exits with 1 if anything is wrong."""
    counts = dict.fromkeys(Level, 0)
    documents = 0

    def show(read: Read) -> None:
        nonlocal documents
        documents += 1
        for note in _notes(read):
            counts[note.level] += 1
            if note.level is not Level.INFO:
                where = f"{read.path}:{note.line}" if note.line else str(read.path)
                typer.echo(f"{where}: {note.level}: {note.message}")

    read_all(paths, side=side, each=show)
    typer.echo(
        f"{_count(documents, 'document')}, {_count(counts[Level.ERROR], 'error')},"
        f" {_count(counts[Level.WARNING], 'warning')}.",
        err=True,
    )
    if counts[Level.ERROR]:
        raise typer.Exit(1)


def _notes(read: Read) -> Iterator[Note]:
    if read.reading is not None:
        yield from read.reading.notes
    else:
        yield Note(read.line, Level.ERROR, read.problem)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
