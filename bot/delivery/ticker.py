"""The clock's tick: claims what is due, wakes the courier, ends pauses and rounds whose time is over.

APScheduler only ticks; what is due stands in the database, so a tick that comes late or not at all loses
nothing, and two processes that tick do no harm.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from sqlalchemy import Connection

from bot.clock import Clock
from bot.database import Store
from bot.delivery import claims, composing, due
from bot.delivery.composing import Composer
from bot.delivery.courier import Courier
from bot.library.recent import Recent
from bot.shards import ALL, Shards

log = logging.getLogger(__name__)

EVERY: Final = 15.0
"""Seconds between two ticks."""
AT_ONCE: Final = 2
"""Subscriptions dealt with in one transaction: some milliseconds, which a player's click may wait."""
_ROOM: Final = 3
"""So many times as long as a transaction took is left to others before the next, where that delays nothing."""
_MOST_ROOM: Final = 0.25
"""Seconds of that at most."""
_SET_BACK: Final = dt.timedelta(minutes=1)

Chore = Callable[[Connection, dt.datetime], object]
"""Something else to do at each tick, in a transaction of its own; given the time (UTC).

As long as it answers that it did something (ids, a number) it is called again, in another transaction.
"""


class Ticker:
    """Ticks from `start` to `stop`; or call `tick` yourself."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        courier: Courier,
        *,
        every: float = EVERY,
        compose: Composer = composing.post,
        chores: tuple[Chore, ...] = (),
        shards: Shards = ALL,
    ) -> None:
        """`every`: seconds between two ticks. `chores`: such as closing the rounds whose time has come.

        It claims for servers of these `shards` only.
        """
        self._store = store
        self._clock = clock
        self._courier = courier
        self._every = every
        self._compose = compose
        self._chores = chores
        self._shards = shards
        self._recent = Recent()
        self._last: dt.datetime | None = None
        self._ticking = asyncio.Lock()
        self._stopping = False
        self._doing: asyncio.Task[None] | None = None
        """The chores."""
        self._scheduler: AsyncIOScheduler | None = None

    def start(self) -> None:
        """Ticks at once and then every so many seconds."""
        self._stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone=dt.UTC,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._scheduler.add_job(
            self._tick_safely, "interval", seconds=self._every, next_run_time=dt.datetime.now(dt.UTC)
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """Stops ticking once what has begun is committed; the next start makes up for the rest."""
        self._stopping = True
        if self._scheduler is not None:
            self._scheduler.pause()
            async with self._ticking:
                self._scheduler.shutdown(wait=False)
            self._scheduler = None
        if self._doing is not None:
            await self._doing

    async def tick(self) -> int:
        """One tick with all its chores; how many deliveries it claimed."""
        try:
            return await self._tick()
        finally:
            if self._doing is not None:
                await self._doing

    async def _tick(self) -> int:
        """What is due is claimed at each tick; chores that take longer go on beside the next ones."""
        async with self._ticking:
            now = self._clock.now()
            if self._last is None or now < self._last - _SET_BACK:
                await self._refresh(now)
            self._last = now
            for subscription in await self._store.write(due.resume_due, now, self._shards):
                log.info("a pause is over", extra={"subscription": subscription.id})
            if self._doing is None or self._doing.done():
                self._doing = asyncio.create_task(self._do_chores(now), name="chores")
            return await self._claim(now)

    async def _do_chores(self, now: dt.datetime) -> None:
        for chore in self._chores:
            await self._do(chore, now)

    async def _do(self, chore: Chore, now: dt.datetime) -> None:
        """Does a chore to its end; what is wrong with one keeps none of the others."""
        try:
            while True:
                begun = time.monotonic()
                if not await self._store.write(chore, now) or self._stopping:
                    return
                await self._leave_room(begun)
        except Exception:
            log.exception("a chore failed; the next tick makes up for it")

    async def _tick_safely(self) -> None:
        try:
            await self._tick()
        except Exception:
            log.exception("a tick failed; the next one makes up for it")

    async def _refresh(self, now: dt.datetime) -> None:
        after: int | None = 0
        while after is not None:
            after = await self._store.write(due.refresh, now=now, after=after, shards=self._shards)

    async def _claim(self, now: dt.datetime) -> int:
        claimed = 0
        while True:
            begun = time.monotonic()
            batch = await self._store.write(
                claims.claim_due,
                now,
                AT_ONCE,
                compose=self._compose,
                recent=self._recent,
                shards=self._shards,
            )
            for claim in batch.claims:
                log.info(
                    "claimed a delivery",
                    extra={
                        "server": claim.server_id,
                        "subscription": claim.subscription_id,
                        "delivery": claim.delivery_id,
                        "digest": claim.digest_id,
                    },
                )
            claimed += len(batch.claims)
            if batch.claims:
                self._courier.wake()
            if batch.examined < AT_ONCE or self._stopping:
                return claimed
            await self._leave_room(begun)

    async def _leave_room(self, begun: float) -> None:
        """Lets others have the writer for a while, after a transaction that began at this moment (monotonic)."""
        if self._courier.full:  # Discord takes posts more slowly than they are claimed even so
            await asyncio.sleep(min(_ROOM * (time.monotonic() - begun), _MOST_ROOM))
