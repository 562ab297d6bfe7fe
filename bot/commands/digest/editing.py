"""`/digest edit`: named settings of a subscription changed at once, or all of them in a panel."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies, typed
from bot.commands.components import Components
from bot.commands.digest import choices, panel, places, wording
from bot.commands.services import Services
from bot.delivery import subscriptions, supply
from bot.delivery.subscriptions import Changes, Subscription
from bot.library.picking import Order
from bot.model import Look


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds the command and its panel."""

    def change(
        connection: Connection, server_id: int, subscription_id: int, changes: Changes
    ) -> tuple[Subscription, int]:
        now = services.clock.now()
        kept = subscriptions.edit(connection, subscription_id, server_id=server_id, now=now, **changes)
        return kept, supply.left(connection, kept, now=now)

    @group.command(
        name="edit", description="All settings of a subscription, to see and change; or change those that you name"
    )
    @app_commands.describe(
        subscription="Which one; not needed where there is only one",
        time="The local time of day, such as 09:00 or 9:30 pm",
        zone="The time zone, such as Europe/Berlin",
        weekdays="Mon-Fri, or Sat, Sun, or every day, and the like",
        order="In what order the library is worked through",
        start="No digest dated before this day (YYYY-MM-DD), or “none”",
        look="How much stands in the post",
        role="A role to mention with each post",
        mention="Pick “nobody” to mention no role from now on",
        thread="Whether a thread is opened on each post",
        publish="Whether each post is published to the servers that follow the announcement channel",
        tags="In a forum, the tags of each post, with commas between them; or “none”",
        language="The language of the posts",
    )
    @app_commands.choices(order=choices.ORDERS, look=choices.LOOKS, language=choices.LANGUAGES)
    @app_commands.autocomplete(
        subscription=choices.subscription(services),
        time=choices.times,
        zone=choices.zone,
        weekdays=choices.days,
        tags=choices.tags(services),
    )
    async def edit(
        interaction: discord.Interaction,
        subscription: str | None = None,
        time: str | None = None,
        zone: str | None = None,
        weekdays: str | None = None,
        order: str | None = None,
        start: str | None = None,
        look: str | None = None,
        role: discord.Role | None = None,
        mention: Literal["nobody"] | None = None,
        thread: bool | None = None,
        publish: bool | None = None,
        tags: str | None = None,
        language: str | None = None,
    ) -> None:
        say = replies.say_to(interaction)
        options = (time, zone, weekdays, order, start, look, role, mention, thread, publish, tags, language)
        if subscription is None and all(option is None for option in options):
            await panel.open_one(interaction, services)
            return
        before = await services.store.read(choices.pick, interaction.guild_id or 0, subscription)
        changes = Changes()
        if time is not None:
            changes["local_time"] = typed.local_time(time)
        if zone is not None:
            changes["zone"] = typed.zone(zone)
        if weekdays is not None:
            changes["weekdays"] = typed.weekdays(weekdays)
        if order is not None:
            changes["order"] = Order(order)
        if start is not None:
            changes["start"] = None if start.strip().casefold() == "none" else typed.date(start)
        if look is not None:
            changes["look"] = Look(look)
        if role is not None:
            changes["role_id"] = role.id
        elif mention is not None:
            changes["role_id"] = None
        if thread is not None:
            changes["thread"] = thread
        if publish is not None:
            changes["publish"] = publish
        if language is not None:
            changes["language"] = language
        if tags is not None:
            place = places.find(interaction.guild, before.channel_id)
            changes["tags"] = places.typed_tags(place, tags) if place is not None else ()
        if not changes:
            await panel.show(interaction, before.id, services)
            return
        places.check_changes(interaction.guild, before, changes)
        kept, waiting = await services.store.write(change, interaction.guild_id or 0, before.id, changes)
        line = wording.line(kept, waiting, say, tags=places.tags_said(interaction.guild, kept))
        await replies.tell(interaction, say("Saved. From now on:") + "\n" + line)

    panel.add(components, services)
