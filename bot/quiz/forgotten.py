"""Players who had themselves forgotten while a round was open that they had begun: they don't score in it again.

They have seen what was right there. What is kept of them is a keyed hash for each such round; without the key,
which stands in this database alone, nobody can tell whose it is, nor that two of them belong together.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database.tables import forgotten, rounds, state

_NAME: Final = "forgotten-key"
"""The name of the hash's key in `state`."""

_OF_ROUND = select(forgotten.c.player).where(forgotten.c.round_id == bindparam("round"))
IN_ROUND: Final = exists().where(forgotten.c.round_id == rounds.c.id)
"""Within a statement over `rounds`: whether there is anybody like that in the round, which is seldom so."""
_ADD = insert(forgotten).on_conflict_do_nothing()
_KEY = select(state.c.value).where(state.c.name == _NAME)
_MAKE_KEY = insert(state).on_conflict_do_nothing()


def remember(connection: Connection, user_id: int, begun: Iterable[int]) -> None:
    """Keeps a player who is about to be forgotten from scoring in these rounds."""
    connection.execute(_MAKE_KEY, {"name": _NAME, "value": secrets.token_hex(32)})
    for round_id in begun:
        connection.execute(_ADD, {"round_id": round_id, "player": _hash(connection, round_id, user_id)})


def was_here(connection: Connection, *, round_id: int, user_id: int) -> bool:
    """Whether the player had themselves forgotten in this round."""
    known = connection.execute(_OF_ROUND, {"round": round_id}).scalars().all()
    return bool(known) and _hash(connection, round_id, user_id) in known


def _hash(connection: Connection, round_id: int, user_id: int) -> str:
    key = bytes.fromhex(connection.execute(_KEY).scalar_one())
    return hmac.new(key, f"{round_id}:{user_id}".encode(), hashlib.sha256).hexdigest()
