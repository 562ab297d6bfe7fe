"""What people type into a command's options, made into values; what can't be is refused with an example."""

from __future__ import annotations

import datetime as dt
import re

from bot.commands import zones
from bot.delivery.schedule import Weekdays
from bot.delivery.standing_order import UnknownZone
from bot.language import Refusal

_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_NOON = 12
_HOURS = 24
_MINUTES = 60
_FIRST_YEAR = 1900
_LAST_YEAR = 2999

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS = {
    "every day": range(7),
    "daily": range(7),
    "all": range(7),
    "weekdays": range(5),
    "working days": range(5),
    "weekend": (5, 6),
    "weekends": (5, 6),
}


def local_time(text: str) -> dt.time:
    """A time of day such as `9`, `09:00`, `9.30` or `9:30 pm`. Raises Refusal."""
    match = _TIME.fullmatch(text.strip())
    if match:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
        if half and not 1 <= hour <= _NOON:
            hour = _HOURS
        elif half:
            hour = hour % _NOON + (_NOON if half == "pm" else 0)
        if hour < _HOURS and minute < _MINUTES:
            return dt.time(hour, minute)
    raise Refusal("“{text}” is no time of day. Write it like 09:00 or 9:30 pm.", text=text[:50])


def zone(text: str) -> str:
    """The IANA name of a time zone, however it is spelled. Raises UnknownZone."""
    found = zones.find(text)
    if found is None:
        raise UnknownZone(text)
    return found.key


def weekdays(text: str) -> Weekdays:
    """Days of the week from `every day`, `Mon-Fri`, `Sat, Sun` and the like. Raises Refusal."""
    folded = text.strip().casefold()
    if folded in _SETS:
        return Weekdays.of(_SETS[folded])
    days: set[int] = set()
    for part in re.split(r"[,;/&\s]+(?:and\s+)?", re.sub(r"\s*[-–]\s*", "-", folded)):
        if not part.strip():
            continue
        first, dash, last = part.strip().partition("-")
        begin, end = _day(first), _day(last if dash else first)
        if begin is None or end is None:
            raise Refusal(
                "“{text}” names no days. Write them like Mon-Fri, or Sat, Sun, or every day.", text=text[:50]
            )
        days.update((begin + offset) % 7 for offset in range((end - begin) % 7 + 1))
    return Weekdays.of(days)


def _day(text: str) -> int | None:
    typed = text.strip().rstrip(".")
    found = [number for number, name in enumerate(DAYS) if len(typed) > 1 and name.startswith(typed)]
    return found[0] if len(found) == 1 else None


def date(text: str) -> dt.date:
    """A date as YYYY-MM-DD, far enough from the ends of the calendar to have a moment in every zone.

    Raises Refusal.
    """
    try:
        found = dt.date.fromisoformat(text.strip())
    except ValueError:
        found = dt.date.min
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Refusal("“{text}” is no date. Write it like 2025-07-31.", text=text[:50])
    return found
