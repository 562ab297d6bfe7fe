"""How the database goes about each statement of the bot's: none may read a table from end to end.

A statement that does costs nothing in a test and more every day in a house that is kept. Whatever a test has the
bot do is noted while `watched` is open, and each statement that is new is explained by an empty database: which
way it goes there doesn't depend on what is in the tables.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event

from bot.database.tables import metadata

_BOT: Final = str(Path(__file__).parents[1] / "bot") + "/"
_MIGRATIONS: Final = f"{_BOT}database/migrations/"
_PARTS: Final = re.compile(r"CONSTANT ROW|\(subquery-\d+\)|anon_\d+|eras|played|rest|shown|subscribed")
"""What isn't a table but a statement's own part, bounded by what that part reads."""
_WORK: Final = re.compile(r"\S+ USING (COVERING )?INDEX ix_deliveries_unfinished")
"""The index of what is still to be done, and of nothing else."""
_MEANT: Final[dict[str, tuple[str, ...]]] = {
    "documents": ("SELECT",),  # as many as there are files
    "questions": ("SELECT digests.id, digests.series",),  # the library, listed
    "audit": ("SELECT audit.id, audit.user_id, audit.details",),  # a person is taken out of wherever they stand
    "keys": ("UPDATE keys SET set_by", "DELETE FROM keys"),  # likewise, and what is a server's
    "seasons": ("UPDATE seasons SET started_by",),  # likewise
    "state": ("DELETE FROM state",),
    "alembic_version": ("SELECT",),
    "figures": ("DELETE FROM figures",),
    "servers": ("SELECT servers.id",),  # at start: which are known, beside which are there
    "subscriptions": ("SELECT count(*)",),  # the metrics'
}
"""Tables that may be read whole, by statements that begin so: they are rare, or the table stays small."""
_explained: set[str] = set()


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Fails with the first statement that the bot ran meanwhile and that reads a whole table."""
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement not in _explained and _is_the_bots():
            ran.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    for statement in dict.fromkeys(ran):
        _explained.add(statement)
        scans = whole_tables(statement)
        assert not scans, f"{scans} in: {statement}"


def whole_tables(statement: str) -> list[str]:
    """What a statement, in SQLite's words, reads from end to end."""
    if statement.split(maxsplit=1)[0].upper() not in ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH"):
        return []
    scans = [step.removeprefix("SCAN ") for step in steps(statement) if step.startswith("SCAN ")]
    return [
        scan
        for scan in scans
        if not _PARTS.fullmatch(scan)
        and not _WORK.fullmatch(scan)
        and not statement.startswith(_MEANT.get(scan.split()[0], ()))
    ]


def steps(statement: str) -> list[str]:
    """The way SQLite goes about a statement in its words."""
    rows = _empty().execute(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?")).fetchall()
    return [step for *_, step in rows]


def _is_the_bots() -> bool:
    """Whether the nearest code of the project's above here is the bot's, and no migration."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if name != __file__ and "site-packages" not in name and "/lib/python" not in name:
            return name.startswith(_BOT) and not name.startswith(_MIGRATIONS)
        frame = frame.f_back  # type: ignore[assignment]
    return False


@cache
def _empty() -> Any:
    """An empty database with the tables as they are."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    connection: Any = engine.raw_connection().driver_connection
    connection.execute("CREATE TABLE alembic_version (version_num TEXT PRIMARY KEY)")
    return connection
