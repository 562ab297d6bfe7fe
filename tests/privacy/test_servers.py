"""A server's data is gone altogether, and no other's with it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, delete, select, update

from bot.database import Store
from bot.database.tables import metadata, servers
from bot.leaderboard import standings
from bot.privacy import servers as privacy
from tests.library.kit import ELSEWHERE, NOW, SERVER, digest, question, seed, subscribe
from tests.quiz.kit import PLAYER, choose, start

TWO = digest((question(1, "One?", answer=1), question(2, "Two?", answer=1)))
OWN = digest((question(1, "Theirs?", answer=0),))
KEEP = dt.timedelta(days=30)


def rows(connection: Connection) -> dict[str, set[tuple[object, ...]]]:
    """All that stands in the database, but for the audit list."""
    return {
        table.name: {tuple(map(str, row)) for row in connection.execute(select(table))}
        for table in metadata.sorted_tables
        if table.name != "audit"
    }


async def test_all_of_a_server_goes_and_nothing_else(store: Store) -> None:
    def check(connection: Connection) -> None:
        there = start(connection, TWO, ELSEWHERE)
        choose(connection, there, there.questions[0], 1, server_id=ELSEWHERE)
        subscribe(connection, ELSEWHERE, channel_id=2)
        connection.execute(delete(servers).where(servers.c.id == SERVER))
        before = rows(connection)
        seed(connection, SERVER)
        subscribe(connection, SERVER)
        here = start(connection, TWO)
        own = start(connection, OWN, owner_id=SERVER)
        choose(connection, here, here.questions[0], 1)
        choose(connection, own, own.questions[0], 1, user_id=PLAYER + 5)
        privacy.forget(connection, SERVER, NOW)
        assert rows(connection) == before
        standings.recount(connection, ELSEWHERE)
        assert rows(connection) == before

    await store.write(check)


async def test_a_server_that_was_left_is_forgotten_after_its_time_and_not_before(store: Store) -> None:
    def check(connection: Connection) -> None:
        start(connection, TWO)
        start(connection, TWO, ELSEWHERE)
        connection.execute(update(servers).where(servers.c.id == SERVER).values(left_at=NOW))
        chore = privacy.sweep(KEEP)
        assert chore(connection, NOW + KEEP - dt.timedelta(seconds=1)) is None
        assert chore(connection, NOW + KEEP) == SERVER
        assert connection.execute(select(servers.c.id)).scalars().all() == [ELSEWHERE]
        assert chore(connection, NOW + KEEP) is None

    await store.write(check)
