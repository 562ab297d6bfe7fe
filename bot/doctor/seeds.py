"""The seed folder and what was read out of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from bot.database.tables import digests, documents
from bot.doctor.findings import Finding, Verdict

_SHOWN: Final = 10
_PROBLEMS = (
    select(documents.c.path, documents.c.problem)
    .where(documents.c.problem.is_not(None))
    .order_by(documents.c.path)
)
_UNREADABLE = select(func.count()).select_from(documents).where(documents.c.problem.is_not(None))
_DIGESTS = select(func.count()).select_from(digests).where(digests.c.withdrawn_at.is_(None))


def for_admins(connection: Connection) -> Finding:
    """Whether all documents could be read, without their names, which are the operator's."""
    number = connection.execute(_UNREADABLE).scalar_one()
    if not number:
        return Finding("seeds", Verdict.OK, "Every document was read.")
    return Finding(
        "seeds",
        Verdict.LOOK,
        "Documents that couldn't be read: {number}.",
        "Whoever runs this bot sees which with `paper-round doctor`; the others are delivered.",
        {"number": number},
    )


def for_operators(connection: Connection, folder: Path) -> Iterator[Finding]:
    """Whether the folder is there and all that is in it could be read."""
    if folder.is_dir():
        number = connection.execute(_DIGESTS).scalar_one()
        yield Finding("seeds", Verdict.OK, "Digests in the library: {number}.", values={"number": number})
    else:
        mend = "Put documents there, or name another folder in the settings (seeds)."
        yield Finding("seeds", Verdict.LOOK, "There is no seed folder {folder}.", mend, {"folder": folder})
    bad = connection.execute(_PROBLEMS).all()
    for path, problem in bad[:_SHOWN]:
        yield Finding("seeds", Verdict.LOOK, "{path}: {problem}", values={"path": path, "problem": problem})
    if more := len(bad) - _SHOWN if len(bad) > _SHOWN else 0:
        yield Finding("seeds", Verdict.LOOK, "And {more} documents more couldn't be read.", values={"more": more})
