"""Sharing the leaderboard with everybody: once for each player until another round opens, lest it be spam."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database.tables import players, rounds
from bot.language import Refusal
from bot.quiz.rounds import NAME_LENGTH


class SharedAlready(Refusal):
    """The player has shared the leaderboard since the last round opened."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("You have shared the leaderboard already; you can again when the next round opens.")


_LATEST = select(func.coalesce(func.max(rounds.c.id), 0)).where(rounds.c.server_id == bindparam("of_server"))
_SHARE = insert(players).values(shared_round=_LATEST.scalar_subquery())
_SHARE = _SHARE.on_conflict_do_update(
    index_elements=[players.c.server_id, players.c.user_id],
    set_={name: _SHARE.excluded[name] for name in ("name", "seen_at", "shared_round")},
    where=or_(players.c.shared_round.is_(None), players.c.shared_round < _SHARE.excluded.shared_round),
)
_SHARED = _SHARE.returning(players.c.user_id)


def share(connection: Connection, *, server_id: int, user_id: int, name: str, now: dt.datetime) -> None:
    """Writes down that a player shares the leaderboard now. Raises SharedAlready."""
    row = {"server_id": server_id, "user_id": user_id, "name": name[:NAME_LENGTH], "seen_at": now}
    if connection.execute(_SHARED, {**row, "of_server": server_id}).first() is None:
        raise SharedAlready
