"""Backups on a schedule. Whether one is due is read off the names of those there are: restarts are no matter."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from pathlib import Path
from typing import Final

from bot.clock import Clock
from bot.database import Store, StoreError, backup
from bot.settings import Backup

log = logging.getLogger(__name__)

_LOOK: Final = 60.0
"""Seconds between two looks at whether one is due."""
_AFTER_TROUBLE: Final = dt.timedelta(minutes=15)


class Backups:
    """Makes a backup whenever the newest is old enough, and removes the oldest; `start` it and `stop` it."""

    def __init__(self, store: Store, clock: Clock, settings: Backup) -> None:
        """With `every_hours` 0, or on PostgreSQL, it does nothing."""
        self._clock = clock
        self._settings = settings
        self._database = store.path
        self._not_before: dt.datetime | None = None
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Looks at once and then every minute; on PostgreSQL it says once that this isn't its to do."""
        if self._settings.every_hours and self._database is None:
            log.warning("backup.every_hours is for SQLite alone; schedule pg_dump for a database on PostgreSQL")
        if self._settings.every_hours and self._database is not None and self._running is None:
            self._running = asyncio.create_task(self._run(), name="backups")

    async def stop(self) -> None:
        """Stops looking; a backup that is being made is finished first, so that nothing half made is left."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None

    async def make_if_due(self) -> backup.Copy | None:
        """Makes a backup if one is due; None if not, or if it couldn't be made, which is logged."""
        if self._database is None or not self._settings.every_hours:
            return None
        now = self._clock.now()
        folder = backup.folder(self._settings.folder, self._database)
        work = asyncio.create_task(asyncio.to_thread(self._make, self._database, folder, now))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.gather(work, return_exceptions=True)
            raise
        except (StoreError, OSError) as error:
            self._not_before = now + _AFTER_TROUBLE
            log.error("no backup could be made: %s", error)  # noqa: TRY400  # the sentence tells all
            return None

    def _make(self, database: Path, folder: Path, now: dt.datetime) -> backup.Copy | None:
        kept = [moment for moment, _ in backup.kept_in(folder) if moment <= now]
        if kept and now - kept[-1] < dt.timedelta(hours=self._settings.every_hours):
            return None
        if self._not_before is not None and now < self._not_before:
            return None
        made = backup.back_up(database, folder / backup.name(now))
        gone = backup.prune(folder, self._settings.keep)
        log.info("backup made", extra={"path": made.path, "bytes": made.size, "removed": len(gone)})
        return made

    async def _run(self) -> None:
        while True:
            try:
                await self.make_if_due()
            except Exception:
                log.exception("a backup went wrong")
            await asyncio.sleep(_LOOK)
