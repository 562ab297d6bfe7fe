"""Which local dates had their scheduled delivery, and what was claimed for one but has not begun."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Result, bindparam, delete, exists, select

from bot.database.tables import deliveries, steps, subscriptions
from bot.delivery.schedule import Schedule, Slot

_TAKEN = select(deliveries.c.slot).where(
    deliveries.c.subscription_id == bindparam("subscription"), deliveries.c.slot >= bindparam("since")
)
_TAKEN_IN = (
    select(deliveries.c.slot)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .where(subscriptions.c.channel_id == bindparam("channel"), subscriptions.c.series == bindparam("series"))
    .where(deliveries.c.slot >= bindparam("since"))
)
_untouched = select(deliveries.c.id).where(
    deliveries.c.subscription_id == bindparam("subscription"),
    deliveries.c.finished_at.is_(None),
    ~exists().where(steps.c.delivery_id == deliveries.c.id, steps.c.state != "planned"),
)
_GIVE_BACK = (
    # its own state once more: PostgreSQL looks again only at a row that somebody changed meanwhile
    delete(steps).where(steps.c.delivery_id.in_(_untouched), steps.c.state == "planned"),
    delete(deliveries).where(deliveries.c.id.in_(_untouched)),
)


def taken(connection: Connection, subscription_id: int, schedule: Schedule, now: dt.datetime) -> set[dt.date]:
    """The local dates, from three days ago on, that had their scheduled delivery."""
    return _dates(connection.execute(_TAKEN, {"subscription": subscription_id, "since": _since(schedule, now)}))


def taken_in(
    connection: Connection, channel_id: int, series: str, schedule: Schedule, now: dt.datetime
) -> set[dt.date]:
    """The same of all subscriptions that a channel ever had to a series."""
    values = {"channel": channel_id, "series": series, "since": _since(schedule, now)}
    return _dates(connection.execute(_TAKEN_IN, values))


def columns(slot: Slot) -> dict[str, Any]:
    """What a subscription's row says while it waits for a slot."""
    return {"next_due_at": slot.moment, "next_slot": slot.date.isoformat()}


def give_back(connection: Connection, subscription_id: int) -> None:
    """Forgets deliveries that were claimed but of which nothing was sent: their digests are next again."""
    for statement in _GIVE_BACK:
        connection.execute(statement, {"subscription": subscription_id})


def _dates(found: Result[Any]) -> set[dt.date]:
    return {dt.date.fromisoformat(slot) for slot in found.scalars()}


def _since(schedule: Schedule, now: dt.datetime) -> str:
    return (schedule.today(now) - dt.timedelta(days=3)).isoformat()
