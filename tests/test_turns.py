"""Turns at identifying: one in a bucket of shards until long enough ago, whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Text, cast, update

from bot import turns
from bot.database import Store
from bot.database.tables import state
from bot.settings import Discord, Settings
from bot.shards import Shards
from tests.conftest import Fresh
from tests.faults.wired import client
from tests.wire import LocalDiscord


@pytest.fixture
async def stores(on_postgresql: Fresh) -> AsyncIterator[tuple[Store, Store]]:
    """Two processes' ways to one database."""
    async with on_postgresql() as url, Store.open(url) as one, Store.open(url) as other:
        yield one, other


def _pass_time(connection: Connection, seconds: float) -> None:
    connection.execute(update(state).values(value=cast(turns._NOW - seconds, Text)))


async def test_each_turn_is_one_process_s(stores: tuple[Store, Store]) -> None:
    taken = await asyncio.gather(*(store.write(turns.take, 0) for store in stores * 8))
    assert sorted(taken) == [False] * 15 + [True]


async def test_the_next_turn_comes_after_five_seconds_and_a_bit(stores: tuple[Store, Store]) -> None:
    one, other = stores
    assert await one.write(turns.take, 0)
    await one.write(_pass_time, 5.0)
    assert not await other.write(turns.take, 0)
    await one.write(_pass_time, turns.APART)
    assert await other.write(turns.take, 0)
    assert not await one.write(turns.take, 0)


async def test_shards_of_another_bucket_need_not_wait(stores: tuple[Store, Store]) -> None:
    one, other = stores
    assert await one.write(turns.take, 0)
    assert await other.write(turns.take, 1)


async def test_a_clock_that_is_set_back_keeps_nobody_waiting(stores: tuple[Store, Store]) -> None:
    one, other = stores
    assert await one.write(turns.take, 0)
    await one.write(_pass_time, -3600.0)
    assert await other.write(turns.take, 0)


async def test_a_shard_whose_connection_failed_waits_for_another_turn(
    stores: tuple[Store, Store], tmp_path: Path
) -> None:
    one, other = stores
    settings = Settings(seeds=tmp_path, discord=Discord(shards=Shards(0, 0, 2)))
    async with LocalDiscord(max_concurrency=1) as discord, client(discord, one, settings) as connected:
        taking = turns.Turns(connected, one)
        for _ in range(3):  # discord.py launches the shard again each time
            await one.write(_pass_time, turns.APART)
            await taking.wait_early(0)
            assert not await other.write(turns.take, 0)
        async with asyncio.timeout(turns.APART / 2):
            await taking.wait(0)  # which it had early


async def test_processes_connect_in_turn_and_identify_anew_in_turn(
    stores: tuple[Store, Store], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = (Settings(seeds=tmp_path, discord=Discord(shards=Shards(shard, shard, 2))) for shard in range(2))
    async with (
        LocalDiscord(max_concurrency=1, heartbeat=0.3) as discord,
        client(discord, stores[0], one),
        client(
            discord, stores[1], other, heartbeat_timeout=1.0
        ) as waited,  # less than it waits, as a minute may be
    ):
        assert sorted(session.shard for session in discord.gateway.connected) == [(0, 2), (1, 2)]
        assert "Failed to connect" not in caplog.text
        waited._connection.heartbeat_timeout = 60.0
        discord.gateway.forget()
        discord.gateway.reset()
        await discord.until(lambda: len(discord.gateway.connected) == 2, seconds=60)
        assert discord.gateway.identifies == 4
    assert discord.gateway.hasty == []
