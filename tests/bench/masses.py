"""Databases with a great many rows in them, written by the database itself: a million take seconds.

What stands in the rows is made of their numbers, so that it is the same every time.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from bot.database import Store
from bot.leaderboard import standings

NOW: Final = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
SERVER: Final = 4_000_000_000_000_000_001
"""Ids are as long as Discord's."""
USER: Final = 5_000_000_000_000_000_000
QUESTIONS: Final = 10
"""Of each digest here."""
_MICROSECOND: Final = 1_000_000
_YEAR: Final = 365 * 86_400 * _MICROSECOND
_NOW: Final = int(NOW.timestamp()) * _MICROSECOND


def opened(folder: Path, name: str = "mass") -> Store:
    """A store on a database in a folder, to be entered."""
    return Store.open(f"sqlite+aiosqlite:///{folder / f'{name}.sqlite3'}")


def _many(connection: Connection, number: int, statement: str, **values: Any) -> None:
    """Inserts the rows that `SELECT … FROM n` gives, where n.i is 0 to `number` - 1."""
    insert, select = statement.split("SELECT", 1)
    count = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :number)"
    if number:
        connection.execute(text(f"{insert} {count} SELECT {select}"), {"number": number, "now": _NOW, **values})


def add_servers(connection: Connection, number: int) -> None:
    """Servers, from SERVER on."""
    _many(
        connection,
        number,
        "INSERT INTO servers (id, zone, joined_at) SELECT :server + i, 'Europe/Berlin', :now FROM n",
        server=SERVER,
    )


def add_digests(connection: Connection, number: int) -> None:
    """Shared digests, each with a body as long as a deep dive's and QUESTIONS questions with their keys."""
    _many(
        connection,
        number,
        "INSERT INTO digests (id, owner_id, series, date, source, layout, fingerprint, papers, imported_at) "
        "SELECT i + 1, 0, 'deep-dive', date('2015-01-01', '+' || i || ' days'), i || '.txt', 'deep-dive-text', "
        "'2:' || hex(zeroblob(32)), 3, :now FROM n",
    )
    _many(
        connection,
        number,
        "INSERT INTO bodies (id, digest_id, body) SELECT i + 1, i + 1, "
        """'{"date":"2026-01-01","papers":[],"text":"' || hex(zeroblob(7000)) || '"}' FROM n""",
    )
    _many(
        connection,
        number * QUESTIONS,
        "INSERT INTO questions (id, digest_id, paper, position, title, text, options, translations) "
        f"SELECT i + 1, i / {QUESTIONS} + 1, 1, i % {QUESTIONS}, 'A paper', 'What does it find? ' || i, "
        """'["one","two","three"]', '{}' FROM n""",
    )
    _many(
        connection,
        number * QUESTIONS,
        "INSERT INTO keys (question_id, owner_id, origin, answer, set_at) "
        "SELECT i + 1, 0, 'side-file', i % 3, :now FROM n",
    )


def add_subscriptions(connection: Connection, number: int, *, first: int = 0) -> None:
    """One in each server, due within the coming day; every hundredth is paused, for a week or until told."""
    _many(
        connection,
        number,
        'INSERT INTO subscriptions (id, server_id, channel_id, series, local_time, zone, weekdays, "order", look, '
        "created_by, created_at, next_due_at, next_slot, paused_at, paused_until) "
        "SELECT :first + i + 1, :server + :first + i, :server + 1000000000 + :first + i, 'deep-dive', '09:00', "
        "'Europe/Berlin', 127, 'oldest-first', 'brief', :user, :now, "
        ":now + 60000000 + ((:first + i) * 7919 % 86400) * 1000000, '2026-06-16', "
        "CASE WHEN i % 100 = 0 THEN :now END, CASE WHEN i % 200 = 0 THEN :now + 604800000000 END FROM n",
        server=SERVER,
        user=USER,
        first=first,
    )


