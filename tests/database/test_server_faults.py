"""A PostgreSQL server that is down, read-only or locked: a sentence, and it goes on after."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import Connection, insert, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import Store, holder, holding, postgresql
from bot.database.faults import StoreBusy, StoreReadOnly, StoreUnreachable
from bot.database.lock import HeldByAnother
from bot.database.tables import state
from bot.shards import ALL, Shards
from tests import postgresql as servers
from tests.conftest import Fresh
from tests.postgresql import Server, Way


@pytest.fixture
def own() -> Iterator[Server]:
    """A server of the test's own, to be stopped and started."""
    try:
        with servers.running() as started:
            yield started
    except servers.NoServer as error:
        pytest.skip(str(error))


@pytest.fixture
async def way(server: Server) -> AsyncIterator[Way]:
    """A way to the server that can break without a word."""
    async with servers.way(server) as made:
        yield made


def called(address: str) -> str:
    """The name of the database that is there."""
    return address.partition("@/")[2].partition("?")[0]


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(state).values(name=name, value="x"))


async def said(caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Waits until that was logged."""
    async with asyncio.timeout(60):
        while words not in caplog.text:  # noqa: ASYNC110  # a log has no event
            await asyncio.sleep(0.05)


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(state.c.name).order_by(state.c.name)).scalars())


async def test_a_server_that_stops_says_so_and_the_store_goes_on_once_it_is_back(own: Server) -> None:
    async with Store.open(own.url(await own.create())) as store:
        await store.write(put, "before")
        own.stop()
        for _ in range(2):
            with pytest.raises(StoreUnreachable, match="doesn't answer"):
                await store.write(put, "lost")
            with pytest.raises(StoreUnreachable, match="doesn't answer"):
                await store.read(names)
        own.start()
        await store.write(put, "later")
        assert await store.read(names) == ["before", "later"]


async def test_a_server_that_takes_few_connections_keeps_some_waiting_and_none_out(own: Server) -> None:
    name = await own.create()
    await own.execute("CREATE USER few CONNECTION LIMIT 2")
    await own.execute(f"ALTER DATABASE {name} OWNER TO few")
    address = own.url(name).replace("postgres@", "few@")
    async with Store.open(address) as store:
        await asyncio.gather(*(store.write(put, f"{number:02}") for number in range(20)))
        assert len(await store.read(names)) == 20
    await own.execute("ALTER USER few CONNECTION LIMIT 0")
    with pytest.raises(StoreUnreachable, match="takes no more connections"):
        async with Store.open(address):
            pass


async def test_only_one_bot_at_a_time_has_a_database_to_itself(on_postgresql: Fresh, server: Server) -> None:
    async with on_postgresql() as address, Store.open(address) as one, Store.open(address) as other:
        async with one.alone():
            with pytest.raises(HeldByAnother):
                async with other.alone():
                    pass
            await other.write(put, "imports go on beside it")
        async with other.alone(), on_postgresql() as elsewhere, Store.open(elsewhere) as third, third.alone():
            pass


async def test_a_restarted_server_finds_the_bot_that_it_had_before(
    own: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(holder, "EVERY", 0.1)
    address = own.url(await own.create())
    async with Store.open(address) as one, Store.open(address) as other:
        async with one.alone():
            own.stop()
            await said(caplog, "is lost until")
            own.start()
            await said(caplog, "is taken again")
            with contextlib.suppress(StoreUnreachable):
                await other.read(names)  # it had a connection of before
            with pytest.raises(HeldByAnother):
                async with other.alone():
                    pass
        async with other.alone():
            pass


async def test_who_lost_its_place_to_another_bot_is_told_out_of_its_work(
    on_postgresql: Fresh, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holder, "EVERY", 0.1)
    began, ended = asyncio.Event(), asyncio.Event()

    async def work(store: Store) -> None:
        async with store.alone():
            began.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

    async with on_postgresql() as address, Store.open(address) as store:
        working = asyncio.create_task(work(store))
        await began.wait()
        name = called(address)
        another, operator = await server.connect(name), await server.connect(name)
        waiting = asyncio.create_task(another.execute(f"SELECT pg_advisory_lock({holder._RUNS})"))
        await operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        await waiting
        with pytest.raises(HeldByAnother):
            await working
        assert ended.is_set()
        for connection in (another, operator):
            await connection.close()


async def test_a_way_that_breaks_without_a_word_costs_the_bot_neither_its_place_nor_its_next_start(
    on_postgresql: Fresh, way: Way, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(holder, "EVERY", 0.1)
    monkeypatch.setattr(holder, "ANSWER", 0.5)
    async with asyncio.timeout(60), on_postgresql() as address, Store.open(way.url(called(address))) as one:
        await asyncio.gather(*(one.read(names) for _ in range(postgresql.CONNECTIONS)))
        async with one.alone():
            way.cut()
            await said(caplog, "is taken again")
            with pytest.raises(HeldByAnother):
                async with Store.open(address) as third, third.alone():
                    pass
        async with Store.open(address) as third, third.alone():
            pass


async def test_a_former_session_that_takes_long_to_end_is_waited_for(
    own: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(holder, "EVERY", 0.1)
    monkeypatch.setattr(holder, "ANSWER", 0.5)
    async with Store.open(own.url(await own.create())) as store, store.alone():
        pid = await store.read(
            lambda c: c.execute(text("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")).scalar_one()
        )
        os.kill(pid, signal.SIGSTOP)
        await said(caplog, "hasn't ended the bot's former session")
        os.kill(pid, signal.SIGCONT)
        await said(caplog, "is taken again")


async def test_a_way_that_breaks_within_a_transaction_keeps_nobody_waiting(
    on_postgresql: Fresh, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "ANSWER", 1.0)
    monkeypatch.setattr(postgresql, "STANDSTILL", 0.5)

    def half(connection: Connection) -> None:
        put(connection, "lost")
        holding.audit_list(connection)
        way.cut()
        connection.execute(text("SELECT 1"))

    async with asyncio.timeout(60), on_postgresql() as address, Store.open(way.url(called(address))) as store:
        await asyncio.gather(*(store.read(names) for _ in range(postgresql.CONNECTIONS)))
        with pytest.raises(StoreUnreachable, match="doesn't answer: no answer in time"):
            await store.write(half)
        await store.write(holding.audit_list)  # the server has ended the transaction that held it
        await asyncio.gather(*(store.write(put, f"{number}") for number in range(postgresql.CONNECTIONS)))
        assert await store.read(names) == [str(number) for number in range(postgresql.CONNECTIONS)]


async def test_a_transaction_that_stood_still_is_said_and_the_next_one_goes_on(
    on_postgresql: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "STANDSTILL", 0.1)

    def stand_still(connection: Connection) -> None:
        put(connection, "lost")
        time.sleep(0.5)  # as a machine that is put to sleep
        put(connection, "as well")

    async with on_postgresql() as address, Store.open(address) as store:
        with pytest.raises(StoreUnreachable):
            await store.write(stand_still)
        assert await store.read(names) == []
        await store.write_unhurried(stand_still)
        assert await store.read(names) == ["as well", "lost"]


async def test_what_takes_too_long_is_said_and_what_may_take_hours_does(
    on_postgresql: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "ANSWER", 0.2)

    def slowly(connection: Connection) -> None:
        put(connection, "kept")
        connection.execute(text("SELECT pg_sleep(1)"))

    async with on_postgresql() as address, Store.open(address) as store:
        with pytest.raises(StoreUnreachable, match="no answer in time"):
            await store.write(slowly)
        assert await store.read(names) == []
        await store.write_unhurried(slowly)
        assert await store.read(names) == ["kept"]


async def test_the_server_soon_looks_whether_a_silent_machine_is_still_there(on_postgresql: Fresh) -> None:
    async with on_postgresql() as address:
        url = make_url(address)
        for engine in (postgresql.pool(url), postgresql.unhurried(url), postgresql.session(url, "x", answer=10)):
            async with engine.connect() as connection:
                found = await connection.execute(
                    text("SELECT name, CAST(reset_val AS integer) FROM pg_settings WHERE name LIKE 'tcp%'")
                )
                asked = {name.removeprefix("tcp_"): value for name, value in found}
            await engine.dispose()
            assert asked["user_timeout"] == 60_000
            assert asked["keepalives_idle"] + asked["keepalives_interval"] * asked["keepalives_count"] == 60


async def test_an_operator_s_own_limit_is_said_too(on_postgresql: Fresh) -> None:
    def limited(connection: Connection) -> None:
        connection.execute(text("SET LOCAL statement_timeout = 20"))
        connection.execute(text("SELECT pg_sleep(9)"))

    async with on_postgresql() as address, Store.open(address) as store:
        with pytest.raises(StoreUnreachable, match="took too long: canceling statement due to statement timeout"):
            await store.write(limited)
        await store.write(put, "later")


@pytest.mark.parametrize(
    ("held", "wanted", "why"),
    [
        (ALL, Shards(0, 0, 2), "with all shards"),
        (Shards(0, 0, 2), ALL, "/"),
        (Shards(0, 0, 2), Shards(0, 1, 2), "/"),
        (Shards(0, 3, 16), Shards(3, 5, 16), "with one of the shards 3-5/16"),
        (Shards(0, 3, 16), Shards(0, 3, 16), "with one of the shards 0-3/16"),
        (Shards(0, 3, 16), Shards(5, 5, 8), "with another number of shards"),
    ],
)
async def test_shards_that_another_process_has_are_refused(
    on_postgresql: Fresh, held: Shards, wanted: Shards, why: str
) -> None:
    async with on_postgresql() as address, Store.open(address) as one, Store.open(address) as other:
        async with one.alone(held):
            with pytest.raises(HeldByAnother, match=why):
                async with other.alone(wanted):
                    pass
        async with other.alone(wanted):  # it kept nothing, and what the first one had is free
            pass


async def test_shards_of_their_own_are_taken_side_by_side_and_a_refusal_keeps_none(on_postgresql: Fresh) -> None:
    async with on_postgresql() as address, AsyncExitStack() as stack:
        one, two, three, four = [await stack.enter_async_context(Store.open(address)) for _ in range(4)]
        async with one.alone(Shards(0, 3, 16)), two.alone(Shards(6, 15, 16)):
            with pytest.raises(HeldByAnother):
                async with three.alone(Shards(4, 7, 16)):
                    pass
            async with four.alone(Shards(4, 5, 16)):
                pass


async def test_a_database_that_is_read_only_is_still_read(on_postgresql: Fresh, server: Server) -> None:
    async with on_postgresql() as address:
        name = called(address)
        await server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        async with Store.open(address) as store:
            with pytest.raises(StoreReadOnly, match="can't be written"):
                await store.write(put, "lost")
            assert await store.read(names) == []
        await server.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")


async def test_what_others_hold_too_long_is_said_and_nothing_of_it_is_kept(
    on_postgresql: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "HELD", 0.05)

    def hold(c: Connection) -> None:
        put(c, "lost")
        c.execute(text("LOCK TABLE audit"))

    async with on_postgresql() as address, Store.open(address) as store:
        assert isinstance(store._writer, AsyncEngine)
        async with store._writer.begin() as other:
            await other.execute(text("LOCK TABLE audit"))
            with pytest.raises(StoreBusy, match="is held by others"):
                await store.write(hold)
        assert await store.read(names) == []


async def test_a_reader_cannot_write_there_either(on_postgresql: Fresh) -> None:
    async with on_postgresql() as address, Store.open(address) as store:
        with pytest.raises(StoreReadOnly):
            await store.read(put, "x")
