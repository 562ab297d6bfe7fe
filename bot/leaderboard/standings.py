"""Who stands where on a server's leaderboard.

Points are answers that chose the option of the key that counts, `answered` are answers to questions that have
a key; where a round's verdicts wait for its end, its answers wait too. Ties are broken by accuracy, then by the
earlier last answer that brought a point, then by the user's id.

Answers and keys are the truth; the `standings` table is a summary of them over all time. Each answer keeps it
with `apply`, in its own transaction; `recount` and `recount_for` make it anew when a key changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database.tables import answers, players, rounds, servers, standings
from bot.database.tables import questions as asked
from bot.leaderboard.periods import Period, bounds
from bot.library.keys import counting_answer

_SEASON = 0
"""All time."""

PAGE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """A player's place, from 1, and what it rests on."""

    place: int
    user_id: int
    name: str
    """As last seen in this server; not escaped."""
    points: int
    answered: int

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0 to 1."""
        return self.points / self.answered if self.answered else 0.0


@dataclass(frozen=True, slots=True)
class StandingsPage:
    """A page of a leaderboard and the caller's own standing."""

    period: Period
    page: int
    """From 0; the last one where a later one was asked for."""
    pages: int
    """How many there are, 1 at least."""
    players: int
    """How many stand on the leaderboard: those who answered a question whose key is known."""
    rows: tuple[Standing, ...]
    own: Standing | None
    """None where the caller isn't on the leaderboard."""


@dataclass(frozen=True, slots=True)
class Place:
    """A player's standing over all time, among how many."""

    standing: Standing
    players: int


def _of(names: Table, scores: FromClause) -> ColumnElement[bool]:
    """Joins players' names."""
    return and_(names.c.server_id == scores.c.server_id, names.c.user_id == scores.c.user_id)


def _order(
    points: ColumnElement[int],
    answered: ColumnElement[int],
    scored_at: ColumnElement[dt.datetime | None],
    user_id: ColumnElement[int],
) -> tuple[ColumnElement[Any], ...]:
    """Best first. With equal points fewer answers are the better accuracy, unless there are no points at all."""
    return points.desc(), case((points > 0, answered), else_=0), scored_at, user_id


_KEY = [standings.c.server_id, standings.c.season, standings.c.user_id]
_APPLY = insert(standings)
_LATER = case(
    (_APPLY.excluded.scored_at.is_(None), standings.c.scored_at),
    (standings.c.scored_at > _APPLY.excluded.scored_at, standings.c.scored_at),
    else_=_APPLY.excluded.scored_at,
)
_APPLY = _APPLY.on_conflict_do_update(
    index_elements=_KEY,
    set_={
        "points": standings.c.points + _APPLY.excluded.points,
        "answered": standings.c.answered + _APPLY.excluded.answered,
        "rounds": standings.c.rounds + _APPLY.excluded.rounds,
        "scored_at": _LATER,
    },
)


def apply(
    connection: Connection,
    *,
    server_id: int,
    user_id: int,
    right: bool | None,
    new_round: bool,
    now: dt.datetime,
) -> None:
    """Counts one new answer: `right` or not (None: the question has no key yet), the first of its round or not."""
    connection.execute(
        _APPLY,
        {
            "server_id": server_id,
            "season": _SEASON,
            "user_id": user_id,
            "points": int(right or False),
            "answered": int(right is not None),
            "rounds": int(new_round),
            "scored_at": now if right else None,
        },
    )


_played = rounds.alias("played")


def _scores(*where: ColumnElement[bool]) -> Select[Any]:
    """What answers and keys say about each player in a server: the columns of `standings`, but for the season."""
    joined, known = counting_answer(answers, answers.c.server_id, answers.c.question_id)
    joined = joined.join(_played, _played.c.id == answers.c.round_id)
    # where verdicts wait for the round's end, a point on the board would tell
    told = or_(_played.c.verdicts == "at-once", _played.c.closed_at.is_not(None))
    key = case((told, known))
    right = answers.c.choice == key
    return (
        select(
            answers.c.server_id,
            answers.c.user_id,
            func.sum(case((right, 1), else_=0)).label("points"),
            func.count(key).label("answered"),
            func.count(answers.c.round_id.distinct()).label("rounds"),
            func.max(case((right, answers.c.answered_at))).label("scored_at"),
        )
        .select_from(joined)
        .where(*where)
        .group_by(answers.c.server_id, answers.c.user_id)
    )


