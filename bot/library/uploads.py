"""A server's own library: documents that its admins bring in, which no other server sees, and take out again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.database import holding
from bot.database.tables import audit, digests, keys, questions
from bot.language import Refusal
from bot.library import digests as library
from bot.library.digests import Imported, Outcome, Recount
from bot.library.work import Work

ACT = "import"
"""What the audit list calls a try to bring in a document."""
_DAY = dt.timedelta(hours=24)


class TooOften(Refusal):
    """The server has tried as many times as it may in a day."""

    def __init__(self, most: int, again: dt.datetime) -> None:
        """`again`: when it may try again (UTC)."""
        super().__init__(
            "This server has imported as often as it may in 24 hours ({most} times); try again {again}.",
            most=most,
            again=f"<t:{int(again.timestamp()) + 1}:R>",
        )


class TooMany(Refusal):
    """The server has as many documents as it may."""

    def __init__(self, most: int) -> None:
        """`most`: how many it may have."""
        super().__init__(
            "This server has as many documents of its own as it may ({most}); remove one with "
            "`/digest documents` first.",
            most=most,
        )


class Taken(Refusal):
    """Another document of the server has that date of the series."""

    def __init__(self, series: str, date: dt.date) -> None:
        """Of the digest that there is."""
        super().__init__(
            "This server has a {series} of {date} already. Import this one with `replace` to put it in that one's "
            "place.",
            series=series,
            date=date.isoformat(),
        )


class NotTheirs(Refusal):
    """The server has no such document."""

    def __init__(self) -> None:
        """With its one sentence."""
        super().__init__("This server has no such document of its own; `/digest documents` lists those it has.")


@dataclass(frozen=True, slots=True)
class Own:
    """A document of a server's own library."""

    digest_id: int
    series: str
    date: dt.date
    source: str
    """The name of the file it came in."""
    papers: int
    questions: int
    keyed: int
    """Questions with a key."""


_TRIES = (
    select(audit.c.at)
    .where(audit.c.server_id == bindparam("server"), audit.c.act == ACT, audit.c.at > bindparam("since"))
    .order_by(audit.c.at.desc())
)
_TRY = insert(audit).returning(audit.c.id)
_CAME_OF_IT = update(audit).where(audit.c.id == bindparam("try")).values(details=bindparam("details"))
_COUNT = (
    select(func.count())
    .select_from(digests)
    .where(digests.c.owner_id == bindparam("server"), digests.c.withdrawn_at.is_(None))
)


def admit(
    connection: Connection, *, server_id: int, user_id: int, file: str, per_day: int, now: dt.datetime
) -> int:
    """Writes a try into the audit list and returns its id there; raises TooOften beyond `per_day` in 24 hours."""
    holding.server(connection, server_id)
    tries = connection.execute(_TRIES, {"server": server_id, "since": now - _DAY}).scalars().all()
    if len(tries) >= per_day:
        raise TooOften(per_day, tries[per_day - 1] + _DAY)
    row = {"server_id": server_id, "user_id": user_id, "act": ACT, "details": {"file": file}, "at": now}
    admitted: int = connection.execute(_TRY, row).scalar_one()
    return admitted


def keep(
    connection: Connection,
    work: Work,
    *,
    server_id: int,
    file: str,
    admitted: int,
    replace: bool,
    most: int,
    now: dt.datetime,
    recount: Recount,
) -> Imported:
    """Puts what was read (with a reading in it) into the server's library; `most` is how many it may have.

    Raises Taken or TooMany; then the library is as it was.
    """
    if work.reading is None:
        raise ValueError("there is nothing to keep")
    digest = work.reading.digest
    holding.server(connection, server_id)
    before: int = connection.execute(_COUNT, {"server": server_id}).scalar_one()
    imported = library.put(
        connection,
        work.reading,
        owner_id=server_id,
        source=file,
        fingerprint=work.fingerprint,
        now=now,
        recount=recount,
        bare=work.bare,
        asked=work.asked,
        replace=replace,
    )
    if imported.outcome is Outcome.REFUSED:
        raise Taken(digest.series, digest.date)
    after: int = connection.execute(_COUNT, {"server": server_id}).scalar_one()
    if after > max(before, most):
        raise TooMany(most)
    details = {
        "file": file,
        "digest": imported.digest_id,
        "series": digest.series,
        "date": digest.date.isoformat(),
        "outcome": imported.outcome.value,
    }
    connection.execute(_CAME_OF_IT, {"try": admitted, "details": details})
    return imported


_ASKED = (
    select(
        questions.c.digest_id,
        func.count(questions.c.id.distinct()).label("questions"),
        func.count(keys.c.question_id.distinct()).label("keyed"),
    )
    .select_from(questions.outerjoin(keys))
    .where(questions.c.retired_at.is_(None))
    .group_by(questions.c.digest_id)
    .subquery()
)
_OWN = (
    select(
        digests.c.id,
        digests.c.series,
        digests.c.date,
        digests.c.source,
        digests.c.papers,
        func.coalesce(_ASKED.c.questions, 0).label("questions"),
        func.coalesce(_ASKED.c.keyed, 0).label("keyed"),
    )
    .select_from(digests.outerjoin(_ASKED, _ASKED.c.digest_id == digests.c.id))
    .where(digests.c.owner_id == bindparam("server"), digests.c.withdrawn_at.is_(None))
    .order_by(digests.c.series, digests.c.date)
)


def own(connection: Connection, server_id: int) -> list[Own]:
    """The server's own documents, by series and date."""
    return [Own(*row) for row in connection.execute(_OWN, {"server": server_id})]


def find(connection: Connection, server_id: int, digest_id: int) -> Own:
    """One of the server's own documents. Raises NotTheirs."""
    for one in own(connection, server_id):
        if one.digest_id == digest_id:
            return one
    raise NotTheirs


def remove(connection: Connection, digest_id: int, *, server_id: int, user_id: int, now: dt.datetime) -> Own:
    """Takes a document out of the server's library; posts and rounds on it stay. Raises NotTheirs."""
    removed = find(connection, server_id, digest_id)
    library.withdraw(connection, digest_id, owner_id=server_id, now=now)
    details = {
        "file": removed.source,
        "digest": digest_id,
        "series": removed.series,
        "date": removed.date.isoformat(),
    }
    row = {"server_id": server_id, "user_id": user_id, "act": "remove", "details": details, "at": now}
    connection.execute(insert(audit), row)
    return removed
