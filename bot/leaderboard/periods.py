"""When a leaderboard's periods begin and end: days, weeks and months of a server's zone, as moments in UTC."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum


class Period(StrEnum):
    """What a leaderboard counts over."""

    TODAY = "today"
    WEEK = "week"
    """From Monday."""
    MONTH = "month"
    ALL = "all"


def bounds(period: Period, zone: dt.tzinfo, now: dt.datetime) -> tuple[dt.datetime, dt.datetime] | None:
    """The period around `now` (aware): its first moment and the first after it, in UTC; None for all time."""
    today = now.astimezone(zone).date()
    match period:
        case Period.TODAY:
            first, after = today, today + dt.timedelta(days=1)
        case Period.WEEK:
            first = today - dt.timedelta(days=today.weekday())
            after = first + dt.timedelta(days=7)
        case Period.MONTH:
            first = today.replace(day=1)
            after = (first + dt.timedelta(days=31)).replace(day=1)
        case Period.ALL:
            return None
    return day_start(first, zone), day_start(after, zone)


def day_start(date: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The first moment of a date in a zone, in UTC; where clocks skip midnight, the moment after the gap."""
    midnight = dt.datetime.combine(date, dt.time.min, zone)
    moment = midnight.astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return moment
    # The gap began up to a day before this moment; in it and after it the date only grows.
    before, after = moment - dt.timedelta(days=1), moment
    while after - before > dt.timedelta(microseconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).date() < date:
            before = middle
        else:
            after = middle
    return after