_COLUMNS = ("server_id", "user_id", "points", "answered", "rounds", "scored_at")  # those of _scores
_CLEAR = delete(standings).where(standings.c.server_id == bindparam("server"), standings.c.season == _SEASON)
_RECOUNT = insert(standings).from_select(_COLUMNS, _scores(answers.c.server_id == bindparam("server")))

_theirs = answers.alias("theirs")
_RECOUNT_FOR = insert(standings).from_select(
    _COLUMNS,
    _scores(
        tuple_(answers.c.server_id, answers.c.user_id).in_(
            select(_theirs.c.server_id, _theirs.c.user_id)
            .where(_theirs.c.question_id.in_(bindparam("questions", expanding=True)))
            .where(
                or_(bindparam("server", type_=BigInteger).is_(None), _theirs.c.server_id == bindparam("server"))
            )
        )
    ),
)
_RECOUNT_FOR = _RECOUNT_FOR.on_conflict_do_update(
    index_elements=_KEY, set_={name: _RECOUNT_FOR.excluded[name] for name in _COLUMNS[2:]}
)


_HOLD = select(servers.c.id).where(servers.c.id == bindparam("server")).with_for_update()
_HOLD_ALL = (
    select(servers.c.id)
    .where(
        servers.c.id.in_(
            select(rounds.c.server_id)
            .join(asked, asked.c.digest_id == rounds.c.digest_id)
            .where(asked.c.id.in_(bindparam("questions", expanding=True)))
        )
    )
    .order_by(servers.c.id)
    .with_for_update()
)


def hold(connection: Connection, server_id: int) -> None:
    """Keeps others from changing this server's standings until the transaction ends.

    Call it before reading the keys or answers that a change of standings rests on. On SQLite there is nothing
    to do: it has one writer at a time.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_HOLD, {"server": server_id})


def recount(connection: Connection, server_id: int) -> None:
    """Makes a server's standings anew from its answers and their keys."""
    hold(connection, server_id)
    connection.execute(_CLEAR, {"server": server_id})
    connection.execute(_RECOUNT, {"server": server_id})


def recount_for(connection: Connection, questions: Collection[int], server_id: int | None = None) -> int:
    """Makes anew the standings of all who answered one of these questions, in one server or in all.

    To be called in the transaction that changed a key of theirs. Returns how many standings that were.
    """
    values = {"questions": list(questions), "server": server_id}
    if connection.dialect.name != "sqlite":
        connection.execute(_HOLD_ALL, {"questions": values["questions"]})
    return connection.execute(_RECOUNT_FOR, values).rowcount


_mine, _other = standings.alias("mine"), standings.alias("other")
_ON_BOARD = (standings.c.server_id == bindparam("server"), standings.c.season == _SEASON, standings.c.answered > 0)
_COUNT = select(func.count()).select_from(standings).where(*_ON_BOARD)
_AHEAD = (
    select(func.count())
    .select_from(_other)
    .where(_other.c.server_id == _mine.c.server_id, _other.c.season == _mine.c.season, _other.c.answered > 0)
)
_FIRST = or_(
    and_(_mine.c.points == 0, _other.c.user_id < _mine.c.user_id),
    and_(
        _mine.c.points > 0,
        or_(
            _other.c.answered < _mine.c.answered,
            and_(
                _other.c.answered == _mine.c.answered,
                or_(
                    _other.c.scored_at < _mine.c.scored_at,
                    and_(_other.c.scored_at == _mine.c.scored_at, _other.c.user_id < _mine.c.user_id),
                ),
            ),
        ),
    ),
)
_OWN: Select[Any] = (
    select(
        _mine.c.user_id,
        func.coalesce(players.c.name, "").label("name"),
        _mine.c.points,
        _mine.c.answered,
        (
            _AHEAD.where(_other.c.points > _mine.c.points).scalar_subquery()
            + _AHEAD.where(_other.c.points == _mine.c.points, _FIRST).scalar_subquery()
            + 1
        ).label("place"),
        _COUNT.scalar_subquery().label("players"),
    )
    .select_from(_mine.outerjoin(players, _of(players, _mine)))
    .where(_mine.c.server_id == bindparam("server"), _mine.c.season == _SEASON, _mine.c.answered > 0)
    .where(_mine.c.user_id == bindparam("user"))
)
_PAGE = (
    select(
        standings.c.user_id,
        func.coalesce(players.c.name, "").label("name"),
        standings.c.points,
        standings.c.answered,
    )
    .select_from(standings.outerjoin(players, _of(players, standings)))
    .where(*_ON_BOARD)
    .order_by(*_order(standings.c.points, standings.c.answered, standings.c.scored_at, standings.c.user_id))
    .limit(bindparam("size"))
    .offset(bindparam("skip"))
)

