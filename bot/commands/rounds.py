"""Playing: the button under a digest, the answers, and one's answers to look at again. All of it private."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Person, Services, person
from bot.language import speech
from bot.leaderboard import places
from bot.leaderboard.places import Place
from bot.posts.custom_ids import Answer, PlayRound, ReadQuestion, ReviewAnswers
from bot.posts.message import Message
from bot.quiz import pages, results, results_pages, rounds
from bot.quiz.play import Answered, PlayerRound
from bot.quiz.results import RoundResults


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds the round's buttons."""

    def look(
        connection: Connection, interaction: discord.Interaction, digest_id: int
    ) -> tuple[PlayerRound, Place | None] | None:
        server_id = interaction.guild_id or 0
        round_id = rounds.find(connection, server_id, digest_id)
        return None if round_id is None else look_at(connection, interaction, round_id)

    def look_at(
        connection: Connection, interaction: discord.Interaction, round_id: int
    ) -> tuple[PlayerRound, Place | None]:
        server_id = interaction.guild_id or 0
        found = rounds.look(
            connection,
            round_id=round_id,
            server_id=server_id,
            user_id=interaction.user.id,
            now=services.clock.now(),
        )
        return found, _place(connection, interaction) if found.next is None else None

    def answer(
        connection: Connection, interaction: discord.Interaction, clicked: Answer
    ) -> tuple[Answered, Place | None]:
        answered = rounds.answer(
            connection,
            round_id=clicked.round,
            question_id=clicked.question,
            server_id=interaction.guild_id or 0,
            user_id=interaction.user.id,
            name=interaction.user.display_name,
            shown=clicked.shown,
            now=services.clock.now(),
        )
        return answered, _place(connection, interaction) if answered.round.next is None else None

    async def play(interaction: discord.Interaction, clicked: PlayRound, _: str | None) -> None:
        found = await services.store.read(look, interaction, clicked.digest)
        if found is None:
            await _show(interaction, pages.no_round(replies.say_to(interaction)))
            return
        round_, place = found
        language = _language(interaction, round_)
        say = speech(language, interaction.locale.value)
        if round_.next is None:
            await _show(interaction, pages.final_pages(round_, place, say=say))
        else:
            await _show(interaction, pages.question_pages(round_, say=say, language=language))

    async def take(interaction: discord.Interaction, clicked: Answer, _: str | None) -> None:
        answered, place = await services.store.write(answer, interaction, clicked)
        language = _language(interaction, answered.round)
        say = speech(language, interaction.locale.value)
        shown = pages.verdict_pages(answered, say=say, language=language, place=place)
        await replies.turn_into(interaction, shown)

    def result(
        connection: Connection, interaction: discord.Interaction, digest_id: int
    ) -> tuple[Person, RoundResults | None]:
        who = person(connection, interaction)
        return who, results.load(connection, server_id=who.server_id, digest_id=digest_id)

    async def read_question(interaction: discord.Interaction, picked: ReadQuestion, value: str | None) -> None:
        who, found = await services.store.read(result, interaction, picked.digest)
        asked = [question for question in found.questions if str(question.id) == value] if found else []
        if found is None or not asked:
            raise rounds.RoundNotFound
        shown = results_pages.question_messages(found, asked[0], say=who.say, language=who.language)
        await replies.show(interaction, shown)

    async def review(interaction: discord.Interaction, clicked: ReviewAnswers, __: str | None) -> None:
        round_, _ = await services.store.read(look_at, interaction, clicked.round)
        language = _language(interaction, round_)
        say = speech(language, interaction.locale.value)
        shown = pages.review_pages(round_, say=say, language=language)
        await _show(interaction, (shown[min(clicked.page, len(shown) - 1)],))

    components.add(PlayRound, play)
    components.add(Answer, take)
    components.add(ReviewAnswers, review)
    components.add(ReadQuestion, read_question)


def _place(connection: Connection, interaction: discord.Interaction) -> Place | None:
    return places.place(connection, server_id=interaction.guild_id or 0, user_id=interaction.user.id)


def _language(interaction: discord.Interaction, round_: PlayerRound) -> str:
    return round_.language or speech(interaction.locale.value).language


async def _show(interaction: discord.Interaction, messages: tuple[Message, ...]) -> None:
    """Under a public post as a private reply; in a private reply in its place."""
    if interaction.message is not None and interaction.message.flags.ephemeral:
        await replies.turn_into(interaction, messages)
    else:
        await replies.show(interaction, messages)
