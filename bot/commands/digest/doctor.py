"""`/digest doctor`: whether digests will go out here, and what to do where they won't."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.clock import SystemClock
from bot.commands import permissions, replies
from bot.commands.components import Components
from bot.commands.digest import places
from bot.commands.digest.server import NEEDED, STANDINGS
from bot.commands.services import Server, Services, server
from bot.database import StoreError
from bot.delivery import status, weekly
from bot.delivery.status import Standing
from bot.delivery.subscriptions import Subscription
from bot.delivery.weekly import Weekly
from bot.doctor import Finding, Verdict, clock, database, schedule, seeds, worst
from bot.language import Speech, Words
from bot.posts.message import Embed, Message
from bot.posts.splitting import shorten

_ICONS = {Verdict.OK: "✅", Verdict.LOOK: "⚠️", Verdict.WRONG: "❌"}
_COLOURS = {Verdict.OK: 0x2E7D32, Verdict.LOOK: 0xF9A825, Verdict.WRONG: 0xC62828}
_LONGEST = 350
"""Characters of one finding."""
_SHOWN = 10
"""Findings shown; what is ill comes first."""


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds the command."""

    def look(connection: Connection, server_id: int) -> tuple[Server, Sequence[Standing], Weekly | None, Finding]:
        now = services.clock.now()
        return (
            server(connection, server_id),
            status.of_server(connection, server_id, now=now),
            weekly.find(connection, server_id),
            seeds.for_admins(connection),
        )

    @group.command(
        name="doctor", description="Whether all is well with this server's digests, and how to mend what isn't"
    )
    async def doctor(interaction: discord.Interaction) -> None:
        now = services.clock.now()
        found = [await database.writable(services.store)]
        if isinstance(services.clock, SystemClock):  # another one isn't meant to agree with Discord's
            found.append(clock.check(now, interaction.created_at))
        try:
            where, standings, posted, read = await services.store.read(look, interaction.guild_id or 0)
        except StoreError:
            pass  # said already: it can't be written either
        else:
            found += [read, *_found(interaction.guild, where, standings, now), *_week(interaction.guild, posted)]
        await replies.show(interaction, [page(found, replies.say_to(interaction))])


def page(found: Sequence[Finding], say: Speech) -> Message:
    """What was found, the worst first."""
    ordered = sorted(found, key=lambda finding: -list(Verdict).index(finding.verdict))
    verdict = worst(found)
    heads = {
        Verdict.OK: say("All is well."),
        Verdict.LOOK: say("It works, but have a look at this."),
        Verdict.WRONG: say("Something has to be mended."),
    }
    # two subscriptions of a channel find the same about it
    every = list(dict.fromkeys(f"{_ICONS[f.verdict]} {shorten(f.said(say), _LONGEST)}" for f in ordered))
    lines = every[:_SHOWN]
    if len(every) > _SHOWN:
        lines.append(say("And {number} more.", number=len(every) - _SHOWN))
    embed = Embed(title=heads[verdict], description="\n".join(lines), colour=_COLOURS[verdict])
    return Message(embeds=(embed,))


def _found(
    guild: discord.Guild | None, where: Server, standings: Sequence[Standing], now: dt.datetime
) -> Iterator[Finding]:
    if not standings:
        said = "Nothing is subscribed in this server."
        yield Finding("schedule", Verdict.LOOK, said, "Start with `/digest subscribe`.")
    for standing in standings:
        yield schedule.of_subscription(standing, now)
        if guild is not None:
            yield _allowed(guild, standing.subscription)
    if guild is not None and where.notice_channel_id is not None:
        yield _notices(guild, where.notice_channel_id)


def _allowed(guild: discord.Guild, kept: Subscription) -> Finding:
    channel = places.find(guild, kept.channel_id)
    values = {"channel": f"<#{kept.channel_id}>", "series": kept.series}
    if channel is None:
        return Finding(
            "permissions",
            Verdict.WRONG,
            "{channel}: I can't see the channel that gets {series}, or it is gone.",
            "Give me View Channel there, or unsubscribe it.",
            values,
        )
    if lacking := places.lacking(channel, thread=kept.thread):
        return Finding(
            "permissions",
            Verdict.WRONG,
            "{channel}: I'm not allowed everything that {series} needs there.",
            "Give me {permissions}.",
            {**values, "permissions": Words(lacking)},
        )
    if isinstance(channel, discord.ForumChannel) and places.needs_tag(channel, kept.tags):
        return Finding(
            "permissions",
            Verdict.WRONG,
            "{channel}: each post there needs a tag, and {series} names none that is there.",
            "Name one with `/digest edit`.",
            values,
        )
    return Finding("permissions", Verdict.OK, "{channel}: I'm allowed all that I need.", values=values)


def _week(guild: discord.Guild | None, posted: Weekly | None) -> Iterator[Finding]:
    if posted is None:
        return
    values: dict[str, object] = {"channel": f"<#{posted.channel_id}>"}
    if posted.trouble is not None:
        values["reason"] = Words((posted.trouble,))
        yield Finding("standings", Verdict.WRONG, "{channel}: the week's standings wait. {reason}", values=values)
    elif guild is not None:
        channel = guild.get_channel_or_thread(posted.channel_id)
        if channel is None or permissions.missing(channel.permissions_for(guild.me), needed=STANDINGS):
            yield Finding(
                "standings",
                Verdict.WRONG,
                "{channel}: I can't post the week's standings there.",
                "Give me View Channel, Send Messages and Embed Links there, or pick another one with "
                "`/digest settings`.",
                values,
            )


def _notices(guild: discord.Guild, channel_id: int) -> Finding:
    channel = guild.get_channel_or_thread(channel_id)
    values = {"channel": f"<#{channel_id}>"}
    if channel is None or permissions.missing(channel.permissions_for(guild.me), needed=NEEDED):
        return Finding(
            "permissions",
            Verdict.WRONG,
            "{channel}: I can't write there when something needs an admin.",
            "Give me View Channel and Send Messages there, or pick another one with `/digest settings`.",
            values,
        )
    return Finding("permissions", Verdict.OK, "{channel}: I can tell admins there.", values=values)
