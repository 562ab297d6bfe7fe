"""`database copy` as an operator calls it, onto a real PostgreSQL server; what is wrong with one is a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.database import Store, lock
from tests.postgresql import Server

from .conftest import SEEDS, Command

OLD = "data/paper-round.sqlite3"


def test_a_library_is_moved_over_once(
    command: Command, failure: Callable[..., str], server: Server, tmp_path: Path
) -> None:
    assert command("import", SEEDS).code == 0
    name = asyncio.run(server.create())
    there = {"DATABASE_URL": server.address(name)}
    with lock.held(lock.database_lock(tmp_path / OLD)):
        assert failure("database", "copy", OLD, **there).startswith("A bot is running on the database")
    (tables,) = [one for one in command("doctor", "--json", **there).objects if one["about"] == "tables"]
    assert (tables["verdict"], tables["sentence"]) == (
        "ok",
        "There are no tables yet; the first start makes them.",
    )
    ran = command("database", "copy", OLD, **there)
    assert (ran.code, ran.err) == (0, "")
    assert "tables copied and checked" in ran.out
    assert "copy into an empty database" in failure("database", "copy", OLD, **there)
    assert command("import", SEEDS, **there).out == command("import", SEEDS).out  # unchanged, every one
    assert "use pg_dump" in failure("backup", **there)
    assert "use pg_restore" in failure("restore", OLD, **there)
    found = {line["about"]: line["verdict"] for line in command("doctor", "--json", **there).objects}
    assert (found["database"], found["tables"]) == ("ok", "ok")
    asyncio.run(server.drop(name))


def test_what_cannot_be_copied_is_said_in_a_sentence(
    failure: Callable[..., str], server: Server, tmp_path: Path
) -> None:
    there = {"DATABASE_URL": server.address("nowhere")}
    assert "names no PostgreSQL database" in failure("database", "copy", OLD)
    assert f"There is no database {OLD}" in failure("database", "copy", OLD, **there)

    async def make() -> None:
        async with Store.open(f"sqlite+aiosqlite:///{tmp_path / 'old.sqlite3'}"):
            pass

    asyncio.run(make())
    assert 'database "nowhere" does not exist' in failure("database", "copy", "old.sqlite3", **there)
    nobody = f"postgresql://postgres:hidden@/postgres?host={tmp_path}"
    said = failure("database", "copy", "old.sqlite3", DATABASE_URL=nobody)
    assert "doesn't answer" in said
    assert "hidden" not in said
