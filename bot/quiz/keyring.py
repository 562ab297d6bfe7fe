"""The keys that count for some questions in a server."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select

from bot.database.tables import SHARED, keys
from bot.library.keys import Key, Origin, counting

_KEYS = select(keys.c.question_id, keys.c.answer, keys.c.reason, keys.c.origin).where(
    keys.c.question_id.in_(bindparam("questions", expanding=True)),
    keys.c.owner_id.in_([SHARED, bindparam("server")]),
)


def keys_of(connection: Connection, question_ids: Collection[int], server_id: int) -> dict[int, Key]:
    """The key that counts for each of these questions in a server; questions without one are left out."""
    if not question_ids:
        return {}
    found: dict[int, list[Key]] = {}
    for row in connection.execute(_KEYS, {"questions": list(question_ids), "server": server_id}):
        found.setdefault(row.question_id, []).append(Key(row.answer, row.reason, Origin(row.origin)))
    counted = {question_id: counting(of_question) for question_id, of_question in found.items()}
    return {question_id: key for question_id, key in counted.items() if key is not None}
