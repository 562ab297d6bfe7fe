"""A database moved over to PostgreSQL: every row is there, the bot goes on with it, nothing else is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.database import Store, StoreError, copying
from bot.database.tables import metadata
from bot.delivery import claims, subscriptions
from bot.quiz.keys import set_key
from tests.conftest import Fresh
from tests.delivery import world
from tests.delivery.world import World
from tests.library.kit import digest, put, question
from tests.quiz.kit import choose, start, summary, truth

PLAYED = digest(tuple(question(n, f"{n}?", answer=0) for n in range(1, 6)), series="quiz")


def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for table in metadata.sorted_tables:
        rows = connection.execute(select(table).order_by(*table.primary_key.columns))
        found[table.name] = [dict(row._mapping) for row in rows]
    return found


async def live(store: Store) -> None:
    """Some weeks of deliveries, and a round that many play."""

    def prepare(c: Connection) -> None:
        world.add_servers(c)
        world.library(c, 30)
        for channel in range(20):
            world.subscribe(c, channel_id=channel, thread=True)

    def play(c: Connection) -> None:
        played = start(c, PLAYED, world.SERVER)
        for player in range(100):
            for asked in played.questions:
                choose(c, played, asked, player % 3, user_id=player + 1, server_id=world.SERVER)

    await store.write(prepare)
    there = World.on(store)
    for day in range(1, 20):
        await there.until(world.NOON + day * world.DAY)
    await store.write(play)


async def test_a_played_month_is_copied_whole_and_goes_on_there(on_sqlite: Fresh, on_postgresql: Fresh) -> None:
    async with on_sqlite() as old, on_postgresql() as new, Store.open(old) as before, Store.open(new) as after:
        await live(before)
        assert before.path is not None
        seen: list[tuple[str, int, int]] = []
        counts = await after.write(copying.copy, before.path, lambda *told: seen.append(told))
        kept = await before.read(everything)
        assert await after.read(everything) == kept
        assert counts == {name: len(rows) for name, rows in kept.items()}
        assert counts["answers"] == 500
        assert counts["steps"] > 500
        assert ("steps", counts["steps"], counts["steps"]) in seen

        when = world.NOON + 20 * world.DAY
        claimed = (await after.write(claims.claim_due, when, 50)).claims
        assert len(claimed) == 20
        assert min(claim.delivery_id for claim in claimed) > counts["deliveries"]
        await after.write(world.subscribe, channel_id=99)
        assert len(await after.read(subscriptions.of_server, world.SERVER)) == 21
        asked = kept["questions"][0]["id"]
        await after.write(
            set_key, question_id=asked, server_id=None, answer=1, reason=None, set_by=None, now=world.NOON
        )
        assert await after.read(summary) == await after.read(truth) != await before.read(summary)


async def test_a_database_with_something_in_it_is_left_alone(on_sqlite: Fresh, on_postgresql: Fresh) -> None:
    async with on_sqlite() as old, on_postgresql() as new, Store.open(old) as before, Store.open(new) as after:
        await after.write(put, PLAYED)
        kept = await after.read(everything)
        assert isinstance(before.path, Path)
        with pytest.raises(StoreError, match="copy into an empty database"):
            await after.write(copying.copy, before.path, lambda *_: None)
        assert await after.read(everything) == kept
