"""Setting and correcting a question's key, with all that follows: the standings it counts in, the audit list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from bot.database import holding
from bot.database.tables import SHARED, audit, digests, questions
from bot.language import Refusal
from bot.leaderboard import standings
from bot.library import keys
from bot.library.keys import Key


class QuestionNotFound(Refusal):
    """There is no such question for this server."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("There is no such question. Pick one from the list that Discord offers while you type.")


class NoSuchOption(Refusal):
    """The question has fewer options."""

    def __init__(self, options: int) -> None:
        """`options` is how many it has."""
        super().__init__("This question has {options} options; pick one of them.", options=options)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What setting a key came to: the key that counted before and the one that counts now, there or for all."""

    question_id: int
    before: Key | None
    after: Key | None
    players: int
    """How many players' standings were made anew."""


_QUESTION = (
    select(questions.c.options)
    .join(digests, digests.c.id == questions.c.digest_id)
    .where(questions.c.id == bindparam("question"))
    .where((digests.c.owner_id == SHARED) | bindparam("any_server") | (digests.c.owner_id == bindparam("server")))
)


def set_key(
    connection: Connection,
    *,
    question_id: int,
    server_id: int | None,
    answer: int | None,
    reason: str | None,
    set_by: int | None,
    now: dt.datetime,
) -> KeyChange:
    """Sets a question's key for one server, or the operator's for all (`server_id` None).

    `answer` is the right option's place in the order the question is kept in, from 0; None takes the key of
    that server or operator away. Standings follow at once, and the act is in the audit list.

    Raises QuestionNotFound or NoSuchOption.
    """
    values = {"question": question_id, "server": server_id or SHARED, "any_server": server_id is None}
    options: list[str] | None = connection.execute(_QUESTION, values).scalar()
    if options is None:
        raise QuestionNotFound
    if answer is not None and not 0 <= answer < len(options):
        raise NoSuchOption(len(options))
    if server_id is None:
        holding.library(connection, SHARED)
    else:
        holding.server(connection, server_id)
    before = keys.of_question(connection, question_id, server_id or SHARED)
    keys.put(
        connection,
        question_id=question_id,
        server_id=server_id,
        answer=answer,
        reason=reason,
        set_by=set_by,
        now=now,
    )
    after = keys.of_question(connection, question_id, server_id or SHARED)
    changed = (before and before.answer) != (after and after.answer)
    players = standings.recount_for(connection, [question_id], server_id) if changed else 0
    connection.execute(
        insert(audit),
        {
            "server_id": server_id,
            "user_id": set_by,
            "act": "key",
            "details": {
                "question": question_id,
                "origin": "operator" if server_id is None else "admin",
                "from": before and before.answer,
                "to": after and after.answer,
            },
            "at": now,
        },
    )
    return KeyChange(question_id, before, after, players)
