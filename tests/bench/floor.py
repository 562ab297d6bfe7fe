"""What the bot is compared with: `python -m tests.bench.floor ADDRESS`, the smallest client on discord.py.

It answers every button with a constant. `--imports` loads what the bot has loaded when it is ready. `--commit`: it
commits a row to a database before it answers, with the driver alone. `--bare` is a client without discord.py; it
shows what the local Discord and the sockets take by themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.wire.api import PREFIX
from tests.wire.server import TOKEN

SAID: Final = "Right."
_LIBRARIES: Final = (
    "aiosqlite",
    "apscheduler.schedulers.asyncio",
    "filelock",
    "prometheus_client",
    "pydantic_settings",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "typer",
    "zoneinfo",
)


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


class _Rows:
    """A table of its own on SQLite, written by a thread as our writer writes: on the disk when it says so."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(self._open, path).result()

    def _open(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE clicks (user_id INTEGER, custom_id TEXT)")

    def _add(self, user_id: int, custom_id: str) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO clicks VALUES (?, ?)", (user_id, custom_id))
        self._connection.execute("COMMIT")

    async def add(self, user_id: int, custom_id: str) -> None:
        """Keeps a click."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._add, user_id, custom_id)


async def _smallest(base: str, rows: _Rows | None) -> None:
    import discord
    import yarl
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    class Smallest(discord.AutoShardedClient):
        """Answers clicks."""

        async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
            """With the same every time."""
            if rows is not None:
                data: dict[str, Any] = dict(interaction.data or {})
                await rows.add(interaction.user.id, str(data.get("custom_id")))
            await interaction.response.edit_message(content=SAID)

    Route.BASE = f"{base}{PREFIX}"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{base.replace('http', 'ws', 1)}/gateway")
    client = Smallest(
        intents=discord.Intents(guilds=True),
        member_cache_flags=discord.MemberCacheFlags.none(),
        max_messages=None,
        chunk_guilds_at_startup=False,
    )
    async with client:
        life = asyncio.create_task(client.start(TOKEN))
        await client.wait_until_ready()
        _say_ready()
        await life


async def _bare(base: str) -> None:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as session,
        session.ws_connect(f"{base}/gateway", max_msg_size=0) as socket,
    ):
        answering: set[asyncio.Task[None]] = set()

        async def answer(event: dict[str, Any]) -> None:
            where = f"{base}{PREFIX}/interactions/{event['id']}/{event['token']}/callback"
            async with session.post(where, json={"type": 7, "data": {"content": SAID}}):
                pass

        await socket.send_json({"op": 2, "d": {"token": TOKEN, "intents": 1, "properties": {}}})
        async for message in socket:
            event = json.loads(message.data)
            if event["t"] == "READY":
                _say_ready()
            elif event["t"] == "INTERACTION_CREATE":
                answering.add(task := asyncio.create_task(answer(event["d"])))
                task.add_done_callback(answering.discard)


async def _until_stopped(client: Coroutine[Any, Any, None]) -> None:
    working = asyncio.create_task(client)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await working


def main() -> None:
    """Works until it is terminated."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.floor", description=__doc__)
    parser.add_argument("address", help="the local Discord's, such as http://127.0.0.1:8000")
    parser.add_argument("--imports", action="store_true")
    parser.add_argument("--commit", action="store_true")
    parser.add_argument("--bare", action="store_true")
    arguments = parser.parse_args()
    if arguments.imports:
        for library in _LIBRARIES:
            importlib.import_module(library)
    with tempfile.TemporaryDirectory() as folder:
        rows = _Rows(Path(folder) / "clicks.sqlite3") if arguments.commit else None
        client = _bare(arguments.address) if arguments.bare else _smallest(arguments.address, rows)
        asyncio.run(_until_stopped(client))


if __name__ == "__main__":
    main()
