"""The pace of requests: never more in a second than are allowed, however long each is on its way."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Coroutine
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outgoing import Pace

from . import LocalDiscord, running
from .probe import Probe, buttons

Way = tuple[float, float]
"""Seconds to Discord, and back."""

_ways = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=60)


class _Jumping(selectors.SelectSelector):
    """Waits for nothing: the clock is put forward instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            self.now += timeout or 0.0
        return ready


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose seconds take no time."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(main: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)


async def arrivals(pace: Pace, ways: list[Way]) -> list[float]:
    """When each request got to Discord, in order; all want to leave at once."""
    found: list[float] = []
    clock = asyncio.get_running_loop().time

    async def request(there: float, back: float) -> None:
        await pace.leave()
        await asyncio.sleep(there)
        found.append(clock())
        await asyncio.sleep(back)
        pace.arrived()

    await asyncio.gather(*(request(*way) for way in ways))
    return sorted(found)


@given(per_second=st.integers(1, 12), ways=_ways)
def test_no_second_has_more_requests_than_are_allowed(per_second: int, ways: list[Way]) -> None:
    async def main() -> list[float]:
        return await arrivals(Pace(per_second), ways)

    times = run(main())
    assert len(times) == len(ways)
    for first, one_too_many in zip(times, times[per_second:], strict=False):
        assert one_too_many - first >= 1 - 1e-6


@given(per_second=st.floats(0.1, 50), number=st.integers(1, 120))
def test_what_is_allowed_is_used_where_the_way_is_short(per_second: float, number: int) -> None:
    async def main() -> float:
        return (await arrivals(Pace(per_second), [(0.0, 0.001)] * number))[-1]

    assert run(main()) <= (number - 1) / per_second * 1.002 + 1e-6


def test_who_waits_first_goes_first_and_who_gives_up_takes_no_place() -> None:
    async def main() -> list[int]:
        pace, went = Pace(2), list[int]()

        async def request(number: int) -> None:
            await pace.leave()
            went.append(number)
            pace.arrived()

        tasks = [asyncio.create_task(request(number)) for number in range(8)]
        await asyncio.sleep(0.1)
        for number in (1, 3, 4):  # one that is next to leave, and two that wait
            tasks[number].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        return went

    assert run(main()) == [0, 2, 5, 6, 7]


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.6])
def test_capacity_is_there_once_another_may_leave(seconds: float) -> None:
    async def main() -> bool:
        pace = Pace(2)
        assert pace.has_capacity()
        await pace.leave()
        await asyncio.sleep(seconds)
        return pace.has_capacity()

    assert run(main()) is (seconds >= 0.5)


async def test_discord_never_counts_too_many_whatever_is_sent_at_once(discord: LocalDiscord) -> None:
    discord.add_guilds(12, channels=10)
    trace, pace = aiohttp.TraceConfig(), Pace(49)
    pace.keep(trace)
    probe = Probe(http_trace=trace)
    async with running(probe, discord):
        channels = [channel for guild in probe.guilds for channel in guild.text_channels]
        await asyncio.gather(*(channel.send("hello") for channel in channels))
    assert len(channels) == 120
    assert discord.api.invalid_requests == 0


async def test_who_clicks_waits_for_none_of_it(discord: LocalDiscord) -> None:
    guild = discord.add_guild("Lab")
    trace, pace = aiohttp.TraceConfig(), Pace(49)
    pace.keep(trace)
    probe = Probe(http_trace=trace)
    async with running(probe, discord):
        (seen,) = probe.guilds
        await seen.text_channels[0].send("press", view=buttons("edit"))
        (post,) = discord.messages(guild.channel)
        while not pace._free.locked():
            await pace.leave()  # never to arrive
        waiting = asyncio.create_task(seen.text_channels[0].send("some time"))
        reply = await discord.click(discord.admin_of(guild, "ada"), post, "Edit")
        assert not reply.failed
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
