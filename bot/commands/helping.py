"""`/help`: what the bot does and what you can do with it; admins are told more."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Services, person
from bot.language import Speech
from bot.posts.message import Embed, Field, Message
from bot.posts.style import colour


def page(say: Speech, *, admin: bool) -> Message:
    """The help for a reader, with the admins' part where it is one who asks."""
    fields = [
        Field(
            say("Read"),
            say(
                "Pick a paper in the menu under a digest: it opens in full, just for you.\n"
                "`/today` shows the latest digest of this server, `/papers search` finds papers it has had."
            ),
        ),
        Field(
            say("Play"),
            say(
                "Press **Play the round** under a digest. Only you see it; your first answer counts, "
                "and every right one is a point. You can stop and go on later, until the round closes.\n"
                "`/quiz practice` asks what you missed in rounds that are over; it brings no points."
            ),
        ),
        Field(
            say("Compare"),
            say(
                "`/leaderboard` shows who knows their papers: points, then accuracy, then who got there first. "
                "Days and weeks go by the server's time and by when you answered; a week begins on Monday. "
                "A season counts from when an admin started it.\n"
                "`/me record` shows your own points, place and streak: rounds of one series in a row, each played "
                "with one answer or more. A day without a digest breaks no streak."
            ),
        ),
        Field(
            say("Choose"),
            say(
                "`/me language` sets the language of what only you see, where a digest has it.\n"
                "`/privacy show` says what I keep about you, `/privacy forget-me` removes it."
            ),
        ),
    ]
    if admin:
        fields += [
            Field(
                say("Set up (admins)"),
                say(
                    "`/digest subscribe` promises a channel a digest at a time you choose; `/digest list` and "
                    "`/digest edit` show and change it; `/digest unsubscribe` ends it.\n"
                    "`/digest settings` sets the server's time zone, language and notice channel, and where the "
                    "week's standings are posted."
                ),
            ),
            Field(
                say("Run (admins)"),
                say(
                    "`/digest status` says what comes next and what is wrong, `/digest doctor` how to mend it. "
                    "`/digest preview` shows you the next digest, `/digest post-now` posts it, `/digest skip` "
                    "drops it. `/digest pause` and `/digest resume` hold and go on; nothing is lost meanwhile.\n"
                    "`/digest key` sets or corrects a question's right answer; every standing follows.\n"
                    "`/digest import` brings in a document of your own, `/digest documents` shows them.\n"
                    "`/digest export` gives you the leaderboard as a file, `/digest forget-server` removes all "
                    "that I keep about the server."
                ),
            ),
            Field(
                say("Umpire (admins)"),
                say(
                    "`/players exclude` takes a player off the leaderboard, `/players strike` takes one answer "
                    "out; `/players include` and `/players unstrike` undo it. "
                    "`/players season` starts a new season. "
                    "`/players audit` says who did what."
                ),
            ),
        ]
    return Message(
        embeds=(
            Embed(
                title=say("Paper Round"),
                description=say("A digest of new research papers every day, and a quiz round on it."),
                colour=colour("deep-dive"),
                fields=tuple(fields),
            ),
        )
    )


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds `/help`."""

    @app_commands.command(name="help", description="What this bot does and how to use it")
    @app_commands.guild_only()
    async def command(interaction: discord.Interaction) -> None:
        who = await services.store.read(person, interaction)
        await replies.show(interaction, [page(who.say, admin=interaction.permissions.manage_guild)])

    tree.add_command(command)
