"""How large the database becomes, by what is in it.

The floor is the same rows in tables without a key or an index. What is said of a row holds for SQLite's file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from bot.leaderboard import standings
from tests.bench import masses
from tests.bench.rows import Growth, Report, Row

_PAGES: Final = text(
    "SELECT (page_count - freelist_count) * page_size "
    "FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
_PARTS: Final = 4
"""In so many steps a table is filled."""


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """A database that is filled with a thing after the other."""
    scale = 10 if tiny else 100
    servers, players, each, deliveries = 50 * scale, 50 * scale, 20, 20
    answers, sent = players * each, servers * deliveries
    rounds = each // masses.QUESTIONS
    async with masses.opened(folder) as store:

        async def grown(*tables: str, by: Callable[..., object], **values: Any) -> tuple[int, int]:
            """How many bytes the file and the plain rows grow by."""
            before = await store.read(_size)
            await store.write(by, **values)
            after = await store.read(_size)
            plain = await store.write(_plain, tables)
            return after - before, plain

        digests = await grown(
            "digests", "bodies", "questions", "keys", by=masses.add_digests, number=max(rounds, deliveries)
        )
        server = await grown("servers", "subscriptions", by=_join, servers=servers)
        of_deliveries = [(0.0, 0.0)]
        delivered = [0, 0]
        for part in range(_PARTS):
            share = deliveries // _PARTS
            more = await grown(
                *("deliveries", "steps", "rounds"),
                by=masses.add_deliveries,
                each=share,
                subscriptions=servers,
                first=part * share * servers,
            )
            delivered = [delivered[0] + more[0], more[1]]
            of_deliveries.append((sent * (part + 1) / _PARTS, delivered[0] / 1e6))
        player = await grown("players", by=masses.add_players, number=players)
        of_answers = [(0.0, 0.0)]
        answered = [0, 0]
        for part in range(_PARTS):
            share = each // _PARTS
            more = await grown("answers", "standings", by=_answer, each=share, players=players, first=part * share)
            answered = [answered[0] + more[0], more[1]]
            of_answers.append((answers * (part + 1) / _PARTS, answered[0] / 1e6))
    number = max(rounds, deliveries)
    return Report(
        (
            Row("database, per server with its subscription", server[0] / servers, server[1] / servers, "bytes"),
            Row("database, per player", player[0] / players, player[1] / players, "bytes"),
            Row("database, per answer", answered[0] / answers, answered[1] / answers, "bytes"),
            Row("database, per delivery with its round", delivered[0] / sent, delivered[1] / sent, "bytes"),
            Row("database, per digest without pictures", digests[0] / number, digests[1] / number, "bytes"),
        ),
        f"{servers:,} servers, {players:,} players, {answers:,} answers, {sent:,} deliveries; a body is of 14 kB.",
        (
            Growth("Size of the database by deliveries", "deliveries", "MB", {"with their rounds": of_deliveries}),
            Growth("Size of the database by answers", "answers", "MB", {"with their standings": of_answers}),
        ),
    )


def _join(connection: Connection, servers: int) -> None:
    masses.add_servers(connection, servers)
    masses.add_subscriptions(connection, servers)


def _answer(connection: Connection, each: int, players: int, first: int) -> None:
    masses.add_answers(connection, each, players, first=first)
    standings.recount(connection, masses.SERVER)


def _size(connection: Connection) -> int:
    size: int = connection.execute(_PAGES).scalar_one()
    return size


def _plain(connection: Connection, tables: tuple[str, ...]) -> int:
    """Bytes of these tables' rows and nothing else."""
    before = _size(connection)
    for table in tables:
        connection.execute(text(f"CREATE TABLE plain_{table} AS SELECT * FROM {table}"))
    size = _size(connection) - before
    for table in tables:
        connection.execute(text(f"DROP TABLE plain_{table}"))
    return size
