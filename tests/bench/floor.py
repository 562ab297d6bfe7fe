"""What the bot is compared with: `python -m tests.bench.floor ADDRESS`, the smallest client on discord.py.

It answers every button with a constant. `--imports` loads what the bot has loaded when it is ready. `--bare` is a
client without discord.py, which shows what the local Discord and the sockets take by themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import signal
import sys
from typing import Any, Final

import aiohttp

from tests.wire.api import PREFIX
from tests.wire.server import TOKEN

SAID: Final = "Right."
_LIBRARIES: Final = (
    "aiolimiter",
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


async def _smallest(base: str) -> None:
    import discord
    import yarl
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    class Smallest(discord.AutoShardedClient):
        """Answers clicks."""

        async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
            """With the same every time."""
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


async def _until_stopped(base: str, *, bare: bool) -> None:
    working = asyncio.create_task((_bare if bare else _smallest)(base))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await working


def main() -> None:
    """Works until it is terminated."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.floor", description=__doc__)
    parser.add_argument("address", help="the local Discord's, such as http://127.0.0.1:8000")
    parser.add_argument("--imports", action="store_true")
    parser.add_argument("--bare", action="store_true")
    arguments = parser.parse_args()
    if arguments.imports:
        for library in _LIBRARIES:
            importlib.import_module(library)
    asyncio.run(_until_stopped(arguments.address, bare=arguments.bare))


if __name__ == "__main__":
    main()
