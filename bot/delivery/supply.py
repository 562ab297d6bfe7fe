"""What the library still holds for a subscription: which digest is next, and how many are left."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from sqlalchemy import Connection, bindparam, exists, func, select

from bot.database.tables import deliveries, digests, rounds
from bot.delivery.subscriptions import Subscription, UnknownZone
from bot.library import picking
from bot.library.picking import Order

_PLAYED = (
    select(func.count())
    .select_from(rounds.join(digests, digests.c.id == rounds.c.digest_id))
    .where(rounds.c.server_id == bindparam("server"), rounds.c.closed_at.is_not(None))
    .where(digests.c.series == bindparam("series"), digests.c.date >= bindparam("start"))
    .where(digests.c.withdrawn_at.is_(None))
    .where(
        ~exists().where(
            deliveries.c.digest_id == digests.c.id, deliveries.c.subscription_id == bindparam("subscription")
        )
    )
)


class _Wanted(TypedDict):
    subscription_id: int
    server_id: int
    series: str
    order: Order
    start: dt.date | None
    today: dt.date


def _wanted(subscription: Subscription, today: dt.date) -> _Wanted:
    return _Wanted(
        subscription_id=subscription.id,
        server_id=subscription.server_id,
        series=subscription.series,
        order=subscription.order,
        start=subscription.start,
        today=today,
    )


def next_digest(connection: Connection, subscription: Subscription, *, now: dt.datetime) -> int | None:
    """The digest that a subscription gets next, as far as that is known by now. Raises UnknownZone."""
    return next_on(connection, subscription, subscription.schedule.today(now))


def next_on(connection: Connection, subscription: Subscription, date: dt.date) -> int | None:
    """The digest that it gets next, on this local date; None where there is none for it."""
    return picking.pick(connection, **_wanted(subscription, date))


def left(connection: Connection, subscription: Subscription, *, now: dt.datetime) -> int:
    """How many digests it hasn't had yet; with the order `same-day`, of today.

    Today is UTC's where its zone is no longer known, so that a status can still be shown.
    """
    try:
        today = subscription.schedule.today(now)
    except UnknownZone:
        today = now.date()
    return picking.waiting(connection, **_wanted(subscription, today))


def played_before(
    connection: Connection, server_id: int, series: str, start: dt.date | None, *, had_by: int | None = None
) -> int:
    """How many digests of a series have a round in the server that is over; playing it again is practice.

    Those dated before `start` aren't counted, nor those that the subscription `had_by` has had.
    """
    which = {"server": server_id, "series": series, "start": start or dt.date.min, "subscription": had_by}
    return connection.execute(_PLAYED, which).scalar_one()


def used_up(subscription: Subscription, left: int) -> bool:
    """Whether nothing more comes until the library gets a new digest."""
    return left == 0 and subscription.order is not Order.SAME_DAY
