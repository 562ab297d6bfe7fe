"""What was made of each document, kept by its path: so an unchanged one costs nothing and a problem is known."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database.tables import SHARED, digests, documents, keys, questions
from bot.library import digests as library
from bot.library.digests import Outcome, Recount, name
from bot.library.sources import Source
from bot.library.work import READERS, Work
from bot.model import Level, Note

_AT_ONCE = 500
"""Paths or ids in one statement."""
_TOGETHER = 0.02
"""Seconds after which nothing more is kept in the same transaction: players' clicks wait for it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What an import made of one document."""

    path: Path
    outcome: Outcome | None = None
    """None: it couldn't be read."""
    digest_id: int | None = None
    series: str | None = None
    date: dt.date | None = None
    problem: str | None = None
    """Why it couldn't be read, in one sentence."""
    line: int | None = None
    """The line that the problem is on, from 1, if it is on one."""
    note: str | None = None
    """Why it was left out, or whose place it took."""
    notes: tuple[Note, ...] = ()
    """What its reader passed over or guessed."""
    papers: int = 0
    questions: int = 0
    keyed: int = 0
    """Questions with a key that counts everywhere."""
    figures: int = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """A document that was read and is to be kept."""

    source: Source
    work: Work
    before: Record | None
    """What was known of it."""


@dataclass(frozen=True, slots=True)
class Record:
    """A document as it was last read, and the digest that has its place in the library now."""

    path: Path
    size: int
    modified: int
    fingerprint: str
    problem: str | None
    notes: tuple[Note, ...]
    missing: bool
    digest_id: int | None
    owner_id: int | None
    series: str | None
    date: dt.date | None
    source: str | None
    papers: int
    figures: int
    withdrawn: bool
    same: bool
    """The digest was read from the same bytes."""

    def stands(self, source: Source, owner_id: int) -> bool:
        """Whether reading the same bytes again would come to the same."""
        return (
            not self.missing
            and self.fingerprint.startswith(f"{READERS}:")
            and not self.withdrawn
            and self.owner_id in (None, owner_id)
            and source.series in (None, self.series or source.series)
        )

    def untouched(self, source: Source) -> bool:
        """Whether the file looks as it did."""
        return (self.size, self.modified) == (source.size, source.modified)

    def result(self) -> Result:
        """What an import makes of it when nothing changed."""
        own = self.source == str(self.path)
        if self.problem is not None and (own or self.digest_id is None):
            [said] = self.notes
            return Result(self.path, problem=said.message, line=said.line)
        found = Result(
            self.path,
            digest_id=self.digest_id,
            series=self.series,
            date=self.date,
            notes=self.notes,
        )
        if own or self.same:
            return replace(found, outcome=Outcome.UNCHANGED, papers=self.papers, figures=self.figures)
        note = self.problem or f"{name(self.source or '')} has taken its place."
        return replace(found, outcome=Outcome.REFUSED, note=note)


_COLUMNS = (
    documents.c.path,
    documents.c.size,
    documents.c.modified,
    documents.c.fingerprint,
    documents.c.problem,
    documents.c.notes,
    documents.c.missing_since,
    documents.c.digest_id,
    digests.c.owner_id,
    digests.c.series,
    digests.c.date,
    digests.c.source,
    digests.c.papers,
    digests.c.figures,
    digests.c.withdrawn_at,
    (digests.c.fingerprint == documents.c.fingerprint).label("same"),
)
_ALL: Select[Any] = select(*_COLUMNS).select_from(
    documents.outerjoin(digests, digests.c.id == documents.c.digest_id)
)
_KNOWN = _ALL.where(documents.c.path.in_(bindparam("paths", expanding=True)))


def known(connection: Connection, paths: Sequence[Path]) -> dict[Path, Record]:
    """What is known of these documents."""
    found = {}
    for some in _batches(paths):
        for row in connection.execute(_KNOWN, {"paths": [str(path) for path in some]}):
            record = _record(row)
            found[record.path] = record
    return found


def under(connection: Connection, folder: Path) -> list[Record]:
    """The documents that were in a folder, or in one of its folders, when they were last looked for."""
    inside = documents.c.path.startswith(f"{folder}{os.sep}", autoescape=True)
    rows = connection.execute(_ALL.where(inside, documents.c.missing_since.is_(None)))
    # LIKE takes capitals and small letters for the same
    return [record for record in map(_record, rows) if record.path.is_relative_to(folder)]


_TROUBLED = _ALL.where(documents.c.problem.is_not(None), documents.c.missing_since.is_(None)).order_by(
    documents.c.path
)


def troubled(connection: Connection) -> dict[Path, str]:
    """The operator's documents that aren't in the library, or not as they are now, and why, by their paths."""
    results = [_record(row).result() for row in connection.execute(_TROUBLED)]
    return {result.path: result.problem or result.note or "" for result in results}


def _record(row: Row[Any]) -> Record:
    return Record(
        path=Path(row.path),
        size=row.size,
        modified=row.modified,
        fingerprint=row.fingerprint,
        problem=row.problem,
        notes=tuple(Note(line, Level(level), message) for line, level, message in row.notes),
        missing=row.missing_since is not None,
        digest_id=row.digest_id,
        owner_id=row.owner_id,
        series=row.series,
        date=row.date,
        source=row.source,
        papers=row.papers or 0,
        figures=row.figures or 0,
        withdrawn=row.withdrawn_at is not None,
        same=bool(row.same),
    )


