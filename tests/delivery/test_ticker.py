"""The tick: claims, wakes, ends pauses, mends what a clock that was set back left; and goes on after a failure."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.database import Store
from bot.delivery import claims, subscriptions
from bot.delivery.ticker import AT_ONCE, Ticker

from .world import (
    DAY,
    HOUR,
    NOON,
    SERVER,
    World,
    add_servers,
    all_deliveries,
    library,
    states,
    subscribe,
)


def one(c: Connection, /, **given: Any) -> int:
    add_servers(c)
    library(c, 20)
    return subscribe(c, **given).id


async def test_a_day_after_day_of_posts(world: World) -> None:
    await world.store.write(one)
    for day in range(1, 8):
        await world.until(NOON + day * DAY)
    assert [text.split(" · ")[1] for text in world.discord.texts()] == [
        f"{name} {day} Jan 2025"
        for day, name in enumerate(("Wed", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue"), start=1)
    ]


async def test_more_are_due_than_go_into_one_transaction(world: World) -> None:
    def many(c: Connection) -> None:
        one(c)
        for channel in range(2 * AT_ONCE):
            subscribe(c, channel_id=channel)

    await world.store.write(many)
    world.clock.forward(DAY)
    assert await world.ticker.tick() == 2 * AT_ONCE + 1
    assert await world.ticker.tick() == 0


async def test_a_pause_that_is_over_ends(world: World) -> None:
    made = await world.store.write(one)
    until = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    await world.store.write(subscriptions.pause, made, server_id=SERVER, now=NOON, until=until)
    await world.until(NOON + DAY)
    assert world.discord.texts() == []
    await world.until(until + 10 * HOUR)
    assert len(world.discord.texts()) == 1


async def test_the_clock_set_back_repeats_no_day_and_loses_none(world: World) -> None:
    await world.store.write(one)
    for day in (1, 2, 3):
        await world.until(NOON + day * DAY)
    for day in (1, 2, 3, 4, 5):  # again, from two days ago
        await world.until(NOON + day * DAY)
    slots = [delivery.slot for delivery in await world.store.read(all_deliveries)]
    assert slots == [f"2026-03-{day:02}" for day in (3, 4, 5, 6, 7)]
    assert len(world.discord.texts()) == 5


async def test_a_clock_that_was_years_ahead_does_not_silence_a_subscription(world: World) -> None:
    await world.store.write(one)
    await world.until(NOON + 2_000 * DAY)
    await world.until(NOON + DAY)
    await world.until(NOON + 2 * DAY)
    slots = [delivery.slot for delivery in await world.store.read(all_deliveries)]
    assert slots == ["2031-08-23", "2026-03-04"]


async def test_chores_are_done_at_each_tick(store: Store) -> None:
    world = World.on(store)
    done: list[dt.datetime] = []

    def chore(c: Connection, now: dt.datetime) -> None:
        done.append(now)

    ticker = Ticker(store, world.clock, world.courier, chores=(chore,))
    await ticker.tick()
    world.clock.forward(HOUR)
    await ticker.tick()
    assert done == [NOON, NOON + HOUR]


async def test_a_chore_is_done_to_its_end_and_one_that_fails_keeps_no_other(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    world, left, done = World.on(store), [3, 2, 1], []

    def broken(c: Connection, now: dt.datetime) -> None:
        raise OSError("disk I/O error")

    def long(c: Connection, now: dt.datetime) -> int | None:
        return left.pop() if left else None

    def last(c: Connection, now: dt.datetime) -> None:
        done.append(now)

    await Ticker(store, world.clock, world.courier, chores=(broken, long, last)).tick()
    assert (left, done) == ([], [NOON])
    assert "a chore failed" in caplog.text


async def test_it_ticks_by_itself_goes_on_after_a_failure_and_stops(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World.on(store, NOON + DAY)
    world.clock.time = NOON
    await store.write(one)
    world.clock.forward(DAY)
    real, calls, claimed = claims.claim_due, [0], asyncio.Event()

    def claim_due(*args: Any, **more: Any) -> Any:
        calls[0] += 1
        if calls[0] == 1:
            raise OSError("disk I/O error")
        claimed.set()
        return real(*args, **more)

    monkeypatch.setattr(claims, "claim_due", claim_due)
    ticker = Ticker(store, world.clock, world.courier, every=0.05)
    ticker.start()
    async with asyncio.timeout(20):
        await claimed.wait()
    await ticker.stop()
    await world.courier.drain()
    assert await store.read(states) == ["sent"]
    assert "a tick failed" in caplog.text
    before = calls[0]
    await asyncio.sleep(0.2)
    assert calls[0] == before


async def test_told_to_stop_it_leaves_what_is_due_to_the_next_start(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(c: Connection) -> None:
        one(c)
        for channel in range(10 * AT_ONCE):
            subscribe(c, channel_id=channel)

    world = World.on(store)
    await store.write(many)
    world.clock.forward(DAY)
    real, began = claims.claim_due, threading.Event()

    def claim_due(*args: Any, **more: Any) -> Any:
        began.set()
        return real(*args, **more)

    monkeypatch.setattr(claims, "claim_due", claim_due)
    ticker = Ticker(store, world.clock, world.courier)
    ticker.start()
    await asyncio.to_thread(began.wait, 20)
    await ticker.stop()
    claimed = len(await store.read(all_deliveries))
    assert AT_ONCE <= claimed <= 2 * AT_ONCE
    assert await Ticker(store, world.clock, world.courier).tick() == 10 * AT_ONCE + 1 - claimed


async def test_chores_are_done_also_where_nothing_can_be_claimed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, done = World.on(store), list[dt.datetime]()

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no")

    def chore(c: Connection, now: dt.datetime) -> None:
        done.append(now)

    monkeypatch.setattr(claims, "claim_due", broken)
    with pytest.raises(RuntimeError, match="no"):
        await Ticker(store, world.clock, world.courier, chores=(chore,)).tick()
    assert done == [NOON]


async def test_a_chore_that_takes_long_keeps_no_later_tick_from_claiming(store: Store) -> None:
    world, begun, ended = World.on(store), threading.Event(), threading.Event()
    await store.write(one)

    def long(c: Connection, now: dt.datetime) -> bool:
        begun.set()
        return not ended.is_set()

    ticker = Ticker(store, world.clock, world.courier, every=0.05, chores=(long,))
    ticker.start()
    assert await asyncio.to_thread(begun.wait, 20)
    assert await store.read(all_deliveries) == []
    world.clock.forward(DAY)
    async with asyncio.timeout(20):
        while not await store.read(all_deliveries):  # noqa: ASYNC110  # a tick by itself tells nobody
            await asyncio.sleep(0.02)
    assert not ended.is_set()
    ended.set()
    await ticker.stop()