def add_deliveries(connection: Connection, each: int, subscriptions: int, *, first: int = 0) -> None:
    """So many to each subscription, all finished: a message that was sent, and a round that has closed."""
    values = {"server": SERVER, "each": subscriptions, "first": first}
    number = each * subscriptions
    _many(
        connection,
        number,
        "INSERT INTO deliveries (id, subscription_id, digest_id, kind, slot, channel_id, look, language, "
        "claimed_at, finished_at, body_id) "
        "SELECT :first + i + 1, i % :each + 1, (:first + i) / :each + 1, 'scheduled', "
        "date('2026-06-14', '-' || ((:first + i) / :each) || ' days'), :server + 1000000000 + i % :each, 'brief', "
        "'en', :now - ((:first + i) / :each + 1) * 86400000000 + i % :each, "
        ":now - ((:first + i) / :each + 1) * 86400000000 + i % :each + 900000, (:first + i) / :each + 1 FROM n",
        **values,
    )
    _many(
        connection,
        number,
        "INSERT INTO steps (delivery_id, kind, part, nonce, state, channel_id, message_id, attempts, "
        "attempted_at) "
        "SELECT :first + i + 1, 'message', 0, hex(randomblob(12)), 'sent', :server + 1000000000 + i % :each, "
        ":server + 2000000000 + i, 1, :now - ((:first + i) / :each + 1) * 86400000000 FROM n",
        **values,
    )
    _many(
        connection,
        number,
        "INSERT INTO rounds (server_id, digest_id, opened_at, closes_at, closed_at) "
        "SELECT :server + i % :each, (:first + i) / :each + 1, :now - ((:first + i) / :each + 1) * 86400000000, "
        ":now - (:first + i) / :each * 86400000000 - 3600000000, "
        ":now - (:first + i) / :each * 86400000000 - 3600000000 FROM n",
        **values,
    )


def add_players(connection: Connection, number: int) -> None:
    """Players of the first server."""
    _many(
        connection,
        number,
        "INSERT INTO players (server_id, user_id, name, seen_at) "
        "SELECT :server, :user + i, 'Player ' || i, :now FROM n",
        server=SERVER,
        user=USER,
    )


def add_rounds(connection: Connection, number: int) -> None:
    """Closed rounds of the first server on the first digests, spread over the year."""
    _many(
        connection,
        number,
        "INSERT INTO rounds (id, server_id, digest_id, opened_at, closes_at, closed_at) "
        "SELECT i + 1, :server, i + 1, :now - :year / :number * (i + 1), :now - :year / :number * i, "
        ":now - :year / :number * i FROM n",
        server=SERVER,
        year=_YEAR,
    )


def add_answers(connection: Connection, each: int, players: int, *, first: int = 0) -> None:
    """So many of each player of the first server, a digest's questions at a time, within the past year.

    `first`: how many questions each has answered already.
    """
    _many(
        connection,
        each * players,
        "INSERT INTO answers (server_id, user_id, question_id, round_id, choice, answered_at) "
        f"SELECT :server, :user + i % :players, q, (q - 1) / {QUESTIONS} + 1, (i * 7 + i % :players) % 3, "
        ":now - :year / :total * (q - 1) - i % :players - 1 "
        "FROM (SELECT i, :first + i / :players + 1 AS q FROM n)",
        server=SERVER,
        user=USER,
        players=players,
        year=_YEAR,
        first=first,
        total=first + each,
    )


def start_seasons(connection: Connection, *days_ago: int) -> None:
    """Seasons of the first server."""
    for number, days in enumerate(days_ago, 1):
        connection.execute(
            text("INSERT INTO seasons (server_id, number, started_at) VALUES (:server, :number, :at)"),
            {"server": SERVER, "number": number, "at": _NOW - days * 86_400 * _MICROSECOND},
        )


def add_game(connection: Connection, *, players: int, each: int) -> None:
    """A server with so many players of so many answers each, two seasons, and its standings."""
    rounds = -(-each // QUESTIONS)
    add_servers(connection, 1)
    add_digests(connection, rounds)
    add_players(connection, players)
    add_rounds(connection, rounds)
    add_answers(connection, each, players)
    start_seasons(connection, 300, 60)
    standings.recount(connection, SERVER)
