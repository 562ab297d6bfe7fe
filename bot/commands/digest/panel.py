"""The panel with all settings of a subscription. Each change is saved at once, and said in the same edit.

What a setting may be is decided where the command's options are looked at: bot.commands.typed and places. What is
refused is said above the panel, which stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final

import discord
from sqlalchemy import Connection

from bot.commands import permissions, replies, typed
from bot.commands.components import Components, OlderButton, filled_in, picked
from bot.commands.digest import choices, places, wording
from bot.commands.digest.places import Place
from bot.commands.services import Services
from bot.delivery import subscriptions, supply
from bot.delivery.schedule import Weekdays
from bot.delivery.subscriptions import Changes, Subscription
from bot.health.metrics import failed_as
from bot.language import Refusal, Speech
from bot.library.picking import Order
from bot.model import Look
from bot.posts.custom_ids import EditSubscription, EditTimes, format_custom_id
from bot.posts.limits import OPTION
from bot.posts.message import (
    Button,
    ButtonStyle,
    Embed,
    Field,
    Form,
    Input,
    Menu,
    Message,
    Option,
    RoleMenu,
    Row,
)
from bot.posts.splitting import shorten


class Part(StrEnum):
    """What of the panel was clicked, as its custom_ids say it."""

    CHANGE = "change"
    DAYS = "days"
    ROLE = "role"
    TAGS = "tags"
    TIMES = "times"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    END = "end"
    BACK = "back"
    WHICH = "which"


_CHANGES: Final[dict[str, Changes]] = {
    "brief": Changes(look=Look.BRIEF),
    "full": Changes(look=Look.FULL),
    "oldest": Changes(order=Order.OLDEST_FIRST),
    "newest": Changes(order=Order.NEWEST_FIRST),
    "same-day": Changes(order=Order.SAME_DAY),
    "en": Changes(language="en"),
    "zh": Changes(language="zh"),
    "thread": Changes(thread=True),
    "no-thread": Changes(thread=False),
    "publish": Changes(publish=True),
    "no-publish": Changes(publish=False),
}
"""What can be picked from the first menu, and what it means."""

_Loaded = tuple[Subscription, int]
"""A subscription, and how many digests are waiting for it."""


def add(components: Components, services: Services) -> None:
    """Answers the panel's menus and buttons, and its form."""

    def change(connection: Connection, server_id: int, subscription_id: int, changes: Changes) -> Subscription:
        now = services.clock.now()
        return subscriptions.edit(connection, subscription_id, server_id=server_id, now=now, **changes)

    async def attempt(
        interaction: discord.Interaction, subscription_id: int, wanted: Callable[[Subscription], Changes]
    ) -> None:
        """Saves what is wanted, or says above the panel why that can't be."""
        say, server_id = replies.say_to(interaction), interaction.guild_id or 0
        kept, _ = await services.store.read(_load, server_id, subscription_id, services)
        try:
            changes = wanted(kept)
            places.check_changes(interaction.guild, kept, changes)
            await services.store.write(change, server_id, subscription_id, changes)
            note = say("Saved; it holds from the next post on.")
        except Refusal as refusal:
            failed_as(interaction, "refused")
            note = f"⚠️ {refusal.said(say)}"
        await show(interaction, subscription_id, services, note)

    async def act(interaction: discord.Interaction, clicked: EditSubscription, value: str | None) -> None:
        permissions.only_admins(interaction)
        say, server_id, key = replies.say_to(interaction), interaction.guild_id or 0, clicked.subscription
        now = services.clock.now()
        match clicked.part:
            case Part.TIMES:
                kept, _ = await services.store.read(_load, server_id, key, services)
                await replies.ask(interaction, times_form(kept, say))
            case Part.PAUSE:
                await services.store.write(subscriptions.pause, key, server_id=server_id, now=now)
                await show(interaction, key, services, say("Paused."))
            case Part.RESUME:
                await services.store.write(subscriptions.resume, key, server_id=server_id, now=now)
                await show(interaction, key, services, say("It goes on."))
            case Part.LEAVE:
                kept, _ = await services.store.read(_load, server_id, key, services)
                await replies.turn_into(interaction, [_really(kept, say)])
            case Part.END:
                ended = await services.store.write(subscriptions.end, key, server_id=server_id, now=now)
                await replies.turn_into(interaction, [Message(content=wording.unsubscribed(ended, say))])
            case Part.WHICH:
                picks = [int(pick) for pick in picked(interaction) if choices.is_id(pick)]
                await show(interaction, picks[0] if picks else 0, services)
            case Part.BACK:
                await show(interaction, key, services)
            case part:
                await attempt(interaction, key, lambda kept: _wanted(interaction, part, value, kept))

    async def retime(interaction: discord.Interaction, sent: EditTimes, _: str | None) -> None:
        permissions.only_admins(interaction, form_of=EditSubscription(sent.subscription, Part.TIMES))
        lines = filled_in(interaction)

        def wanted(_: Subscription) -> Changes:
            start = lines.get("start", "").strip()
            return Changes(
                local_time=typed.local_time(lines.get("time", "")),
                zone=typed.zone(lines.get("zone", "")),
                start=typed.date(start) if start else None,
            )

        await attempt(interaction, sent.subscription, wanted)

    components.add(EditSubscription, act)
    components.add(EditTimes, retime)


