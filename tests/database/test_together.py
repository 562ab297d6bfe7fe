"""Transactions that wait at the same time on SQLite are committed together, and none meets another's trouble."""

import asyncio
import contextvars
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, insert, select

from bot.database import Store, sqlite
from bot.database.faults import StoreFull, StoreUnreachable
from bot.database.sqlite import Writer
from bot.database.tables import state
from bot.delivery import claims
from bot.language import Refusal
from tests.delivery import world

ALL_OF_THEM = 60.0
"""Seconds: whatever waits joins."""


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(state.c.name).order_by(state.c.name)).scalars())


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(state).values(name=name, value="x"))


def fail(connection: Connection, name: str) -> None:
    put(connection, name)
    raise Refusal("no")


def add(connection: Connection, name: str) -> int:
    """How many there were, and one more."""
    found = len(names(connection))
    put(connection, name)
    return found


@contextmanager
def held(store: Store) -> Iterator[None]:
    """Nothing is run in here: what comes waits together."""
    let_go, begun = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        let_go.wait()

    assert isinstance(store._writer, Writer)
    store._running.add(store._writer.run(hold))
    begun.wait()
    try:
        yield
    finally:
        let_go.set()


@contextmanager
def commits(store: Store, on: Callable[[], None] = lambda: None) -> Iterator[list[None]]:
    """The commits in here."""
    found: list[None] = []

    def note(_: Connection) -> None:
        found.append(None)
        on()

    assert isinstance(store._writer, Writer)
    event.listen(store._writer.engine, "commit", note)
    yield found
    event.remove(store._writer.engine, "commit", note)


async def outcomes(store: Store, *run: Callable[[Connection], object]) -> list[object]:
    """What came of them, run while they wait together."""
    with held(store):
        tasks = [asyncio.create_task(store.write(function)) for function in run]
        await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)


def adding(name: str) -> Callable[[Connection], int]:
    return lambda connection: add(connection, name)


def failing(name: str) -> Callable[[Connection], None]:
    return lambda connection: fail(connection, name)


@pytest.fixture
def address(template: Path, tmp_path: Path) -> str:
    """An empty database's."""
    return f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path / 'test.sqlite3')}"


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    async with Store.open(address) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_TOGETHER", ALL_OF_THEM)


async def test_what_waits_together_is_committed_once_and_in_order(store: Store) -> None:
    with commits(store) as found:
        came = await outcomes(store, *(adding(f"{number:02}") for number in range(40)))
    assert came == list(range(40))
    assert len(found) == 1
    assert len(await store.read(names)) == 40


async def test_nothing_joins_after_the_time_for_that(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_TOGETHER", 0.0)
    with commits(store) as found:
        await outcomes(store, *(adding(f"{number:02}") for number in range(10)))
    assert len(found) == 11  # with the one that held them


async def test_it_is_on_the_disk_before_anybody_hears_of_it(store: Store) -> None:
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as beside:

        async def write(name: str) -> None:
            await store.write(add, name)
            assert (name,) in beside.execute("SELECT name FROM state").fetchall()

        with held(store):
            tasks = [asyncio.create_task(write(f"{number}")) for number in range(20)]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)


@settings(max_examples=25, deadline=None)
@given(fails=st.lists(st.booleans(), min_size=1, max_size=12))
def test_one_that_fails_fails_alone(template: Path, fails: list[bool]) -> None:
    async def run(path: Path) -> tuple[list[object], list[str]]:
        async with Store.open(f"sqlite+aiosqlite:///{path}") as store:
            run = [(failing if fail else adding)(f"{number:02}") for number, fail in enumerate(fails)]
            return await outcomes(store, *run), await store.read(names)

    with tempfile.TemporaryDirectory() as folder:
        came, kept = asyncio.run(run(Path(shutil.copy(template, folder))))
    assert kept == [f"{number:02}" for number, fail in enumerate(fails) if not fail]
    for number, (outcome, fail) in enumerate(zip(came, fails, strict=True)):
        assert isinstance(outcome, Refusal) if fail else outcome == sum(not one for one in fails[:number])


