"""Rounds whose post nobody keeps any more: closed at once, without results. Functions over a connection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from sqlalchemy import BindParameter, Connection, bindparam, select

from bot.database.tables import deliveries, rounds, steps, subscriptions
from bot.quiz import rounds as play

_LEAVING: Final[BindParameter[int]] = bindparam("leaving", expanding=True)

_had = deliveries.alias("had")
_whose = subscriptions.alias("whose")
_ABANDONED = (
    select(rounds.c.id)
    .join(_had, _had.c.digest_id == rounds.c.digest_id)
    .join(_whose, (_whose.c.id == _had.c.subscription_id) & (_whose.c.server_id == rounds.c.server_id))
    .where(rounds.c.closed_at.is_(None), _whose.c.id.in_(_LEAVING))
    .where(
        ~select(steps.c.id)
        .join(deliveries, deliveries.c.id == steps.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(deliveries.c.digest_id == rounds.c.digest_id, subscriptions.c.server_id == rounds.c.server_id)
        .where(subscriptions.c.ended_at.is_(None), subscriptions.c.id.not_in(_LEAVING))
        .where(steps.c.kind == "message", steps.c.state != "refused")
        .correlate(rounds)
        .exists()
    )
    .distinct()
)


def close_abandoned(connection: Connection, leaving: Collection[int], now: dt.datetime) -> tuple[int, ...]:
    """Closes the open rounds that only these subscriptions (ids) have posts of; which they were.

    A round that another subscription of the server shares goes on.
    """
    if not leaving:
        return ()
    found = connection.execute(_ABANDONED, {"leaving": list(leaving)}).scalars().all()
    return tuple(round_id for round_id in found if play.close(connection, round_id, now))
