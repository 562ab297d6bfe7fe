"""`python -m bot run` with places at which it can be killed; nothing of this is in the bot itself.

    python -m tests.faults.run_with_failpoints

Every transaction that writes has a place before it, one inside it (all written, nothing committed) and one after
it; each document that is kept in one has a place there; every request to Discord has one before it leaves and one
after its answer came. The n-th time that a place is passed is the point `place#n`. What
happens, the environment says:

    FAILPOINT_LOG     a file: the points passed are written there, a line each
    FAILPOINT_AT      a point: there the process kills itself with SIGKILL
    FAILPOINT_CLOCK   a file that holds how many seconds the bot's clock is ahead of the machine's
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord.http
from discord.state import AutoShardedConnectionState
from discord.webhook import async_
from sqlalchemy import Connection

from bot.__main__ import main
from bot.clock import SystemClock
from bot.database import Store
from bot.library import records

_IDS = re.compile(r"\{[a-z_]+\}")
_QUIET = frozenset({"revision", "resume_due", "renew", "refresh"})
"""Transactions that change nothing worth a place, as long as nothing is paused."""


class Failpoints:
    """Counts the places passed, writes them down, and kills the process at the one it is told."""

    def __init__(self, log: str | None, at: str | None) -> None:
        """`log` is a file's path, `at` a point."""
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else None
        self._at = at
        self._passed: Counter[str] = Counter()

    def pass_by(self, place: str) -> None:
        """Comes by a place; the process ends here if this is the one."""
        self._passed[place] += 1
        point = f"{place}#{self._passed[place]}"
        if self._log is not None:
            os.write(self._log, f"{point}\n".encode())
        if point == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def _wrap_transactions(failpoints: Failpoints) -> None:
    write = Store.write

    async def watched(store: Store, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        name = getattr(function, "func", function).__name__  # of a partial, what is called in the end
        if name in _QUIET:
            return await write(store, function, *args, **kwargs)

        @functools.wraps(function)
        def whole(connection: Connection, *args: Any, **kwargs: Any) -> Any:
            result = function(connection, *args, **kwargs)
            failpoints.pass_by(f"inside {name}")
            return result

        failpoints.pass_by(f"before {name}")
        result = await write(store, whole, *args, **kwargs)
        failpoints.pass_by(f"after {name}")
        return result

    Store.write = watched  # type: ignore[method-assign]


def _wrap_keeping(failpoints: Failpoints) -> None:
    keep = records.keep

    @functools.wraps(keep)
    def watched(*args: Any, **kwargs: Any) -> Any:
        result = keep(*args, **kwargs)
        failpoints.pass_by("inside keep")
        return result

    records.keep = watched


def _wrap_requests(failpoints: Failpoints) -> None:
    for owner in (discord.http.HTTPClient, async_.AsyncWebhookAdapter):
        setattr(owner, "request", _watched(failpoints, owner.request))  # noqa: B010  # no assignment, for mypy


def _watched(failpoints: Failpoints, request: Callable[..., Any]) -> Callable[..., Any]:
    async def watched(self: Any, route: Any, *args: Any, **kwargs: Any) -> Any:
        name = f"{route.method} {_IDS.sub('*', route.path)}"
        failpoints.pass_by(f"before {name}")
        result = await request(self, route, *args, **kwargs)
        failpoints.pass_by(f"after {name}")
        return result

    return watched


def _shift_clock(path: Path) -> None:
    def now(_: SystemClock) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=float(path.read_text() or 0))

    SystemClock.now = now  # type: ignore[method-assign, assignment]


def _ready_at_once() -> None:
    """discord.py waits two seconds for more servers; there are none."""
    init = AutoShardedConnectionState.__init__

    def quick(self: Any, *args: Any, **options: Any) -> None:
        init(self, *args, **(options | {"guild_ready_timeout": 0.05}))

    AutoShardedConnectionState.__init__ = quick  # type: ignore[method-assign]


def prepare() -> None:
    """Puts the places in, as the environment says."""
    failpoints = Failpoints(os.environ.get("FAILPOINT_LOG"), os.environ.get("FAILPOINT_AT"))
    _wrap_transactions(failpoints)
    _wrap_keeping(failpoints)
    _wrap_requests(failpoints)
    _ready_at_once()
    if clock := os.environ.get("FAILPOINT_CLOCK"):
        _shift_clock(Path(clock))


if __name__ == "__main__":
    prepare()
    sys.argv = [sys.argv[0], "run"]
    main()
