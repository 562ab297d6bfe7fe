"""`paper-round import`: documents into the library, with a bar while it goes on and a table when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot import logs
from bot.cli import progress
from bot.cli.operating import load_settings, open_store
from bot.clock import SystemClock
from bot.leaderboard import standings
from bot.library import seeds
from bot.library.digests import Outcome
from bot.library.records import Result
from bot.library.seeds import Summary
from bot.model import Level
from bot.settings import Settings


def run(paths: Sequence[Path], config: Path | None, *, replace: bool) -> None:
    """Imports documents; exits with 1 if any could not be read."""
    settings = load_settings(config)
    logs.configure(level="warning", form=settings.log.format, secrets=settings.secrets())
    summary = asyncio.run(_import(settings, paths, replace=replace))
    for line in _said(summary):
        typer.echo(line, err=True)
    if summary.documents:
        Console().print(_table(summary))
    else:
        typer.echo(f"There are no documents in {', '.join(map(str, paths))}.", err=True)
    if summary.problems or not summary.documents:
        raise typer.Exit(1)


async def _import(settings: Settings, paths: Sequence[Path], *, replace: bool) -> Summary:
    async with open_store(settings) as store:
        with progress.bar(TimeRemainingColumn()) as bar:
            task = bar.add_task("Looking…", total=None)

            def show(done: int, total: int, result: Result) -> None:
                bar.update(task, completed=done, total=total, description=result.path.name)

            return await seeds.import_paths(
                store,
                paths,
                clock=SystemClock(),
                recount=standings.recount_for,
                replace=replace,
                roots=[settings.seeds],
                on_progress=show,
            )


def _said(summary: Summary) -> Iterator[str]:
    """What an operator has to look at, a line each."""
    for result in summary.results:
        where = f"{result.path}:{result.line}" if result.line else str(result.path)
        if result.problem is not None:
            yield f"{where}: error: {result.problem}"
        elif result.note is not None:
            yield f"{where}: {result.note}"
    for path in summary.missing:
        yield f"{path}: is gone, so its digest is withdrawn"


_ROWS = {
    Outcome.ADDED: "new",
    Outcome.UPDATED: "changed",
    Outcome.UNCHANGED: "unchanged",
    Outcome.REFUSED: "left out",
}


_NOTES = {
    Level.ERROR: ("mistakes in documents; paper-round check names them", "red"),
    Level.WARNING: ("doubts; paper-round check names them", "yellow"),
    Level.INFO: ("remarks; paper-round inspect names them", "dim"),
}


def _table(summary: Summary) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column()

    def row(number: int, what: str, style: str = "") -> None:
        table.add_row(Text(str(number), style=style), Text(what, style=style))

    row(summary.documents, "document" if summary.documents == 1 else "documents", "bold")
    for outcome, what in _ROWS.items():
        if summary.outcomes[outcome]:
            row(summary.outcomes[outcome], f"  {what}")
    if summary.problems:
        row(len(summary.problems), "  couldn't be read", "red")
    if summary.missing:
        row(len(summary.missing), "withdrawn, since their documents are gone", "yellow")
    row(summary.papers, "paper" if summary.papers == 1 else "papers")
    row(summary.figures, "figure" if summary.figures == 1 else "figures")
    row(summary.questions, "question" if summary.questions == 1 else "questions")
    row(summary.keyed, "  with a key")
    if summary.unkeyed:
        row(summary.unkeyed, "  without a key; paper-round keys asks for them", "yellow")
    for level, (what, style) in _NOTES.items():
        if number := summary.notes[level]:
            row(number, what, style)
    return table
