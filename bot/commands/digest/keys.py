"""`/digest key`: an admin sets or corrects the right answer of a question.

It counts in their server alone; an operator can name servers whose admins may set it for all.
"""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import app_commands
from sqlalchemy import Connection, bindparam, select

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.digest import choices
from bot.commands.services import Services
from bot.database.tables import SHARED, digests, questions, rounds
from bot.language import Refusal, Speech
from bot.library import keys as library_keys
from bot.posts.limits import TITLE
from bot.posts.markdown import escape, escape_line
from bot.posts.message import Message
from bot.posts.packing import Paragraph, Part, pack
from bot.posts.splitting import shorten
from bot.posts.style import colour, date_in_words
from bot.quiz.keys import KeyChange, QuestionNotFound, set_key
from bot.quiz.pages import letter

LABEL = 100
LIMIT = 25
ALL = "all"
HERE = "here"
_SCOPES = [
    app_commands.Choice(name="this server", value=HERE),
    app_commands.Choice(name="all servers, where whoever runs this bot trusts this one", value=ALL),
]

_ASKED = (
    select(questions.c.id, questions.c.paper, questions.c.text, digests.c.series, digests.c.date)
    .select_from(rounds.join(digests, digests.c.id == rounds.c.digest_id).join(questions))
    .where(rounds.c.server_id == bindparam("server"), questions.c.retired_at.is_(None))
    .order_by(rounds.c.opened_at.desc(), questions.c.position)
    .limit(500)
)
_QUESTION = (
    select(questions.c.text, questions.c.options, digests.c.series, digests.c.date)
    .join(digests, digests.c.id == questions.c.digest_id)
    .join(rounds, rounds.c.digest_id == digests.c.id)
    .where(questions.c.id == bindparam("question"), rounds.c.server_id == bindparam("server"))
)


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds `/digest key`."""

    def asked(connection: Connection, server_id: int, typed: str) -> list[tuple[str, str]]:
        found = []
        for row in connection.execute(_ASKED, {"server": server_id}):
            label = f"{row.date} · paper {row.paper} · {row.text}"
            if typed.casefold() in label.casefold():
                found.append((shorten(label, LABEL), str(row.id)))
        return found[:LIMIT]

    def options_of(connection: Connection, server_id: int, question_id: int) -> list[str]:
        row = connection.execute(_QUESTION, {"question": question_id, "server": server_id}).first()
        return list(row.options) if row else []

    def change(
        connection: Connection,
        interaction: discord.Interaction,
        question_id: int,
        answer: str,
        reason: str | None,
        everywhere: bool,
    ) -> tuple[KeyChange, str, list[str], str]:
        server_id = interaction.guild_id or 0
        row = connection.execute(_QUESTION, {"question": question_id, "server": server_id}).first()
        if row is None:
            raise QuestionNotFound
        number = _option(answer, row.options)
        if reason is None and number is not None:
            kept = library_keys.of_question(connection, question_id, SHARED if everywhere else server_id)
            reason = kept.reason if kept is not None and kept.answer == number else None
        changed = set_key(
            connection,
            question_id=question_id,
            server_id=None if everywhere else server_id,
            answer=number,
            reason=reason,
            set_by=interaction.user.id,
            now=services.clock.now(),
        )
        say = replies.say_to(interaction)
        return changed, row.text, row.options, f"{row.series} · {date_in_words(row.date, say)}"

    async def complete_question(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        found = await services.store.read(asked, interaction.guild_id or 0, typed)
        return [app_commands.Choice(name=name, value=value) for name, value in found]

    async def complete_answer(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        question = str(getattr(interaction.namespace, "question", ""))
        if not choices.is_id(question):
            return []
        options = await services.store.read(options_of, interaction.guild_id or 0, int(question))
        named = [(f"{letter(n)} · {text}", letter(n)) for n, text in enumerate(options[: LIMIT - 1])]
        named.append(("none: take the key away that was set here", "none"))
        return [
            app_commands.Choice(name=shorten(name, LABEL), value=value)
            for name, value in named
            if typed.casefold() in name.casefold()
        ]

    @group.command(name="key", description="Set or correct a question's right answer; standings follow at once")
    @app_commands.describe(
        question="The question; the latest rounds' come first, or type a word of it",
        answer="The right option, in the order the document has them; “none” takes away one set here",
        reason="One sentence that says why, shown with the verdict",
        scope="Where it counts; in this server if you don't say",
    )
    @app_commands.rename(scope="for")
    @app_commands.choices(scope=_SCOPES)
    @app_commands.autocomplete(question=complete_question, answer=complete_answer)
    async def command(
        interaction: discord.Interaction,
        question: str,
        answer: str,
        reason: app_commands.Range[str, 1, 500] | None = None,
        scope: str = HERE,
    ) -> None:
        everywhere = scope == ALL
        if everywhere and interaction.guild_id not in services.settings.keys.trusted_servers:
            raise Refusal(
                "Whoever runs this bot lets only the servers they trust set keys for all; set it for this server."
            )
        if not choices.is_id(question):
            raise Refusal("Pick the question from the list that Discord offers while you type.")
        changed, text, options, digest = await services.store.write(
            change, interaction, int(question), answer, reason, everywhere
        )
        say = replies.say_to(interaction)
        told = _option(answer, options) is not None
        pages = said(changed, text, options, digest, say=say, everywhere=everywhere, told=told)
        await replies.show(interaction, pages)


def _option(answer: str, options: list[str]) -> int | None:
    """The option's place, by its letter or its text; None for `none`. Raises Refusal."""
    folded = answer.strip().casefold()
    if folded == "none":
        return None
    letters = [letter(place).casefold() for place in range(len(options))]
    if folded in letters:
        return letters.index(folded)
    texts = [option.casefold() for option in options]
    if folded in texts:
        return texts.index(folded)
    raise Refusal("Pick the right option by its letter, A to {last}.", last=letter(len(options) - 1))


def said(
    changed: KeyChange,
    text: str,
    options: Sequence[str],
    digest: str,
    *,
    say: Speech,
    everywhere: bool,
    told: bool = True,
) -> list[Message]:
    """What the key is now, where it counts, and whose standings changed; all of the question, however long.

    `told`: who gets this said what is right; a key that counts again isn't shown to somebody who may still play.
    """
    after = changed.after if told else None
    shown = [escape(text)]
    for number, option in enumerate(options):
        mark = "✅ " if after is not None and after.answer == number else ""
        shown.append(f"{mark}**{letter(number)}** {escape(option)}")
    if after is not None and after.reason:
        shown.append(escape(after.reason))
    if changed.after is not None and not told:
        counts = say("The key set here is taken away; the one that was there before it counts again.")
    elif after is None:
        counts = say("This question has no key now; its answers are kept and bring points once there is one.")
    elif everywhere:
        counts = say("This key counts in every server that hasn't set one of its own.")
    else:
        counts = say("This key counts in this server.")
    if changed.players:
        standings = say.count(
            "The standing of {number} player was worked out anew.",
            "The standings of {number} players were worked out anew.",
            changed.players,
        )
    else:
        standings = say("Nobody's standing changes by it.")
    part = Part(
        colour=colour("deep-dive"),
        title=shorten(escape_line(say("Key: {digest}", digest=digest)), TITLE),
        paragraphs=(*map(Paragraph, shown), Paragraph(f"{counts}\n{standings}")),
    )
    return [Message(embeds=sheet.embeds) for sheet in pack([part])]
