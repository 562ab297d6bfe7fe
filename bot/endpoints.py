"""Where Discord is: its own addresses, or a rate-limit proxy's or a local stand-in's in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.settings import Discord

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit


def lead(client: discord.AutoShardedClient, settings: Discord) -> None:
    """Leads this process's discord.py to the addresses in the settings; call it before the client logs in.

    discord.py keeps the API's address and the gateway's (for reconnecting) on classes, so all clients of the
    process follow; where the number of shards is Discord's to say, only that is taken from its answer.
    """
    if settings.api_url is not None:
        Route.BASE = settings.api_url
    if settings.gateway_url is not None:
        address = settings.gateway_url
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        ask = client.http.get_bot_gateway

        async def answer() -> tuple[int, str, SessionStartLimit]:
            shards, _, limit = await ask()
            return shards, address, limit

        client.http.get_bot_gateway = answer  # type: ignore[method-assign]
