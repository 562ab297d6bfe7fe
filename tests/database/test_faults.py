"""A database that is locked, full, read-only, damaged or moved away: a sentence, nothing lost, and it goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text

from bot.database import Store
from bot.database.faults import (
    StoreBusy,
    StoreDamaged,
    StoreFull,
    StoreMoved,
    StoreReadOnly,
    StoreUnreachable,
)
from bot.database.tables import state

ROOT = Path(__file__).parents[2]


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}"


def put(connection: Connection, name: str, size: int = 1) -> None:
    connection.execute(insert(state).values(name=name, value="x" * size))


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(state.c.name).order_by(state.c.name)).scalars())


def fill(connection: Connection) -> None:
    for number in range(200):
        put(connection, f"{number:04}", 500)


def limit_to(connection: Connection, pages: int) -> None:
    connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    other = sqlite3.connect(folder / "test.sqlite3", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


async def test_a_locked_database_says_so_and_goes_on_once_it_is_free(tmp_path: Path) -> None:
    async with Store.open(url(tmp_path)) as store:
        await store.write(put, "before")
        with locked(tmp_path):
            for _ in range(3):
                with pytest.raises(StoreBusy, match=r"test\.sqlite3 is held by another program"):
                    await store.write(put, "lost")
            assert await store.read(names) == ["before"]
        await store.write(put, "during")
        with locked(tmp_path), pytest.raises(StoreBusy):
            await store.write(put, "lost")
        await store.write(put, "later")
        assert await store.read(names) == ["before", "during", "later"]


async def test_a_full_database_keeps_what_it_has_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    async with Store.open(url(tmp_path)) as store:
        await store.write(limit_to, 1)
        kept = []

        async def cram() -> None:
            for number in range(1000):
                await store.write(put, f"{number:04}", 2000)
                kept.append(f"{number:04}")

        with pytest.raises(StoreFull, match="There is no room for the database"):
            await cram()
        assert await store.read(names) == kept
        await store.write(limit_to, 1_000_000)
        await store.write(put, "later")
        assert await store.read(names) == [*kept, "later"]


async def test_a_database_that_cannot_be_written_is_still_read(tmp_path: Path) -> None:
    async with Store.open(url(tmp_path)) as store:
        await store.write(put, "before")
    read_only = f"sqlite+aiosqlite:///file:{tmp_path / 'test.sqlite3'}?mode=ro&uri=true"
    async with Store.open(url(tmp_path)) as keeper:  # its files beside the database stay there
        store = Store.open(read_only)
        with pytest.raises(StoreReadOnly, match="can't be written"):
            await store.write(put, "lost")
        assert await store.read(names) == ["before"]
        await store.__aexit__()
        assert await keeper.read(names) == ["before"]


async def test_a_damaged_database_says_so_and_what_is_whole_stays_readable(tmp_path: Path) -> None:
    async with Store.open(url(tmp_path)) as store:
        await store.write(fill)
    path = tmp_path / "test.sqlite3"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(StoreDamaged, match=r"is damaged: .* restore a backup"):
        async with Store.open(url(tmp_path)) as store:
            await store.read(names)
    path.write_bytes(whole)
    async with Store.open(url(tmp_path)) as store:
        assert len(await store.read(names)) == 200


async def test_damage_while_it_is_open_is_over_once_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "test.sqlite3"
    async with Store.open(url(tmp_path)) as store:
        await store.write(fill)
    whole = path.read_bytes()
    async with Store.open(url(tmp_path)) as store:
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (len(whole) - 4096))
        with pytest.raises(StoreDamaged):
            await store.read(names)
        with path.open("r+b") as file:
            file.write(whole)
        assert len(await store.read(names)) == 200


async def test_nothing_is_written_to_a_file_that_was_moved_away(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "test.sqlite3", tmp_path / "elsewhere.sqlite3"
    async with Store.open(url(tmp_path)) as store:
        await store.write(put, "before")
        path.rename(elsewhere)
        with pytest.raises(StoreMoved, match="isn't where it was opened"):
            await store.write(put, "lost")
        path.touch()
        with pytest.raises(StoreMoved, match="was replaced by another file"):
            await store.write(put, "lost")
        elsewhere.replace(path)
        await store.write(put, "later")
        assert await store.read(names) == ["before", "later"]


async def test_errors_that_are_not_the_database_s_stay_what_they_are(tmp_path: Path) -> None:
    async with Store.open(url(tmp_path)) as store:
        await store.write(put, "x")
        with pytest.raises(Exception, match="UNIQUE constraint failed"):
            await store.write(put, "x")
        with pytest.raises(Exception, match="no such table"):
            await store.read(lambda c: c.execute(text("SELECT * FROM nowhere")))


_QUOTA = """
import asyncio, resource, sys
from sqlalchemy import insert
from bot.database import Store, StoreError
from bot.database.tables import state

def put(connection, name):
    connection.execute(insert(state).values(name=name, value="x" * 5000))

async def main():
    async with Store.open(sys.argv[1]) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
        kept = 0
        try:
            while True:
                await store.write(put, f"{kept:04}")
                kept += 1
        except StoreError as error:
            print(kept, type(error).__name__, flush=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await store.write(put, "later")
        print("later", flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on a file's size there")
async def test_a_disk_that_takes_no_more_loses_nothing_and_is_written_again_later(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: ASYNC221, S603
        [sys.executable, "-c", _QUOTA, url(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    kept, kind = first.split()
    assert kind in {StoreFull.__name__, StoreUnreachable.__name__}
    assert second == "later"
    async with Store.open(url(tmp_path)) as store:
        assert await store.read(names) == [*(f"{n:04}" for n in range(int(kept))), "later"]


_ACKNOWLEDGE = """
import asyncio, sys
from sqlalchemy import insert
from bot.database import Store
from bot.database.tables import state

def put(connection, name):
    connection.execute(insert(state).values(name=name, value="x"))

async def player(store, who):
    for number in range(100_000):
        await store.write(put, f"{who}-{number}")
        sys.stdout.write(f"{who}-{number}\\n")
        sys.stdout.flush()

async def main():
    async with Store.open(sys.argv[1]) as store:
        await asyncio.gather(*(player(store, who) for who in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 57, 400])
async def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path, after: int) -> None:
    process = subprocess.Popen(  # noqa: ASYNC220, S603
        [sys.executable, "-c", _ACKNOWLEDGE, url(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        acknowledged = [process.stdout.readline().strip() for _ in range(after)]
        os.kill(process.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        rest = process.stdout.read()
        acknowledged += [line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    async with Store.open(url(tmp_path)) as store:
        kept = await store.read(names)
        assert await store.read(lambda c: c.execute(text("PRAGMA integrity_check")).scalar()) == "ok"
        assert await store.read(lambda c: c.execute(select(func.count()).select_from(state)).scalar()) == len(kept)
    assert "" not in acknowledged
    assert set(acknowledged) <= set(kept)
