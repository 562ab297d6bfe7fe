"""Documents named on the command line, read: folders are walked as the seed folder is, side files found."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.cli.errors import CommandError
from bot.cli.operating import load_settings
from bot.library.sources import Source, Trouble, absolute, find
from bot.library.work import Task, Work, Workers
from bot.model import Reading


@dataclass(frozen=True, slots=True)
class Read:
    """A document and what was read out of it, or why it couldn't be read."""

    path: Path
    """As named on the command line, or found under a folder that was named there."""
    reading: Reading | None = None
    problem: str = ""
    line: int | None = None

    @property
    def place(self) -> str:
        """The path and, where it is known, the line of the problem, as editors take them."""
        return f"{self.path}:{self.line}" if self.line else str(self.path)


def read_all(paths: Sequence[Path], *, side: bool, each: Callable[[Read], None]) -> None:
    """Reads documents and draws their figures; `each` is told of every one, in the order given.

    Side files are read with them unless `side` is False.
    """
    asyncio.run(_read_all([found for path in paths for found in _find(path)], side=side, each=each))


def read_one(path: Path) -> Reading:
    """Reads one document, which must be there and be readable."""
    if path.is_dir():
        raise CommandError(f"{path} is a folder; name one document.")
    reads: list[Read] = []
    read_all([path], side=True, each=reads.append)
    for read in reads:
        if read.reading is not None:
            return read.reading
        raise CommandError(f"{read.place}: {read.problem}")
    raise CommandError(f"{path} is no document.")


_Found = tuple[Path, Source | str]


def _find(path: Path) -> list[_Found]:
    """The documents at a path, by the name they go by here."""
    folder = path.is_dir()
    found: list[_Found] = []
    for item in find([path], roots=[load_settings(None).seeds] if folder else []):
        name = path / item.path.relative_to(absolute(path)) if folder else path
        found.append((name, item.message if isinstance(item, Trouble) else item))
    return found or [(path, "This folder holds no documents.")]


async def _read_all(found: Sequence[_Found], *, side: bool, each: Callable[[Read], None]) -> None:
    waiting = deque(found)
    async with Workers(sum(isinstance(item, Source) for _, item in found)) as workers:
        begun: deque[tuple[Path, Task, asyncio.Future[Work]] | Read] = deque()
        while waiting or begun:
            while waiting and len(begun) < workers.ahead:
                path, item = waiting.popleft()
                if isinstance(item, str):
                    begun.append(Read(path, problem=item))
                else:
                    task = Task(item if side else replace(item, side=None), None)
                    begun.append((path, task, workers.start(task)))
            first = begun.popleft()
            if isinstance(first, Read):
                each(first)
            else:
                path, task, future = first
                work = await workers.finish(task, future)
                each(Read(path, work.reading, work.problem or "", work.line))
