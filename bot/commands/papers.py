"""`/papers search`: papers of digests that were posted here, by word; one opens in full. All of it private.

Each finds what was posted in channels that they see.
"""

from __future__ import annotations

import re
from typing import Any, Final

import discord
from discord import app_commands
from sqlalchemy import Connection

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.seeing import seen_by
from bot.commands.services import Person, Services, person
from bot.language import Refusal, Speech
from bot.library import digests, searching
from bot.library.searching import Found
from bot.model import Digest
from bot.posts.custom_ids import FoundPapers, OpenFound, format_custom_id, from_word, to_word
from bot.posts.limits import OPTION
from bot.posts.markdown import bold, escape_line, plain
from bot.posts.message import Button, Embed, Menu, Message, Option, Row
from bot.posts.paper import paper_in_full
from bot.posts.splitting import shorten
from bot.posts.style import date_in_words, series_name

PAGE: Final = 8
"""Papers on a page."""
_TITLE: Final = 150
"""Characters of a title in the list."""
_COLOUR: Final = 0x5865F2
_VALUE: Final = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,8})")
_Results = tuple[tuple[Found, ...], int, int]


def add(tree: app_commands.CommandTree[Any], components: Components, services: Services) -> None:
    """Adds the group with its one command, its pages and its menu."""
    group = app_commands.Group(name="papers", description="Papers that this server has had", guild_only=True)

    def look(
        connection: Connection, interaction: discord.Interaction, words: str, number: int
    ) -> tuple[Person, _Results]:
        who = person(connection, interaction)
        seen = seen_by(interaction, digests.posted_in(connection, who.server_id))
        found = searching.find(
            connection, server_id=who.server_id, channels=seen, words=words, page=number, size=PAGE
        )
        return who, found

    def load(
        connection: Connection, interaction: discord.Interaction, digest_id: int
    ) -> tuple[Person, Digest | None]:
        who = person(connection, interaction)
        seen = seen_by(interaction, digests.posted_in(connection, who.server_id))
        posted = searching.posted(connection, digest_id, who.server_id, seen)
        return who, digests.load(connection, digest_id, figures=True) if posted else None

    @group.command(name="search", description="Find a paper by its title, authors or words; just for you")
    @app_commands.describe(words="One word or more; all of them must be there")
    async def search(interaction: discord.Interaction, words: app_commands.Range[str, 1, 45]) -> None:
        try:
            to_word(words)
        except ValueError:
            raise Refusal("That is too long to search for; a word or two will do.") from None
        who, found = await services.store.read(look, interaction, words, 0)
        await replies.show(interaction, [page(words, *found, say=who.say)])

    async def turn(interaction: discord.Interaction, clicked: FoundPapers, _: str | None) -> None:
        words = from_word(clicked.words)
        who, found = await services.store.read(look, interaction, words, clicked.page)
        await replies.turn_into(interaction, [page(words, *found, say=who.say)])

    async def open_paper(interaction: discord.Interaction, _: OpenFound, value: str | None) -> None:
        picked = _VALUE.fullmatch(value or "")
        messages: tuple[Message, ...] = ()
        if picked:
            who, digest = await services.store.read(load, interaction, int(picked[1]))
            if digest is not None:
                messages = paper_in_full(digest, int(picked[2]), say=who.say, language=who.language)
        if not messages:
            raise Refusal("This paper is no longer in the digest.")
        await replies.show(interaction, messages)

    tree.add_command(group)
    components.add(FoundPapers, turn)
    components.add(OpenFound, open_paper)


def page(words: str, found: tuple[Found, ...], number: int, total: int, *, say: Speech) -> Message:
    """A page (from 0) of what was found, of `total` papers in all; a menu opens one in full."""
    title = say("Papers with “{words}”", words=escape_line(words))
    if not found:
        text = say("This server has had no such paper. Try fewer words, or a part of one.")
        return Message(embeds=(Embed(title=title, description=text, colour=_COLOUR),))
    pages = (total + PAGE - 1) // PAGE
    first = number * PAGE + 1
    lines = [
        f"{place}\\. {bold(shorten(_title(one, say), _TITLE))}\n{escape_line(shorten(_where(one, say), OPTION))}"
        for place, one in enumerate(found, first)
    ]
    options = tuple(
        Option(
            shorten(f"{place}. {_title(one, say)}", OPTION),
            f"{one.digest_id}-{one.number}",
            shorten(_where(one, say), OPTION),
        )
        for place, one in enumerate(found, first)
    )
    rows: list[Row] = [Menu(format_custom_id(OpenFound(number)), options, say("Read a paper in full…"))]
    if pages > 1:
        word = to_word(words)
        rows.append(
            (
                Button(
                    say("Previous"), format_custom_id(FoundPapers(word, max(number - 1, 0))), disabled=number == 0
                ),
                Button(say("Next"), format_custom_id(FoundPapers(word, number + 1)), disabled=number == pages - 1),
            )
        )
    footer = say.count("{number} paper", "{number} papers", total)
    if pages > 1:
        footer += " · " + say("page {page} of {pages}", page=number + 1, pages=pages)
    embed = Embed(title=title, description="\n".join(lines), colour=_COLOUR, footer=footer)
    return Message(embeds=(embed,), rows=tuple(rows))


def _title(one: Found, say: Speech) -> str:
    return plain(one.title) or say("Paper {number}", number=one.number)


def _where(one: Found, say: Speech) -> str:
    return f"{series_name(one.series, say)} · {date_in_words(one.date, say)}"