async def open_one(interaction: discord.Interaction, services: Services) -> None:
    """Opens the panel of the only subscription, else asks which one. Raises Refusal where there is none."""
    kept = await services.store.read(subscriptions.of_server, interaction.guild_id or 0)
    if len(kept) == 1:
        await show(interaction, kept[0].id, services)
        return
    if not kept:
        raise Refusal("Nothing is subscribed in this server. Start with `/digest subscribe`.")
    say = replies.say_to(interaction)
    options = tuple(Option(shorten(choices.name_of(interaction, one), OPTION), str(one.id)) for one in kept)
    menu = Menu(
        format_custom_id(EditSubscription(0, Part.WHICH)), options[: choices.LIMIT], say("Which subscription…")
    )
    await replies.show(interaction, [Message(content=say("Which subscription do you mean?"), rows=(menu,))])


async def show(
    interaction: discord.Interaction, subscription_id: int, services: Services, note: str | None = None
) -> None:
    """Opens the panel, or turns the one that was clicked into how things are now. Raises NoSubscription."""
    kept, waiting = await services.store.read(_load, interaction.guild_id or 0, subscription_id, services)
    place = places.find(interaction.guild, kept.channel_id)
    await replies.turn_into(interaction, [page(kept, waiting, place, replies.say_to(interaction), note)])


def _load(connection: Connection, server_id: int, subscription_id: int, services: Services) -> _Loaded:
    kept = subscriptions.get(connection, subscription_id, server_id=server_id)
    return kept, supply.left(connection, kept, now=services.clock.now())


def _wanted(interaction: discord.Interaction, part: str, value: str | None, kept: Subscription) -> Changes:
    """What a pick from one of the panel's menus asks for."""
    picks, guild = picked(interaction), interaction.guild
    if part == Part.CHANGE and value in _CHANGES:
        return _CHANGES[value]
    if part == Part.DAYS and picks and set(picks) <= set("0123456"):
        return Changes(weekdays=Weekdays.of(map(int, picks)))
    if part == Part.ROLE and guild is not None:
        found = next((role for role in guild.roles if str(role.id) in picks), None)
        return Changes(role_id=found.id if found else None)
    if part == Part.TAGS:
        known = places.tags_of(places.find(guild, kept.channel_id))
        return Changes(tags=tuple(tag.id for tag in known if str(tag.id) in picks))
    raise OlderButton


def page(kept: Subscription, waiting: int, place: Place | None, say: Speech, note: str | None = None) -> Message:
    """All settings in words, with what changes them; `note` stands above. `place` None: it isn't known."""
    rows: list[Row] = [
        Menu(
            _id(kept, Part.CHANGE), tuple(_offers(kept, place, say)), say("Change look, order, language and more…")
        ),
        _days(kept, say),
        RoleMenu(_id(kept, Part.ROLE), say("Mention a role with each post…"), kept.role_id),
    ]
    tags = places.tags_of(place)
    if tags:
        options = tuple(Option(tag.name, str(tag.id), default=tag.id in kept.tags) for tag in tags)
        most = min(places.TAGS, len(options))
        rows.append(Menu(_id(kept, Part.TAGS), options, say("Tags of each post…"), least=0, most=most))
    held = kept.paused_at is not None
    rows.append(
        (
            Button(say("Time, zone, start…"), _id(kept, Part.TIMES), ButtonStyle.PRIMARY),
            Button(say("Resume") if held else say("Pause"), _id(kept, Part.RESUME if held else Part.PAUSE)),
            Button(say("Unsubscribe…"), _id(kept, Part.LEAVE), ButtonStyle.DANGER),
        )
    )
    embed = Embed(
        title=say("Settings of a subscription"),
        description=f"<#{kept.channel_id}> · {wording.series_text(kept)}",
        colour=wording.COLOUR,
        fields=tuple(_fields(kept, waiting, place, say)),
    )
    return Message(content=note, embeds=(embed,), rows=tuple(rows))


