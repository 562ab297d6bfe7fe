"""How discord.py is led to the local Discord: two class attributes, put back afterwards; and a client is run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from .server import LocalDiscord


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
