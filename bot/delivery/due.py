"""Keeps true when subscriptions are due: pauses that are over, zones whose rules changed, a clock set back."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from bot.database.shards import bounds, ours
from bot.database.tables import subscriptions as table
from bot.delivery import slots, subscriptions
from bot.delivery.schedule import Slot
from bot.delivery.subscriptions import Subscription, UnknownZone
from bot.shards import ALL, Shards

RECHECK: Final = dt.timedelta(minutes=1)
"""A slot that has come but can't be served yet is looked at again after this time."""

# one that somebody else is about to change is looked at the next time
_RUNNING = (
    select(table).where(table.c.ended_at.is_(None), ours(table.c.server_id)).with_for_update(skip_locked=True)
)
_PAUSES_OVER = _RUNNING.where(
    table.c.paused_until.is_not(None), table.c.paused_until <= bindparam("now")
).order_by(table.c.paused_until, table.c.id)
_WAITING = _RUNNING.where(
    table.c.paused_at.is_(None), table.c.next_due_at > bindparam("now"), table.c.id > bindparam("after")
).order_by(table.c.id)
_CHANGE = update(table).where(table.c.id == bindparam("subscription"))


def resume_due(connection: Connection, now: dt.datetime, shards: Shards = ALL) -> list[Subscription]:
    """Ends the pauses whose time is over, as of the moment they were to end, and says of which subscriptions."""
    rows = connection.execute(_PAUSES_OVER, {"now": now, **bounds(shards)}).all()
    resumed = [subscriptions.of_row(row) for row in rows]
    for subscription in resumed:
        try:
            subscriptions.resume_as_of(connection, subscription, subscription.paused_until or now)
        except UnknownZone as error:
            subscriptions.pause_for(connection, subscription.id, reason=str(error), now=now)
    return resumed


def refresh(
    connection: Connection, *, now: dt.datetime, after: int = 0, limit: int = 200, shards: Shards = ALL
) -> int | None:
    """Mends when subscriptions are due where a zone's rules changed or the clock was set back.

    Looks at the first `limit` with an id above `after`; answers the last id looked at, None at the end.
    """
    rows = connection.execute(_WAITING.limit(limit), {"after": after, "now": now, **bounds(shards)}).all()
    for row in rows:
        subscription = subscriptions.of_row(row)
        try:
            _refresh(connection, subscription, now)
        except UnknownZone as error:
            subscriptions.pause_for(connection, subscription.id, reason=str(error), now=now)
    return rows[-1].id if len(rows) == limit else None


def _refresh(connection: Connection, subscription: Subscription, now: dt.datetime) -> None:
    schedule = subscription.schedule
    slot = schedule.slot(subscription.next_slot) if subscription.next_slot else None
    if slot is not None and slot.moment <= now:  # it has come, and is looked at again and again
        if subscription.next_due_at and subscription.next_due_at - now > RECHECK:
            again_at(connection, subscription.id, now)
        return
    expected = schedule.after(now)
    if expected.moment != subscription.next_due_at:
        expected = schedule.after(now, slots.taken(connection, subscription.id, schedule, now))
    if expected.moment != subscription.next_due_at:
        wait_for(connection, subscription.id, expected)


def wait_for(connection: Connection, subscription_id: int, slot: Slot) -> None:
    """A subscription is due next for this slot."""
    connection.execute(_CHANGE, {"subscription": subscription_id, **slots.columns(slot)})


def again_at(connection: Connection, subscription_id: int, moment: dt.datetime) -> None:
    """A subscription is looked at again at a moment (UTC), for the slot it is due for."""
    connection.execute(_CHANGE, {"subscription": subscription_id, "next_due_at": moment})
