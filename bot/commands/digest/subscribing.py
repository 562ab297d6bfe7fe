"""`/digest subscribe`, `list` and `unsubscribe`: a channel's standing order."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies, typed
from bot.commands.components import Components
from bot.commands.digest import choices, places, wording
from bot.commands.digest.importing import SERIES, check_series
from bot.commands.permissions import only_admins
from bot.commands.services import Services, remember_server, server
from bot.delivery import subscriptions, supply
from bot.delivery.schedule import EVERY_DAY
from bot.delivery.subscriptions import Again, Changes, SubscribedBefore, Subscription
from bot.language import Refusal, Speech, Words
from bot.library import digests
from bot.library.picking import Order
from bot.model import Look
from bot.posts.custom_ids import SubscribeAgain, format_custom_id
from bot.posts.markdown import escape_line
from bot.posts.message import Button, ButtonStyle, Message
from bot.posts.packing import Paragraph, Part, pack
from bot.posts.splitting import shorten

Promised = tuple[Subscription, int, int]
"""A subscription, how many digests are waiting for it, and how many of them the server has played before."""
_KNOWN_LENGTH = 800
"""Characters of the names of series that there are: with a sentence around it they fit a message."""


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds the three commands."""

    def create(
        connection: Connection,
        interaction: discord.Interaction,
        channel: places.Place,
        zone: str | None,
        order: dict[str, Any],
    ) -> Promised | tuple[SubscribedBefore, int]:
        server_id = interaction.guild_id or 0
        remember_server(connection, server_id, services.clock.now())
        where = server(connection, server_id)
        zone = zone or where.zone_name
        if zone is None:
            raise Refusal("Which time zone is {time} in? Add `zone`, such as Europe/Berlin.", time=order["time"])
        known = {s.name for s in digests.series(connection, server_id)}
        if order["series"] not in known and order["order"] is Order.SAME_DAY:  # it may come later
            check_series(order["series"])
        elif order["series"] not in known:
            raise Refusal(
                "The library has no series “{series}”. There is: {known}.",
                series=escape_line(order["series"][:SERIES]),
                known=escape_line(shorten(", ".join(sorted(known)), _KNOWN_LENGTH)) or Words(("nothing yet",)),
            )
        local_time = typed.local_time(order["time"])
        changes = Changes(
            local_time=local_time,
            zone=zone,
            weekdays=order["weekdays"],
            order=order["order"],
            start=order["start"],
            look=order["look"],
            role_id=order["role_id"],
            thread=order["thread"],
            publish=order["publish"],
            tags=order["tags"],
            language=order["language"] or where.language,
        )
        now = services.clock.now()
        try:
            kept = subscriptions.create(
                connection,
                server_id=server_id,
                channel_id=channel.id,
                series=order["series"],
                created_by=interaction.user.id,
                now=now,
                forum=isinstance(channel, discord.ForumChannel),
                **changes,
            )
        except SubscribedBefore as before:
            # the answer to the question comes by a button, with what was asked for now
            subscriptions.amend_ended(connection, before.subscription.id, **changes)
            return before, supply.played_before(connection, server_id, order["series"], order["start"])
        if where.zone_name is None:
            remember_server(connection, server_id, services.clock.now(), {"zone": zone})
        return promised(connection, kept)

    def promised(connection: Connection, kept: Subscription) -> Promised:
        played = supply.played_before(connection, kept.server_id, kept.series, kept.start, had_by=kept.id)
        return kept, supply.left(connection, kept, now=services.clock.now()), played

    def go_on(connection: Connection, interaction: discord.Interaction, clicked: SubscribeAgain) -> Promised:
        if clicked.again not in {one.value for one in Again}:
            raise Refusal("Choose to go on or to start over.")
        kept = subscriptions.subscribe_again(
            connection,
            clicked.subscription,
            server_id=interaction.guild_id or 0,
            created_by=interaction.user.id,
            again=Again(clicked.again),
            now=services.clock.now(),
        )
        return promised(connection, kept)

    def listed(connection: Connection, server_id: int) -> list[tuple[Subscription, int]]:
        return [
            (one, supply.left(connection, one, now=services.clock.now()))
            for one in subscriptions.of_server(connection, server_id)
        ]

    def end(connection: Connection, server_id: int, chosen: str | None) -> Subscription:
        kept = choices.pick(connection, server_id, chosen)
        subscriptions.end(connection, kept.id, server_id=server_id, now=services.clock.now())
        return kept

    @group.command(name="subscribe", description="Promise a channel a digest at a time of your choice")
    @app_commands.describe(
        series="What kind of digest",
        time="The local time of day, such as 09:00 or 9:30 pm",
        channel="Where to post; this channel if you don't say",
        zone="The time zone, such as Europe/Berlin; the server's if you don't say",
        weekdays="Every day if you don't say; Mon-Fri, or Sat, Sun, and the like",
        order="Oldest first if you don't say",
        start="No digest dated before this day (YYYY-MM-DD)",
        look="Brief if you don't say",
        role="A role to mention with each post; nobody is mentioned otherwise",
        thread="Open a thread on each post, for talking about it",
        publish="Publish each post to the servers that follow this announcement channel",
        tags="In a forum, the tags of each post, with commas between them",
        language="The language of the posts; the server's if you don't say",
    )
    @app_commands.choices(order=choices.ORDERS, look=choices.LOOKS, language=choices.LANGUAGES)
    @app_commands.autocomplete(
        series=choices.series(services),
        time=choices.times,
        zone=choices.zone,
        weekdays=choices.days,
        tags=choices.tags(services),
    )
    async def subscribe(
        interaction: discord.Interaction,
        series: str,
        time: str,
        channel: app_commands.Transform[app_commands.AppCommandChannel, places.Named] | None = None,
        zone: str | None = None,
        weekdays: str | None = None,
        order: str = Order.OLDEST_FIRST.value,
        start: str | None = None,
        look: str = Look.BRIEF.value,
        role: discord.Role | None = None,
        thread: bool = False,
        publish: bool = False,
        tags: str | None = None,
        language: str | None = None,
    ) -> None:
        say = replies.say_to(interaction)
        where = places.place_of(interaction, channel)
        places.check_place(where)
        picked = places.typed_tags(where, tags) if tags else ()
        places.check_extras(where, role_id=role.id if role else None, thread=thread, publish=publish, tags=picked)
        values = {
            "series": series.strip(),
            "time": time,
            "weekdays": typed.weekdays(weekdays) if weekdays else EVERY_DAY,
            "order": Order(order),
            "start": typed.date(start) if start else None,
            "look": Look(look),
            "role_id": role.id if role else None,
            "thread": thread,
            "publish": publish,
            "tags": picked,
            "language": language,
        }
        typed.local_time(time)
        done = await services.store.write(create, interaction, where, typed.zone(zone) if zone else None, values)
        if len(done) == 2:
            await replies.show(interaction, [_ask_again(*done, say)])
        else:
            await replies.tell(interaction, wording.subscribed(*done, say))

    async def again(interaction: discord.Interaction, clicked: SubscribeAgain, _: str | None) -> None:
        only_admins(interaction)
        done = await services.store.write(go_on, interaction, clicked)
        text = wording.subscribed(*done, replies.say_to(interaction))
        await replies.turn_into(interaction, [Message(content=text)])

    @group.command(name="list", description="The subscriptions of this server")
    async def list_(interaction: discord.Interaction) -> None:
        say = replies.say_to(interaction)
        found = await services.store.read(listed, interaction.guild_id or 0)
        if not found:
            raise Refusal("Nothing is subscribed in this server. Start with `/digest subscribe`.")
        lines = tuple(
            Paragraph(wording.line(kept, waiting, say, tags=places.tags_said(interaction.guild, kept)))
            for kept, waiting in found
        )
        sheets = pack([Part(colour=wording.COLOUR, title=say("Subscriptions"), paragraphs=lines, gap="\n")])
        await replies.show(interaction, [Message(embeds=sheet.embeds) for sheet in sheets])

    @group.command(name="unsubscribe", description="End a subscription; posts that were sent stay")
    @app_commands.describe(subscription="Which one; not needed where there is only one")
    @app_commands.autocomplete(subscription=choices.subscription(services))
    async def unsubscribe(interaction: discord.Interaction, subscription: str | None = None) -> None:
        ended = await services.store.write(end, interaction.guild_id or 0, subscription)
        await replies.tell(interaction, wording.unsubscribed(ended, replies.say_to(interaction)))

    components.add(SubscribeAgain, again)


def _ask_again(before: SubscribedBefore, played: int, say: Speech) -> Message:
    def button(label: str, again: Again, style: ButtonStyle) -> Button:
        return Button(label, format_custom_id(SubscribeAgain(before.subscription.id, again.value)), style)

    lines = [before.said(say)]
    if played:
        over = say.count(
            "Started over, {number} digest comes again whose round here is over: it stays closed, so playing it "
            "is practice, without points.",
            "Started over, {number} digests come again whose rounds here are over: they stay closed, so playing "
            "them is practice, without points.",
            played,
        )
        lines.append(over)
    return Message(
        content="\n".join(lines),
        rows=(
            (
                button(say("Go on"), Again.GO_ON, ButtonStyle.PRIMARY),
                button(say("Start over"), Again.START_OVER, ButtonStyle.SECONDARY),
            ),
        ),
    )
