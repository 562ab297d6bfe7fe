"""What a benchmark's database has in it before the bot starts."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from bot.database.tables import servers
from bot.delivery import subscriptions
from tests.faults.books import opened
from tests.faults.stage import DAY, SERIES, make_library

Guild = dict[str, Any]
"""A guild as tests.wire.control tells of it: its id and its channels' ids, as text."""


async def shipped(folder: Path) -> Path:
    """A database with the shipped documents in it, figures drawn."""
    return await make_library(folder / "library.sqlite3")


def copy(library: Path, folder: Path) -> Path:
    """A copy of a library's database in a folder of its own, which is made."""
    folder.mkdir()
    return Path(shutil.copy(library, folder / "paper-round.sqlite3"))


def subscribe(database: Path, guilds: Sequence[Guild], due: dt.datetime, **terms: Any) -> None:
    """Subscribes the first channel of each guild to the deep dives, next due at that minute (UTC)."""
    with opened(database, keep=True) as connection:
        _subscribe(connection, guilds, due, terms)


def _subscribe(connection: Connection, guilds: Sequence[Guild], due: dt.datetime, terms: dict[str, Any]) -> None:
    now = dt.datetime.now(dt.UTC)
    rows = [{"id": int(guild["id"]), "joined_at": now - DAY, "zone": "UTC"} for guild in guilds]
    connection.execute(insert(servers), rows)
    usual: dict[str, Any] = {"series": SERIES, "zone": "UTC", "created_by": 1, "local_time": due.time()}
    for guild in guilds:
        subscriptions.create(
            connection,
            server_id=int(guild["id"]),
            channel_id=int(guild["channels"][0]),
            now=min(now, due) - dt.timedelta(minutes=1),
            **(usual | terms),
        )


def this_minute() -> dt.datetime:
    """The minute that began last."""
    return dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
