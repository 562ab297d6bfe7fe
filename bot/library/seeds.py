"""Importing documents from files and folders, such as the seed folder, into the library.

A document that did not change since it was read costs a look at its size and time. One that changed is read
beside the event loop, and its digest is kept whole, in a short transaction with others that are ready, so an
import can be stopped anywhere and run again.
Under a seed folder that is walked whole, a document that is gone takes its digest with it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from bot.clock import Clock
from bot.database import Store
from bot.database.tables import SHARED
from bot.library import records
from bot.library.digests import Outcome, Recount
from bot.library.records import Ready, Record, Result
from bot.library.sources import Source, Trouble, absolute, find
from bot.library.work import Task, Work, Workers
from bot.model import Level

Progress = Callable[[int, int, Result], None]
"""Is told after each document how many are done, of how many, and what became of this one."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import came to."""

    results: tuple[Result, ...]
    """A document each, in the order in which they were named or found."""
    missing: tuple[Path, ...] = ()
    """Documents that are gone from a seed folder since the last time; their digests were withdrawn."""

    @property
    def documents(self) -> int:
        """How many files there were."""
        return len(self.results)

    @property
    def problems(self) -> tuple[Result, ...]:
        """Those that couldn't be read."""
        return tuple(result for result in self.results if result.problem is not None)

    @property
    def papers(self) -> int:
        """How many papers the digests have that are in the library."""
        return sum(result.papers for result in self.results)

    @property
    def questions(self) -> int:
        """How many questions they have."""
        return sum(result.questions for result in self.results)

    @property
    def keyed(self) -> int:
        """How many of those have a key."""
        return sum(result.keyed for result in self.results)

    @property
    def unkeyed(self) -> int:
        """How many have none."""
        return self.questions - self.keyed

    @property
    def figures(self) -> int:
        """How many figures they have."""
        return sum(result.figures for result in self.results)

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How many documents came to what; those that couldn't be read are left out."""
        return Counter(result.outcome for result in self.results if result.outcome is not None)

    @property
    def notes(self) -> Counter[Level]:
        """How many notes there are of each level."""
        return Counter(note.level for result in self.results for note in result.notes)


async def import_paths(
    store: Store,
    paths: Iterable[Path],
    *,
    clock: Clock,
    recount: Recount,
    owner_id: int = SHARED,
    replace: bool = False,
    executor: Executor | None = None,
    apart: bool = False,
    on_progress: Progress | None = None,
    roots: Collection[Path] = (),
    leave: Collection[Path] = (),
) -> Summary:
    """Imports documents, and all in these folders, into the library of a server or of all (SHARED).

    `roots` are the seed folders: their folders name the series of what is in them, and what is gone from one
    that is among `paths` is withdrawn. `replace` reads everything anew and puts it in the place of what came
    from elsewhere. `executor` does the reading; without one a thread does, or processes where there is much to
    read. `leave` are absolute paths of documents that stay as they are this time, whether there or gone.
    `recount` is bot.leaderboard.standings.recount_for.

    Documents that can't be read are in the summary, and kept for status; the others go in.
    """
    named = [absolute(path) for path in paths]
    items = [item for item in await asyncio.to_thread(find, named, roots=roots) if item.path not in leave]
    missing = await _missing(store, items, named, roots, leave, owner_id, clock)
    known = await store.read(records.known, [item.path for item in items])
    results: dict[Path, Result] = {}

    def done(result: Result) -> None:
        results[result.path] = result
        if on_progress is not None:
            on_progress(len(results), len(items), result)

    changed: deque[Task] = deque()
    for item in items:
        record = known.get(item.path)
        if isinstance(item, Trouble):
            done(Result(item.path, problem=item.message))
        elif replace or record is None or not record.stands(item, owner_id):
            changed.append(Task(item, None))
        elif record.untouched(item):
            done(record.result())
        else:
            changed.append(Task(item, record.fingerprint))

    async with Workers(len(changed), executor, apart=apart) as workers:
        begun: deque[tuple[Task, asyncio.Future[Work]]] = deque()
        ready: list[Ready] = []
        while changed or begun or ready:
            while changed and len(begun) + len(ready) < workers.ahead:
                task = changed.popleft()
                begun.append((task, workers.start(task)))
            while begun and (not ready or begun[0][1].done()):
                task, future = begun.popleft()
                work = await workers.finish(task, future)
                ready.append(Ready(task.source, work, known.get(task.source.path)))
            kept = await store.write(
                records.keep_several,
                ready,
                owner_id=owner_id,
                now=clock.now(),
                replace=replace,
                recount=recount,
            )
            del ready[: len(kept)]
            for result in kept:
                done(result)
    return Summary(await store.read(records.counted, [results[item.path] for item in items]), missing)


async def _missing(
    store: Store,
    items: Sequence[Source | Trouble],
    named: Sequence[Path],
    roots: Collection[Path],
    leave: Collection[Path],
    owner_id: int,
    clock: Clock,
) -> tuple[Path, ...]:
    """Withdraws what is gone from the seed folders that were looked through whole."""
    found = {item.path for item in items}.union(leave)
    unknown = [item.path for item in items if isinstance(item, Trouble) and item.folder]
    gone: list[Record] = []
    for root in map(absolute, roots):
        whole = any(root.is_relative_to(path) for path in named) and root.is_dir()
        if whole and not any(folder.is_relative_to(root) or root.is_relative_to(folder) for folder in unknown):
            gone += [record for record in await store.read(records.under, root) if record.path not in found]
    if gone:
        await store.write(records.miss, gone, owner_id=owner_id, now=clock.now())
    return tuple(record.path for record in gone)
