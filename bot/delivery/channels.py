"""Channels that go away, with the subscriptions and rounds that lived there."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import Connection, bindparam, select

from bot.database.tables import subscriptions as table
from bot.delivery.closing import close_abandoned
from bot.delivery.subscriptions import pause_for

GONE: Final = "The channel is gone, so I paused this subscription. Unsubscribe it, and subscribe another channel."

_OF_CHANNEL = select(table.c.id).where(table.c.channel_id == bindparam("channel"), table.c.ended_at.is_(None))


def lose(connection: Connection, channel_id: int, now: dt.datetime) -> tuple[int, ...]:
    """A channel was deleted: its subscriptions are paused, its rounds closed; whose admins have to be told."""
    leaving = list(connection.execute(_OF_CHANNEL, {"channel": channel_id}).scalars())
    told = [one for one in leaving if pause_for(connection, one, reason=GONE, now=now)]
    close_abandoned(connection, leaving, now)
    return tuple(told)
