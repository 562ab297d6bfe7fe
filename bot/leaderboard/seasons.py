"""Seasons: spans of a server's play that an admin begins; each ends when the next begins.

Season 1 begins when the first one is started; what was answered before it counts over all time only. Points of a
season are those of answers given in it. Nothing is removed: every season's board can be read for good.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from bot.database import holding
from bot.database.tables import answers, audit, seasons
from bot.language import Refusal
from bot.leaderboard import standings


@dataclass(frozen=True, slots=True)
class Season:
    """A season of a server."""

    number: int
    """From 1."""
    name: str | None
    """What the admin called it; not escaped."""
    started_at: dt.datetime
    ended_at: dt.datetime | None
    """When the next one began; None: it is going on."""


class NoSuchSeason(Refusal):
    """The server has no season with this number."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("There is no such season here. Pick one from the list that Discord offers.")


_ALL = select(seasons).where(seasons.c.server_id == bindparam("server")).order_by(seasons.c.number)


_SINCE = (
    select(answers.c.user_id)
    .where(answers.c.server_id == bindparam("server"), answers.c.answered_at >= bindparam("since"))
    .limit(1)
)


def every(connection: Connection, server_id: int) -> tuple[Season, ...]:
    """A server's seasons, the first one first."""
    rows = connection.execute(_ALL, {"server": server_id}).all()
    return tuple(
        _season(row, None if after is None else after.started_at) for row, after in zip_longest(rows, rows[1:])
    )


def current(connection: Connection, server_id: int) -> Season | None:
    """The season that is going on, or None before the first."""
    return next(reversed(every(connection, server_id)), None)


def find(connection: Connection, server_id: int, number: int) -> Season:
    """The season with this number. Raises NoSuchSeason."""
    for season in every(connection, server_id):
        if season.number == number:
            return season
    raise NoSuchSeason


def start(
    connection: Connection, *, server_id: int, after: int, name: str | None, started_by: int, now: dt.datetime
) -> Season:
    """Begins a new season, and ends the one numbered `after` (0: none was before).

    Asked for twice, it begins once: where another season is going on already, that one is returned. None begins
    before the one that it ends, not even where the clock was set back.
    """
    holding.server(connection, server_id)
    last = current(connection, server_id)
    if last is not None and last.number != after:
        return last
    number, now = (last.number + 1, max(now, last.started_at)) if last else (1, now)
    row = {"server_id": server_id, "number": number, "name": name, "started_at": now, "started_by": started_by}
    connection.execute(insert(seasons), row)
    if connection.execute(_SINCE, {"server": server_id, "since": now}).first() is not None:
        standings.recount(connection, server_id)  # the clock was set back: some answers are of this season now
    act = {"server_id": server_id, "user_id": started_by, "act": "season", "at": now}
    connection.execute(insert(audit), {**act, "details": {"season": number}})
    return Season(number, name, now, None)


def _season(row: Row[Any], ended_at: dt.datetime | None) -> Season:
    return Season(row.number, row.name, row.started_at, ended_at)
