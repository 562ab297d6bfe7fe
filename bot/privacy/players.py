"""A player's own data: how much there is, all of it to take away, and having it forgotten everywhere."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from bot.database import holding
from bot.database.tables import (
    answers,
    audit,
    deliveries,
    digests,
    keys,
    players,
    practice,
    questions,
    rounds,
    seasons,
    standings,
    steps,
    strikes,
    subscriptions,
)
from bot.delivery import results, weekly
from bot.quiz import forgotten
from bot.quiz.results import naming

ACT = "forget-me"
"""What the audit list calls it; it has no names."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept about a player in a server."""

    name: str | None
    """As last seen; not escaped. None where nothing is kept."""
    answers: int
    practice: int


def _count(table: Any) -> Any:
    own = (table.c.server_id == bindparam("server"), table.c.user_id == bindparam("user"))
    return select(func.count()).select_from(table).where(*own).scalar_subquery()


_NAME = select(players.c.name).where(
    players.c.server_id == bindparam("server"), players.c.user_id == bindparam("user")
)
_KEPT = select(_NAME.scalar_subquery(), _count(answers), _count(practice))


def kept(connection: Connection, *, server_id: int, user_id: int) -> Kept:
    """What is kept about the player in this server."""
    return Kept(*connection.execute(_KEPT, {"server": server_id, "user": user_id}).one())


def _own(table: Any) -> Any:
    return (
        select(
            digests.c.series,
            digests.c.date,
            questions.c.title,
            questions.c.text,
            questions.c.options,
            table.c.choice,
            table.c.answered_at,
        )
        .join(questions, questions.c.id == table.c.question_id)
        .join(digests, digests.c.id == questions.c.digest_id)
        .where(table.c.server_id == bindparam("server"), table.c.user_id == bindparam("user"))
        .order_by(table.c.answered_at, table.c.question_id)
    )


_ANSWERS, _PRACTICE = _own(answers), _own(practice)
_PLAYER = select(players).where(players.c.server_id == bindparam("server"), players.c.user_id == bindparam("user"))
_STANDINGS = (
    select(standings)
    .where(standings.c.server_id == bindparam("server"), standings.c.user_id == bindparam("user"))
    .order_by(standings.c.season)
)


def export(connection: Connection, *, server_id: int, user_id: int, now: dt.datetime) -> dict[str, Any]:
    """All of the player's data of this server, as JSON takes it.

    Ids are texts, since they are longer than some programs' numbers; moments are ISO 8601 in UTC. Which answers
    were right isn't among it: that is no data of the player's, and not always theirs to know yet.
    """
    who = {"server": server_id, "user": user_id}
    player = connection.execute(_PLAYER, who).first()
    return {
        "exported_at": now.isoformat(),
        "server": str(server_id),
        "user": str(user_id),
        "name": player and player.name,
        "language": player and player.language,
        "last_seen": player and player.seen_at.isoformat(),
        "shared_leaderboard_in_round": player and player.shared_round,
        "answers": [_answer(row) for row in connection.execute(_ANSWERS, who)],
        "practice": [_answer(row) for row in connection.execute(_PRACTICE, who)],
        "standings": [
            {
                "season": row.season,
                "points": row.points,
                "answered": row.answered,
                "rounds": row.rounds,
                "last_point": row.scored_at and row.scored_at.isoformat(),
            }
            for row in connection.execute(_STANDINGS, who)
        ],
    }


