"""The bot's side of the demo: a fresh database and client, days that pass, and a start over when all is read."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import simcord
from sqlalchemy import Connection, select

from bot.cli.signals import stop_signals
from bot.client import PaperRound
from bot.database import Store
from bot.database.tables import subscriptions as table
from bot.delivery import subscriptions, supply
from bot.demo.stage import Stage, StageClock, set_stage
from bot.leaderboard import standings
from bot.library import digests, seeds
from bot.settings import Delivery, Settings

DAY = dt.timedelta(days=1)

HOURS = {"deep-dive": "08:00", "round-up": "17:00"}
"""When the channel gets each series that comes with the project."""
_ANY_HOUR = "12:00"
_ANY_SERVER = 1
"""One that has no documents of its own."""

USED_UP = (
    "**That was the whole library.** Every digest in the seed folder has been posted, so the demo starts over with"
    " an empty database. Put more documents there for more days."
)

_FIRST_MORNING = dt.time(7, 59)
_BEAT = 0.5
"""Seconds between two looks at what the bot did."""


class Season:
    """The bot with a database of its own, until everything in the library has been posted."""

    def __init__(self, store: Store, client: PaperRound, clock: StageClock) -> None:
        """Use `Season.prepare`."""
        self.client = client
        self._store = store
        self._clock = clock
        self._subscribed: set[str] = set()
        self._used_up_at: dt.datetime | None = None
        self._ended = False

    @classmethod
    async def prepare(
        cls, database: Path, documents: Path, clock: StageClock, tell: Callable[[str], None]
    ) -> Season:
        """Everything that takes a while: the database made, the documents read into it, the client built.

        `tell` is told which documents couldn't be read, and when there is none.
        """
        settings = Settings(
            database=str(database),
            seeds=documents,
            seeds_poll_seconds=0,  # SimCord's time runs too fast for it; see `_watch`
            delivery=Delivery(tick_seconds=1),
        )
        store = Store.open(settings.database_url)
        await store.__aenter__()
        try:
            summary = await seeds.import_paths(
                store, [documents], clock=clock, recount=standings.recount_for, roots=[documents]
            )
            for result in summary.problems:
                tell(f"{result.path}{f':{result.line}' if result.line else ''}: {result.problem}")
            if not await store.read(digests.series, _ANY_SERVER):
                tell(f"There is no digest in {documents} yet; a document that is put there is read at once.")
            return cls(store, PaperRound(settings=settings, store=store, clock=clock), clock)
        except BaseException:
            await store.__aexit__()
            raise

    async def begin(self, stage: Stage) -> None:
        """The bot goes to work, and the admin subscribes the channel to every series."""
        await self.client.start_background()
        await self._subscribe(stage)

    async def look(self, stage: Stage) -> None:
        """Sees what was put into the seed folder meanwhile."""
        if await self.client.watcher.look() is not None:
            await self._subscribe(stage)

    async def _subscribe(self, stage: Stage) -> None:
        for series in await self._store.read(digests.series, _ANY_SERVER):
            if series.name not in self._subscribed:
                self._subscribed.add(series.name)
                hour = HOURS.get(series.name, _ANY_HOUR)
                await stage.command("digest subscribe", series=series.name, time=hour, zone="UTC")

    async def over(self) -> bool:
        """Whether everything was posted, and a day has passed since, so that the last round has its results."""
        if not await self._store.read(_used_up, self._clock.now()):
            self._used_up_at = None
        elif self._used_up_at is None:
            self._used_up_at = self._clock.now()
        return self._used_up_at is not None and self._clock.now() - self._used_up_at >= DAY

    async def end(self) -> None:
        """Stops the bot and closes its database, once."""
        if not self._ended:
            self._ended = True
            await self.client.close()
            await self._store.__aexit__()


async def play(
    documents: Path,
    *,
    port: int,
    day_length: float,
    ready: Callable[[str], None],
    tell: Callable[[str], None],
) -> None:
    """Plays season after season until Ctrl-C, or until the page's session is ended there.

    `ready` is told the page's address, `tell` what happens; a day takes `day_length` seconds.
    """
    clock = StageClock(dt.datetime.combine(dt.datetime.now(dt.UTC), _FIRST_MORNING, dt.UTC))
    with stop_signals() as stop, tempfile.TemporaryDirectory(prefix="paper-round-demo-") as folder:
        databases = (Path(folder, f"{number}.sqlite3") for number in count(1))
        season = await Season.prepare(next(databases), documents, clock, tell)
        try:
            async with simcord.run(season.client, shard_count=1, check_errors=False) as env:
                stage = await set_stage(env, clock)
                async with stage.page(port, stop) as address:
                    ready(address)
                    await season.begin(stage)
                    while await _watch(season, stage, stop, day_length):
                        tell("The library is used up; the demo starts over.")
                        following = await Season.prepare(next(databases), documents, clock, tell)
                        await stage.announce(season.client, USED_UP)
                        async with stage.interlude():
                            await season.end()
                            season = following
                            await env.restart_bot(season.client)
                            await stage.skip_to(_FIRST_MORNING)
                        await season.begin(stage)
                await season.end()
        finally:
            await season.end()


async def _watch(season: Season, stage: Stage, stop: asyncio.Event, day_length: float) -> bool:
    """Lets days pass until the season is over (True) or everything is to stop (False)."""
    loop = asyncio.get_running_loop()
    then = loop.time()
    while not await season.over():
        await season.look(stage)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _BEAT)
        if stop.is_set():
            return False
        now = loop.time()
        await stage.pass_time(min(now - then, 2 * _BEAT) * DAY.total_seconds() / day_length)
        then = now
    return True


def _used_up(connection: Connection, now: dt.datetime) -> bool:
    """Whether no subscription has a digest left, and none is on its way."""
    running = connection.execute(select(table).where(table.c.ended_at.is_(None)))
    found = [subscriptions.of_row(row) for row in running]
    return bool(found) and not sum(supply.left(connection, one, now=now) for one in found)
