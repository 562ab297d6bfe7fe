"""Backups on a schedule, and the copy that a migration leaves behind."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from bot.backups import Backups
from bot.client import PaperRound
from bot.database import Store, backup, migrations, store
from bot.database.tables import state
from bot.settings import Backup, Settings
from tests.conftest import Fresh

START = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)


@dataclass
class HandClock:
    moment: dt.datetime = START

    def now(self) -> dt.datetime:
        return self.moment


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(state).values(name=name, value="x"))


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("test-before-*.sqlite3"))


def opened(folder: Path) -> Store:
    return Store.open(f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}")


async def test_one_is_made_when_the_newest_is_old_enough_and_so_many_are_kept(tmp_path: Path) -> None:
    clock = HandClock()
    made = []
    async with opened(tmp_path) as kept:
        for hour in range(50):
            clock.moment = START + dt.timedelta(hours=hour)
            backups = Backups(kept, clock, Backup(every_hours=6, keep=3))  # as after a restart
            await kept.write(put, f"{hour:02}")
            if await backups.make_if_due() is not None:
                made.append(hour)
    assert made == [0, 6, 12, 18, 24, 30, 36, 42, 48]
    left = backup.kept_in(tmp_path / "backups")
    assert [(moment - START) // dt.timedelta(hours=1) for moment, _ in left] == [36, 42, 48]
    assert backup.check(left[-1][1])["state"] == 49
    assert len(list((tmp_path / "backups").iterdir())) == 3


async def test_a_clock_set_back_neither_stops_backups_nor_overwrites_one(tmp_path: Path) -> None:
    clock = HandClock()
    async with opened(tmp_path) as kept:
        backups = Backups(kept, clock, Backup(every_hours=6, keep=3))
        assert await backups.make_if_due() is not None
        clock.moment = START - dt.timedelta(days=300)
        assert await backups.make_if_due() is not None
        clock.moment = START
        assert await backups.make_if_due() is None


async def test_trouble_is_logged_and_tried_again_later(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    (tmp_path / "copies").write_text("in the way", encoding="utf-8")
    async with opened(tmp_path) as kept:
        backups = Backups(kept, clock, Backup(every_hours=6, folder=tmp_path / "copies"))
        assert await backups.make_if_due() is None
        assert await backups.make_if_due() is None
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        (tmp_path / "copies").unlink()
        clock.moment += dt.timedelta(hours=1)
        assert await backups.make_if_due() is not None


async def test_the_bot_leaves_while_a_backup_is_still_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(database: Path, to: Path) -> backup.Copy:
        begun.set()
        go_on.wait(20)
        return back_up(database, to)

    back_up = backup.back_up
    monkeypatch.setattr(backup, "back_up", slow)
    settings = Settings(backup=Backup(every_hours=6))
    async with opened(tmp_path) as kept, PaperRound(settings=settings, store=kept, clock=HandClock()) as bot:
        bot.backups.start()
        assert await asyncio.to_thread(begun.wait, 20)
        closing = asyncio.create_task(bot.close())
        try:
            async with asyncio.timeout(10):
                while not bot.is_closed():  # noqa: ASYNC110  # nothing says when the bot leaves
                    await asyncio.sleep(0.01)
            assert not closing.done()
        finally:
            go_on.set()
            await closing
    assert len(backup.kept_in(tmp_path / "backups")) == 1


async def test_without_a_schedule_there_are_none(tmp_path: Path) -> None:
    async with opened(tmp_path) as kept:
        assert await Backups(kept, HandClock(), Backup()).make_if_due() is None
    assert not (tmp_path / "backups").exists()


async def test_on_postgresql_the_schedule_says_who_has_to_make_them(
    on_postgresql: Fresh, caplog: pytest.LogCaptureFixture
) -> None:
    async with on_postgresql() as address, Store.open(address) as kept:
        backups = Backups(kept, HandClock(), Backup(every_hours=6))
        backups.start()
        assert await backups.make_if_due() is None
        await backups.stop()
    assert [record.message for record in caplog.records if "pg_dump" in record.message] == [
        "backup.every_hours is for SQLite alone; schedule pg_dump for a database on PostgreSQL"
    ]


async def test_a_migration_leaves_a_copy_of_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as kept:
        await kept.write(put, "old")
    assert copies(tmp_path) == []  # the first tables replace nothing

    def upgrade(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM state")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    monkeypatch.setattr(store, "HEAD", "9999")
    monkeypatch.setattr(migrations, "upgrade", upgrade)
    async with opened(tmp_path):
        pass
    (copy,) = copies(tmp_path)
    assert copy.name.startswith("test-before-9999-2")
    assert backup.check(copy)["state"] == 1
    assert backup.check(tmp_path / "test.sqlite3")["state"] == 0
