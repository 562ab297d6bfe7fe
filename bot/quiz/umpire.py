"""An admin's hand on the game: excluding a player, striking an answer, undoing either; each act goes on the list.

Standings follow in the same transaction. Nothing is lost: answers are kept, and undoing restores every point.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy import insert as put
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database import holding
from bot.database.tables import answers, audit, digests, exclusions, questions, strikes
from bot.language import Refusal
from bot.leaderboard import standings

EXCLUDE: Final = "exclude"
INCLUDE: Final = "include"
STRIKE: Final = "strike"
UNSTRIKE: Final = "unstrike"


class NoSuchAnswer(Refusal):
    """The player hasn't answered the question in this server."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__(
            "This player has no such answer here. Pick the question from the list that Discord offers."
        )


@dataclass(frozen=True, slots=True)
class Given:
    """A player's answer as an admin sees it in a list."""

    question_id: int
    date: dt.date
    """The digest's."""
    text: str
    """The question's; not escaped."""
    struck: bool


@dataclass(frozen=True, slots=True)
class Act:
    """An entry of the audit list."""

    act: str
    by: int | None
    """The user who did it; None where that isn't kept, or it was no person."""
    at: dt.datetime
    player: int | None
    """Whom it was done to, if to a player."""
    question: str | None
    """The text of the question it was about, if about one; not escaped."""
    details: dict[str, Any]


_PLAYER = (exclusions.c.server_id == bindparam("server"), exclusions.c.user_id == bindparam("user"))
_EXCLUDE = insert(exclusions).on_conflict_do_nothing().returning(exclusions.c.user_id)
_INCLUDE = delete(exclusions).where(*_PLAYER)
_ANSWER = select(answers.c.question_id).where(
    answers.c.server_id == bindparam("server"),
    answers.c.user_id == bindparam("user"),
    answers.c.question_id == bindparam("question"),
)
_STRIKE = insert(strikes).on_conflict_do_nothing().returning(strikes.c.question_id)
_UNSTRIKE = delete(strikes).where(
    strikes.c.server_id == bindparam("server"),
    strikes.c.user_id == bindparam("user"),
    strikes.c.question_id == bindparam("question"),
)


def exclude(connection: Connection, *, server_id: int, user_id: int, by: int, now: dt.datetime) -> bool:
    """Takes a player off a server's leaderboard, whether they have played or not; False if they were off it."""
    holding.server(connection, server_id)
    row = {"server_id": server_id, "user_id": user_id, "excluded_at": now}
    if connection.execute(_EXCLUDE, row).first() is None:
        return False
    _done(connection, EXCLUDE, server_id, user_id, None, by, now)
    return True


def include(connection: Connection, *, server_id: int, user_id: int, by: int, now: dt.datetime) -> bool:
    """Puts a player back, with every point; False if they weren't off the leaderboard."""
    holding.server(connection, server_id)
    if not connection.execute(_INCLUDE, {"server": server_id, "user": user_id}).rowcount:
        return False
    _done(connection, INCLUDE, server_id, user_id, None, by, now)
    return True


def strike(
    connection: Connection, *, server_id: int, user_id: int, question_id: int, by: int, now: dt.datetime
) -> bool:
    """Takes a player's answer out of the standings; its round stays played. False if it was struck already.

    Raises NoSuchAnswer.
    """
    holding.server(connection, server_id)
    which = {"server": server_id, "user": user_id, "question": question_id}
    if connection.execute(_ANSWER, which).first() is None:
        raise NoSuchAnswer
    row = {"server_id": server_id, "user_id": user_id, "question_id": question_id, "struck_at": now}
    if connection.execute(_STRIKE, row).first() is None:
        return False
    _done(connection, STRIKE, server_id, user_id, question_id, by, now)
    return True


def unstrike(
    connection: Connection, *, server_id: int, user_id: int, question_id: int, by: int, now: dt.datetime
) -> bool:
    """Lets a struck answer count again; False if it wasn't struck."""
    holding.server(connection, server_id)
    which = {"server": server_id, "user": user_id, "question": question_id}
    if not connection.execute(_UNSTRIKE, which).rowcount:
        return False
    _done(connection, UNSTRIKE, server_id, user_id, question_id, by, now)
    return True


def _done(
    connection: Connection,
    act: str,
    server_id: int,
    user_id: int,
    question_id: int | None,
    by: int,
    now: dt.datetime,
) -> None:
    standings.recount_player(connection, server_id=server_id, user_id=user_id)
    details = {"player": user_id} if question_id is None else {"player": user_id, "question": question_id}
    row = {"server_id": server_id, "user_id": by, "act": act, "details": details, "at": now}
    connection.execute(put(audit), row)


_GIVEN = (
    select(questions.c.id, digests.c.date, questions.c.text, strikes.c.user_id.is_not(None).label("struck"))
    .select_from(
        answers.join(questions, questions.c.id == answers.c.question_id)
        .join(digests, digests.c.id == questions.c.digest_id)
        .outerjoin(
            strikes,
            (strikes.c.server_id == answers.c.server_id)
            & (strikes.c.user_id == answers.c.user_id)
            & (strikes.c.question_id == answers.c.question_id),
        )
    )
    .where(answers.c.server_id == bindparam("server"), answers.c.user_id == bindparam("user"))
    .order_by(answers.c.answered_at.desc(), questions.c.id)
    .limit(500)
)


def given(connection: Connection, *, server_id: int, user_id: int) -> tuple[Given, ...]:
    """A player's latest answers in a server, the newest first, 500 at most."""
    rows = connection.execute(_GIVEN, {"server": server_id, "user": user_id})
    return tuple(Given(row.id, row.date, row.text, bool(row.struck)) for row in rows)


_ACTS = (
    select(audit.c.act, audit.c.user_id, audit.c.at, audit.c.details)
    .where(audit.c.server_id == bindparam("server"))
    .order_by(audit.c.at.desc(), audit.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skip"))
)
_HOW_MANY = select(func.count()).select_from(audit).where(audit.c.server_id == bindparam("server"))
_TEXTS = select(questions.c.id, questions.c.text).where(questions.c.id.in_(bindparam("questions", expanding=True)))


def acts(connection: Connection, *, server_id: int, page: int, size: int) -> tuple[tuple[Act, ...], int, int]:
    """A page (from 0; the last where there are fewer) of a server's audit list, the newest first.

    With it come its number and how many entries there are in all.
    """
    total: int = connection.execute(_HOW_MANY, {"server": server_id}).scalar_one()
    page = min(page, max(0, total - 1) // size)
    rows = connection.execute(_ACTS, {"server": server_id, "size": size, "skip": page * size}).all()
    asked = {_whole(row.details, "question") for row in rows} - {None}
    texts = {row.id: row.text for row in connection.execute(_TEXTS, {"questions": list(asked)})} if asked else {}
    found = tuple(
        Act(
            row.act,
            row.user_id,
            row.at,
            _whole(row.details, "player"),
            texts.get(_whole(row.details, "question")),
            dict(row.details or {}),
        )
        for row in rows
    )
    return found, page, total


def _whole(details: Any, name: str) -> int | None:
    value = details.get(name) if isinstance(details, dict) else None
    return value if isinstance(value, int) else None
