"""Several processes share the servers by shards, and one is killed in the middle of the nine o'clock run."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from bot.database import Store
from bot.database.tables import deliveries, steps, subscriptions
from bot.shards import Shards
from tests.faults import books
from tests.faults.process import House
from tests.faults.stage import HOUR, fill
from tests.faults.wired import subscribe
from tests.postgresql import Server
from tests.wire import Guild, LocalDiscord

PROCESSES: Final = 4
_UNTIL_NINE: Final = dt.timedelta(minutes=10)
_MINUTE: Final = 60.0
_SENT: Final = "after POST /channels/*/messages#{}"
"""Where the process is killed: what Discord did is not in the ledger yet."""


@dataclass
class Part:
    """One process with its shards."""

    house: House
    shards: Shards
    guilds: list[Guild]
    before: int = 0
    """Of its servers, how many had their digest when one of the processes was killed."""

    @property
    def times(self) -> Counter[int]:
        """How many of its servers have their digest never, once and (2) more often."""
        bot = self.house.discord.world.bot
        posts = (sum(m.author is bot for m in guild.channel.messages.values()) for guild in self.guilds)
        return Counter(min(number, 2) for number in posts)

    @property
    def served(self) -> int:
        """How many of its servers have a digest."""
        return len(self.guilds) - self.times[0]


@dataclass
class Shared:
    """What came of it."""

    parts: list[Part]
    killed: Part
    under_way: int = 0
    """So many messages were on their way when the process was killed."""
    wrong: list[str] = field(default_factory=list)

    @property
    def report(self) -> str:
        """The table, and a sentence on the rest."""
        lines = [
            "| `--shards` | servers | had their digest at the kill | have it once | more often | not at all |",
            "|---|---|---|---|---|---|",
        ]
        for part in self.parts:
            name = f"{part.shards}{', killed' if part is self.killed else ''}"
            once, twice, never = (part.times[number] for number in (1, 2, 0))
            lines.append(f"| {name} | {len(part.guilds):,} | {part.before:,} | {once:,} | {twice} | {never} |")
        doubt = f"{self.under_way} messages of the killed process were on their way. "
        return "\n".join([*lines, "", f"{doubt}{'; '.join(self.wrong) or 'All right'}."])


async def nine(
    folder: Path,
    server: Server,
    *,
    servers: int,
    shards: int = PROCESSES,
    max_concurrency: int = PROCESSES,
    patience: float = 60.0,
    tell: Callable[[str], None] = lambda _: None,
) -> Shared:
    """Has every server due at nine, kills the second process halfway through its own, and starts it again.

    `patience`: seconds that each of these may take.
    """
    database = await server.create()
    async with (
        LocalDiscord(shards=shards, max_concurrency=max_concurrency, check_schema=False) as discord,
        Store.open(server.url(database)) as store,
    ):
        guilds = discord.add_guilds(servers)
        await fill(store)
        await store.write(_subscribe, guilds, discord.clock.now() + _UNTIL_NINE)
        parts = list(_parts(folder, discord, server.address(database), shards, patience))
        found = Shared(parts, parts[1])
        async with contextlib.AsyncExitStack() as processes:
            for part in parts:
                processes.push_async_callback(part.house.kill)
                half = _SENT.format(len(part.guilds) // 2)
                await part.house.start(at=half if part is found.killed else None, tick=1)
            await asyncio.gather(*(part.house.ready() for part in parts))
            tell(f"{len(parts)} processes are there; it is nine")
            parts[0].house.pass_time(_UNTIL_NINE.total_seconds())
            if not await found.killed.house.killed():
                found.wrong.append("the process ended by itself")
            for part in parts:
                part.before = part.served
            found.under_way = await store.read(_under_way, found.killed.shards)
            tell(f"killed: {[part.before for part in parts]} have their digest, {found.under_way} on their way")
            await found.killed.house.start(tick=1)
            await discord.until(lambda: sum(part.served for part in parts) >= servers - found.under_way, patience)
            parts[0].house.pass_time(_MINUTE)  # what the killed process held is free again
            await _settled(store, patience)
            for part in parts:
                await part.house.stop()
        found.wrong += await store.read(books.ledger_problems, discord)
        found.wrong += _told(discord, found)
    await server.drop(database)
    return found


def _parts(folder: Path, discord: LocalDiscord, address: str, shards: int, patience: float) -> Iterator[Part]:
    each = shards // PROCESSES
    for first in range(0, shards, each):
        held = Shards(first, first + each - 1, shards)
        (home := folder / f"shards-{first}").mkdir()
        house = House(
            home,
            discord,
            clock=folder / "clock",
            patience=patience,
            DATABASE=address,
            DISCORD__SHARDS=held,
        )
        yield Part(house, held, [guild for guild in discord.world.guilds.values() if held.mine(guild.id)])


def _told(discord: LocalDiscord, found: Shared) -> Iterator[str]:
    """What Discord has to say about it."""
    for part in found.parts:
        if strays := len(part.guilds) - part.times[1]:
            yield f"{strays} servers of {part.shards} don't have their digest exactly once"
        sent = sum(point.startswith(_SENT.format("")) for point in part.house.passed)
        if part is not found.killed and sent != len(part.guilds):
            yield f"the process of {part.shards} sent {sent} messages to its {len(part.guilds)} servers"
    if discord.gateway.hasty:
        yield f"{len(discord.gateway.hasty)} times a shard identified before it was its turn"
    if discord.api.invalid_requests:
        yield f"{discord.api.invalid_requests} answers of 401, 403 or 429"


def _subscribe(connection: Connection, guilds: list[Guild], nine: dt.datetime) -> None:
    for guild in guilds:
        subscribe(connection, guild.channel, nine + HOUR)


def _under_way(connection: Connection, held: Shards) -> int:
    sending = (
        select(subscriptions.c.server_id)
        .join(deliveries, deliveries.c.subscription_id == subscriptions.c.id)
        .join(steps, steps.c.delivery_id == deliveries.c.id)
        .where(steps.c.state == "sending")
    )
    return sum(map(held.mine, connection.execute(sending).scalars()))


async def _settled(store: Store, patience: float) -> None:
    """Waits until no delivery is under way. Raises TimeoutError."""
    async with asyncio.timeout(patience):
        while True:
            if not await store.read(_unfinished):
                return
            await asyncio.sleep(0.2)


def _unfinished(connection: Connection) -> int:
    return connection.execute(
        select(func.count()).select_from(deliveries).where(deliveries.c.finished_at.is_(None))
    ).scalar_one()
