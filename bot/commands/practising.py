"""`/quiz practice`: questions of rounds that are over, one click each, without points. All of it private."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.seeing import seen_by
from bot.commands.services import Person, Services, person
from bot.library import digests
from bot.posts.custom_ids import PractiseAnswer
from bot.quiz import pages, practice
from bot.quiz.play import Answered
from bot.quiz.practice import Exercise


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds the group `/quiz` with `practice`, and its buttons."""

    def begin(connection: Connection, interaction: discord.Interaction) -> tuple[Person, Exercise | None]:
        who = person(connection, interaction)
        return who, _following(connection, interaction, who)

    def go_on(
        connection: Connection, interaction: discord.Interaction, clicked: PractiseAnswer
    ) -> tuple[Person, Answered, Exercise | None]:
        who = person(connection, interaction)
        answered = practice.answer(
            connection,
            round_id=clicked.round,
            question_id=clicked.question,
            server_id=who.server_id,
            user_id=who.user_id,
            name=who.name,
            shown=clicked.shown,
            now=services.clock.now(),
        )
        return who, answered, _following(connection, interaction, who)

    def _following(connection: Connection, interaction: discord.Interaction, who: Person) -> Exercise | None:
        return practice.following(
            connection,
            server_id=who.server_id,
            channels=seen_by(interaction, digests.posted_in(connection, who.server_id)),
            user_id=who.user_id,
            now=services.clock.now(),
        )

    group = app_commands.Group(name="quiz", description="Questions on the papers of this server", guild_only=True)

    @group.command(name="practice", description="Questions of rounds that are over, just for you; no points")
    async def practise(interaction: discord.Interaction) -> None:
        who, exercise = await services.store.read(begin, interaction)
        await replies.show(
            interaction,
            pages.practice_pages(
                (exercise.round, exercise.question) if exercise else None,
                say=who.say,
                language=who.language,
                left=exercise.left if exercise else 0,
            ),
        )

    async def take(interaction: discord.Interaction, clicked: PractiseAnswer, _: str | None) -> None:
        who, answered, exercise = await services.store.write(go_on, interaction, clicked)
        shown = pages.practice_pages(
            (exercise.round, exercise.question) if exercise else None,
            say=who.say,
            language=who.language,
            before=(answered.round, answered.question, answered.accepted),
            left=exercise.left if exercise else 0,
        )
        await replies.turn_into(interaction, shown)

    tree.add_command(group)
    components.add(PractiseAnswer, take)
