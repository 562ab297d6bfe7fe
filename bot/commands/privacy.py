"""`/privacy`: what the bot keeps about a person, all of it to take away, and having it forgotten."""

from __future__ import annotations

import json
from typing import Any

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Person, Services, person
from bot.language import Speech
from bot.posts.custom_ids import ForgetMe, format_custom_id
from bot.posts.markdown import bold
from bot.posts.message import Button, ButtonStyle, Embed, Field, File, Message
from bot.privacy import players
from bot.privacy.players import Kept

_COLOUR = 0x8A93A6


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds the group and the button that confirms."""
    group = app_commands.Group(
        name="privacy",
        description="What I keep about you: see it, take it with you, have it forgotten",
        guild_only=True,
    )

    def look(connection: Connection, interaction: discord.Interaction) -> tuple[Person, Kept]:
        who = person(connection, interaction)
        return who, players.kept(connection, server_id=who.server_id, user_id=who.user_id)

    def take(connection: Connection, interaction: discord.Interaction) -> tuple[Person, dict[str, Any]]:
        who = person(connection, interaction)
        now = services.clock.now()
        return who, players.export(connection, server_id=who.server_id, user_id=who.user_id, now=now)

    @group.command(name="show", description="What I keep about you, and for how long")
    async def show(interaction: discord.Interaction) -> None:
        who, kept = await services.store.read(look, interaction)
        days = services.settings.privacy.keep_days_after_leaving
        await replies.show(interaction, [page(kept, days, who.say)])

    @group.command(
        name="export", description="Your name, answers, practice and points in this server, as a JSON file"
    )
    async def export(interaction: discord.Interaction) -> None:
        who, data = await services.store.read(take, interaction)
        written = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
        file = File("paper-round.json", written.encode("utf-8"))
        text = who.say("Your name, answers, practice and points in this server:")
        await replies.show(interaction, [Message(content=text, files=(file,))])

    @group.command(
        name="forget-me",
        description="Remove your name, points and practice everywhere; your answers become nobody's",
    )
    async def forget_me(interaction: discord.Interaction) -> None:
        await replies.show(interaction, [ask(replies.say_to(interaction))])

    async def confirmed(interaction: discord.Interaction, _: ForgetMe, __: str | None) -> None:
        say = replies.say_to(interaction)  # what they chose is forgotten too
        gone = await services.store.write(players.forget, interaction.user.id, services.clock.now())
        services.wake()
        text = say.count(
            "Done, in every server I'm in: your name, points and practice are gone. {number} answer stays, as "
            "nobody's.",
            "Done, in every server I'm in: your name, points and practice are gone. {number} answers stay, as "
            "nobody's.",
            gone.answers,
        )
        await replies.turn_into(interaction, [Message(content=text)])

    tree.add_command(group)
    components.add(ForgetMe, confirmed)


def page(kept: Kept, days: int, say: Speech) -> Message:
    """What is kept about a player, in plain words. `days`: how long a server's data outlasts the bot there."""
    if kept.name is None and not kept.answers and not kept.practice:
        here = say("In this server: nothing.")
    else:
        here = say(
            "In this server: your name as last seen ({name}), {answers}, {practice}, and your points and rounds, "
            "which follow from them.",
            name=bold(kept.name or "") or "—",
            answers=say.count("{number} answer", "{number} answers", kept.answers),
            practice=say.count("{number} practice answer", "{number} practice answers", kept.practice),
        )
    return Message(
        embeds=(
            Embed(
                title=say("What I keep about you"),
                description=here,
                colour=_COLOUR,
                fields=(
                    Field(
                        say("What it is"),
                        say(
                            "Once you play: your user id, your name here, which option you chose and when, when "
                            "you last did something here, and in which round you shared the leaderboard. The "
                            "language you picked with `/me language`. What admins do with me, with their user "
                            "id. I read no messages and know nobody who doesn't use me."
                        ),
                    ),
                    Field(
                        say("For how long"),
                        say.count(
                            "Until you have it forgotten with `/privacy forget-me`, or {number} day after I "
                            "have left the server. Only if you subscribed a channel, your user id stays with "
                            "that until then, since you are told when something is wrong there. Others here see "
                            "your name and points on the leaderboard, not your answers.",
                            "Until you have it forgotten with `/privacy forget-me`, or {number} days after I "
                            "have left the server. Only if you subscribed a channel, your user id stays with "
                            "that until then, since you are told when something is wrong there. Others here see "
                            "your name and points on the leaderboard, not your answers.",
                            days,
                        ),
                    ),
                    Field(
                        say("Yours to take"),
                        say(
                            "`/privacy export` gives you your name, answers, practice and points in this server, "
                            "as a file."
                        ),
                    ),
                ),
            ),
        )
    )


def ask(say: Speech) -> Message:
    """Whether to forget."""
    text = say(
        "Forget you, in every server I'm in? Your name, language, points, streaks and practice are removed. "
        "Your answers stay as nobody's, so that the rounds' totals add up. In a round that you have begun and "
        "that is still open, you can't score again, and where an admin took you off the leaderboard, you stay "
        "off it. Channels that you subscribed stay yours: you are told when something is wrong there. This can't "
        "be undone; `/privacy export` first gives you a copy of what is kept in this server."
    )
    button = Button(say("Forget me"), format_custom_id(ForgetMe()), ButtonStyle.DANGER)
    return Message(content=text, rows=((button,),))
