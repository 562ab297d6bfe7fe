"""How long a click on an answer takes to its acknowledgement, and how many a second there can be.

Every click of ours is a player's first answer to a question, and is committed to disk before it is acknowledged.
The clicks are sent by the local Discord itself, as Discord does, and timed there: from the moment the interaction
goes out to the moment its answer comes in.
"""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.posts.custom_ids import Answer, parse
from tests.bench import stock
from tests.bench.processes import Discord, Process, local_discord, our_bot, ready, smallest
from tests.bench.rows import Report, Row

PLAY: Final = "Play the round"
_RATES: Final = (50, 200)
_AT_ONCE: Final = 16
"""People who click as fast as they are answered."""


@dataclass
class Side:
    """A client on a Discord of its own, with a question before a player."""

    discord: Discord
    process: Process
    target: dict[str, Any]
    """The channel, the message and the custom_ids that are clicked."""
    players: int = 0
    timed: dict[int, list[float]] = field(default_factory=dict)
    """Seconds of each click, by clicks a second."""
    sustained: list[float] = field(default_factory=list)
    """Clicks a second."""
    work: list[float] = field(default_factory=list)
    """Milliseconds of a core that the client spends on a click."""

    async def at(self, rate: int, seconds: float) -> None:
        """So many clicks a second."""
        number = int(rate * seconds)
        told = await self._clicks(number=number, rate=rate)
        self.timed.setdefault(rate, []).extend(told["seconds"])

    async def as_fast_as_can_be(self, seconds: float) -> None:
        """A click after the other."""
        before = self.process.cpu
        told = await self._clicks(at_once=_AT_ONCE, seconds=seconds)
        self.sustained.append(len(told["seconds"]) / told["took"])
        self.work.append((self.process.cpu - before) * 1000 / len(told["seconds"]))

    async def _clicks(self, **how: Any) -> dict[str, Any]:
        told: dict[str, Any] = await self.discord.do("clicks", **self.target, user=self.players, **how)
        assert None not in told["seconds"], f"{told['seconds'].count(None)} clicks were not answered"
        self.players += len(told["seconds"])  # more than there were, so nobody answers twice
        return told


@contextlib.asynccontextmanager
async def our_side(folder: Path) -> AsyncIterator[Side]:
    """The bot with a digest's round open."""
    database = stock.copy(await stock.shipped(folder), folder / "house")
    async with local_discord() as discord:
        (guild,) = await discord.do("guilds")
        stock.subscribe(database, [guild], stock.this_minute())
        async with our_bot(discord, database) as bot:
            await ready(bot)
            post = await discord.do("await_message", channel=guild["channels"][0])
            yield Side(discord, bot, await target(discord, guild, post))


async def target(discord: Discord, guild: stock.Guild, post: dict[str, Any]) -> dict[str, Any]:
    """What is clicked: a player's private message, and the first option of each question, found by playing."""
    where = {"channel": guild["channels"][0], "user": int(guild["id"])}
    reply = await discord.do("click", message=post["id"], control=PLAY, **where)
    message, found = reply["message"], list[str]()
    while first := _first_option(message):
        found.append(first)
        reply = await discord.do("click", message=message["id"], control=first, **where)
        message = reply["message"]
    return {"channel": where["channel"], "message": message["id"], "custom_ids": found}


def _first_option(message: dict[str, Any]) -> str | None:
    ids = [str(control.get("custom_id", "")) for control in message["controls"]]
    return next((one for one in ids if isinstance(parse(one), Answer)), None)


@contextlib.asynccontextmanager
async def other_side(like: Side, *options: str) -> AsyncIterator[Side]:
    """The smallest client; what is clicked there carries custom_ids of the same kind."""
    async with local_discord() as discord, smallest(discord, *options) as client:
        (guild,) = await discord.do("guilds")
        await client.heard("ready")
        post = await discord.do("private", channel=guild["channels"][0])
        yield Side(discord, client, {**like.target, "channel": guild["channels"][0], "message": post["id"]})


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """Turns of a few seconds, ours and the others' one after the other."""
    turns, seconds = (1, 0.3) if tiny else (3, 6.0)
    async with (
        our_side(folder) as ours,
        other_side(ours) as floor,
        other_side(ours, "--commit") as committing,
        other_side(ours, "--bare") as bare,
    ):
        sides = (ours, floor, committing, bare)
        for side in sides:
            await side.as_fast_as_can_be(0.2 if tiny else 2.0)  # warm
            side.sustained.clear()
            side.work.clear()
        for _ in range(turns):
            for rate in _RATES:
                for side in sides:
                    await side.at(rate, seconds)
            for side in sides:
                await side.as_fast_as_can_be(seconds)
    rows = [
        Row(f"click at {rate} a second, p{percent}", *figures, "ms", target=1.5 if percent == 50 else 2.0)
        for rate in _RATES
        for percent in (50, 99)
        for figures in [(quantile(ours.timed[rate], percent), quantile(floor.timed[rate], percent))]
    ]
    sustained = (statistics.median(ours.sustained), statistics.median(floor.sustained))
    rows.append(Row("sustained clicks a second", *sustained, target=0.6, more_is_better=True))
    rows.append(Row("work per click", statistics.median(ours.work), statistics.median(floor.work), "ms"))
    samples = " and ".join(f"{len(ours.timed[rate]):,} at {rate} a second" for rate in _RATES)
    return Report(
        rows=rows,
        said=f"{samples} on each side, in {turns} turns. The smallest client that commits a row of two values "
        f"before it answers: {_told(committing)}. A client without discord.py, which shows the share of the local "
        f"Discord and the sockets: {_told(bare)}.",
    )


def _told(side: Side) -> str:
    """A side that is no floor, in words."""
    timed = ", ".join(
        f"p50 and p99 {quantile(side.timed[rate], 50):.2f} and {quantile(side.timed[rate], 99):.2f} ms "
        f"at {rate} a second"
        for rate in _RATES
    )
    return f"{timed}, {statistics.median(side.sustained):,.0f} sustained"


def quantile(seconds: Sequence[float], percent: int) -> float:
    """Milliseconds within which so many per cent were."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] * 1000
