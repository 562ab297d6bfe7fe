"""`paper-round inspect`: what is read out of documents, as a table for people or a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.documents import Read, read_all
from bot.model import Digest, Note, Paper, Reading, Translation

Entry = dict[str, Any]


def run(paths: Sequence[Path], *, as_json: bool, side: bool) -> None:
    """Prints what is read out of each document; exits with 1 if any could not be read."""
    failed = False
    console = Console()

    def show(read: Read) -> None:
        nonlocal failed
        failed = failed or read.reading is None
        if as_json:
            typer.echo(json.dumps(_entry(read), ensure_ascii=False, separators=(",", ":")))
        else:
            _show(console, read)

    read_all(paths, side=side, each=show)
    if failed:
        raise typer.Exit(1)


def _entry(read: Read) -> Entry:
    if read.reading is None:
        return {"path": str(read.path), "error": {"line": read.line, "message": read.problem}}
    digest = read.reading.digest
    return {
        "path": str(read.path),
        "date": digest.date.isoformat(),
        "series": digest.series,
        "layout": digest.layout,
        "papers": _papers(digest.papers),
        "tips": digest.tips,
        "languages": {
            language: {"papers": _papers(_whole(translation, digest)), "tips": translation.tips}
            for language, translation in digest.languages.items()
        },
        "notes": [_note(note) for note in read.reading.notes],
    }


def _whole(translation: Translation, digest: Digest) -> Iterator[Paper]:
    """A translation's papers, with the English questions where it has none that match: then those are asked."""
    for paper in translation.papers:
        english = digest.paper(paper.number)
        translated = {question.number: question for question in paper.questions}
        questions = english.questions if english else paper.questions
        yield replace(paper, questions=tuple(translated.get(question.number, question) for question in questions))


def _papers(papers: Iterable[Paper]) -> list[Entry]:
    return [
        {
            "number": paper.number,
            "title": paper.title,
            "url": paper.url,
            "links": list(paper.links),
            "published": paper.published,
            "authors": list(paper.authors),
            "summary": paper.summary,
            "sections": [{"name": section.name, "text": section.text} for section in paper.sections],
            "workflow": paper.workflow,
            "figure": paper.figure
            and {"width": paper.figure.width, "height": paper.figure.height, "bytes": len(paper.figure.png)},
            "questions": [
                {
                    "text": question.text,
                    "options": list(question.options),
                    "answer": question.answer,
                    "reason": question.reason,
                }
                for question in paper.questions
            ],
        }
        for paper in papers
    ]


def _note(note: Note) -> Entry:
    return {"line": note.line, "level": str(note.level), "message": note.message}


def _show(console: Console, read: Read) -> None:
    console.print()
    if read.reading is None:
        console.print(Text.assemble((read.place, "bold red"), "  ", read.problem))
        return
    digest = read.reading.digest
    head = f"  {digest.series} of {digest.date}, read as {digest.layout}"
    if digest.languages:
        head += ", also in " + ", ".join(digest.languages)
    console.print(Text.assemble((str(read.path), "bold"), head))
    console.print(_table(read.reading))
    for note in read.reading.notes:
        where = f"line {note.line}" if note.line else "no line"
        console.print(Text(f"  {note.level}, {where}: {note.message}", style=_STYLES.get(note.level, "dim")))


_STYLES = {"error": "red", "warning": "yellow"}


def _table(reading: Reading) -> Table:
    papers = reading.digest.papers
    if not papers:
        return Table(title="no papers", title_justify="left")
    table = Table("", "paper", box=None, padding=(0, 2, 0, 0))
    sectioned = any(paper.sections for paper in papers)
    for heading in ("sections", "figure", "questions", "with key") if sectioned else ("authors", "summary"):
        table.add_column(heading, justify="right")
    for paper in papers:
        figure = f"{paper.figure.width}×{paper.figure.height}" if paper.figure else "–"
        keyed = sum(question.answer is not None for question in paper.questions)
        cells = (
            (str(len(paper.sections)), figure, str(len(paper.questions)), str(keyed))
            if sectioned
            else (str(len(paper.authors)), f"{len((paper.summary or '').split())} words")
        )
        table.add_row(str(paper.number), Text(paper.title, style="" if paper.url else "italic"), *cells)
    return table
