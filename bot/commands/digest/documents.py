"""`/digest documents`: the server's own documents, page by page, and taking one out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.digest import choices
from bot.commands.permissions import only_admins
from bot.commands.services import Services
from bot.language import Refusal, Speech
from bot.library import uploads
from bot.library.uploads import Own
from bot.posts.custom_ids import DocumentsPage, RemoveDocument, format_custom_id
from bot.posts.markdown import bold, escape_line
from bot.posts.message import Button, ButtonStyle, Embed, Message
from bot.posts.style import date_in_words, series_name

PAGE: Final = 8
"""Documents on a page: their longest names fit an embed."""
_COLOUR: Final = 0x5865F2


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds `/digest documents` and its buttons."""

    def take_out(connection: Connection, interaction: discord.Interaction, digest_id: int) -> Own:
        return uploads.remove(
            connection,
            digest_id,
            server_id=interaction.guild_id or 0,
            user_id=interaction.user.id,
            now=services.clock.now(),
        )

    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        found = await services.store.read(uploads.own, interaction.guild_id or 0)
        names = [(f"{one.series} · {one.date} · {one.source}", str(one.digest_id)) for one in found]
        return choices.listed([pair for pair in names if current.casefold() in pair[0].casefold()])

    @group.command(name="documents", description="This server's own documents; see them, or remove one")
    @app_commands.describe(remove="The document to take out; you are asked again before it goes")
    @app_commands.autocomplete(remove=complete)
    async def command(interaction: discord.Interaction, remove: str | None = None) -> None:
        say = replies.say_to(interaction)
        server_id = interaction.guild_id or 0
        if remove is None:
            await replies.show(interaction, [page(await services.store.read(uploads.own, server_id), 0, say)])
            return
        if not choices.is_id(remove):
            raise Refusal("Pick the document from the list that Discord offers while you type.")
        await replies.show(
            interaction, [ask(await services.store.read(uploads.find, server_id, int(remove)), say)]
        )

    async def turn(interaction: discord.Interaction, clicked: DocumentsPage, _: str | None) -> None:
        only_admins(interaction)
        found = await services.store.read(uploads.own, interaction.guild_id or 0)
        await replies.turn_into(interaction, [page(found, clicked.page, replies.say_to(interaction))])

    async def confirmed(interaction: discord.Interaction, clicked: RemoveDocument, _: str | None) -> None:
        only_admins(interaction)
        removed = await services.store.write(take_out, interaction, clicked.digest)
        say = replies.say_to(interaction)
        text = say(
            "{document} is removed and won't be posted here any more. What was posted stays as it is, and so do "
            "its rounds.",
            document=_name(removed, say),
        )
        await replies.turn_into(interaction, [Message(content=text)])

    components.add(DocumentsPage, turn)
    components.add(RemoveDocument, confirmed)


def page(found: Sequence[Own], number: int, say: Speech) -> Message:
    """A page (from 0) of the server's own documents; the last one where there are fewer."""
    if not found:
        return Message(
            content=say("This server has no documents of its own. `/digest import` brings one into its library.")
        )
    pages = (len(found) + PAGE - 1) // PAGE
    number = min(number, pages - 1)
    lines = [f"- {_name(one, say)} · {_counts(one, say)}" for one in found[number * PAGE :][:PAGE]]
    buttons = (
        Button(say("Previous"), format_custom_id(DocumentsPage(max(number - 1, 0))), disabled=number == 0),
        Button(say("Next"), format_custom_id(DocumentsPage(number + 1)), disabled=number == pages - 1),
    )
    footer = say.count("{number} document", "{number} documents", len(found))
    if pages > 1:
        footer += " · " + say("page {page} of {pages}", page=number + 1, pages=pages)
    embed = Embed(
        title=say("This server's own documents"),
        description="\n".join(lines),
        colour=_COLOUR,
        footer=footer,
    )
    return Message(embeds=(embed,), rows=(buttons,) if pages > 1 else ())


def ask(one: Own, say: Speech) -> Message:
    """Whether to take a document out."""
    text = say(
        "Remove {document} from this server's library? What was posted of it stays.", document=_name(one, say)
    )
    button = Button(say("Remove"), format_custom_id(RemoveDocument(one.digest_id)), ButtonStyle.DANGER)
    return Message(content=text, rows=((button,),))


def _name(one: Own, say: Speech) -> str:
    return f"{bold(series_name(one.series, say))} · {date_in_words(one.date, say)} ({escape_line(one.source)})"


def _counts(one: Own, say: Speech) -> str:
    counts = [
        say.count("{number} paper", "{number} papers", one.papers),
        say.count("{number} question", "{number} questions", one.questions),
    ]
    if one.questions > one.keyed:
        counts.append(say("{number} without a key", number=one.questions - one.keyed))
    return ", ".join(counts)
