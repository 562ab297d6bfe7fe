"""Reading and drawing documents beside the event loop: in a thread, or in processes that use all cores.

What crosses to another process and back is a `Task` and a `Work`, plain values that can be pickled.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.documents import DocumentError, figures, read
from bot.documents.source import MAX_BYTES
from bot.library.questions import Wanted, wanted
from bot.library.sources import Source
from bot.model import Digest, Reading

READERS = "3"
"""To be raised when the readers read something else out of the same bytes: then everything is read anew."""

FEW = 8
"""Up to so many documents are read in a thread: starting processes takes longer."""

_MOST_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class Task:
    """A document to read, unless its bytes still have the fingerprint that is known of it."""

    source: Source
    known: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """What reading a document came to: a reading, or a problem, or neither where it is the same as it was."""

    fingerprint: str
    reading: Reading | None = None
    bare: Digest | None = None
    """The document without its side file, where it has one."""
    asked: tuple[Wanted, ...] = ()
    """The questions that can be played: to make them of summaries takes longer than others should wait."""
    problem: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document's bytes, wherever they came from, and its side file's."""

    data: bytes
    name: str
    """The file's name: it gives the date where the heading has none."""
    side: bytes | None = None
    side_name: str | None = None
    series: str | None = None
    """Where it belongs, whatever its side file says."""


def do(task: Task) -> Work:
    """Reads a document and draws its figures. Whatever is wrong with it is in the result, never an exception."""
    source = task.source
    try:
        data = _bytes(source.path)
        side = None if source.side is None else _bytes(source.side)
    except OSError as error:
        return Work("", problem=f"It can't be read: {error.strerror or error}.")
    fingerprint = fingerprint_of(data, side)
    if fingerprint == task.known:
        return Work(fingerprint)
    beside = None if source.side is None else source.side.name
    return make(Document(data, source.path.name, side, beside, source.series))


def make(document: Document) -> Work:
    """The same for bytes that are here already."""
    data, side = document.data, document.side
    fingerprint = fingerprint_of(data, side)
    try:
        reading = read(data, document.name, side=side, side_name=document.side_name, series=document.series)
        bare = None
        if side is not None:
            bare = read(data, document.name, series=document.series).digest
        return Work(fingerprint, figures.draw_all(reading), bare, tuple(wanted(reading.digest)))
    except DocumentError as error:
        return Work(fingerprint, problem=error.message, line=error.line)
    except Exception as error:  # noqa: BLE001  # one document must not keep the others out
        return Work(
            fingerprint,
            problem=f"Reading it failed, which is a mistake of Paper Round's: {type(error).__name__}: {error}",
        )


def fingerprint_of(data: bytes, side: bytes | None = None) -> str:
    """What tells a document and its side file from any other, and from what older readers made of it."""
    digest = hashlib.sha256(data)
    if side is not None:
        digest.update(b"\0side file\0")
        digest.update(side)
    return f"{READERS}:{digest.hexdigest()}"


def _bytes(path: Path) -> bytes:
    """The file, or enough of it to be refused as too large; a file that grows meanwhile is as long as it was."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


class Workers:
    """Does tasks elsewhere; open it with `async with`. What isn't done when it closes is dropped."""

    def __init__(self, tasks: int, executor: Executor | None = None, *, apart: bool = False) -> None:
        """`tasks` is how many there will be; `executor` does them if one is given, and stays open.

        `apart`: in other processes even if they are few. Drawing holds on to the interpreter, so a thread
        that draws keeps clicks waiting.
        """
        self._given = executor
        self._own: Executor | None = None
        if executor is None:
            self._own = (
                ThreadPoolExecutor(1, "reading")
                if tasks <= FEW and not apart
                else _processes(max(1, min(tasks, cores())))
            )

    async def __aenter__(self) -> Self:
        """Nothing is started before the first task."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drops what has not begun; what has goes on to its end without anyone waiting."""
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)

    @property
    def ahead(self) -> int:
        """How many tasks to hand over before the first result is waited for: enough while others are kept."""
        return 16 * cores()

    def start(self, task: Task) -> asyncio.Future[Work]:
        """Begins a task; give what this returns to `finish`."""
        executor = self._given or self._own
        try:
            future = asyncio.get_running_loop().run_in_executor(executor, do, task)
        except BrokenProcessPool as error:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
        return future

    async def finish(self, task: Task, future: asyncio.Future[Work]) -> Work:
        """A task's result. Where its process died, it is tried once more in one of its own."""
        try:
            return await future
        except BrokenProcessPool:
            self._renew()
            return await self._alone(task)

    def _renew(self) -> None:
        """Another pool of processes in the place of one that is broken."""
        if self._own is not None:
            try:
                self._own.submit(_nothing)
            except BrokenProcessPool:
                self._own.shutdown(wait=False)
                self._own = _processes(cores())

    async def _alone(self, task: Task) -> Work:
        alone = _processes(1)
        try:
            return await asyncio.get_running_loop().run_in_executor(alone, do, task)
        except BrokenProcessPool:
            return Work("", problem="Reading it ends the process that reads it; leave it out.")
        finally:
            alone.shutdown(wait=False, cancel_futures=True)


def cores() -> int:
    """How many this process may use, up to a sensible number of processes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST_PROCESSES)


def _processes(number: int) -> Executor:
    return ProcessPoolExecutor(
        number, multiprocessing.get_context("spawn"), initializer=leave_signals_to_the_parent
    )


def leave_signals_to_the_parent() -> None:
    """Ctrl-C is for the process that started this one, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _nothing() -> None:
    """Asks a pool of processes whether it still works."""
