"""How posts look: a colour per series, and series and dates in words."""

from __future__ import annotations

import colorsys
import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Final

from bot.posts.markdown import plain

if TYPE_CHECKING:
    from bot.language import Speech

_COLOURS: Final = {"deep-dive": 0x4F7CFF, "round-up": 0xF0A33C}


def colour(series: str) -> int:
    """The colour of a series' embeds, 0xRRGGBB: its own for those that come with the project, else by its name.

    Readable on Discord's light and dark grounds, and the same for a name everywhere and always.
    """
    if series in _COLOURS:
        return _COLOURS[series]
    hue = int.from_bytes(hashlib.sha256(series.encode("utf-8", "replace")).digest()[:2], "big") / 65_536
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.58, 0.62))
    return red << 16 | green << 8 | blue


def series_name(series: str, say: Speech) -> str:
    """A series by name, in plain text: `deep-dive` is a deep dive in every language, others as they are called."""
    if series == "deep-dive":
        return say("Deep dive")
    if series == "round-up":
        return say("Round-up")
    name = plain(series.replace("-", " ").replace("_", " "))
    return name[:1].upper() + name[1:]


def date_in_words(date: dt.date, say: Speech) -> str:
    """A date with its weekday, such as `Tue 29 Apr 2025`."""
    weekdays = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
    months = (
        *(say("Jan"), say("Feb"), say("Mar"), say("Apr"), say("May"), say("Jun")),
        *(say("Jul"), say("Aug"), say("Sep"), say("Oct"), say("Nov"), say("Dec")),
    )
    return say(
        "{weekday} {day} {month} {year}",
        weekday=weekdays[date.weekday()],
        day=date.day,
        month=months[date.month - 1],
        year=date.year,
    )
