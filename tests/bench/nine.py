"""Nine o'clock: very many servers are due in the same minute, Discord's limits on, and people click meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from tests.bench import stock
from tests.bench.clicks import quantile, target
from tests.bench.processes import Discord, local_discord, our_bot, ready
from tests.bench.rows import Growth, Report, Row

_A_SECOND: Final = 50
"""Requests that Discord lets a bot have."""
_CLICKS: Final = 20
"""A second, all in one server."""
_WAYS: Final = (0.1, 0.2)
"""Seconds to Discord and back, where it is far."""


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """Every server gets a digest; the clicks are timed while that lasts, and as long again when it is over."""
    number, seconds = (60, 1.0) if tiny else (10_000, 5.0)
    library = await stock.shipped(folder)
    database = stock.copy(library, folder / "house")
    async with local_discord(guilds=number, rates=True) as discord:
        guilds = await discord.do("guilds")
        stock.subscribe(database, guilds, stock.this_minute())
        async with our_bot(discord, database, DELIVERY__TICK_SECONDS=1) as bot:
            await ready(bot)
            post = await discord.do("await_message", channel=guilds[0]["channels"][0])
            crowd = Crowd(discord, await target(discord, guilds[0], post))
            before = bot.cpu
            busy, posted = list[float](), list[float]()
            while len(posted) < number:
                busy += await crowd.click(seconds)
                posted = (await discord.do("posted"))["at"]
            spent = bot.cpu - before
            await asyncio.sleep(1 if tiny else 5)
            idle = await crowd.click(seconds if tiny else 60.0)
            state = await discord.do("state")
    assert not state["violations"], state["violations"]
    requests = state["requests"]["POST /channels/{channel_id}/messages"]
    took = posted[-1] - posted[0]
    far = [await _far(stock.copy(library, folder / f"far-{way}"), 20 if tiny else 1_000, way) for way in _WAYS]
    steps = [max(number * step // 10, 1) for step in range(1, 11)]
    curve = [(float(step), posted[step - 1] - posted[0]) for step in steps]
    return Report(
        rows=(
            Row(f"{number:,} servers due in one minute", took, requests / _A_SECOND, "s", target=1.05),
            Row("a click meanwhile, p99", quantile(busy, 99), quantile(idle, 99), "ms", target=2.0),
            Row("a click meanwhile, p50", quantile(busy, 50), quantile(idle, 50), "ms"),
            *far,
        ),
        said=f"{requests:,} posts in {took:.1f} s, {state['invalid_requests']} answers of 401, 403 or 429; "
        f"{len(busy):,} clicks meanwhile and {len(idle):,} afterwards, {_CLICKS} a second. The bot's process used "
        f"{spent / took:.0%} of a core.",
        growth=(
            Growth(
                "nine",
                "servers due in the same minute",
                "seconds",
                {"Paper Round": curve, "50 requests a second": [(x, x / _A_SECOND) for x, _ in curve]},
            ),
        ),
    )


async def _far(database: Path, number: int, way: float) -> Row:
    """Servers that are due in one minute, with Discord so many seconds away."""
    async with local_discord(guilds=number, rates=True, way=way) as discord:
        guilds = await discord.do("guilds")
        stock.subscribe(database, guilds, stock.this_minute())
        async with our_bot(discord, database, DELIVERY__TICK_SECONDS=1):
            posted = list[float]()
            while len(posted) < number:
                await asyncio.sleep(0.2)
                posted = (await discord.do("posted"))["at"]
            state = await discord.do("state")
    assert not state["invalid_requests"]
    named = f"{number:,} servers, {way * 1000:.0f} ms to Discord and back"
    return Row(named, posted[-1] - posted[0], number / _A_SECOND, "s")


class Crowd:
    """People who play the round in one server, each question once."""

    def __init__(self, discord: Discord, what: dict[str, Any]) -> None:
        """`what` is clicked: see clicks.target."""
        self._discord = discord
        self._what = what
        self._players = 0

    async def click(self, seconds: float) -> list[float]:
        """Clicks for so long; the seconds that each took."""
        number = int(_CLICKS * seconds)
        told = await self._discord.do("clicks", **self._what, user=self._players, number=number, rate=_CLICKS)
        self._players += number
        assert None not in told["seconds"], f"{told['seconds'].count(None)} clicks were not answered"
        seconds_each: list[float] = told["seconds"]
        return seconds_each
