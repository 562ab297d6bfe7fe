"""Channels that go away, with the subscriptions and rounds that lived there."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import Connection, bindparam, select

from bot.database import holding
from bot.database.tables import subscriptions as table
from bot.delivery.closing import close_abandoned
from bot.delivery.subscriptions import pause_for

GONE: Final = "The channel is gone, so I paused this subscription. Unsubscribe it, and subscribe another channel."

_OF_CHANNEL = select(table.c.id, table.c.server_id).where(
    table.c.channel_id == bindparam("channel"), table.c.ended_at.is_(None)
)


def lose(connection: Connection, channel_id: int, now: dt.datetime) -> tuple[int, ...]:
    """A channel was deleted: its subscriptions are paused, its rounds closed; whose admins have to be told."""
    found = connection.execute(_OF_CHANNEL, {"channel": channel_id}).all()
    for server_id in sorted({row.server_id for row in found}):
        holding.server(connection, server_id)
    leaving = [row.id for row in found]
    told = [one for one in leaving if pause_for(connection, one, reason=GONE, now=now)]
    close_abandoned(connection, leaving, now)
    return tuple(told)
