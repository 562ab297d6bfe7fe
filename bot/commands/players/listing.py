"""`/players audit`: what admins did here, page by page."""

from __future__ import annotations

from typing import Final

import discord
from discord import app_commands

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.permissions import only_admins
from bot.commands.services import Services
from bot.language import Speech
from bot.posts.custom_ids import AuditPage, format_custom_id
from bot.posts.markdown import escape_line
from bot.posts.message import Button, Embed, Message
from bot.posts.splitting import shorten
from bot.quiz import umpire
from bot.quiz.pages import letter
from bot.quiz.umpire import Act

PAGE: Final = 10
_TEXT: Final = 120
"""Characters of a question in the list."""
_COLOUR: Final = 0x5865F2


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds `/players audit` and its buttons."""

    async def look(interaction: discord.Interaction, number: int) -> Message:
        server_id = interaction.guild_id or 0
        acts, at, total = await services.store.read(umpire.acts, server_id=server_id, page=number, size=PAGE)
        return page(acts, at, total, say=replies.say_to(interaction))

    @group.command(
        name="audit", description="Who was excluded, what was struck, which keys changed: by whom and when"
    )
    async def command(interaction: discord.Interaction) -> None:
        await replies.show(interaction, [await look(interaction, 0)])

    async def turn(interaction: discord.Interaction, clicked: AuditPage, _: str | None) -> None:
        only_admins(interaction)
        await replies.turn_into(interaction, [await look(interaction, clicked.page)])

    components.add(AuditPage, turn)


def page(acts: tuple[Act, ...], number: int, total: int, *, say: Speech) -> Message:
    """A page (from 0) of the audit list, of `total` entries in all."""
    title = say("What admins did here")
    if not acts:
        return Message(embeds=(Embed(title=title, description=say("Nothing yet."), colour=_COLOUR),))
    pages = (total + PAGE - 1) // PAGE
    buttons = (
        Button(say("Previous"), format_custom_id(AuditPage(max(number - 1, 0))), disabled=number == 0),
        Button(say("Next"), format_custom_id(AuditPage(number + 1)), disabled=number == pages - 1),
    )
    embed = Embed(
        title=title,
        description="\n".join(_line(act, say) for act in acts),
        colour=_COLOUR,
        footer=say("page {page} of {pages}", page=number + 1, pages=pages) if pages > 1 else None,
    )
    return Message(embeds=(embed,), rows=(buttons,) if pages > 1 else ())


def _line(act: Act, say: Speech) -> str:
    return say(
        "- <t:{at}:f> · {who}: {what}",
        at=int(act.at.timestamp()),
        who=say("someone") if act.by is None else f"<@{act.by}>",
        what=_what(act, say),
    )


def _what(act: Act, say: Speech) -> str:
    player = say("a player who is forgotten") if act.player is None else f"<@{act.player}>"
    question = escape_line(shorten(act.question or say("a question that is gone"), _TEXT))
    if act.act == umpire.EXCLUDE:
        return say("excluded {player}", player=player)
    if act.act == umpire.INCLUDE:
        return say("put {player} back", player=player)
    if act.act == umpire.STRIKE:
        return say("struck the answer of {player} to “{question}”", player=player, question=question)
    if act.act == umpire.UNSTRIKE:
        return say("let the answer of {player} to “{question}” count again", player=player, question=question)
    if act.act == "season":
        return say("started season {number}", number=act.details.get("season", 0))
    if act.act == "key":
        before, after = (_option(act.details.get(name), say) for name in ("from", "to"))
        return say(
            "set the key of “{question}” from {before} to {after}", question=question, before=before, after=after
        )
    if act.act == "import":
        return say("brought in a document")
    if act.act == "remove":
        return say("removed a document")
    return escape_line(act.act)


def _option(place: object, say: Speech) -> str:
    return letter(place) if isinstance(place, int) else say("none")
