"""Time zones by name: what an admin types, and what Discord offers while they type."""

from __future__ import annotations

import functools
from zoneinfo import ZoneInfo, available_timezones

LIMIT = 25
"""How many choices Discord shows."""

_COMMON = (
    "UTC",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Istanbul",
    "Africa/Cairo",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Sydney",
    "Pacific/Auckland",
)


@functools.cache
def _names() -> dict[str, str]:
    """Every IANA name by its folded spelling."""
    skipped = ("posix/", "right/", "SystemV/")
    unreal = {"localtime", "Factory"}
    return {_fold(n): n for n in sorted(available_timezones() - unreal) if not n.startswith(skipped)}


def _fold(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum() or character in "+-/")


def find(text: str) -> ZoneInfo | None:
    """The zone with this IANA name, however it is spelled (`europe/berlin`, `New York`), or None."""
    folded = _fold(text)
    name = _names().get(folded)
    if name is None:
        ends = [n for key, n in _names().items() if key.rsplit("/", 1)[-1] == folded]
        name = ends[0] if len(ends) == 1 else None
    return ZoneInfo(name) if name else None


def offer(typed: str) -> list[str]:
    """Up to 25 IANA names for what was typed so far: names whose city begins with it first."""
    folded = _fold(typed)
    if not folded:
        return list(_COMMON[:LIMIT])
    found = [(key, name) for key, name in _names().items() if folded in key]
    found.sort(
        key=lambda pair: (not pair[0].rsplit("/", 1)[-1].startswith(folded), pair[1] not in _COMMON, pair[1])
    )
    return [name for _, name in found[:LIMIT]]
