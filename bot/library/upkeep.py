"""Brings the questions of a digest, and their keys from files, to what its document says now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.database.tables import SHARED, audit, keys, questions
from bot.library import keys as keyring
from bot.library.keys import FROM_FILES, Origin
from bot.library.questions import Match, Stored, Wanted, match, own
from bot.model import Digest

FileKeys = Mapping[tuple[int, str], tuple[int, str | None]]
"""Answer and reason by question id and origin."""

_QUESTIONS = select(
    questions.c.id,
    questions.c.paper,
    questions.c.position,
    questions.c.title,
    questions.c.text,
    questions.c.options,
    questions.c.translations,
    questions.c.made,
    questions.c.retired_at,
).where(questions.c.digest_id == bindparam("digest"))
_ADD_QUESTIONS = insert(questions).returning(questions.c.id, sort_by_parameter_order=True)
_COLUMNS = ("paper", "position", "title", "text", "options", "translations", "made")
_CHANGE_QUESTION = (
    update(questions)
    .where(questions.c.id == bindparam("question"))
    .values({name: bindparam(name) for name in _COLUMNS})
    .values(retired_at=None)
)
_RETIRE = (
    update(questions).where(questions.c.id == bindparam("question")).values(retired_at=bindparam("retired_at"))
)
_FILE_KEYS = (
    select(keys.c.question_id, keys.c.origin, keys.c.answer, keys.c.reason)
    .join(questions, questions.c.id == keys.c.question_id)
    .where(questions.c.digest_id == bindparam("digest"), questions.c.retired_at.is_(None))
    .where(keys.c.owner_id == SHARED, keys.c.origin.in_([origin.value for origin in FROM_FILES]))
)


def ask(
    connection: Connection,
    digest_id: int,
    asked: Sequence[Wanted],
    bare: Digest | None,
    now: dt.datetime,
    *,
    new: bool,
) -> list[int]:
    """Writes a digest's questions and keys; returns the questions whose key from files changed, with any answers.

    `asked` are those that can be played now. `bare` is the digest as its document has it without a side file,
    None where there is no side file. `new`: nothing was asked about it before.
    """
    kept = [] if new else _kept(connection, digest_id)
    found = _put_questions(connection, digest_id, asked, kept, now)
    old = _kept_keys(connection, digest_id) if kept else {}
    return _put_keys(connection, found, old, bare, now)


def _kept(connection: Connection, digest_id: int) -> list[Stored]:
    return [
        Stored(
            id=row.id,
            paper=row.paper,
            position=row.position,
            title=row.title,
            text=row.text,
            options=tuple(row.options),
            translations={
                language: (title, text, tuple(options))
                for language, (title, text, options) in row.translations.items()
            },
            made=row.made,
            retired=row.retired_at is not None,
        )
        for row in connection.execute(_QUESTIONS, {"digest": digest_id})
    ]


def _kept_keys(connection: Connection, digest_id: int) -> FileKeys:
    return {
        (row.question_id, row.origin): (row.answer, row.reason)
        for row in connection.execute(_FILE_KEYS, {"digest": digest_id})
    }


def _put_questions(
    connection: Connection, digest_id: int, asked: Sequence[Wanted], kept: Sequence[Stored], now: dt.datetime
) -> dict[int, Match]:
    """Writes the digest's questions; returns each with its id."""
    matches = match(asked, kept)
    found = {m.stored.id: m for m in matches if m.stored is not None}
    new = [m for m in matches if m.stored is None]
    if new:
        rows = [{**_question(m), "digest_id": digest_id} for m in new]
        found.update(zip(connection.execute(_ADD_QUESTIONS, rows).scalars(), new, strict=True))
    changed = [
        {**_question(m), "question": m.stored.id}
        for m in matches
        if m.stored is not None and _differs(m, m.stored)
    ]
    if changed:
        connection.execute(_CHANGE_QUESTION, changed)
    gone = [{"question": s.id, "retired_at": now} for s in kept if s.id not in found and not s.retired]
    if gone:
        connection.execute(_RETIRE, gone)
    return found


def _question(m: Match) -> dict[str, Any]:
    return {
        "paper": m.wanted.paper,
        "position": m.wanted.position,
        "title": m.wanted.title,
        "text": m.wanted.text,
        "options": m.ordered(m.wanted.options),
        "translations": m.translations,
        "made": m.wanted.made,
    }


def _differs(m: Match, stored: Stored) -> bool:
    now = Stored(id=stored.id, retired=False, **_question(m))
    return now != stored


def _put_keys(
    connection: Connection, found: Mapping[int, Match], old: FileKeys, bare: Digest | None, now: dt.datetime
) -> list[int]:
    """Makes the keys from files those that the files have now; returns the questions whose answer changed."""
    new = _file_keys(found, bare)
    written = [
        {**_place(place), "answer": answer, "reason": reason, "set_by": None, "set_at": now}
        for place, (answer, reason) in new.items()
        if old.get(place) != (answer, reason)
    ]
    if written:
        connection.execute(keyring.PUT, written)
    removed = [
        {"question": question_id, "owner": SHARED, "from": origin}
        for question_id, origin in old
        if (question_id, origin) not in new
    ]
    if removed:
        connection.execute(keyring.REMOVE, removed)
    changes = {
        place: (_answer(old, place), _answer(new, place))
        for place in sorted({*old, *new})
        if found[place[0]].stored is not None and _answer(old, place) != _answer(new, place)
    }
    if changes:
        rows = [
            {"question": question_id, "origin": origin, "from": before, "to": after}
            for (question_id, origin), (before, after) in changes.items()
        ]
        connection.execute(insert(audit), [{"act": "key", "details": row, "at": now} for row in rows])
    return sorted({question_id for question_id, _ in changes})


def _place(place: tuple[int, str]) -> dict[str, Any]:
    return {"question_id": place[0], "owner_id": SHARED, "origin": place[1]}


def _answer(file_keys: FileKeys, place: tuple[int, str]) -> int | None:
    return file_keys[place][0] if place in file_keys else None


def _file_keys(found: Mapping[int, Match], bare: Digest | None) -> FileKeys:
    """The document's keys, and the side file's where they differ from those."""
    plain = {(q.paper, q.number): (q.answer, q.reason) for q in own(bare)} if bare is not None else {}
    new: dict[tuple[int, str], tuple[int, str | None]] = {}
    for question_id, m in found.items():
        said = (m.wanted.answer, m.wanted.reason)
        in_document = said
        if bare is not None and not m.wanted.made:
            in_document = plain.get((m.wanted.paper, m.wanted.number), (None, None))
        if in_document[0] is not None:
            new[question_id, Origin.DOCUMENT.value] = (m.places[in_document[0]], in_document[1])
        if m.answer is not None and said != in_document:
            new[question_id, Origin.SIDE_FILE.value] = (m.answer, m.wanted.reason)
    return new
