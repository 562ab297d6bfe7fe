"""`paper-round render`: what a document's digest is posted as, and what clicks on that post bring up.

Nothing is kept: the ids in custom_ids are made up, so these buttons belong to no post.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from bot.cli import preview
from bot.cli.documents import read_one
from bot.language import speech
from bot.library.questions import wanted
from bot.model import Digest, Language, Look
from bot.posts import compose, open_choice
from bot.posts.custom_ids import PlayRound, format_custom_id
from bot.posts.message import Menu, Message
from bot.quiz import pages, play

Entry = dict[str, Any]

LOCALES = {Language.ENGLISH: "en-US", Language.CHINESE: "zh-CN"}
"""The languages that digests come in, as Discord's clients name them."""

_DIGEST = 0  # the id of a digest that is nowhere kept


def run(path: Path, *, look: str, as_json: bool) -> None:
    """Prints the post of one document."""
    digest = read_one(path).digest
    posted = compose(
        digest,
        digest_id=_DIGEST,
        look=Look(look),
        say=speech(Language.ENGLISH),
        language=Language.ENGLISH,
        keys=lambda number: f"part-{number}",
        playable=bool(wanted(digest)),
    )
    if as_json:
        rendered = {
            "messages": [{**message.body(), "files": _files(message)} for message in posted],
            "on_demand": list(_on_demand(digest, posted)),
        }
        typer.echo(json.dumps(rendered, ensure_ascii=False))
    else:
        preview.show(path, digest, posted)


def _on_demand(digest: Digest, posted: Sequence[Message]) -> Iterator[Entry]:
    """Everything a reader's click can bring up on the post, in each language the digest has."""
    if not posted:
        return
    for language, locale in LOCALES.items():
        if language is Language.ENGLISH or language in digest.languages:
            yield from _papers(digest, posted, language, locale)
            yield from _round(digest, posted, language, locale)


def _papers(digest: Digest, posted: Sequence[Message], language: Language, locale: str) -> Iterator[Entry]:
    """What the menus open: each paper in full, the reading tips."""
    menus = [row for message in posted for row in message.rows if isinstance(row, Menu)]
    for menu in menus:
        for option in menu.options:
            opened = open_choice(digest, option.value, say=speech(locale), language=language)
            yield from _entries(menu.custom_id, option.value, locale, opened)


def _round(digest: Digest, posted: Sequence[Message], language: Language, locale: str) -> Iterator[Entry]:
    """What the round's button and the answers' buttons bring up: each question, each option's verdict."""
    buttons = [button for message in posted for row in message.rows if isinstance(row, tuple) for button in row]
    start = format_custom_id(PlayRound(_DIGEST, ""))
    opener = next((b.custom_id for b in buttons if b.custom_id and b.custom_id.startswith(start)), None)
    if opener is None:
        return
    round_, keys = play.from_digest(digest)
    say = speech(locale)
    for question in round_.questions:
        asked = pages.question_pages(round_, say=say, language=language, question=question)
        yield from _entries(opener, None, locale, asked)
        answers = [b for message in asked for row in message.rows if isinstance(row, tuple) for b in row]
        for shown, button in enumerate(answers):
            answered = play.imagine(round_, question, shown, keys.get(question.id))
            verdict = pages.verdict_pages(answered, say=say, language=language)
            yield from _entries(button.custom_id, None, locale, verdict)


def _entries(
    custom_id: str | None, value: str | None, locale: str, messages: Sequence[Message]
) -> Iterator[Entry]:
    """One entry a message: what needs more than one message comes as several under the same custom_id."""
    for message in messages:
        yield {
            "custom_id": custom_id,
            "value": value,
            "locale": locale,
            "message": message.body(),
            "files": _files(message),
        }


def _files(message: Message) -> list[Entry]:
    return [{"name": file.name, "size": len(file.data)} for file in message.files]