_PUT = insert(documents)
_PUT = _PUT.on_conflict_do_update(
    index_elements=[documents.c.path],
    set_={column.name: _PUT.excluded[column.name] for column in documents.c if column.name != "path"},
)
_TOUCH = (
    update(documents)
    .where(documents.c.path == bindparam("document"))
    .values(size=bindparam("size"), modified=bindparam("modified"))
)
_SOURCE = select(digests.c.source).where(digests.c.id == bindparam("digest"))


def keep_several(
    connection: Connection,
    ready: Sequence[Ready],
    *,
    owner_id: int,
    now: dt.datetime,
    replace: bool,
    recount: Recount,
) -> list[Result]:
    """Writes down what was made of documents, one after the other, for as long as others can well wait.

    So fewer may come back than were ready: the rest is for the next transaction.
    """
    kept = []
    until = time.monotonic() + _TOGETHER
    for one in ready:
        kept.append(keep(connection, one, owner_id=owner_id, now=now, replace=replace, recount=recount))
        if time.monotonic() > until:
            break
    return kept


def keep(
    connection: Connection,
    ready: Ready,
    *,
    owner_id: int,
    now: dt.datetime,
    replace: bool,
    recount: Recount,
) -> Result:
    """Writes down what was made of a document, its digest or its problem."""
    source, work, before = ready.source, ready.work, ready.before
    if work.problem is not None:
        notes = (Note(work.line, Level.ERROR, work.problem),)
        problem = work.problem if work.line is None else f"line {work.line}: {work.problem}"
        _write(connection, source, work, now, problem, notes, digest_id=before.digest_id if before else None)
        return Result(source.path, problem=work.problem, line=work.line)
    if work.reading is None:
        if before is None:
            raise ValueError("only a document that is known can be the same as before")
        connection.execute(
            _TOUCH, {"document": str(source.path), "size": source.size, "modified": source.modified}
        )
        return before.result()

    arguments: dict[str, Any] = {
        "owner_id": owner_id,
        "source": str(source.path),
        "fingerprint": work.fingerprint,
        "now": now,
        "bare": work.bare,
        "asked": work.asked,
        "recount": recount,
    }
    imported = library.put(connection, work.reading, replace=replace, **arguments)
    if imported.outcome is Outcome.REFUSED:
        holder = connection.execute(_SOURCE, {"digest": imported.digest_id}).scalar_one()
        if _gone(holder):
            imported = library.put(connection, work.reading, replace=True, **arguments)
    if (
        before is not None
        and before.digest_id not in (None, imported.digest_id)
        and before.source == str(source.path)
    ):
        # it has another date or series now
        library.withdraw(connection, before.digest_id or 0, owner_id=owner_id, now=now)
    refused = imported.outcome is Outcome.REFUSED
    _write(
        connection,
        source,
        work,
        now,
        imported.note if refused else None,
        work.reading.notes,
        digest_id=imported.digest_id,
    )
    digest = work.reading.digest
    return Result(
        source.path,
        outcome=imported.outcome,
        digest_id=imported.digest_id,
        series=digest.series,
        date=digest.date,
        note=imported.note,
        notes=work.reading.notes,
        papers=0 if refused else len(digest.papers),
        figures=0 if refused else sum(paper.figure is not None for paper in digest.papers),
    )


def _write(
    connection: Connection,
    source: Source,
    work: Work,
    now: dt.datetime,
    problem: str | None,
    notes: Iterable[Note],
    *,
    digest_id: int | None,
) -> None:
    row = {
        "path": str(source.path),
        "size": source.size,
        "modified": source.modified,
        "fingerprint": work.fingerprint,
        "digest_id": digest_id,
        "problem": problem,
        "notes": [[note.line, note.level.value, note.message] for note in notes],
        "read_at": now,
        "missing_since": None,
    }
    connection.execute(_PUT, row)


def _gone(source: str) -> bool:
    """Whether a digest's document was a file that isn't there any more."""
    if not Path(source).is_absolute():
        return False
    try:
        Path(source).stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


_MISSING = (
    update(documents).where(documents.c.path == bindparam("document")).values(missing_since=bindparam("now"))
)


def miss(connection: Connection, records: Iterable[Record], *, owner_id: int, now: dt.datetime) -> None:
    """Writes down that these documents are gone, and withdraws the digests that came from them."""
    for record in records:
        connection.execute(_MISSING, {"document": str(record.path), "now": now})
        if record.digest_id is not None and record.source == str(record.path):
            library.withdraw(connection, record.digest_id, owner_id=owner_id, now=now)


_ASKED = (
    select(
        questions.c.digest_id,
        func.count(questions.c.id.distinct()).label("questions"),
        func.count(keys.c.question_id.distinct()).label("keyed"),
    )
    .select_from(questions.outerjoin(keys, and_(keys.c.question_id == questions.c.id, keys.c.owner_id == SHARED)))
    .where(questions.c.digest_id.in_(bindparam("digests", expanding=True)), questions.c.retired_at.is_(None))
    .group_by(questions.c.digest_id)
)


def counted(connection: Connection, results: Sequence[Result]) -> tuple[Result, ...]:
    """The results with how many questions there are, and with how many keys."""
    ids = [r.digest_id for r in results if r.digest_id is not None and r.outcome is not Outcome.REFUSED]
    found: dict[int | None, Row[Any]] = {}
    for some in _batches(ids):
        rows: Iterable[Row[Any]] = connection.execute(_ASKED, {"digests": list(some)})
        found.update((row.digest_id, row) for row in rows)
    return tuple(
        replace(r, questions=found[r.digest_id].questions, keyed=found[r.digest_id].keyed)
        if r.digest_id in found and r.outcome is not Outcome.REFUSED
        else r
        for r in results
    )


def _batches(items: Collection[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
