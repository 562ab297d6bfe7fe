"""`/digest import`: an admin brings a document into their own server's library; no other server sees it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Final

import discord
from discord import app_commands

from bot.commands import replies
from bot.commands.components import Components
from bot.commands.services import Services
from bot.documents import side_file
from bot.language import Refusal, Speech
from bot.leaderboard import standings
from bot.library import uploads
from bot.library.digests import Imported, Outcome
from bot.library.work import Document, Work
from bot.model import Level, Note, Reading
from bot.posts.limits import units
from bot.posts.markdown import escape_line
from bot.posts.message import File, Message
from bot.posts.packing import Paragraph, Part, pack
from bot.posts.splitting import shorten
from bot.posts.style import colour, date_in_words, series_name

log = logging.getLogger(__name__)

SERIES: Final = 60
"""Characters of a series' name."""
NAME: Final = 100
"""Characters of a file's name that are kept."""
_MEGABYTE: Final = 1024 * 1024
_SERIES_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REASON: Final = 800
_NOTES_SHOWN: Final = 8
_NOTES_ROOM: Final = 2_000
_MARKS: Final = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.INFO: "ℹ️"}


def add(group: app_commands.Group, components: Components, services: Services) -> None:
    """Adds `/digest import`."""
    allowed = services.settings.uploads

    @group.command(name="import", description="Bring a document into this server's own library; no other sees it")
    @app_commands.describe(
        document="A deep dive as text or page, or a round-up table",
        side_file="Its TOML side file: keys, reasons and figures",
        series="Which series it belongs to; what the document is if you don't say",
        replace="Put it in the place of another document with the same date and series",
    )
    async def command(
        interaction: discord.Interaction,
        document: discord.Attachment,
        side_file: discord.Attachment | None = None,
        series: str | None = None,
        replace: bool = False,
    ) -> None:
        say = replies.say_to(interaction)
        if not allowed.enabled:
            raise Refusal(
                "Whoever runs this bot has switched off imports by servers; ask them to add the document."
            )
        _check_size(document, allowed.max_megabytes)
        if side_file is not None:
            _check_size(side_file, min(allowed.max_megabytes, _SIDE_MEGABYTES))
        if series is not None:
            series = series.strip()
            check_series(series)
        server_id, file = interaction.guild_id or 0, document.filename[-NAME:]
        admitted = await services.store.write(
            uploads.admit,
            server_id=server_id,
            user_id=interaction.user.id,
            file=file,
            per_day=allowed.per_day,
            now=services.clock.now(),
        )
        await interaction.response.defer(ephemeral=True, thinking=True)

        async def bring() -> Document:
            return Document(
                data=await document.read(),
                name=file,
                side=None if side_file is None else await side_file.read(),
                side_name=None if side_file is None else side_file.filename[-NAME:],
                series=series,
            )

        work = await services.desk.read(server_id, bring)
        if work.reading is None:
            log.info("an upload can't be read: %s", work.problem, extra={"server": server_id, "file": file})
            raise _unreadable(work, file)
        check_series(work.reading.digest.series)
        imported = await services.store.write(
            uploads.keep,
            work,
            server_id=server_id,
            file=file,
            admitted=admitted,
            replace=replace,
            most=allowed.documents,
            now=services.clock.now(),
            recount=standings.recount_for,
        )
        await replies.show(interaction, said(work.reading, imported, say))


_SIDE_MEGABYTES: Final = side_file.MAX_BYTES / _MEGABYTE


def _check_size(attachment: discord.Attachment, megabytes: float) -> None:
    """Before anything is downloaded."""
    if attachment.size > megabytes * _MEGABYTE:
        raise Refusal(
            "{file} has {size} MB; {most} MB are the most. Make it smaller, or ask whoever runs this bot to add "
            "it.",
            file=escape_line(attachment.filename[-NAME:]),
            size=f"{attachment.size / _MEGABYTE:.1f}",
            most=f"{megabytes:g}",
        )


def check_series(series: str) -> None:
    """Raises Refusal for what can't be the name of a series."""
    if len(series) > SERIES or not _SERIES_NAME.fullmatch(series):
        raise Refusal(
            "“{series}” can't be a series: use up to {most} small letters, digits and hyphens, such as deep-dive.",
            series=escape_line(shorten(series, SERIES)),
            most=SERIES,
        )


def _unreadable(work: Work, file: str) -> Refusal:
    where, reason = escape_line(file), escape_line(shorten(work.problem or "", _REASON))
    if work.line is None:
        return Refusal("I can't read {file}: {reason}", file=where, reason=reason)
    return Refusal("I can't read {file}, line {line}: {reason}", file=where, line=work.line, reason=reason)


def said(reading: Reading, imported: Imported, say: Speech) -> list[Message]:
    """What was read, and what the reader noted: the first of it here, all of it in a file if that's more."""
    digest = reading.digest
    asked = [question for paper in digest.papers for question in paper.questions]
    keyed = sum(question.answer is not None for question in asked)
    figures = sum(paper.figure is not None for paper in digest.papers)
    heads = {
        Outcome.ADDED: say("It's in this server's own library now; no other server sees it."),
        Outcome.UPDATED: say("It has taken the place of what this server had for that day."),
        Outcome.UNCHANGED: say("This server has it already; nothing changed."),
        Outcome.REFUSED: "",
    }
    counts = [
        say.count("{number} paper", "{number} papers", len(digest.papers)),
        say.count("{number} figure", "{number} figures", figures),
        say.count("{number} question", "{number} questions", len(asked)),
    ]
    if len(asked) > keyed:
        counts.append(say("{number} of them without a key", number=len(asked) - keyed))
    lines = [heads[imported.outcome], " · ".join(counts)]
    if not digest.papers:
        lines.append(say("A digest without papers is never posted."))
    elif len(asked) > keyed:
        lines.append(say("Once its round is open, `/digest key` sets the keys that are missing."))
    paragraphs = [Paragraph("\n".join(lines))]
    file = None
    if reading.notes:
        shown = list(_shown(reading.notes, say))
        rest = len(reading.notes) - len(shown)
        if rest:
            file = File("notes.txt", "\n".join(_plain(note) for note in reading.notes).encode(errors="replace"))
            shown.append(say("{number} more; all of them are in notes.txt.", number=rest))
        paragraphs.append(Paragraph("\n".join((say("What the reader noted:"), *shown))))
    title = f"{escape_line(series_name(digest.series, say))} · {date_in_words(digest.date, say)}"
    sheets = pack([Part(colour=colour(digest.series), title=title, paragraphs=tuple(paragraphs))])
    files = [() for _ in sheets[1:]] + [(file,) if file else ()]
    return [Message(embeds=sheet.embeds, files=extra) for sheet, extra in zip(sheets, files, strict=True)]


def _shown(notes: tuple[Note, ...], say: Speech) -> Iterator[str]:
    """As many as fit; those that matter most first."""
    order = [*_MARKS]
    room = _NOTES_ROOM
    for note in sorted(notes, key=lambda note: order.index(note.level))[:_NOTES_SHOWN]:
        where = say("line {line}: ", line=note.line) if note.line else ""
        text = f"{_MARKS[note.level]} {where}{escape_line(note.message)}"
        room -= units(text) + 1
        if room < 0:
            return
        yield text


def _plain(note: Note) -> str:
    where = f"line {note.line}: " if note.line else ""
    return f"{where}{note.level.value}: {note.message}"
