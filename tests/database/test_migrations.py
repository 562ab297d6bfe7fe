"""A released version's database is brought up to date with everything still in it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, PrimaryKeyConstraint, UniqueConstraint, create_engine, event, text

from bot.database import Store, migrations
from bot.database.tables import metadata
from bot.delivery import ledger
from bot.library import bodies, digests

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


def body(title: str) -> dict[str, Any]:
    """A digest's, with one paper."""
    return {"date": "2026-01-02", "series": "s", "layout": "x", "papers": [{"number": 1, "title": title}]}


def released(place: Path, revision: str) -> Any:
    """A database as that version made it, with foreign keys checked as the bot does."""
    engine = create_engine(f"sqlite:///{place}")

    @event.listens_for(engine, "connect")
    def check_keys(connection: Any, _: object) -> None:
        connection.execute("PRAGMA foreign_keys=ON")

    with engine.begin() as connection:
        migrations.upgrade(connection, revision)
    return engine


def add(connection: Connection, table: str, **row: Any) -> None:
    """Writes a row down as it was stored then; JSON as the text that it is."""
    row = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
    names, places = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), row)


def add_delivery(connection: Connection, number: int, digest: int, kind: str, said: Any) -> None:
    """To a subscription of its own, with a message that was sent unless it was skipped."""
    add(
        connection,
        "subscriptions",
        id=number,
        server_id=1,
        channel_id=number,
        series="s",
        local_time="09:00",
        zone="UTC",
        weekdays=127,
        order="oldest-first",
        look="brief",
        created_by=1,
        created_at=0,
    )
    row: dict[str, Any] = {"id": number, "subscription_id": number, "digest_id": digest, "kind": kind}
    row |= {"channel_id": number, "look": "brief", "language": "en", "claimed_at": number, "body": said}
    add(connection, "deliveries", **row)
    if kind != "skipped":
        add(connection, "steps", delivery_id=number, kind="message", part=0, nonce=f"n{number}", state="sent")


async def test_what_was_delivered_still_says_what_it_said_then(tmp_path: Path) -> None:
    place = tmp_path / "test.sqlite3"
    engine = released(place, "0001")
    with engine.begin() as c:
        add(c, "servers", id=1, joined_at=0)
        for number, title in ((1, "as it is now"), (2, "never changed"), (3, "never delivered")):
            row: dict[str, Any] = {"id": number, "owner_id": 0, "series": "s", "date": f"2026-01-0{number}"}
            row |= {"source": "x", "layout": "x", "fingerprint": "x", "papers": 1, "imported_at": 0}
            add(c, "digests", **row, body=body(title))
        said = {1: "as it was", 2: "as it was first", 3: "as it is now", 4: "as it was", 5: "never changed"}
        for number, title in said.items():
            add_delivery(c, number, 2 if number == 5 else 1, "scheduled" if number % 2 else "now", body(title))
        add_delivery(c, 6, 2, "skipped", {})
    engine.dispose()

    def check(c: Connection) -> None:
        for number, title in said.items():
            found = ledger.load_delivery(c, number)
            assert found is not None
            assert found.body == body(title)
            assert [step.nonce for step in found.steps] == [f"n{number}"]
        skipped = c.execute(text("SELECT kind, body_id, claimed_at FROM deliveries WHERE id = 6")).one()
        assert tuple(skipped) == ("skipped", None, 6)
        for number, title in ((1, "as it is now"), (2, "never changed"), (3, "never delivered")):
            assert digests.load(c, number, figures=False) == bodies.from_body(body(title))
        assert c.execute(text("SELECT count(*) FROM bodies")).scalar_one() == 5  # each of them once
        assert c.exec_driver_sql("PRAGMA foreign_key_check").all() == []

    async with Store.open(f"sqlite+aiosqlite:///{place}") as store:
        await store.read(check)


def test_every_foreign_key_is_found_by_an_index() -> None:
    """Without one, whatever is removed from the table that it points to reads this whole table."""
    for table in metadata.tables.values():
        unique = [one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)]
        first = {next(iter(one.columns)).name for one in (*table.indexes, *unique)}
        for key in table.foreign_keys:
            assert key.parent.name in first, f"{table.name}.{key.parent.name}"
