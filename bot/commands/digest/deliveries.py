"""`/digest pause`, `resume`, `post-now`, `preview`, `skip` and `status`: the running of a subscription."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies, typed
from bot.commands.components import Components
from bot.commands.digest import choices
from bot.commands.digest.server import standings_text
from bot.commands.digest.wording import COLOUR, coming, moment, series_text, used_up
from bot.commands.services import Services
from bot.delivery import claims, status, subscriptions, supply, weekly
from bot.delivery.schedule import start_of_day
from bot.delivery.status import Standing
from bot.delivery.subscriptions import Subscription
from bot.delivery.weekly import Weekly
from bot.language import Refusal, Speech, speech
from bot.library import digests, records
from bot.library.questions import wanted
from bot.model import Digest
from bot.posts.digest_post import compose
from bot.posts.markdown import escape_line
from bot.posts.message import Message
from bot.posts.packing import Paragraph, Part, pack
from bot.posts.style import date_in_words


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds the six commands."""

    def hold(connection: Connection, server_id: int, chosen: str | None, until: dt.date | None) -> Subscription:
        kept = choices.pick(connection, server_id, chosen)
        return subscriptions.pause(
            connection,
            kept.id,
            server_id=server_id,
            now=services.clock.now(),
            until=start_of_day(until, kept.schedule.zone) if until else None,
        )

    def go_on(connection: Connection, server_id: int, chosen: str | None) -> tuple[Subscription, int, bool]:
        kept = choices.pick(connection, server_id, chosen)
        resumed = subscriptions.resume(connection, kept.id, server_id=server_id, now=services.clock.now())
        return (
            resumed,
            supply.left(connection, resumed, now=services.clock.now()),
            kept.paused_at is not None,
        )

    def post(connection: Connection, server_id: int, chosen: str | None) -> tuple[Subscription, int, Digest]:
        kept = choices.pick(connection, server_id, chosen)
        claim = claims.claim_now(connection, kept.id, server_id=server_id, now=services.clock.now())
        return (
            kept,
            supply.left(connection, kept, now=services.clock.now()),
            _digest(connection, claim.digest_id, figures=False),
        )

    def drop(connection: Connection, server_id: int, chosen: str | None) -> tuple[Subscription, int, Digest]:
        kept = choices.pick(connection, server_id, chosen)
        digest_id = claims.skip(connection, kept.id, server_id=server_id, now=services.clock.now())
        return (
            kept,
            supply.left(connection, kept, now=services.clock.now()),
            _digest(connection, digest_id, figures=False),
        )

    def upcoming(connection: Connection, server_id: int, chosen: str | None) -> tuple[Subscription, int, Digest]:
        kept = choices.pick(connection, server_id, chosen)
        digest_id = supply.next_digest(connection, kept, now=services.clock.now())
        if digest_id is None:
            raise claims.NothingLeft(kept)
        return kept, digest_id, _digest(connection, digest_id, figures=True)

    which = "Which subscription; not needed where there is only one"
    complete = choices.subscription(services)

    @group.command(name="pause", description="Hold a subscription; nothing is lost meanwhile")
    @app_commands.describe(
        subscription=which, until="The day it goes on again (YYYY-MM-DD); else when you resume it"
    )
    @app_commands.autocomplete(subscription=complete)
    async def pause(
        interaction: discord.Interaction, subscription: str | None = None, until: str | None = None
    ) -> None:
        say = replies.say_to(interaction)
        day = typed.date(until) if until else None
        kept = await services.store.write(hold, interaction.guild_id or 0, subscription, day)
        what = {"channel": f"<#{kept.channel_id}>", "series": series_text(kept)}
        if kept.paused_until:
            text = say("{channel}: {series} is paused until {when}.", when=moment(kept.paused_until), **what)
        else:
            text = say("{channel}: {series} is paused. `/digest resume` lets it go on.", **what)
        await replies.tell(interaction, text)

    @group.command(name="resume", description="Let a paused subscription go on; it doesn't catch up")
    @app_commands.describe(subscription=which)
    @app_commands.autocomplete(subscription=complete)
    async def resume(interaction: discord.Interaction, subscription: str | None = None) -> None:
        say = replies.say_to(interaction)
        kept, waiting, was_paused = await services.store.write(go_on, interaction.guild_id or 0, subscription)
        what = {"channel": f"<#{kept.channel_id}>", "series": series_text(kept)}
        if was_paused:
            text = say("{channel}: {series} goes on.", **what)
        else:
            text = say("{channel}: {series} wasn't paused.", **what)
        await replies.tell(interaction, f"{text}\n{coming(kept, waiting, say)}")

    @group.command(name="post-now", description="Post the next digest at once; the schedule stays as it is")
    @app_commands.describe(subscription=which)
    @app_commands.autocomplete(subscription=complete)
    async def post_now(interaction: discord.Interaction, subscription: str | None = None) -> None:
        say = replies.say_to(interaction)
        kept, waiting, digest = await services.store.write(post, interaction.guild_id or 0, subscription)
        services.wake()
        text = say(
            "The {series} of {date} is on its way to {channel}.",
            series=series_text(kept),
            date=date_in_words(digest.date, say),
            channel=f"<#{kept.channel_id}>",
        )
        await replies.tell(interaction, f"{text}\n{coming(kept, waiting, say)}")

    @group.command(name="skip", description="Drop the next digest for this channel")
    @app_commands.describe(subscription=which)
    @app_commands.autocomplete(subscription=complete)
    async def skip(interaction: discord.Interaction, subscription: str | None = None) -> None:
        say = replies.say_to(interaction)
        kept, waiting, digest = await services.store.write(drop, interaction.guild_id or 0, subscription)
        text = say(
            "{channel} won't get the {series} of {date}.",
            series=series_text(kept),
            date=date_in_words(digest.date, say),
            channel=f"<#{kept.channel_id}>",
        )
        await replies.tell(interaction, f"{text}\n{coming(kept, waiting, say)}")

    @group.command(name="preview", description="See the next digest before anyone else; only you do")
    @app_commands.describe(subscription=which)
    @app_commands.autocomplete(subscription=complete)
    async def preview(interaction: discord.Interaction, subscription: str | None = None) -> None:
        kept, digest_id, digest = await services.store.read(upcoming, interaction.guild_id or 0, subscription)
        messages = compose(
            digest,
            digest_id=digest_id,
            look=kept.look,
            say=speech(kept.language),
            language=kept.language,
            keys=lambda _: "preview",
            playable=bool(wanted(digest)),
        )
        await replies.show(interaction, messages)

    @group.command(name="status", description="Next post, last post, what is waiting, what is wrong")
    async def status_(interaction: discord.Interaction) -> None:
        say = replies.say_to(interaction)
        found = await services.store.read(status.of_server, interaction.guild_id or 0, now=services.clock.now())
        troubled = [path.name for path in await services.store.read(records.troubled)]
        posted = await services.store.read(weekly.find, interaction.guild_id or 0)
        await replies.show(interaction, status_pages(found, say, troubled, posted))


