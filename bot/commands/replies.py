"""Answers an interaction: composed messages in, one initial response (and follow-ups where it takes more) out."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot import outgoing
from bot.language import Speech, speech
from bot.posts.message import Form, Message


def say_to(interaction: discord.Interaction) -> Speech:
    """The language that the person chose here (see services.recall_language), else their client's."""
    client = interaction.locale.value
    return speech(interaction.extras.get("language") or client, client)


async def tell(interaction: discord.Interaction, sentence: str) -> None:
    """Says a sentence to the one person, whatever was answered before."""
    nobody = discord.AllowedMentions.none()
    if interaction.response.is_done():
        await interaction.followup.send(sentence, ephemeral=True, allowed_mentions=nobody)
    else:
        await interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=nobody)


async def show(interaction: discord.Interaction, messages: Sequence[Message], *, private: bool = True) -> None:
    """Answers with these messages: the first as the response, the others after it.

    After a deferred response, which has settled already who sees the first, all of them come after it.
    """
    others = list(messages)
    if not interaction.response.is_done():
        await interaction.response.send_message(**outgoing.arguments(others.pop(0)), ephemeral=private)
    for message in others:
        await interaction.followup.send(**outgoing.arguments(message), ephemeral=private)


async def ask(interaction: discord.Interaction, form: Form) -> None:
    """Answers with a form to fill in."""
    await interaction.response.send_modal(outgoing.modal(form))


async def turn_into(interaction: discord.Interaction, messages: Sequence[Message]) -> None:
    """Turns the private message whose button was clicked into the first of these, and sends the others after it.

    What everybody sees is never changed by a click: under it they are a private reply.
    """
    if interaction.message is None or not interaction.message.flags.ephemeral:
        await show(interaction, messages)
        return
    first, *others = messages
    await interaction.response.edit_message(**outgoing.changes(first))
    for message in others:
        await interaction.followup.send(**outgoing.arguments(message), ephemeral=True)