async def test_a_commit_that_fails_once_is_nobodys_loss(store: Store) -> None:
    failed: list[bool] = []

    def full() -> None:
        if not failed:
            failed.append(True)
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    with commits(store, full):
        assert await outcomes(store, *(adding(f"{number}") for number in range(5))) == list(range(5))
    assert failed
    assert len(await store.read(names)) == 5


async def test_where_there_is_no_room_each_is_told(store: Store) -> None:
    def limit(connection: Connection, pages: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def much(connection: Connection) -> None:
        connection.execute(insert(state).values(name="much", value="x" * 100_000))

    await store.write(limit, 1)  # no more than there are
    came = await outcomes(store, adding("small"), *[much] * 5)  # the small one fits a page that is there
    assert came[0] == 0
    assert [type(outcome) for outcome in came[1:]] == [StoreFull] * 5
    await store.write(limit, 1_000_000)
    assert await store.write(add, "after") == 1


async def test_a_cancelled_waiter_takes_nobody_along(store: Store) -> None:
    with held(store):
        tasks = [asyncio.create_task(store.write(add, f"{number}")) for number in range(6)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
    came = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in came] == [asyncio.CancelledError, int] * 3
    assert len(await store.read(names)) == 6  # a transaction that was begun goes on to its end


async def test_whatever_is_raised_the_writer_lives_on(store: Store) -> None:
    def leave(_: Connection) -> None:
        raise SystemExit("no")

    with held(store):
        waiting = store._writer.run(leave) if isinstance(store._writer, Writer) else None
        assert waiting is not None
        after = asyncio.create_task(store.write(add, "after"))
        await asyncio.sleep(0)
    assert await after == 0
    assert isinstance(waiting.exception(), SystemExit)


async def test_each_runs_in_the_context_of_who_asked(store: Store) -> None:
    who: contextvars.ContextVar[str] = contextvars.ContextVar("who")

    async def ask(name: str) -> str:
        who.set(name)
        return await store.write(lambda _: who.get())

    with held(store):
        tasks = [asyncio.create_task(ask(name)) for name in "abc"]
        await asyncio.sleep(0)
    assert await asyncio.gather(*tasks) == ["a", "b", "c"]


async def test_closing_waits_for_all_that_was_begun(address: str) -> None:
    async with Store.open(address) as store:
        with held(store):
            tasks = [asyncio.create_task(store.write(add, f"{number}")) for number in range(6)]
            await asyncio.sleep(0)
    assert await asyncio.gather(*tasks) == list(range(6))
    async with Store.open(address) as store:
        assert len(await store.read(names)) == 6


async def test_what_sqlite_ends_by_itself_is_nobody_elses_loss(store: Store) -> None:
    """Whoever catches what it says and goes on keeps nothing, and those before it are told nothing untrue."""

    def heedless(connection: Connection) -> None:
        put(connection, "heedless")
        connection.exec_driver_sql("ROLLBACK")  # as SQLite does where it can't go on

    came = await outcomes(store, adding("before"), heedless, adding("after"))
    assert came[0] == 0
    assert isinstance(came[1], StoreUnreachable)
    assert came[2] == 1
    assert await store.read(names) == ["after", "before"]


async def test_a_claim_without_room_takes_no_answer_along(store: Store) -> None:
    """The database is full in the middle of a claim, which deals with one subscription after the other."""

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")

    def claim(connection: Connection) -> object:
        return claims.claim_due(connection, world.NOON + world.DAY, 300)

    def due(connection: Connection) -> None:
        world.add_servers(connection)
        world.library(connection, days=3)
        for channel in range(300):
            world.subscribe(connection, channel_id=channel)

    await store.write(due)
    await store.write(limit)
    came = await outcomes(store, adding("one"), adding("two"), claim, adding("three"))
    assert [came[0], came[1], came[3]] == [0, 1, 2]
    assert isinstance(came[2], StoreFull)
    assert await store.read(names) == ["one", "three", "two"]
    assert await store.read(world.all_deliveries) == []


async def test_one_that_stops_an_iteration_is_told_so(store: Store) -> None:
    came = await outcomes(store, adding("before"), lambda _: next(iter(())), adding("after"))
    assert [came[0], came[2]] == [0, 1]
    assert isinstance(came[1], RuntimeError)
