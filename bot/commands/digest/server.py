"""`/digest settings`: what holds for a whole server."""

from __future__ import annotations

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import permissions, replies, zones
from bot.commands.components import Components
from bot.commands.digest import choices
from bot.commands.services import Server, Services, remember_server, server
from bot.language import Refusal, Speech, Words
from bot.quiz.play import Verdicts

NEEDED = discord.Permissions(view_channel=True, send_messages=True)
"""What a notice needs in its channel."""

_VERDICTS = [
    app_commands.Choice(name="at once, after each answer", value=Verdicts.AT_ONCE.value),
    app_commands.Choice(name="when the round closes: no use for second accounts", value=Verdicts.AT_CLOSE.value),
]
_NAMES = {"en": "English", "zh": "中文"}


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds `/digest settings`."""

    def change(connection: Connection, server_id: int, changes: dict[str, str | int | None]) -> Server:
        remember_server(connection, server_id, services.clock.now(), changes)
        return server(connection, server_id)

    @group.command(name="settings", description="This server's time zone, language, notices and verdicts")
    @app_commands.describe(
        zone="The server's time zone, such as Europe/Berlin: days and weeks of the leaderboard go by it",
        language="The language of what the bot posts here for all",
        notice_channel="Where to say that a digest can't be posted; else who subscribed gets a message",
        verdicts="When players learn what was right; holds for rounds that open from now on",
    )
    @app_commands.autocomplete(zone=choices.zone)
    @app_commands.choices(language=choices.LANGUAGES, verdicts=_VERDICTS)
    async def command(
        interaction: discord.Interaction,
        zone: str | None = None,
        language: str | None = None,
        notice_channel: discord.TextChannel | None = None,
        verdicts: str | None = None,
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
        if verdicts is not None:
            changes["verdicts"] = verdicts
        kept = await services.store.write(change, interaction.guild_id or 0, changes)
        await replies.tell(interaction, _said(kept, say, changed=bool(changes)))


def _check(channel: discord.TextChannel) -> None:
    lacking = permissions.missing(channel.permissions_for(channel.guild.me), needed=NEEDED)
    if lacking:
        raise Refusal(
            "I can't write in {channel}: give me {permissions} there, then try again.",
            channel=channel.mention,
            permissions=Words(tuple(lacking)),
        )


def _said(kept: Server, say: Speech, *, changed: bool) -> str:
    lines = [
        say("Saved. This server's settings now:") if changed else say("This server's settings:"),
        say("- Time zone: {zone}", zone=kept.zone_name or say("not set yet; the first subscription sets it")),
        say("- Language of posts for all: {language}", language=_NAMES.get(kept.language, kept.language)),
        say("- Notices: {channel}", channel=f"<#{kept.notice_channel_id}>")
        if kept.notice_channel_id
        else say("- Notices: a direct message to whoever subscribed the channel"),
        say("- Verdicts: when the round closes, for rounds that open from now on")
        if kept.verdicts == Verdicts.AT_CLOSE
        else say("- Verdicts: at once after each answer, for rounds that open from now on"),
    ]
    return "\n".join(lines)