_scored = _scores(
    answers.c.server_id == bindparam("server"),
    answers.c.answered_at >= bindparam("since"),
    answers.c.answered_at < bindparam("until"),
).subquery()
_ranked = (
    select(
        _scored.c.server_id,
        _scored.c.user_id,
        _scored.c.points,
        _scored.c.answered,
        func.row_number()
        .over(order_by=_order(_scored.c.points, _scored.c.answered, _scored.c.scored_at, _scored.c.user_id))
        .label("place"),
        func.count().over().label("players"),
    )
    .where(_scored.c.answered > 0)
    .subquery()
)
_PERIOD_PAGE = (
    select(_ranked, func.coalesce(players.c.name, "").label("name"))
    .select_from(_ranked.outerjoin(players, _of(players, _ranked)))
    .where(
        or_(
            and_(_ranked.c.place > bindparam("skip"), _ranked.c.place <= bindparam("skip") + bindparam("size")),
            _ranked.c.user_id == bindparam("user"),
            _ranked.c.place == 1,  # says how many there are, whatever page was asked for
        )
    )
    .order_by(_ranked.c.place)
)


def place(connection: Connection, *, server_id: int, user_id: int) -> Place | None:
    """A player's place over all time, or None where they aren't on the leaderboard."""
    row = connection.execute(_OWN, {"server": server_id, "user": user_id}).one_or_none()
    return None if row is None else Place(_standing(row), row.players)


def page(
    connection: Connection,
    *,
    server_id: int,
    period: Period,
    zone: dt.tzinfo,
    now: dt.datetime,
    page: int,
    user_id: int,
    size: int = PAGE_SIZE,
) -> StandingsPage:
    """A page (from 0) of a server's leaderboard over the period that `now` lies in, in the server's zone."""
    span = bounds(period, zone, now)
    if span is None:
        return _all_time(connection, server_id, page, user_id, size)
    values = {"server": server_id, "user": user_id, "since": span[0], "until": span[1], "size": size}
    rows = connection.execute(_PERIOD_PAGE, {**values, "skip": page * size}).all()
    total = rows[0].players if rows else 0
    if 0 < total <= page * size:
        page = _last(total, size)
        rows = connection.execute(_PERIOD_PAGE, {**values, "skip": page * size}).all()
    return StandingsPage(
        period=period,
        page=page if total else 0,
        pages=_last(total, size) + 1,
        players=total,
        rows=tuple(_standing(row) for row in rows if page * size < row.place <= (page + 1) * size),
        own=next((_standing(row) for row in rows if row.user_id == user_id), None),
    )


def _all_time(connection: Connection, server_id: int, page: int, user_id: int, size: int) -> StandingsPage:
    total = connection.execute(_COUNT, {"server": server_id}).scalar_one()
    page = min(page, _last(total, size))
    rows = connection.execute(_PAGE, {"server": server_id, "size": size, "skip": page * size})
    own = connection.execute(_OWN, {"server": server_id, "user": user_id}).one_or_none()
    return StandingsPage(
        period=Period.ALL,
        page=page,
        pages=_last(total, size) + 1,
        players=total,
        rows=tuple(
            Standing(place, row.user_id, row.name, row.points, row.answered)
            for place, row in enumerate(rows, page * size + 1)
        ),
        own=None if own is None else _standing(own),
    )


def _last(total: int, size: int) -> int:
    return max(0, total - 1) // size


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.place, row.user_id, row.name, row.points, row.answered)
