"""The local Discord's time: a clock that tests can push forward, and ids that carry the time as Discord's do."""

import datetime as dt
import email.utils
from typing import Final

from bot.clock import Clock

EPOCH: Final = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
_MILLISECOND: Final = dt.timedelta(milliseconds=1)
_GUILDS_FROM: Final = 189_388_800_000
"""Milliseconds after the epoch: the first guild was made on 1 January 2021, the next one a millisecond later."""


class MovableClock:
    """The machine's clock, pushed forward (or back) by as much as a test likes."""

    def __init__(self) -> None:
        """Starts at the real time."""
        self._shift = dt.timedelta()

    def now(self) -> dt.datetime:
        """The real time plus the pushes."""
        return dt.datetime.now(dt.UTC) + self._shift

    def advance(self, seconds: float) -> None:
        """Lets that many seconds pass at once."""
        self._shift += dt.timedelta(seconds=seconds)


def http_date(moment: dt.datetime) -> str:
    """A moment as an answer's Date tells it."""
    return email.utils.format_datetime(moment, usegmt=True)


class Snowflakes:
    """Ids: always growing, holding the moment of their making in the upper bits."""

    def __init__(self, clock: Clock) -> None:
        """`clock` is asked at each id."""
        self._clock = clock
        self._last = 0
        self._guilds = 0

    def next(self) -> int:
        """The next id of a message, channel, interaction and so on."""
        self._last = max(lowest_at(self._clock.now()), self._last + 1)
        return self._last

    def next_guild(self) -> int:
        """The next id of a guild; one after the other belong to one shard after the other."""
        self._guilds += 1
        return (_GUILDS_FROM + self._guilds) << 22


def lowest_at(moment: dt.datetime) -> int:
    """The lowest id that can be made at a moment."""
    return max((moment - EPOCH) // _MILLISECOND, 0) << 22


def made_at(snowflake: int) -> dt.datetime:
    """When an id was made."""
    return EPOCH + (snowflake >> 22) * _MILLISECOND


def iso(moment: dt.datetime | None) -> str | None:
    """A moment as Discord writes it."""
    return None if moment is None else moment.isoformat()
