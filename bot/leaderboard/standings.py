"""Who stands where on a server's leaderboard.

Points are answers that chose the option of the key that counts, `answered` are answers to questions that have
a key; where a round's verdicts wait for its end, its answers wait too. Ties are broken by accuracy, then by the
earlier last answer that brought a point, then by the user's id.

Answers and keys are the truth; the `standings` table is a summary of them over all time. Each answer keeps it
with `apply`, in its own transaction; `recount`, `recount_for` and `recount_player` make it anew when a key
changes, or an admin excludes a player or strikes an answer. Other boards: see bot.leaderboard.boards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
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

from bot.database.tables import answers, exclusions, players, rounds, servers, standings
from bot.database.tables import questions as asked
from bot.leaderboard.scores import COLUMNS, named, order, scores

_SEASON = 0
"""All time."""


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
    """A player's standing over all time, among how many."""

    standing: Standing
    players: int


_KEY = [standings.c.server_id, standings.c.season, standings.c.user_id]
_NEW = [column.name for column in standings.c]
_APPLY = insert(standings).from_select(
    _NEW,
    select(*(bindparam(f"new_{name}", type_=standings.c[name].type) for name in _NEW)).where(
        ~select(exclusions.c.user_id)
        .where(exclusions.c.server_id == bindparam("new_server_id"))
        .where(exclusions.c.user_id == bindparam("new_user_id"))
        .exists()
    ),
)
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


_EXCLUDED = select(exclusions.c.user_id).where(
    exclusions.c.server_id == bindparam("server"), exclusions.c.user_id == bindparam("user")
)


def excluded(connection: Connection, *, server_id: int, user_id: int) -> bool:
    """Whether an admin has taken the player off this server's leaderboard."""
    return connection.execute(_EXCLUDED, {"server": server_id, "user": user_id}).first() is not None


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
            "new_server_id": server_id,
            "new_season": _SEASON,
            "new_user_id": user_id,
            "new_points": int(right or False),
            "new_answered": int(right is not None),
            "new_rounds": int(new_round),
            "new_scored_at": now if right else None,
        },
    )


_CLEAR = delete(standings).where(standings.c.server_id == bindparam("server"), standings.c.season == _SEASON)
_RECOUNT = insert(standings).from_select(COLUMNS, scores(answers.c.server_id == bindparam("server")))

_ONE = (standings.c.server_id == bindparam("server"), standings.c.user_id == bindparam("user"))
_CLEAR_ONE = delete(standings).where(*_ONE, standings.c.season == _SEASON)
_RECOUNT_ONE = insert(standings).from_select(
    COLUMNS, scores(answers.c.server_id == bindparam("server"), answers.c.user_id == bindparam("user"))
)

_theirs = answers.alias("theirs")
_RECOUNT_FOR = insert(standings).from_select(
    COLUMNS,
    scores(
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
    index_elements=_KEY, set_={name: _RECOUNT_FOR.excluded[name] for name in COLUMNS[2:]}
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


def recount_player(connection: Connection, *, server_id: int, user_id: int) -> None:
    """Makes one player's standing anew, in the transaction that excluded them, struck an answer, or undid that."""
    hold(connection, server_id)
    who = {"server": server_id, "user": user_id}
    connection.execute(_CLEAR_ONE, who)
    connection.execute(_RECOUNT_ONE, who)


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
    .select_from(named(_mine))
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
    .select_from(named(standings))
    .where(*_ON_BOARD)
    .order_by(*order(standings.c.points, standings.c.answered, standings.c.scored_at, standings.c.user_id))
    .limit(bindparam("size"))
    .offset(bindparam("skip"))
)


def place(connection: Connection, *, server_id: int, user_id: int) -> Place | None:
    """A player's place over all time, or None where they aren't on the leaderboard."""
    row = connection.execute(_OWN, {"server": server_id, "user": user_id}).one_or_none()
    return None if row is None else Place(_standing(row), row.players)


def whole(connection: Connection, *, server_id: int) -> int:
    """How many players stand on the leaderboard over all time."""
    total: int = connection.execute(_COUNT, {"server": server_id}).scalar_one()
    return total


def rows(connection: Connection, *, server_id: int, skip: int, size: int) -> tuple[Standing, ...]:
    """The leaderboard over all time, from place `skip` + 1, `size` of them at most."""
    found = connection.execute(_PAGE, {"server": server_id, "size": size, "skip": skip})
    return tuple(
        Standing(place, row.user_id, row.name, row.points, row.answered)
        for place, row in enumerate(found, skip + 1)
    )


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.place, row.user_id, row.name, row.points, row.answered)