def _digest(connection: Connection, digest_id: int, *, figures: bool) -> Digest:
    digest = digests.load(connection, digest_id, figures=figures)
    if digest is None:
        raise Refusal("This digest is no longer in the library.")
    return digest


_PARTS_SHOWN = 3
_NAMES_SHOWN = 3
"""Of 255 bytes at most each, as file systems have it."""


def status_pages(
    found: Sequence[Standing], say: Speech, troubled: Sequence[str] = (), posted: Weekly | None = None
) -> tuple[Message, ...]:
    """How each subscription of a server stands, an embed each, in as few messages as they fit.

    `troubled` are the names of documents that the operator would have to look at; `posted`: where the week's
    standings go, where somebody wants them.
    """
    lines = []
    if not found:
        lines.append(say("Nothing is subscribed in this server. Start with `/digest subscribe`."))
    if troubled:
        lines.append(_troubled(troubled, say))
    if posted is not None:
        lines.append(f"{'⚠️ ' if posted.trouble else ''}{standings_text(posted, say)}")
    first = (Message(content="\n".join(lines)),) if lines else ()
    sheets = pack(_status(standing, say) for standing in found)
    return (*first, *(Message(embeds=sheet.embeds) for sheet in sheets))


def _troubled(names: Sequence[str], say: Speech) -> str:
    """A line about the shared library; whoever runs the bot finds the reasons in the log."""
    shown = [f"“{escape_line(name)}”" for name in names[:_NAMES_SHOWN]]
    if more := len(names) - len(shown):
        shown.append(say("{number} more", number=more))
    return say.count(
        "⚠️ A document of the shared library isn't in, or not as it is now: {names}. Whoever runs this bot finds "
        "the reason with `paper-round doctor`.",
        "⚠️ {number} documents of the shared library aren't in, or not as they are now: {names}. Whoever runs this "
        "bot finds the reasons with `paper-round doctor`.",
        len(names),
        names=", ".join(shown),
    )


def _status(standing: Standing, say: Speech) -> Part:
    kept = standing.subscription
    lines = [f"<#{kept.channel_id}> · {series_text(kept)}"]
    if kept.paused_at is not None:
        lines.append(
            say("Paused until {when}.", when=moment(kept.paused_until))
            if kept.paused_until
            else say("Paused since {when}; `/digest resume` lets it go on.", when=moment(kept.paused_at, "R"))
        )
    elif standing.used_up:
        lines.append(used_up(say))
    elif standing.next_at is not None:
        lines.append(say("Next: {when}", when=f"{moment(standing.next_at)} ({moment(standing.next_at, 'R')})"))
    if standing.last is not None:
        lines.append(
            say(
                "Last: [{date}]({link}), posted {when}",
                date=date_in_words(standing.last.date, say),
                link=standing.last.link,
                when=moment(standing.last.claimed_at, "R"),
            )
        )
    lines.append(
        say.count("Waiting: {number} digest", "Waiting: {number} digests", standing.waiting)
        + (say(", and one is on its way") if standing.under_way else "")
    )
    troubles = [say.kept(kept.pause_reason)] if kept.pause_reason else []
    troubles += [
        say("{date}: {sentence}", date=date_in_words(trouble.date, say), sentence=say.kept(trouble.sentence))
        for trouble in standing.trouble[:_PARTS_SHOWN]
    ]
    lines += [f"⚠️ {trouble}" for trouble in dict.fromkeys(troubles)] or [say("Nothing is wrong.")]
    return Part(colour=COLOUR, paragraphs=tuple(Paragraph(line) for line in lines), gap="\n")
