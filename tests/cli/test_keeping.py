"""`backup` and `restore` as an operator calls them, on real databases in use and out of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from bot.database import Store, backup, lock
from bot.database.tables import state

from .conftest import Command

DATABASE = "data/paper-round.sqlite3"


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(state).values(name=name, value="x" * 3000))


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(state.c.name).order_by(state.c.name)).scalars())


def store(path: Path) -> Store:
    return Store.open(f"sqlite+aiosqlite:///{path}")


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / DATABASE
    async with store(path) as opened:
        for number in range(20):
            await opened.write(put, f"{number:02}")
    return path


async def test_a_backup_is_made_beside_a_running_bot_and_holds_what_was_committed(
    database: Path, command: Command, tmp_path: Path
) -> None:
    with lock.held(lock.database_lock(database)):
        async with store(database) as opened:
            await opened.write(put, "newest")  # in the WAL, not in the file
            ran = command("backup")
    assert ran.code == 0, ran.err
    found = re.match(r"(data/backups/paper-round-\d{8}T\d{6}Z\.sqlite3): \S+ MB, 0 deliveries, 0 answers", ran.out)
    assert found is not None, ran.out
    (copy,) = (tmp_path / "data/backups").iterdir()
    assert copy.name == Path(found[1]).name
    async with store(copy) as opened:
        assert "newest" in await opened.read(names)


async def test_restore_puts_a_copy_back_and_keeps_what_it_replaces(
    database: Path, command: Command, failure: Callable[..., str], tmp_path: Path
) -> None:
    assert command("backup", "copy.sqlite3").code == 0
    async with store(database) as opened:
        await opened.write(put, "later")
    assert "--force puts the copy in its place" in failure("restore", "copy.sqlite3")
    ran = command("restore", "copy.sqlite3", "--force")
    assert ran.code == 0, ran.err
    async with store(database) as opened:
        assert await opened.read(names) == [f"{n:02}" for n in range(20)]
    (aside,) = (tmp_path / "data").glob("paper-round-replaced-*.sqlite3")
    assert aside.name in ran.out
    async with store(aside) as opened:
        assert "later" in await opened.read(names)
    assert not list((tmp_path / "data").glob(".*"))


def test_restore_into_an_empty_place_needs_no_force(database: Path, command: Command, tmp_path: Path) -> None:
    assert command("backup", "copy.sqlite3").code == 0
    for path in (tmp_path / "data").glob("paper-round.sqlite3*"):
        path.unlink()
    assert command("restore", "copy.sqlite3").code == 0
    assert database.is_file()


def test_restore_refuses_while_a_bot_runs_or_anyone_has_it_open(
    database: Path, command: Command, failure: Callable[..., str]
) -> None:
    assert command("backup", "copy.sqlite3").code == 0
    before = database.read_bytes()
    with lock.held(lock.database_lock(database)):
        assert failure("restore", "copy.sqlite3", "--force").startswith("A bot is running on the database")
    other = sqlite3.connect(database)
    other.execute("SELECT count(*) FROM state").fetchone()
    assert "is in use; stop what uses it" in failure("restore", "copy.sqlite3", "--force")
    other.close()
    assert database.read_bytes() == before


async def test_a_damaged_or_foreign_copy_is_refused_and_the_database_stays(
    database: Path, command: Command, failure: Callable[..., str], tmp_path: Path
) -> None:
    assert command("backup", "copy.sqlite3").code == 0
    copy = tmp_path / "copy.sqlite3"
    whole = copy.read_bytes()
    copy.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    assert "damaged" in failure("restore", "copy.sqlite3", "--force")
    copy.write_text("what is this", encoding="utf-8")
    assert "is no backup, since it is no SQLite database" in failure("restore", "copy.sqlite3", "--force")
    copy.unlink()
    assert "There is no file copy.sqlite3" in failure("restore", "copy.sqlite3", "--force")
    sqlite3.connect(copy).execute("CREATE TABLE x (y)").connection.close()
    assert "not one of Paper Round" in failure("restore", "copy.sqlite3", "--force")
    async with store(database) as opened:
        assert len(await opened.read(names)) == 20


def test_a_damaged_database_is_replaced_and_kept(database: Path, command: Command, tmp_path: Path) -> None:
    assert command("backup", "copy.sqlite3").code == 0
    database.write_text("not a database any more " * 400, encoding="utf-8")
    ran = command("restore", "copy.sqlite3", "--force")
    assert ran.code == 0, ran.err
    assert backup.check(database)["state"] == 20
    (aside,) = (tmp_path / "data").glob("paper-round-replaced-*.sqlite3")
    assert aside.read_text(encoding="utf-8").startswith("not a database any more")


def test_a_damaged_database_makes_no_backup(database: Path, failure: Callable[..., str], tmp_path: Path) -> None:
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2] + b"\xa5" * (len(whole) - len(whole) // 2))
    assert "damaged" in failure("backup", "copies")
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_backup_never_overwrites_and_needs_a_database(
    database: Path, command: Command, failure: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "copy.sqlite3").write_text("mine", encoding="utf-8")
    assert "never overwrites" in failure("backup", "copy.sqlite3")
    assert (tmp_path / "copy.sqlite3").read_text(encoding="utf-8") == "mine"
    assert "There is no database nowhere.sqlite3" in failure("backup", DATABASE_URL="nowhere.sqlite3")
    assert not (tmp_path / "nowhere.sqlite3").exists()


def test_postgresql_has_its_own_way(failure: Callable[..., str]) -> None:
    assert "pg_dump" in failure("backup", DATABASE_URL="postgres://me:secret@localhost/x")
