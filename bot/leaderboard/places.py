"""Places on a leaderboard over all time or of a season, read from the `standings` that are kept.

Whoever has points comes first, in the order of the index `ix_standings_order`; after them come those who have
answered and have none, by their ids. Each part is read in an order that is there already, so nothing is sorted,
and it is counted in ranges of the index, most of it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    union_all,
)

from bot.database.tables import players, standings
from bot.leaderboard.scores import named, order

ALL_TIME: Final = 0
"""What stands for all time where a season's number stands otherwise."""


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
class Place:
    """A player's standing, among how many."""

    standing: Standing
    players: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """How many stand on a leaderboard, and a player's own standing on it."""

    own: Standing | None
    """None where the player isn't on it."""
    scored: int
    """How many have points."""
    unscored: int
    """How many have answers to questions whose keys are known, and no points."""

    @property
    def players(self) -> int:
        """How many stand on it in all."""
        return self.scored + self.unscored


_NONE: Final[ColumnElement[int]] = literal_column("0", Integer)
"""Where it is a parameter, SQLite plans the statement anew each time: the plan might depend on it."""
_mine, _other = standings.alias("mine"), standings.alias("other")
_TIED: Final = _other.c.points == _mine.c.points
_AS_ACCURATE: Final = (_TIED, _other.c.answered == _mine.c.answered)


def _of_board(*what: ColumnElement[Any]) -> Select[Any]:
    return select(*what).where(_other.c.server_id == bindparam("server"), _other.c.season == bindparam("season"))


def _number(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    return _of_board(func.count()).where(*where).scalar_subquery()


_rest = (
    _of_board(
        func.count().label("unscored"),
        func.count(case((_other.c.user_id < bindparam("user"), 1))).label("before"),
    )
    .where(_other.c.points == _NONE, _other.c.answered > _NONE)
    .subquery("rest")
)
_RANKING = select(
    _number(_other.c.points > _NONE).label("scored"),
    _rest.c.unscored,
    _mine.c.user_id,
    func.coalesce(players.c.name, "").label("name"),
    _mine.c.points,
    _mine.c.answered,
    case(
        (_mine.c.points == _NONE, _rest.c.before),
        else_=_number(_other.c.points > _mine.c.points)
        + _number(_TIED, _other.c.answered < _mine.c.answered)
        + _number(*_AS_ACCURATE, _other.c.scored_at < _mine.c.scored_at)
        + _number(*_AS_ACCURATE, _other.c.scored_at == _mine.c.scored_at, _other.c.user_id < _mine.c.user_id),
    ).label("before"),
).select_from(  # a row comes in any case
    _rest.outerjoin(
        _mine,
        and_(
            _mine.c.server_id == bindparam("server"),
            _mine.c.season == bindparam("season"),
            _mine.c.user_id == bindparam("user"),
            _mine.c.answered > _NONE,
        ),
    ).outerjoin(players, and_(players.c.server_id == _mine.c.server_id, players.c.user_id == _mine.c.user_id))
)

_ORDER: Final = ("points", "answered", "scored_at", "user_id")
_on_board = select(*(standings.c[name] for name in ("server_id", *_ORDER))).where(
    standings.c.server_id == bindparam("server"), standings.c.season == bindparam("season")
)
_scored = (
    _on_board.where(standings.c.points > _NONE)
    .order_by(standings.c.points.desc(), standings.c.answered, standings.c.scored_at, standings.c.user_id)
    .limit(bindparam("scored"))
    .offset(bindparam("scored_passed"))
    .subquery()
)
_unscored = _on_board.where(standings.c.points == _NONE, standings.c.answered > _NONE)
_unscored_before = (
    _unscored.where(standings.c.user_id < bindparam("user"))
    .order_by(standings.c.user_id.desc())
    .limit(bindparam("before"))
    .subquery()
)
_unscored_from = (
    _unscored.where(standings.c.user_id >= bindparam("user"))
    .order_by(standings.c.user_id)
    .limit(bindparam("unscored"))
    .offset(bindparam("unscored_passed"))
    .subquery()
)
_shown = union_all(  # names are looked up for these alone
    *(select(part) for part in (_scored, _unscored_before, _unscored_from))
).subquery("shown")
_PAGE = (
    select(_shown.c.user_id, func.coalesce(players.c.name, "").label("name"), _shown.c.points, _shown.c.answered)
    .select_from(named(_shown))
    .order_by(*order(*(_shown.c[name] for name in _ORDER)))
)


def ranking(connection: Connection, *, server_id: int, user_id: int, season: int = ALL_TIME) -> Ranking:
    """How many stand on the leaderboard over all time or of a season, and a player's own standing on it."""
    row = connection.execute(_RANKING, {"server": server_id, "season": season, "user": user_id}).one()
    own = None
    if row.user_id is not None:
        before = row.before if row.points else row.scored + row.before
        own = Standing(before + 1, row.user_id, row.name, row.points, row.answered)
    return Ranking(own, row.scored, row.unscored)


def place(connection: Connection, *, server_id: int, user_id: int, season: int = ALL_TIME) -> Place | None:
    """A player's place over all time or in a season, or None where they aren't on that leaderboard."""
    found = ranking(connection, server_id=server_id, user_id=user_id, season=season)
    return None if found.own is None else Place(found.own, found.players)


def rows(
    connection: Connection, found: Ranking, *, server_id: int, skip: int, size: int, season: int = ALL_TIME
) -> tuple[Standing, ...]:
    """That leaderboard's standings, from place `skip` + 1, `size` of them at most.

    `found` is its ranking, read in the same transaction.
    """
    own, user_id, before, passed = found.own, 0, 0, max(0, skip - found.scored)
    if own is not None and not own.points and skip < own.place <= skip + size:
        # read from where they stand, in both directions, so that none is passed over
        user_id, before, passed = own.user_id, own.place - 1 - max(skip, found.scored), 0
    scored = max(0, min(size, found.scored - skip))
    which = {
        "server": server_id,
        "season": season,
        "scored": scored,
        "scored_passed": skip,
        "user": user_id,
        "before": before,
        "unscored": size - scored - before,
        "unscored_passed": passed,
    }
    return tuple(
        Standing(place, row.user_id, row.name, row.points, row.answered)
        for place, row in enumerate(connection.execute(_PAGE, which), skip + 1)
    )
