"""The time, from one place: whatever asks for it is handed a clock, so tests and the demo can hand in theirs."""

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> dt.datetime:
        """The time now, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """The time now, aware, in UTC."""
        return dt.datetime.now(dt.UTC)
