"""`/digest settings`: what holds for a whole server."""

from __future__ import annotations

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import permissions, replies, zones
from bot.commands.components import Components
from bot.commands.digest import choices
from bot.commands.services import Server, Services, remember_server, server
from bot.language import Refusal, Speech

NEEDED = discord.Permissions(view_channel=True, send_messages=True)
"""What a notice needs in its channel."""

_NAMES = {"en": "English", "zh": "中文"}


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds `/digest settings`."""

    def change(connection: Connection, server_id: int, changes: dict[str, str | int | None]) -> Server:
        remember_server(connection, server_id, services.clock.now(), changes)
        return server(connection, server_id)

    @group.command(name="settings", description="This server's time zone, language and notice channel")
    @app_commands.describe(
        zone="The server's time zone, such as Europe/Berlin: days and weeks of the leaderboard go by it",
        language="The language of what the bot posts here for all",
        notice_channel="Where to say that a digest can't be posted; else who subscribed gets a message",
    )
    @app_commands.autocomplete(zone=choices.zone)
    @app_commands.choices(language=choices.LANGUAGES)
    async def command(
        interaction: discord.Interaction,
        zone: str | None = None,
        language: str | None = None,
        notice_channel: discord.TextChannel | None = None,
    ) -> None:
        say = replies.say_to(interaction)
        changes: dict[str, str | int | None] = {}
        if zone is not None:
            found = zones.find(zone)
            if found is None:
                raise Refusal(
                    "There is no time zone “{zone}”. Pick one that Discord offers, such as Europe/Berlin.",
                    zone=zone[:50],
                )
            changes["zone"] = found.key
        if language is not None:
            changes["language"] = language
        if notice_channel is not None:
            _check(notice_channel)
            changes["notice_channel_id"] = notice_channel.id
        kept = await services.store.write(change, interaction.guild_id or 0, changes)
        await replies.tell(interaction, _said(kept, say, changed=bool(changes)))


def _check(channel: discord.TextChannel) -> None:
    lacking = permissions.missing(channel.permissions_for(channel.guild.me), needed=NEEDED)
    if lacking:
        raise Refusal(
            "I can't write in {channel}: give me {permissions} there, then try again.",
            channel=channel.mention,
            permissions=", ".join(lacking),
        )


def _said(kept: Server, say: Speech, *, changed: bool) -> str:
    lines = [
        say("Saved. This server's settings now:") if changed else say("This server's settings:"),
        say("- Time zone: {zone}", zone=kept.zone_name or say("not set yet; the first subscription sets it")),
        say("- Language of posts for all: {language}", language=_NAMES.get(kept.language, kept.language)),
        say("- Notices: {channel}", channel=f"<#{kept.notice_channel_id}>")
        if kept.notice_channel_id
        else say("- Notices: a direct message to whoever subscribed the channel"),
    ]
    return "\n".join(lines)
