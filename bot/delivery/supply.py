"""What the library still holds for a subscription: which digest is next, and how many are left."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from sqlalchemy import Connection

from bot.delivery.subscriptions import Subscription, UnknownZone
from bot.library import picking
from bot.library.picking import Order


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


def used_up(subscription: Subscription, left: int) -> bool:
    """Whether nothing more comes until the library gets a new digest."""
    return left == 0 and subscription.order is not Order.SAME_DAY
