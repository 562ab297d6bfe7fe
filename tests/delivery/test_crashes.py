"""Exactly once, however it is broken: killed at every boundary, twice, in pairs of processes, by random faults."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.database import Store
from bot.delivery import ledger, subscriptions
from bot.delivery.courier import Courier
from bot.delivery.ticker import Ticker
from bot.delivery.transport import TryAgain
from bot.model import Look
from bot.privacy import servers as privacy
from tests.conftest import Fresh

from .world import (
    CHANNEL,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    Clock,
    Crash,
    FailingStore,
    Failpoints,
    FakeDiscord,
    World,
    add_servers,
    all_deliveries,
    courier,
    fails,
    forbidden,
    library,
    lost_reply,
    not_reached,
    states,
    subscribe,
)

DUE = NOON + DAY


def set_up(c: Connection, /, messages: int, channels: int = 1, **terms: Any) -> None:
    add_servers(c)
    library(c, 1, length=100 if messages == 1 else 4_500 * messages)
    for channel in range(channels):
        subscribe(c, channel_id=CHANNEL + channel, look=Look.FULL, **terms)


async def live(store: Any, discord: FakeDiscord) -> None:
    """A process: a tick, and everything is sent that can be. Killed by a Crash."""
    one = courier(store, discord)
    try:
        await Ticker(store, discord.clock, one).tick()
        await one.drain()
    finally:
        await bury(one)


async def bury(one: Courier) -> None:
    """What is left of a killed process does nothing any more."""
    tasks = [task for _, task in one._active.values()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def recover(store: Store, discord: FakeDiscord) -> None:
    """Started again, and left alone for a while."""
    discord.failpoints = None
    for _ in range(3):
        discord.clock.forward(2 * MINUTE)
        await live(store, discord)


def check(texts: list[str], messages: int) -> None:
    assert len(texts) == messages, texts
    assert [f" · part {part + 1} of {messages}" in texts[part] for part in range(1, messages)] == [True] * (
        messages - 1
    )


async def run_and_kill(fresh: Fresh, messages: int, *kills: int, gap: Any = MINUTE, **terms: Any) -> Failpoints:
    """Kills one process after the other at these failpoints, counted from each one's start; then recovers."""
    discord, failpoints = FakeDiscord(Clock(DUE)), Failpoints()
    async with fresh() as address, Store.open(address) as store:
        await store.write(set_up, messages, **terms)
        for at in kills:
            failpoints = discord.failpoints = Failpoints()
            failpoints.at = at
            try:
                await live(FailingStore(store, failpoints), discord)
            except Crash:
                pass
            else:
                break  # it has not so many failpoints
            discord.clock.forward(gap)
        await recover(store, discord)
        check(discord.texts(), messages)
        assert set(await store.read(states)) == {"sent"}
        (delivery,) = await store.read(all_deliveries)
        assert delivery.finished_at is not None
        if "thread" in terms:
            assert len(discord.threads) == 1
            assert len(discord.published) == messages
    return failpoints


@pytest.mark.parametrize(("messages", "gap"), [(1, MINUTE), (2, 3 * HOUR)])
async def test_killed_at_every_boundary_each_message_is_there_once(fresh: Fresh, messages: int, gap: Any) -> None:
    at, passed = 0, 0
    while at <= passed:
        at += 1
        failpoints = await run_and_kill(fresh, messages, at, gap=gap, thread=True, publish=True)
        passed = len(failpoints.passed) if failpoints.at == at else passed
        if len(failpoints.passed) < at:
            break
    assert at > 6 * (2 + 2 * messages)  # before and after each of: begin, the request, sent


async def test_killed_twice_at_any_two_boundaries_each_message_is_there_once(
    on_sqlite: Fresh,
) -> None:
    for first in range(1, 16):
        for second in range(1, 12, 2):
            await run_and_kill(on_sqlite, 2, first, second)


async def test_two_processes_on_one_database_post_each_message_once(address: str) -> None:
    discord = FakeDiscord(Clock(DUE))
    async with Store.open(address) as one, Store.open(address) as two:
        await one.write(set_up, 2, channels=12)
        await asyncio.gather(*(live(store, discord) for store in (one, two, one, two)))
        await recover(one, discord)
        for channel in range(12):
            check(discord.texts(CHANNEL + channel), 2)
        assert await one.read(states) == ["sent"] * 24
        assert len(await two.read(all_deliveries)) == 12


async def test_a_process_killed_beside_a_living_one_leaves_nothing_twice(fresh: Fresh) -> None:
    for at in range(1, 26, 2):
        discord, failpoints = FakeDiscord(Clock(DUE), chance=random.Random(at)), Failpoints()  # noqa: S311
        failpoints.at = at
        async with fresh() as address, Store.open(address) as one, Store.open(address) as two:
            await one.write(set_up, 2, channels=3)
            await asyncio.gather(
                live(FailingStore(one, failpoints), discord), live(two, discord), return_exceptions=True
            )
            await recover(two, discord)
            for channel in range(3):
                check(discord.texts(CHANNEL + channel), 2)
            assert await two.read(states) == ["sent"] * 6


