"""What Discord offers while an admin fills in a `/digest` command, and what their picks mean."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import zones
from bot.commands.digest import places
from bot.commands.services import Services
from bot.delivery import subscriptions
from bot.delivery.subscriptions import Subscription
from bot.language import Refusal
from bot.library import digests
from bot.library.picking import Order
from bot.model import Look
from bot.posts.splitting import shorten

Autocomplete = Callable[[discord.Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]

LIMIT = 25
"""How many choices Discord shows."""
LABEL = 100
"""Characters of a choice's name."""

ORDERS = [
    app_commands.Choice(name="oldest first: work through the library", value=Order.OLDEST_FIRST.value),
    app_commands.Choice(name="newest first", value=Order.NEWEST_FIRST.value),
    app_commands.Choice(name="same day: only a digest dated today", value=Order.SAME_DAY.value),
]
LOOKS = [
    app_commands.Choice(name="brief: one screen, papers open on a click", value=Look.BRIEF.value),
    app_commands.Choice(name="full: every section and large figures", value=Look.FULL.value),
]
LANGUAGES = [
    app_commands.Choice(name="English", value="en"),
    app_commands.Choice(name="中文", value="zh"),
]
_DAYS = ("every day", "Mon-Fri", "Sat, Sun", "Mon, Wed, Fri", "Tue, Thu", "Mon")
_TIMES = ("07:00", "08:00", "09:00", "12:00", "17:00", "18:00", "20:00")


def listed(names: list[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """Names and values as Discord takes them: the first 25, long names shortened."""
    return [app_commands.Choice(name=shorten(name, LABEL), value=value) for name, value in names[:LIMIT]]


def is_id(text: str) -> bool:
    """Whether a picked value is one of our ids, and not what somebody typed instead of picking."""
    return text.isascii() and text.isdigit() and len(text) <= 18  # what a whole number column holds


def _typed(offers: tuple[str, ...]) -> Autocomplete:
    async def complete(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        typed = current.strip()
        found = [offer for offer in offers if typed.casefold() in offer.casefold()]
        names = dict.fromkeys([typed[:LABEL], *found] if typed else offers)
        return listed([(name, name) for name in names])

    return complete


days = _typed(_DAYS)
times = _typed(_TIMES)


async def zone(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    """IANA zones that match what was typed."""
    return listed([(name, name) for name in zones.offer(current)])


def series(services: Services) -> Autocomplete:
    """The series that this server can have."""

    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        known = await services.store.read(digests.series, interaction.guild_id or 0)
        return listed(
            [
                (f"{s.name} ({s.digests} digests, {s.first} to {s.last})", s.name)
                for s in known
                if current.casefold() in s.name.casefold() and len(s.name) <= LABEL
            ]
        )

    return complete


def subscription(services: Services) -> Autocomplete:
    """The subscriptions of this server."""

    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        kept = await services.store.read(subscriptions.of_server, interaction.guild_id or 0)
        named = [(name_of(interaction, s), str(s.id)) for s in kept]
        return listed([pair for pair in named if current.casefold() in pair[0].casefold()])

    return complete


def name_of(interaction: discord.Interaction, kept: Subscription) -> str:
    """What a subscription is called where one of several is picked."""
    channel: Any = interaction.guild.get_channel_or_thread(kept.channel_id) if interaction.guild else None
    return f"#{channel.name if channel else 'deleted channel'} · {kept.series} · {kept.local_time:%H:%M}"


def tags(services: Services) -> Autocomplete:
    """The tags of the forum that the other options name, after those that were typed already."""

    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        named = getattr(interaction.namespace, "channel", None)
        channel_id = getattr(named, "id", None) or interaction.channel_id or 0
        if "edit" in (interaction.command.name if interaction.command else ""):
            chosen = getattr(interaction.namespace, "subscription", None)
            try:
                kept = await services.store.read(pick, interaction.guild_id or 0, chosen)
            except Refusal:
                return []
            channel_id = kept.channel_id
        known = [tag.name for tag in places.tags_of(places.find(interaction.guild, channel_id))]
        before, _, typed = current.rpartition(",")
        had = [name.strip() for name in before.split(",") if name.strip()]
        offers = [
            ", ".join([*had, name])
            for name in known
            if name not in had and typed.strip().casefold() in name.casefold()
        ]
        return listed([(offer, offer) for offer in offers if len(offer) <= LABEL])

    return complete


def pick(connection: Connection, server_id: int, chosen: str | None) -> Subscription:
    """The subscription an admin chose, or the server's only one. Raises Refusal."""
    kept = subscriptions.of_server(connection, server_id)
    if not kept:
        raise Refusal("Nothing is subscribed in this server. Start with `/digest subscribe`.")
    if chosen is None:
        if len(kept) > 1:
            raise Refusal(
                "This server has {number} subscriptions; say which one with `subscription`.", number=len(kept)
            )
        return kept[0]
    for one in kept:
        if chosen == str(one.id):
            return one
    raise Refusal("There is no such subscription in this server; pick one from the list that Discord offers.")
