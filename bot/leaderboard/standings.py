"""What each player stands on a server's leaderboard with.

Points are answers that chose the option of the key that counts, `answered` are answers to questions that have
a key; where a round's verdicts wait for its end, its answers wait too. Ties are broken by accuracy, then by the
earlier last answer that brought a point, then by the user's id.

Answers and keys are the truth; the `standings` table is a summary of them over all time, and season by season.
Each answer keeps it with `apply`, in its own transaction; `recount`, `recount_for` and `recount_player` make it
anew when a key changes, or an admin excludes a player or strikes an answer. How it is read: see
bot.leaderboard.places; other boards: bot.leaderboard.boards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    case,
    cast,
    delete,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import Insert, insert  # its ON CONFLICT compiles on SQLite too

from bot.database import holding
from bot.database.tables import Time, answers, digests, exclusions, rounds, seasons, servers, standings
from bot.database.tables import questions as asked
from bot.leaderboard.places import ALL_TIME
from bot.leaderboard.scores import COLUMNS, scores

_KEY = [standings.c.server_id, standings.c.season, standings.c.user_id]
_USER: Final = bindparam("new_user", type_=BigInteger)
_ROUND: Final = bindparam("new_round", type_=BigInteger)
_POINTS: Final = bindparam("new_points", type_=Integer)
_ANSWERED: Final = bindparam("new_answered", type_=Integer)
_SCORED_AT: Final = bindparam("new_scored_at", type_=Time)
_IN: Final = bindparam("new_server", type_=BigInteger)
_next = seasons.alias("next")
_going_on = (
    select(
        seasons.c.number,
        seasons.c.started_at,
        select(_next.c.started_at)
        .where(_next.c.server_id == seasons.c.server_id, _next.c.number == seasons.c.number + 1)
        .scalar_subquery()
        .label("ended_at"),
    )
    .where(seasons.c.server_id == _IN, seasons.c.started_at <= bindparam("now", type_=Time))
    .order_by(seasons.c.number.desc())
    .limit(1)
    .subquery()
)
_never = cast(null(), Time)
_eras = union_all(
    select(literal(ALL_TIME).label("number"), _never.label("started_at"), _never.label("ended_at")),
    select(_going_on),
).subquery("eras")
_played = (
    select(answers.c.user_id)
    .where(answers.c.server_id == _IN, answers.c.user_id == _USER, answers.c.round_id == _ROUND)
    .where(answers.c.question_id != bindparam("new_question"))
    .where(
        or_(_eras.c.started_at.is_(None), answers.c.answered_at >= _eras.c.started_at),
        or_(_eras.c.ended_at.is_(None), answers.c.answered_at < _eras.c.ended_at),
    )
    .correlate(_eras)
    .exists()
)
_off = select(exclusions.c.user_id).where(exclusions.c.server_id == _IN, exclusions.c.user_id == _USER).exists()
_APPLY = insert(standings).from_select(
    [column.name for column in standings.c],
    select(_IN, _eras.c.number, _USER, _POINTS, _ANSWERED, case((_played, 0), else_=1), _SCORED_AT).where(~_off),
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
    round_id: int,
    question_id: int,
    right: bool | None,
    now: dt.datetime,
) -> None:
    """Counts a new answer, which is kept already, over all time and in its season.

    It was `right` or not; None: its question has no key yet, or nobody may know.
    """
    connection.execute(
        _APPLY,
        {
            "new_server": server_id,
            "new_user": user_id,
            "new_round": round_id,
            "new_question": question_id,
            "new_points": int(right or False),
            "new_answered": int(right is not None),
            "new_scored_at": now if right else None,
            "now": now,
        },
    )


def _recounts(*where: ColumnElement[bool]) -> tuple[Insert, Insert]:
    """Statements that make standings anew, over all time and season by season, where those answers count."""
    return (
        insert(standings).from_select(COLUMNS, scores(*where)),
        insert(standings).from_select([*COLUMNS, "season"], scores(*where, by_season=True)),
    )


_SERVER = answers.c.server_id == bindparam("server")
_CLEAR = delete(standings).where(standings.c.server_id == bindparam("server"))
_RECOUNT = _recounts(_SERVER)

_ONE = (standings.c.server_id == bindparam("server"), standings.c.user_id == bindparam("user"))
_CLEAR_ONE = delete(standings).where(*_ONE)
_RECOUNT_ONE = _recounts(_SERVER, answers.c.user_id == bindparam("user"))

_theirs = answers.alias("theirs")
_RECOUNT_FOR = tuple(
    statement.on_conflict_do_update(
        index_elements=_KEY, set_={name: statement.excluded[name] for name in COLUMNS[2:]}
    )
    for statement in _recounts(
        tuple_(answers.c.server_id, answers.c.user_id).in_(
            select(_theirs.c.server_id, _theirs.c.user_id)
            .where(_theirs.c.question_id.in_(bindparam("questions", expanding=True)))
            .where(
                or_(bindparam("server", type_=BigInteger).is_(None), _theirs.c.server_id == bindparam("server"))
            )
        )
    )
)


_ASKED_ON = (
    select(digests.c.id)
    .where(
        digests.c.id.in_(select(asked.c.digest_id).where(asked.c.id.in_(bindparam("questions", expanding=True))))
    )
    .order_by(digests.c.id)
    .with_for_update()
)
_PLAYED_IN = (
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


def recount(connection: Connection, server_id: int) -> None:
    """Makes a server's standings anew from its answers and their keys."""
    holding.server(connection, server_id)
    for statement in (_CLEAR, *_RECOUNT):
        connection.execute(statement, {"server": server_id})


def recount_player(connection: Connection, *, server_id: int, user_id: int) -> None:
    """Makes a player's standings anew, in the transaction that excluded them, struck an answer, or undid that."""
    holding.server(connection, server_id)
    for statement in (_CLEAR_ONE, *_RECOUNT_ONE):
        connection.execute(statement, {"server": server_id, "user": user_id})


def recount_for(connection: Connection, questions: Collection[int], server_id: int | None = None) -> int:
    """Makes anew the standings of all who answered one of these questions, in one server or in all.

    To be called in the transaction that changed a key of theirs. Returns how many players that were, each counted
    once in a server.
    """
    values = {"questions": list(questions), "server": server_id}
    if server_id is not None:
        holding.server(connection, server_id)
    else:  # no round opens on them meanwhile, and those there are take no answers
        holding.rows(connection, _ASKED_ON, {"questions": values["questions"]})
        holding.rows(connection, _PLAYED_IN, {"questions": values["questions"]})
    players_of_all_time, _ = [connection.execute(statement, values).rowcount for statement in _RECOUNT_FOR]
    return players_of_all_time
