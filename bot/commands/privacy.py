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

    @group.command(name="export", description="All that I keep about you in this server, as a JSON file")
    async def export(interaction: discord.Interaction) -> None:
        who, data = await services.store.read(take, interaction)
        text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
        file = File("paper-round.json", text.encode("utf-8"))
        await replies.show(
            interaction, [Message(content=who.say("All that I keep about you in this server:"), files=(file,))]
        )

    @group.command(name="forget-me", description="Remove your name, answers and points, in every server I'm in")
    async def forget_me(interaction: discord.Interaction) -> None:
        await replies.show(interaction, [ask(replies.say_to(interaction))])

    async def confirmed(interaction: discord.Interaction, _: ForgetMe, __: str | None) -> None:
        say = replies.say_to(interaction)  # what they chose is forgotten too
        gone = await services.store.write(players.forget, interaction.user.id, services.clock.now())
        services.wake()
        text = say.count(
            "Done: your name, your points and {number} answer are gone, in every server I'm in.",
            "Done: your name, your points and {number} answers are gone, in every server I'm in.",
            gone.answers + gone.practice,
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
                            "Once you play: your user id, your name here, which option you chose and when. The "
                            "language you picked with `/me language`. What admins do with me, with their user "
                            "id. I read no messages and know nobody who doesn't use me."
                        ),
                    ),
                    Field(
                        say("For how long"),
                        say.count(
                            "Until you have it forgotten with `/privacy forget-me`, or {number} day after I "
                            "have left the server. Others here see your name and points on the leaderboard, not "
                            "your answers.",
                            "Until you have it forgotten with `/privacy forget-me`, or {number} days after I "
                            "have left the server. Others here see your name and points on the leaderboard, not "
                            "your answers.",
                            days,
                        ),
                    ),
                    Field(
                        say("Yours to take"),
                        say("`/privacy export` gives you all of it for this server, as a file."),
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
        "off it. This can't be undone; `/privacy export` first gives you a copy."
    )
    button = Button(say("Forget me"), format_custom_id(ForgetMe()), ButtonStyle.DANGER)
    return Message(content=text, rows=((button,),))
