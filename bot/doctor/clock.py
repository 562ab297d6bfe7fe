"""This machine's clock against Discord's: what is due, and when a round closes, goes by the machine's."""

from __future__ import annotations

import datetime as dt
import email.utils
import functools
from typing import Final

from bot.doctor.findings import Finding, Verdict

FINE: Final = dt.timedelta(seconds=5)
"""How far the clocks may be apart: a request's way is part of what is measured."""
BAD: Final = dt.timedelta(minutes=1)
"""Digests and rounds are noticeably late, or early, from here on."""
ABSURD: Final = dt.timedelta(days=1)
"""Digests would go out on wrong days, and rounds would close that have hardly begun."""

_MEND: Final = "Whoever runs this bot should let the machine set its clock by the network (NTP)."


def check(here: dt.datetime, there: dt.datetime) -> Finding:
    """What the difference between this machine's moment and Discord's comes to."""
    skew = here - there
    if abs(skew) <= FINE:
        return Finding("clock", Verdict.OK, "The bot's clock agrees with Discord's.")
    verdict = Verdict.LOOK if abs(skew) <= BAD else Verdict.WRONG
    by = {"difference": _words(abs(skew))}
    if skew > dt.timedelta(0):
        return Finding("clock", verdict, "The bot's clock is {difference} ahead of Discord's.", _MEND, by)
    return Finding("clock", verdict, "The bot's clock is {difference} behind Discord's.", _MEND, by)


@functools.lru_cache(maxsize=1)  # hundreds of answers a second name the same
def moment(date: str) -> dt.datetime | None:
    """The moment that the Date of an answer over HTTP names; None where it names none."""
    try:
        found = email.utils.parsedate_to_datetime(date)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _words(span: dt.timedelta) -> str:
    """Rounded, such as 12 s, 3 min, 5 h, 2 d: short units that need no plural."""
    seconds = span.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