FAULTS = {
    "lost before": ("on_request", lost_reply),
    "lost after": ("on_reply", lost_reply),
    "not reached": ("on_request", not_reached),
    "asked to wait": ("on_request", lambda: TryAgain("429", after=30, doubtful=False)),
    "a bug before": ("on_request", lambda: RuntimeError("a bug")),
    "a bug after": ("on_reply", lambda: RuntimeError("a bug")),
    "killed before": ("on_request", lambda: Crash("before")),
    "killed after": ("on_reply", lambda: Crash("after")),
    "nothing": ("on_reply", None),
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=5),
    pauses=st.lists(st.sampled_from([MINUTE / 2, MINUTE, 5 * MINUTE, 2 * HOUR]), min_size=6, max_size=6),
)
async def test_whatever_goes_wrong_with_its_requests_each_message_is_there_once(
    on_sqlite: Fresh, faults: list[str], pauses: list[Any]
) -> None:
    discord = FakeDiscord(Clock(DUE))
    left = iter(faults)
    fault: list[str] = ["nothing"]

    def before(kind: str, _: int) -> None:
        fault[0] = next(left, "nothing") if kind in ("send", "find") else "nothing"
        happen("on_request")

    def happen(when: str) -> None:
        where, make = FAULTS[fault[0]]
        if where == when and make is not None:
            raise make()

    discord.on_request = before
    discord.on_reply = lambda _, __: happen("on_reply")
    async with on_sqlite() as address, Store.open(address) as store:
        await store.write(set_up, 2)
        for pause in pauses:
            with contextlib.suppress(Crash):
                await live(store, discord)
            discord.clock.forward(pause)
        for _ in range(8):
            discord.clock.forward(10 * MINUTE)
            with contextlib.suppress(Crash):
                await live(store, discord)
        check(discord.texts(), 2)
        assert await store.read(states) == ["sent", "sent"]


class Between(FailingStore):
    """Something else happens just before an errand does that for the first time."""

    def __init__(
        self, store: Store, function: Callable[..., Any], happens: Callable[[], Awaitable[object]]
    ) -> None:
        super().__init__(store, Failpoints())
        self._function = function
        self._happens = [happens]

    async def write(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if function is self._function and self._happens:
            await self._happens.pop()()
        return await super().write(function, *args, **kwargs)


def two_servers(c: Connection) -> int:
    """One is due at nine, the other a minute later; the first one's subscription."""
    add_servers(c, SERVER, OTHER_SERVER)
    library(c, 3)
    subscribe(c, server_id=OTHER_SERVER, channel_id=OTHER_CHANNEL, local_time=dt.time(9, 1))
    return subscribe(c).id


async def test_what_is_given_back_while_an_errand_composes_it_is_nobody_elses(store: Store) -> None:
    """SQLite gives the ids of its rows to the delivery that is claimed next."""
    world = World.on(store)
    first = await store.write(two_servers)
    world.clock.time = NOON + 21 * HOUR
    await world.ticker.tick()

    async def paused() -> None:
        await store.write(subscriptions.pause, first, server_id=SERVER, now=world.clock.now())
        world.clock.forward(MINUTE)
        await world.ticker.tick()

    await courier(Between(store, ledger.begin, paused), world.discord).drain()
    await world.courier.drain()
    assert world.discord.texts(CHANNEL) == []
    assert len(world.discord.texts(OTHER_CHANNEL)) == 1
    assert await store.read(states) == ["sent"]


@pytest.mark.parametrize("goes_wrong", [None, forbidden])
async def test_a_server_that_is_forgotten_while_it_is_posted_to_is_nobody_elses_trouble(
    store: Store, goes_wrong: Callable[[], Exception] | None
) -> None:
    world = World.on(store)
    await store.write(two_servers)
    world.clock.time = NOON + 21 * HOUR
    await world.ticker.tick()

    async def forgotten() -> None:
        await store.write(privacy.forget, SERVER, world.clock.now())
        await store.write(add_servers, SERVER)
        await store.write(lambda c: subscribe(c, now=world.clock.now()))
        world.clock.forward(MINUTE)
        await world.ticker.tick()

    if goes_wrong is not None:
        world.discord.on_request = fails(1, goes_wrong, where=CHANNEL)
    done = ledger.sent if goes_wrong is None else ledger.block
    await courier(Between(store, done, forgotten), world.discord).drain()
    await world.courier.drain()
    assert len(world.discord.texts(CHANNEL)) == (goes_wrong is None)
    assert len(world.discord.texts(OTHER_CHANNEL)) == 1
    assert await store.read(states) == ["sent"]
    for server in (SERVER, OTHER_SERVER):
        (kept,) = await store.read(subscriptions.of_server, server)
        assert kept.paused_at is None