def _fields(kept: Subscription, waiting: int, place: Place | None, say: Speech) -> Iterator[Field]:
    order = wording.order_text(kept, say)
    if kept.start:
        order += " · " + say("from {date}", date=kept.start.isoformat())
    yes, no = say("yes"), say("no")
    yield Field(say("When"), wording.when_text(kept, say), inline=True)
    yield Field(say("Order"), order, inline=True)
    yield Field(say("Look"), kept.look.value, inline=True)
    yield Field(say("Language"), wording.LANGUAGES.get(kept.language, kept.language), inline=True)
    yield Field(say("Mention"), f"<@&{kept.role_id}>" if kept.role_id else say("nobody"), inline=True)
    if kept.forum:
        names = places.tag_names(place, kept.tags)
        yield Field(say("Tags"), say(", ").join(names) if names else say("none"), inline=True)
    else:
        yield Field(say("Thread"), yes if kept.thread else no, inline=True)
        if kept.publish or _publishes(place):
            yield Field(say("Published"), yes if kept.publish else no, inline=True)
    lines = [say.kept(kept.pause_reason)] if kept.pause_reason else []
    yield Field(say("Next"), shorten("\n".join([*lines, wording.coming(kept, waiting, say)]), _VALUE))


_VALUE: Final = 1_024
"""Characters of a field's value."""


def _publishes(place: Place | None) -> bool:
    return isinstance(place, discord.TextChannel) and place.is_news()


def _offers(kept: Subscription, place: Place | None, say: Speech) -> Iterator[Option]:
    """What the first menu offers: what would change something."""
    names = {
        "brief": say("Look: brief, one screen, papers open on a click"),
        "full": say("Look: full, every section and large figures"),
        "oldest": say("Order: oldest first"),
        "newest": say("Order: newest first"),
        "same-day": say("Order: same day, only a digest dated today"),
        "en": say("Language: {language}", language="English"),
        "zh": say("Language: {language}", language="中文"),
    }
    if not kept.forum:
        names |= {"thread": say("Open a thread on each post"), "no-thread": say("Open no threads")}
    if kept.publish or _publishes(place):
        names |= {"publish": say("Publish each post"), "no-publish": say("Publish no posts")}
    for value, name in names.items():
        if any(getattr(kept, setting) != wanted for setting, wanted in _CHANGES[value].items()):
            yield Option(shorten(name, OPTION), value)


def _days(kept: Subscription, say: Speech) -> Menu:
    names = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
    options = tuple(Option(name, str(day), default=day in kept.weekdays.days) for day, name in enumerate(names))
    return Menu(_id(kept, Part.DAYS), options, say("Days of the week…"), most=len(options))


def times_form(kept: Subscription, say: Speech) -> Form:
    """The form for what is typed."""
    start = kept.start.isoformat() if kept.start else ""
    return Form(
        format_custom_id(EditTimes(kept.id)),
        say("Time, zone, start"),
        (
            Input("time", say("Local time, such as 09:00 or 9:30 pm"), f"{kept.local_time:%H:%M}", most=20),
            Input("zone", say("Time zone, such as Europe/Berlin"), kept.zone, most=64),
            Input("start", say("No digest before (YYYY-MM-DD), or empty"), start, most=20, required=False),
        ),
    )


def _really(kept: Subscription, say: Speech) -> Message:
    """Asks once more before a subscription ends."""
    text = say(
        "End {series} in {channel}? A round that is open only there closes at once, without results.",
        series=wording.series_text(kept),
        channel=f"<#{kept.channel_id}>",
    )
    end = Button(say("Unsubscribe"), _id(kept, Part.END), ButtonStyle.DANGER)
    return Message(content=text, rows=((end, Button(say("Back"), _id(kept, Part.BACK))),))


def _id(kept: Subscription, part: str) -> str:
    return format_custom_id(EditSubscription(kept.id, part))
