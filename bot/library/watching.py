"""The seed folder, watched while the bot runs: what is put there goes in, what is taken out is withdrawn.

It is looked at every few seconds instead of waiting for the system's events, which don't come from network
drives and container mounts. A look costs a `stat` a document, in a thread; documents are read, and the database
asked, only when something changed and then stayed the same for two looks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path

from bot.clock import Clock
from bot.database import Store
from bot.library import records, seeds
from bot.library.digests import Outcome, Recount
from bot.library.seeds import Summary
from bot.library.sources import Source, Trouble, absolute, find

log = logging.getLogger(__name__)

_Seen = Mapping[Path, Source | Trouble]
"""The documents of one look by their paths, with what tells whether they changed."""


class Watcher:
    """Looks from `start` to `stop`; or call `look` yourself."""

    def __init__(self, store: Store, clock: Clock, folder: Path, *, recount: Recount, every: float) -> None:
        """`every`: seconds between two looks; with 0 `start` does nothing."""
        self._store = store
        self._clock = clock
        self._folder = absolute(folder)
        self._recount = recount
        self._every = every
        self._before: _Seen | None = None
        self._imported: _Seen | None = None
        self._said: dict[Path, str] | None = None
        self._unsaid_folder = True
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Looks at once and then every so many seconds."""
        if self._every:
            self._task = asyncio.create_task(self._go_on(), name="watching the seed folder")

    async def stop(self) -> None:
        """Stops looking; a document that is being written to the library is still written."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def look(self) -> Summary | None:
        """One look: imports what changed and is the same as in the look before; None where nothing did."""
        now = await asyncio.to_thread(_see, self._folder)
        if now is None:
            if self._unsaid_folder:
                log.warning("the seed folder can't be found; its digests stay", extra={"seeds": self._folder})
                self._unsaid_folder = False
            return None
        self._unsaid_folder = True
        before, self._before = self._before, now
        if before is None or now == self._imported:
            return None
        restless = {path for path in {*before, *now} if before.get(path) != now.get(path)}
        imported = self._imported or {}
        changed = {path for path in {*imported, *now} if imported.get(path) != now.get(path)}
        if self._imported is not None and changed <= restless:
            return None
        if self._said is None:
            self._said = await self._store.read(records.troubled)
        summary = await seeds.import_paths(
            self._store,
            [self._folder],
            clock=self._clock,
            recount=self._recount,
            roots=[self._folder],
            apart=True,
            leave=restless,
        )
        settled = {path: item for path, item in now.items() if path not in restless}
        self._imported = settled | {path: imported[path] for path in restless if path in imported}
        self._tell(summary, self._said)
        return summary

    def _tell(self, summary: Summary, said: dict[Path, str]) -> None:
        """Logs what came of it: each problem once, for as long as it is the same."""
        for result in summary.results:
            trouble = result.problem or (result.note if result.outcome is Outcome.REFUSED else None)
            if trouble is None:
                said.pop(result.path, None)
                if result.outcome in (Outcome.ADDED, Outcome.UPDATED):
                    log.info("document imported", extra={"path": result.path, "digest": result.digest_id})
            elif said.get(result.path) != trouble:
                said[result.path] = trouble
                what = "document not read" if result.problem else "document left out"
                log.error("%s: %s", what, trouble, extra={"path": result.path, "line": result.line})
        for path in summary.missing:
            said.pop(path, None)
            log.warning("document gone, its digest is withdrawn", extra={"path": path})

    async def _go_on(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("a look at the seed folder failed; the next one makes up for it")
            await asyncio.sleep(self._every)


def _see(folder: Path) -> _Seen | None:
    """What is in the folder; None where it isn't there, as when its drive is away."""
    return {item.path: item for item in find([folder], roots=[folder])} if folder.is_dir() else None
