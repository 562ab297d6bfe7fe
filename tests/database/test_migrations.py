"""A released version's database is brought up to date with everything still in it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, PrimaryKeyConstraint, UniqueConstraint, create_engine, event, select, text

from bot.database import Store, migrations
from bot.database.tables import metadata, standings
from bot.delivery import ledger
from bot.leaderboard.standings import recount
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
            assert json.loads(found.body) == body(title)
            assert [step.nonce for step in found.steps] == [f"n{number}"]
        skipped = c.execute(text("SELECT kind, body_id, claimed_at FROM deliveries WHERE id = 6")).one()
        assert tuple(skipped) == ("skipped", None, 6)
        for number, title in ((1, "as it is now"), (2, "never changed"), (3, "never delivered")):
            assert digests.load(c, number, figures=False) == bodies.from_body(body(title))
        assert c.execute(text("SELECT count(*) FROM bodies")).scalar_one() == 5  # each of them once
        assert c.exec_driver_sql("PRAGMA foreign_key_check").all() == []

    async with Store.open(f"sqlite+aiosqlite:///{place}") as store:
        await store.read(check)


async def test_seasons_that_began_before_have_their_standings(tmp_path: Path) -> None:
    place = tmp_path / "test.sqlite3"
    engine = released(place, "0002")
    with engine.begin() as c:
        for server in (1, 2):
            add(c, "servers", id=server, joined_at=0)
        row: dict[str, Any] = {"id": 1, "owner_id": 0, "series": "s", "date": "2026-01-01", "source": "x"}
        add(c, "digests", **row, layout="x", fingerprint="x", papers=1, imported_at=0)
        for question in range(1, 7):
            row = {"id": question, "digest_id": 1, "paper": 1, "position": question, "text": "?"}
            add(c, "questions", **row, options=["a", "b"], translations={})
        for question, owner, origin, answer in (
            (1, 0, "document", 1),
            (1, 0, "operator", 0),
            (2, 0, "document", 0),
            (2, 2, "admin", 1),
            (3, 0, "side-file", 1),
            (4, 0, "document", 0),
            (5, 0, "document", 0),
        ):
            add(c, "keys", question_id=question, owner_id=owner, origin=origin, answer=answer, set_at=0)
        for number, server, verdicts in ((1, 1, "at-once"), (2, 2, "at-close")):
            row = {"id": number, "server_id": server, "digest_id": 1, "opened_at": 0, "closes_at": 99}
            add(c, "rounds", **row, verdicts=verdicts, closed_at=99 if server == 1 else None)
        for server, number, began in ((1, 1, 10), (1, 2, 20), (1, 3, 20), (2, 1, 10)):
            add(c, "seasons", server_id=server, number=number, started_at=began)
        for server, user, question, at in (
            *((1, 7, question, question * 5) for question in range(1, 7)),
            *((2, 7, question, 15) for question in range(1, 3)),
            *((1, 8, question, 19) for question in range(1, 5)),
            (1, 9, 1, 15),
        ):
            row = {"server_id": server, "user_id": user, "question_id": question, "round_id": server}
            add(c, "answers", **row, choice=question % 2, answered_at=at)
        add(c, "strikes", server_id=1, user_id=8, question_id=4, struck_at=0)
        add(c, "exclusions", server_id=1, user_id=9, excluded_at=0)
    engine.dispose()

    def kept(c: Connection) -> list[Any]:
        return [tuple(row) for row in c.execute(select(standings).where(standings.c.season > 0)).all()]

    async with Store.open(f"sqlite+aiosqlite:///{place}") as store:
        migrated = await store.read(kept)
        for server in (1, 2):
            await store.write(recount, server)
        assert migrated == await store.read(kept)
    assert [row[:3] for row in migrated] == [(1, 1, 7), (1, 1, 8), (1, 3, 7), (2, 1, 7)]
    assert any(points for *_, points, _, _, _ in migrated)


def test_every_foreign_key_is_found_by_an_index() -> None:
    """Without one, whatever is removed from the table that it points to reads this whole table."""
    for table in metadata.tables.values():
        unique = [one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)]
        first = {next(iter(one.columns)).name for one in (*table.indexes, *unique)}
        for key in table.foreign_keys:
            assert key.parent.name in first, f"{table.name}.{key.parent.name}"
