"""Whose key counts: the server's own, else the operator's, else the side file's, else the document's.

The rule stands here twice, for one question in Python (`counting`) and for many in SQL (`counting_answer`), and
a test holds the two together. A server's own key is kept under the server; all others are kept under SHARED,
since a question belongs to one digest and is seen by whoever sees that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, FromClause, and_, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database.tables import SHARED, keys


class Origin(StrEnum):
    """Where a key came from; the first of these that is there counts."""

    ADMIN = "admin"
    OPERATOR = "operator"
    SIDE_FILE = "side-file"
    DOCUMENT = "document"


FROM_FILES = (Origin.SIDE_FILE, Origin.DOCUMENT)
"""The keys that an import sets and takes away."""

_ORDER = {origin.value: place for place, origin in enumerate(Origin)}


@dataclass(frozen=True, slots=True)
class Key:
    """The right option of a question (its place in the order the question is kept in, from 0), and why."""

    answer: int
    reason: str | None = None
    origin: Origin = Origin.DOCUMENT


def counting(keys_of_question: Iterable[Key]) -> Key | None:
    """Of the keys that one question has in one server, the one that counts; None without any."""
    return min(keys_of_question, key=lambda key: _ORDER[key.origin], default=None)


def counting_answer(
    answered: FromClause, server_id: ColumnElement[int], question_id: ColumnElement[int]
) -> tuple[FromClause, ColumnElement[int | None]]:
    """`answered` joined with the keys, and the expression for the right option: NULL without a key.

    `server_id` and `question_id` say for whom and for which question, row by row; rows are neither lost nor
    doubled by the joins.
    """
    joined, answers = answered, []
    for origin in Origin:
        key = keys.alias(f"key_{origin.name.lower()}")
        owner = server_id if origin is Origin.ADMIN else SHARED
        joined = joined.outerjoin(
            key, and_(key.c.question_id == question_id, key.c.owner_id == owner, key.c.origin == origin.value)
        )
        answers.append(key.c.answer)
    return joined, func.coalesce(*answers)


_OF_QUESTION = select(keys.c.answer, keys.c.reason, keys.c.origin).where(
    keys.c.question_id == bindparam("question"), keys.c.owner_id.in_([bindparam("server"), SHARED])
)


def of_question(connection: Connection, question_id: int, server_id: int) -> Key | None:
    """The key that counts for a question in a server (SHARED: where no server has its own), or None."""
    rows = connection.execute(_OF_QUESTION, {"question": question_id, "server": server_id})
    return counting(Key(row.answer, row.reason, Origin(row.origin)) for row in rows)


_PUT = insert(keys)
PUT = _PUT.on_conflict_do_update(
    index_elements=[keys.c.question_id, keys.c.owner_id, keys.c.origin],
    set_={name: _PUT.excluded[name] for name in ("answer", "reason", "set_by", "set_at")},
)
"""Writes a row of `keys`, over the one that is there."""

REMOVE = delete(keys).where(
    keys.c.question_id == bindparam("question"),
    keys.c.owner_id == bindparam("owner"),
    keys.c.origin == bindparam("from"),
)
"""Removes a row of `keys`."""


def put(
    connection: Connection,
    *,
    question_id: int,
    server_id: int | None,
    answer: int | None,
    reason: str | None,
    set_by: int | None,
    now: dt.datetime,
) -> None:
    """Sets a person's key: a server's own, or the operator's where `server_id` is None; no `answer` takes it away.

    Standings follow in bot.quiz.keys.set_key, which is what to call.
    """
    origin, owner = (Origin.OPERATOR, SHARED) if server_id is None else (Origin.ADMIN, server_id)
    if answer is None:
        connection.execute(REMOVE, {"question": question_id, "owner": owner, "from": origin.value})
        return
    row = {"question_id": question_id, "owner_id": owner, "origin": origin.value, "answer": answer}
    connection.execute(PUT, {**row, "reason": reason, "set_by": set_by, "set_at": now})