def _answer(row: Any) -> dict[str, Any]:
    return {
        "series": row.series,
        "date": row.date.isoformat(),
        "paper": row.title,
        "question": row.text,
        "answer": row.options[row.choice] if row.choice < len(row.options) else None,
        "at": row.answered_at.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed."""

    answers: int
    practice: int
    servers: int


_USER: ColumnElement[int] = bindparam("user")
_SERVERS = select(players.c.server_id).where(players.c.user_id == _USER)
"""Where they are known: whoever answers is met, see bot.quiz.rounds."""
_BEGUN = (
    select(answers.c.server_id, answers.c.round_id, rounds.c.closed_at, func.count().label("number"))
    .join(rounds, rounds.c.id == answers.c.round_id)
    .where(answers.c.server_id.in_(_SERVERS), answers.c.user_id == _USER)
    .group_by(answers.c.server_id, answers.c.round_id, rounds.c.closed_at)
)
_TOLD = (
    select(steps.c.delivery_id, steps.c.part)
    .join(deliveries, deliveries.c.id == steps.c.delivery_id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .join(
        rounds, (rounds.c.digest_id == deliveries.c.digest_id) & (rounds.c.server_id == subscriptions.c.server_id)
    )
    .where(rounds.c.id == bindparam("round"), steps.c.kind == "results", steps.c.state.in_(["sending", "sent"]))
    .order_by(steps.c.delivery_id, steps.c.part)
)
_REMOVE = tuple(
    delete(table).where(table.c.server_id == bindparam("server"), table.c.user_id == _USER)
    for table in (practice, standings, players)
)
_NOBODYS = tuple(
    update(table)
    .where(table.c.server_id == bindparam("server"), table.c.user_id == _USER)
    .values(user_id=bindparam("nobody"))
    for table in (answers, strikes)
)
_ACTS = select(audit.c.id, audit.c.user_id, audit.c.details)
_ACT = update(audit).where(audit.c.id == bindparam("which"))


def forget(connection: Connection, user_id: int, now: dt.datetime) -> Forgotten:
    """Removes a player from every server: name, language, practice, standings.

    The answers that counted stay as nobody's, so that rounds add up to what they did; the audit list, keys and
    seasons keep what was done without the person, and a subscription whom to tell of its troubles. In rounds that
    are open and that they have begun, they don't score again; where an admin took them off the leaderboard, they
    stay off.
    """
    servers = sorted(connection.execute(_SERVERS, {"user": user_id}).scalars())
    for server_id in servers:
        holding.server(connection, server_id)
    begun = connection.execute(_BEGUN, {"user": user_id}).all()
    forgotten.remember(connection, user_id, [row.round_id for row in begun if row.closed_at is None])
    told = weekly.naming(connection, user_id)
    for server_id in servers:
        for round_id in sorted(naming(connection, server_id=server_id, user_id=user_id)):
            told += [(step.delivery_id, step.part) for step in connection.execute(_TOLD, {"round": round_id})]
    practised = 0
    for server_id in servers:  # those that are held: where they answered for the first time since, they begin anew
        nobody = -secrets.randbelow(2**62) - 1
        for statement in _NOBODYS:
            connection.execute(statement, {"server": server_id, "user": user_id, "nobody": nobody})
        here, *_ = [
            connection.execute(statement, {"server": server_id, "user": user_id}).rowcount for statement in _REMOVE
        ]
        practised += here
    connection.execute(update(keys).where(keys.c.set_by == user_id).values(set_by=None))
    connection.execute(update(seasons).where(seasons.c.started_by == user_id).values(started_by=None))
    _leave_acts(connection, user_id)
    results.plan_corrections(connection, told)
    connection.execute(insert(audit), {"act": ACT, "details": {}, "at": now})
    return Forgotten(sum(row.number for row in begun), practised, len(servers))


def _leave_acts(connection: Connection, user_id: int) -> None:
    """Takes the person out of the audit list."""
    text = str(user_id)
    for row in connection.execute(_ACTS).all():
        details = _without(row.details, text)
        if row.user_id == user_id or details != row.details:
            person = None if row.user_id == user_id else row.user_id
            connection.execute(_ACT, {"which": row.id, "user_id": person, "details": details})


def _without(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(part, text) for name, part in value.items()}
    if isinstance(value, list):
        return [_without(part, text) for part in value]
    return None if str(value) == text else value
