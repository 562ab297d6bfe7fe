"""The seam: transactions are whole, and shielded."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import StatementError

from bot.database import Store, StoreError
from bot.database.tables import servers, state

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC)


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path / 'test.sqlite3'}"


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(state).values(name=name, value="x"))


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(state.c.name).order_by(state.c.name)).scalars())


async def test_a_failing_transaction_leaves_nothing(tmp_path: Path) -> None:
    def fail(connection: Connection) -> None:
        put(connection, "half")
        raise RuntimeError("no")

    async with Store.open(url(tmp_path)) as store:
        with pytest.raises(RuntimeError):
            await store.write(fail)
        await store.write(put, "whole")
        assert await store.read(names) == ["whole"]


async def test_cancelling_the_waiter_neither_breaks_nor_blocks_the_writer(tmp_path: Path) -> None:
    async with Store.open(url(tmp_path)) as store:
        for number in range(50):
            task = asyncio.create_task(store.write(put, f"{number:02}"))
            for _ in range(number % 7):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await store.write(put, "last")
        kept = await store.read(names)
    assert kept[-1] == "last"


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    async with Store.open(url(tmp_path)) as store:
        with pytest.raises(Exception, match="readonly"):
            await store.read(put, "x")


async def test_two_stores_on_one_file_write_in_turn(tmp_path: Path) -> None:
    def count(connection: Connection) -> int:
        found = connection.execute(select(func.count()).select_from(state)).scalar_one()
        put(connection, f"{found:04}")
        return found

    async with Store.open(url(tmp_path)) as one, Store.open(url(tmp_path)) as two:
        found = await asyncio.gather(*(store.write(count) for _ in range(50) for store in (one, two)))
    assert sorted(found) == list(range(100))


async def test_moments_come_back_to_the_microsecond_and_naive_ones_are_refused(tmp_path: Path) -> None:
    def add(connection: Connection, moment: dt.datetime) -> dt.datetime:
        connection.execute(insert(servers).values(id=1, joined_at=moment))
        kept: dt.datetime = connection.execute(select(servers.c.joined_at)).scalar_one()
        return kept

    async with Store.open(url(tmp_path)) as store:
        assert await store.write(add, NOW) == NOW
        with pytest.raises(StatementError, match="time zone"):
            await store.write(add, NOW.replace(tzinfo=None))


async def test_a_file_that_is_no_database_is_refused_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "test.sqlite3").write_text("not a database, but long enough to look like a file " * 40)
    with pytest.raises(StoreError, match=r"test\.sqlite3 is damaged: file is not a database"):
        async with Store.open(url(tmp_path)):
            pass


@pytest.mark.parametrize("damaged", [True, False])
def test_a_database_that_cant_be_opened_leaves_no_thread_that_outlives_the_loop(
    tmp_path: Path, damaged: bool
) -> None:
    """Such a thread would report to a loop that is closed; pytest makes an error of that."""
    place = tmp_path / "test.sqlite3"
    if damaged:
        place.write_text("not a database, but long enough to look like a file " * 40)
    else:
        place.mkdir()

    async def fail() -> None:
        with pytest.raises(StoreError):
            async with Store.open(url(tmp_path)):
                pass

    for _ in range(60):
        asyncio.run(fail())


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    def age(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    async with Store.open(url(tmp_path)) as store:
        await store.write(age)
    with pytest.raises(StoreError, match="newer version of Paper Round"):
        async with Store.open(url(tmp_path)):
            pass
