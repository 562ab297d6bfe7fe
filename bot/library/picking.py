"""Which digest a subscription gets next, and how many are left for it.

It gets each date of its series once: never a digest it already has in its deliveries (skipped ones too), nor
another of that date; never one without papers or one that was withdrawn. A server's own digest stands in the
place of the shared one of the same date.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Integer, Select, bindparam, func, literal_column, select, union_all

from bot.database.tables import SHARED, deliveries, digests


class Order(StrEnum):
    """In what order a subscription works through its series."""

    OLDEST_FIRST = "oldest-first"
    NEWEST_FIRST = "newest-first"
    SAME_DAY = "same-day"
    """Only the digest that is dated today."""


@dataclass(frozen=True, slots=True)
class Span:
    """The dates that a digest may have, both ends included, and from which end to take it."""

    first: dt.date
    last: dt.date
    newest: bool


def span(order: str, *, start: dt.date | None, today: dt.date) -> Span:
    """What an order, a start date and today's local date say about the next digest's date.

    Raises ValueError for an unknown order.
    """
    first = start or dt.date.min
    match Order(order):
        case Order.OLDEST_FIRST:
            return Span(first, dt.date.max, newest=False)
        case Order.NEWEST_FIRST:
            return Span(first, dt.date.max, newest=True)
        case Order.SAME_DAY:
            return Span(max(first, today), today, newest=False)


def _candidates(owner: int | None) -> Select[int, dt.date]:
    """The digests of one owner (None: the server's own) that the subscription may get."""
    twin, own = digests.alias(), digests.alias()
    had: Select[int] = (
        select(literal_column("1", Integer))
        .select_from(twin.join(deliveries, deliveries.c.digest_id == twin.c.id))
        .where(twin.c.owner_id.in_([SHARED, bindparam("server")]))
        .where(twin.c.series == digests.c.series, twin.c.date == digests.c.date)
        .where(deliveries.c.subscription_id == bindparam("subscription"))
        .correlate(digests)
    )
    query = (
        select(digests.c.id, digests.c.date)
        .where(digests.c.owner_id == (bindparam("server") if owner is None else owner))
        .where(digests.c.series == bindparam("series"))
        .where(digests.c.date >= bindparam("first"), digests.c.date <= bindparam("last"))
        .where(digests.c.withdrawn_at.is_(None), digests.c.papers > literal_column("0"))
        .where(~had.exists())
    )
    if owner is None:
        return query
    shadowed: Select[int] = (
        select(literal_column("1", Integer))
        .where(own.c.owner_id == bindparam("server"), own.c.series == digests.c.series)
        .where(own.c.date == digests.c.date)
        .where(own.c.withdrawn_at.is_(None), own.c.papers > literal_column("0"))
        .correlate(digests)
    )
    return query.where(~shadowed.exists())


def _next(newest: bool) -> Select[int]:
    """The end of each owner's line, and of these two the one that comes first."""
    ends = []
    for owner in (SHARED, None):
        query = _candidates(owner)
        date = query.selected_columns.date
        ends.append(select(query.order_by(date.desc() if newest else date).limit(1).subquery()))
    both = union_all(*ends).subquery()
    return select(both.c.id).order_by(both.c.date.desc() if newest else both.c.date).limit(1)


_OLDEST, _NEWEST = _next(newest=False), _next(newest=True)
_WAITING = select(func.count()).select_from(
    union_all(*(select(_candidates(owner).subquery()) for owner in (SHARED, None))).subquery()
)


def pick(
    connection: Connection,
    *,
    subscription_id: int,
    server_id: int,
    series: str,
    order: str,
    start: dt.date | None,
    today: dt.date,
) -> int | None:
    """The digest (its id) that a subscription gets next, or None where none is left.

    `start` is the first date it may have, `today` the date in the subscription's zone.
    """
    dates = span(order, start=start, today=today)
    found: int | None = connection.execute(
        _NEWEST if dates.newest else _OLDEST, _values(dates, subscription_id, server_id, series)
    ).scalar()
    return found


def waiting(
    connection: Connection,
    *,
    subscription_id: int,
    server_id: int,
    series: str,
    order: str,
    start: dt.date | None,
    today: dt.date,
) -> int:
    """How many digests are left for a subscription; with the order `same-day` one at most."""
    dates = span(order, start=start, today=today)
    return connection.execute(_WAITING, _values(dates, subscription_id, server_id, series)).scalar_one()


def _values(dates: Span, subscription_id: int, server_id: int, series: str) -> dict[str, object]:
    return {
        "subscription": subscription_id,
        "server": server_id,
        "series": series,
        "first": dates.first,
        "last": dates.last,
    }
