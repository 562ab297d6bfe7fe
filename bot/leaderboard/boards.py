"""Leaderboards page by page: all time and seasons from the summary, periods and series from the answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, or_, select

from bot.database.tables import answers, players
from bot.leaderboard import places
from bot.leaderboard.periods import Period, bounds
from bot.leaderboard.places import Standing
from bot.leaderboard.scores import SERIES, named, order, scores
from bot.leaderboard.seasons import Season

PAGE_SIZE: Final = 10
_FARTHEST: Final = 10**9
"""No board has so many pages; beyond it a database couldn't count the rows before."""
_EVER = (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(9000, 1, 1, tzinfo=dt.UTC))


@dataclass(frozen=True, slots=True)
class Board:
    """What a leaderboard counts."""

    period: Period = Period.ALL
    season: Season | None = None
    """Only answers of this season."""
    series: str | None = None
    """Only answers in rounds of this series."""
    series_id: int = 0
    """A digest of the series, which stands for it in custom_ids; 0 without a series."""

    def span(self, zone: dt.tzinfo, now: dt.datetime) -> tuple[dt.datetime, dt.datetime] | None:
        """From when until when answers count, in UTC; None for all time."""
        span = bounds(self.period, zone, now)
        if self.season is None:
            return span
        since, until = span or _EVER
        return max(since, self.season.started_at), min(until, self.season.ended_at or until)


@dataclass(frozen=True, slots=True)
class StandingsPage:
    """A page of a leaderboard and the caller's own standing."""

    board: Board
    page: int
    """From 0; the last one where a later one was asked for."""
    pages: int
    """How many there are, 1 at least."""
    players: int
    """How many stand on the leaderboard: those who answered a question whose key is known."""
    rows: tuple[Standing, ...]
    own: Standing | None
    """None where the caller isn't on the leaderboard."""
    current: Season | None = None
    """The season that is going on in the server."""


_SPAN = (
    answers.c.server_id == bindparam("server"),
    answers.c.answered_at >= bindparam("since"),
    answers.c.answered_at < bindparam("until"),
)


def _board(*, by_series: bool) -> Any:
    of_series = (bindparam("series") == SERIES,) if by_series else ()
    scored = scores(*_SPAN, *of_series, by_series=by_series).subquery()
    ranked = (
        select(
            scored.c.server_id,
            scored.c.user_id,
            scored.c.points,
            scored.c.answered,
            func.row_number()
            .over(order_by=order(scored.c.points, scored.c.answered, scored.c.scored_at, scored.c.user_id))
            .label("place"),
            func.count().over().label("players"),
        )
        .where(scored.c.answered > 0)
        .subquery()
    )
    shown = (ranked.c.place > bindparam("skip")) & (ranked.c.place <= bindparam("skip") + bindparam("size"))
    return (
        select(ranked, func.coalesce(players.c.name, "").label("name"))
        .select_from(named(ranked))
        # the first says how many there are, whatever page was asked for
        .where(or_(shown, ranked.c.user_id == bindparam("user"), ranked.c.place == 1))
        .order_by(ranked.c.place)
    )


_OF_ALL, _OF_SERIES = _board(by_series=False), _board(by_series=True)


def page(
    connection: Connection,
    *,
    server_id: int,
    board: Board,
    zone: dt.tzinfo,
    now: dt.datetime,
    page: int | None,
    user_id: int,
    current: Season | None = None,
    size: int = PAGE_SIZE,
) -> StandingsPage:
    """A page (from 0) of a server's leaderboard; None for the one that holds the caller's place, else the first.

    Periods are those that `now` lies in, in the server's `zone`.
    """
    page = None if page is None else min(page, _FARTHEST)
    if board.period is Period.ALL and board.series is None:
        season = places.ALL_TIME if board.season is None else board.season.number
        ranking = places.ranking(connection, server_id=server_id, user_id=user_id, season=season)
        own, total = ranking.own, ranking.players
        number = _number(page, own, total, size)
        rows = places.rows(connection, ranking, server_id=server_id, skip=number * size, size=size, season=season)
    else:
        since, until = board.span(zone, now) or _EVER
        values = {"server": server_id, "user": user_id, "since": since, "until": until, "size": size}
        statement = _OF_ALL if board.series is None else _OF_SERIES
        if board.series is not None:
            values["series"] = board.series
        found = connection.execute(statement, {**values, "skip": (page or 0) * size}).all()
        total = found[0].players if found else 0
        own = next((_standing(row) for row in found if row.user_id == user_id), None)
        number = _number(page, own, total, size)
        if number != (page or 0):
            found = connection.execute(statement, {**values, "skip": number * size}).all()
        rows = tuple(_standing(row) for row in found if number * size < row.place <= (number + 1) * size)
    return StandingsPage(board, number, _last(total, size) + 1, total, rows, own, current)


def _number(page: int | None, own: Standing | None, total: int, size: int) -> int:
    """Which page it is that was asked for."""
    if page is None:
        return 0 if own is None else (own.place - 1) // size
    return min(page, _last(total, size))


def _last(total: int, size: int) -> int:
    return max(0, total - 1) // size


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.place, row.user_id, row.name, row.points, row.answered)
