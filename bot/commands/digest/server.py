"""`/digest settings`: what holds for a whole server."""

from __future__ import annotations

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import permissions, replies, zones
from bot.commands.components import Components
from bot.commands.digest import choices
from bot.commands.digest.wording import LANGUAGES, moment
from bot.commands.services import Server, Services, remember_server, server
from bot.delivery import weekly
from bot.delivery.weekly import Weekly
from bot.language import Refusal, Speech, Words
from bot.quiz.play import Verdicts

NEEDED = discord.Permissions(view_channel=True, send_messages=True)
"""What a notice needs in its channel."""
STANDINGS = NEEDED | discord.Permissions(embed_links=True)
"""What the week's standings need in theirs."""

_VERDICTS = [
    app_commands.Choice(name="at once, after each answer", value=Verdicts.AT_ONCE.value),
    app_commands.Choice(name="when the round closes: no use for second accounts", value=Verdicts.AT_CLOSE.value),
]


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds `/digest settings`."""

    def change(
        connection: Connection,
        server_id: int,
        changes: dict[str, str | int | None],
        standings: int | None,
        off: bool,
    ) -> tuple[Server, Weekly | None]:
        now = services.clock.now()
        remember_server(connection, server_id, now, changes)
        if "zone" in changes:
            weekly.follow_zone(connection, server_id)
        if standings is not None:
            weekly.choose(connection, server_id, standings, now)
        elif off:
            weekly.stop(connection, server_id)
        return server(connection, server_id), weekly.find(connection, server_id)

    @group.command(name="settings", description="This server's time zone, language, notices, verdicts, standings")
    @app_commands.describe(
        zone="The server's time zone, such as Europe/Berlin: days and weeks of the leaderboard go by it",
        language="The language of what the bot posts here for all",
        notice_channel="Where to say that a digest can't be posted; else who subscribed gets a message",
        verdicts="When players learn what was right; holds for rounds that open from now on",
        standings_channel="Where to post the week's standings, each Monday after a week that somebody played",
        standings_off="Stop posting the week's standings",
    )
    @app_commands.autocomplete(zone=choices.zone)
    @app_commands.choices(language=choices.LANGUAGES, verdicts=_VERDICTS)
    async def command(
        interaction: discord.Interaction,
        zone: str | None = None,
        language: str | None = None,
        notice_channel: discord.TextChannel | None = None,
        verdicts: str | None = None,
        standings_channel: discord.TextChannel | None = None,
        standings_off: bool = False,
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
            _check(notice_channel, NEEDED)
            changes["notice_channel_id"] = notice_channel.id
        if verdicts is not None:
            changes["verdicts"] = verdicts
        if standings_channel is not None:
            if standings_off:
                raise Refusal("Choose `standings_channel` or `standings_off`, not both.")
            _check(standings_channel, STANDINGS)
        where = None if standings_channel is None else standings_channel.id
        kept = await services.store.write(change, interaction.guild_id or 0, changes, where, standings_off)
        changed = bool(changes) or where is not None or standings_off
        await replies.tell(interaction, _said(*kept, say, changed=changed))


def _check(channel: discord.TextChannel, needed: discord.Permissions) -> None:
    lacking = permissions.missing(channel.permissions_for(channel.guild.me), needed=needed)
    if lacking:
        raise Refusal(
            "I can't write in {channel}: give me {permissions} there, then try again.",
            channel=channel.mention,
            permissions=Words(lacking),
        )


def standings_text(posted: Weekly | None, say: Speech) -> str:
    """Where the week's standings go, and when or why not."""
    if posted is None:
        return say("Standings of the week: not posted")
    channel = f"<#{posted.channel_id}>"
    if posted.trouble is not None:
        return say(
            "Standings of the week: {channel}, held. {reason}", channel=channel, reason=say.kept(posted.trouble)
        )
    return say("Standings of the week: {channel}, next {when}", channel=channel, when=moment(posted.due_at))


def _said(kept: Server, posted: Weekly | None, say: Speech, *, changed: bool) -> str:
    lines = [
        say("Saved. This server's settings now:") if changed else say("This server's settings:"),
        say("- Time zone: {zone}", zone=kept.zone_name or say("not set yet; the first subscription sets it")),
        say("- Language of posts for all: {language}", language=LANGUAGES.get(kept.language, kept.language)),
        say("- Notices: {channel}", channel=f"<#{kept.notice_channel_id}>")
        if kept.notice_channel_id
        else say("- Notices: a direct message to whoever subscribed the channel"),
        say("- Verdicts: when the round closes, for rounds that open from now on")
        if kept.verdicts == Verdicts.AT_CLOSE
        else say("- Verdicts: at once after each answer, for rounds that open from now on"),
        f"- {standings_text(posted, say)}",
    ]
    return "\n".join(lines)
