"""Where documents of unknown origin are read: each in a process of its own, one at a time for a server.

A server that brings many documents, or slow ones, keeps itself waiting and nobody else: only one of its
documents is in the queue for a place at a time.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from bot.language import Refusal
from bot.library.work import Document, Work, cores, leave_signals_to_the_parent, make

SECONDS: Final = 60.0
"""How long reading and drawing a document may take."""
PATIENCE: Final = 600.0
"""Seconds a document may wait for its turn: Discord takes an answer for fifteen minutes."""
_LEAST_PLACES: Final = 2
_MOST_MEMORY: Final = 2 * 1024**3
"""Bytes that reading one document may take."""


class TooBusy(Refusal):
    """A document waited for its turn for too long."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("Many documents are being read just now; import this one again in a few minutes.")


class Closing(Refusal):
    """The bot ends while a document is read or waits."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("I am being restarted, so this document wasn't read; import it again in a minute.")


class Desk:
    """Reads what is brought, fairly between servers, until it is closed."""

    def __init__(self, places: int | None = None, *, seconds: float = SECONDS, patience: float = PATIENCE) -> None:
        """`places`: how many documents are read at a time; as many as the machine affords if not given."""
        self._places = asyncio.Semaphore(places or affordable())
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._seconds = seconds
        self._patience = patience
        self._under_way: set[asyncio.Task[Work]] = set()
        self._closed = False

    async def read(self, server_id: int, bring: Callable[[], Awaitable[Document]]) -> Work:
        """Reads what `bring` brings once it is this server's turn: a queue of documents isn't kept in memory.

        Raises TooBusy or Closing, and what `bring` raises.
        """
        if self._closed:
            raise Closing
        work = asyncio.create_task(self._read(server_id, bring))
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)
        try:
            return await work
        except asyncio.CancelledError:
            if self._closed and work.cancelled():
                raise Closing from None
            raise

    def close(self) -> None:
        """Ends what is being read, and tells all who wait; nothing is read any more."""
        self._closed = True
        for work in self._under_way:
            work.cancel()

    async def _read(self, server_id: int, bring: Callable[[], Awaitable[Document]]) -> Work:
        turn = self._turns.setdefault(server_id, asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience) as waiting, turn, self._places:
                waiting.reschedule(None)
                return await _apart(await bring(), self._seconds)
        except TimeoutError:
            if waiting.expired():
                raise TooBusy from None
            raise


async def _apart(document: Document, seconds: float) -> Work:
    """Where this is cancelled, the process that reads is ended."""
    end, ended = multiprocessing.Pipe(duplex=False)
    try:
        return await asyncio.to_thread(_make_apart, document, seconds, end)
    finally:
        ended.close()


def _make_apart(document: Document, seconds: float, end: Connection) -> Work:
    """Reads a document in a process of its own, which is ended after so many seconds, or once `end` is closed."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_make_and_tell, args=(there, document), daemon=True)
    process.start()
    there.close()
    try:
        if here not in wait([here, end], seconds):
            return Work("", problem=f"Reading it takes more than {seconds:.0f} seconds; split it.")
        made: Work = here.recv()
    except EOFError:
        return Work("", problem="Reading it ends the process that reads it; leave it out.")
    else:
        return made
    finally:
        process.kill()
        process.join()
        here.close()
        end.close()


def _make_and_tell(pipe: Connection, document: Document) -> None:
    leave_signals_to_the_parent()
    _be_modest()
    pipe.send(make(document))


def _be_modest() -> None:
    """Lets players' clicks go before, and ends rather than take all of the machine's memory."""
    if sys.platform != "win32":
        import resource

        os.nice(10)
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


def affordable() -> int:
    """How many documents may be read at a time: one a core, at least two, and no more than memory allows."""
    return max(1, min(max(_LEAST_PLACES, cores()), _memory() // _MOST_MEMORY))


def _memory() -> int:
    """Bytes that this machine has, or this container may take."""
    have = _LEAST_PLACES * _MOST_MEMORY
    if hasattr(os, "sysconf"):
        have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(have, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return have
