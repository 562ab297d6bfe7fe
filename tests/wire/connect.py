"""How discord.py is led to the local Discord: two class attributes, put back afterwards; and a client is run.

A bot in a process of its own is led there by its settings instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.settings import USUAL_NAMES

from .api import PREFIX
from .server import LocalDiscord

ROOT: Final = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def led_to(server: LocalDiscord) -> Iterator[None]:
    """While it is open, every discord.py client of this process talks to the local Discord."""
    api, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = server.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE = api
        DiscordWebSocket.DEFAULT_GATEWAY = gateway


@contextlib.asynccontextmanager
async def running(
    client: discord.Client, server: LocalDiscord, *, seconds: float = 30.0
) -> AsyncIterator[asyncio.Task[None]]:
    """Starts a client, waits until it is ready, closes it in the end. What ends it before that is raised here."""
    with led_to(server):
        async with client:
            life = asyncio.create_task(client.start(server.token))
            ready = asyncio.create_task(client.wait_until_ready())
            await asyncio.wait((life, ready), return_when=asyncio.FIRST_COMPLETED, timeout=seconds)
            if not ready.done():
                ready.cancel()
                if life.done():
                    await life
                life.cancel()
                raise TimeoutError(f"the client was not ready within {seconds} s")
            yield life
        await life


def surroundings(base: str, token: str, database: Path, **settings: object) -> dict[str, str]:
    """The environment of a bot's process that is led to the local Discord at `base`, and to nothing else.

    `settings` are by their names in the environment, such as DELIVERY__TICK_SECONDS.
    """
    ours = {name for name in os.environ if name.startswith("PAPER_ROUND_") or name in USUAL_NAMES.values()}
    given = {
        "DATABASE": database,
        "DISCORD__API_URL": f"{base}{PREFIX}",
        "DISCORD__GATEWAY_URL": base.replace("http", "ws", 1) + "/gateway",
        **settings,
    }
    return {
        **{name: value for name, value in os.environ.items() if name not in ours},
        "PYTHONPATH": str(ROOT),
        "DISCORD_TOKEN": token,
        **{f"PAPER_ROUND_{name}": str(value) for name, value in given.items()},
    }
