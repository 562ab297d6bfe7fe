"""Digests kept: putting what was read into the library, and getting it out again.

A digest is known by its owner, series and date. What is put there twice from the same source is an update:
its questions keep their ids, and so their answers, by the rule in bot.library.questions.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, Text, bindparam, func, insert, select, type_coerce, update
from sqlalchemy.dialects.postgresql import insert as upsert  # its ON CONFLICT compiles on SQLite too

from bot.database import holding
from bot.database.tables import SHARED, deliveries, digests, figures, steps, subscriptions
from bot.database.tables import bodies as said
from bot.library import bodies, searching, upkeep
from bot.library.bodies import Body
from bot.library.questions import Wanted, wanted
from bot.model import Digest, Reading

Recount = Callable[[Connection, Collection[int]], object]
"""Brings the standings up to date that the answers to these questions (ids) count in, all servers' standings."""


class Outcome(StrEnum):
    """What putting a digest into the library came to."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    """Another source has that date of the series."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a digest; `digest_id` is the one that stands in its place where it was refused."""

    digest_id: int
    outcome: Outcome
    note: str | None = None
    """For the operator or curator: why it was refused, or what it took the place of."""


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """What a server can have of a series: digests with papers in them, its own instead of shared ones."""

    name: str
    digests: int
    papers: int
    first: dt.date
    last: dt.date


_PAGE, _TEXT = "deep-dive-page", "deep-dive-text"

_HELD = select(
    digests.c.id, digests.c.source, digests.c.layout, digests.c.fingerprint, digests.c.withdrawn_at
).where(
    digests.c.owner_id == bindparam("owner"),
    digests.c.series == bindparam("series"),
    digests.c.date == bindparam("date"),
)
_ADD = insert(digests).returning(digests.c.id)
_CHANGE = update(digests).where(digests.c.id == bindparam("digest"))
_SAY = insert(said)
_ADD_FIGURE = upsert(figures).on_conflict_do_nothing()


def put(
    connection: Connection,
    reading: Reading,
    *,
    owner_id: int,
    source: str,
    fingerprint: str,
    now: dt.datetime,
    recount: Recount,
    bare: Digest | None = None,
    asked: Sequence[Wanted] | None = None,
    replace: bool = False,
) -> Imported:
    """Puts a digest that was read, its figures rendered, into the library of a server, or of all (SHARED).

    `source` says where it came from, `fingerprint` is that of the bytes it was read from. `bare` is the same
    document read without its side file, where it has one: what differs there is the side file's key, all
    else the document's. `asked` are its questions where they were made already, which can take tens of
    milliseconds. A date that another source has is refused, unless it is a page for a text's date,
    the digest was withdrawn, or `replace`. Where a key changed that answers were given to, it goes into the
    audit list and `recount` is called.
    """
    digest, body = reading.digest, bodies.to_body(reading.digest)
    asked = wanted(digest) if asked is None else asked
    holding.library(connection, owner_id)
    held = connection.execute(
        _HELD, {"owner": owner_id, "series": digest.series, "date": digest.date}
    ).one_or_none()
    if held is None:
        digest_id: int = connection.execute(
            _ADD,
            {
                **_columns(digest, source, fingerprint, now),
                "owner_id": owner_id,
                "series": digest.series,
                "date": digest.date,
            },
        ).scalar_one()
        connection.execute(_SAY, {"digest_id": digest_id, "body": body})
        _put_parts(connection, digest_id, digest, asked, bare, now, recount, new=True)
        return Imported(digest_id, Outcome.ADDED)

    standing = held.withdrawn_at is None
    other = standing and held.source != source and held.fingerprint != fingerprint
    page = held.layout == _TEXT and digest.layout == _PAGE
    if other and not (page or replace):
        return Imported(held.id, Outcome.REFUSED, _refusal(digest, held.source))
    if standing and held.fingerprint == fingerprint and not replace:
        if held.source != source:
            connection.execute(_CHANGE, {"digest": held.id, "source": source})
        return Imported(held.id, Outcome.UNCHANGED)
    connection.execute(_CHANGE, {"digest": held.id, **_columns(digest, source, fingerprint, now)})
    same = json.loads(newest(connection, held.id).body) == body
    if not same:
        connection.execute(_SAY, {"digest_id": held.id, "body": body})
    _put_parts(connection, held.id, digest, asked, bare, now, recount, new=False)
    if standing and same:
        return Imported(held.id, Outcome.UNCHANGED)
    return Imported(held.id, Outcome.UPDATED, f"It takes the place of {name(held.source)}." if other else None)


def name(source: str) -> str:
    """A source as people know it: the file and the folder it is in, without the way there."""
    return "/".join(PurePath(source).parts[-2:])


def _refusal(digest: Digest, source: str) -> str:
    return (
        f"The {digest.series} of {digest.date} is there already, from {name(source)}; this one is left out. "
        "Remove one of the two, or import this one with --replace."
    )


def _columns(digest: Digest, source: str, fingerprint: str, now: dt.datetime) -> dict[str, Any]:
    return {
        "source": source,
        "layout": digest.layout,
        "fingerprint": fingerprint,
        "papers": len(digest.papers),
        "figures": len({paper.figure.sha for paper in digest.papers if paper.figure is not None}),
        "imported_at": now,
        "withdrawn_at": None,
    }


def _put_parts(
    connection: Connection,
    digest_id: int,
    digest: Digest,
    asked: Sequence[Wanted],
    bare: Digest | None,
    now: dt.datetime,
    recount: Recount,
    *,
    new: bool,
) -> None:
    pictures = [
        {"sha": sha, "width": figure.width, "height": figure.height, "png": figure.png}
        for sha, figure in bodies.figures(digest).items()
    ]
    if pictures:
        connection.execute(_ADD_FIGURE, pictures)
    searching.index(connection, digest_id, digest, new=new)
    changed = upkeep.ask(connection, digest_id, asked, bare, now, new=new)
    if changed:
        recount(connection, changed)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a digest says, as it is kept."""

    id: int
    body: str
    """As JSON."""


AS_KEPT = type_coerce(said.c.body, Text).label("body")
"""A body's column, read as the JSON that stands there."""
_NEWEST = (
    select(said.c.id, AS_KEPT).where(said.c.digest_id == bindparam("digest")).order_by(said.c.id.desc()).limit(1)
)
_PNGS = select(figures.c.sha, figures.c.png).where(figures.c.sha.in_(bindparam("shas", expanding=True)))


def load(connection: Connection, digest_id: int, *, figures: bool) -> Digest | None:
    """A digest, withdrawn or not, or None where there is no such; see `load_body` for `figures`."""
    row = connection.execute(_NEWEST, {"digest": digest_id}).first()
    return None if row is None else load_body(connection, json.loads(row.body), figures=figures)


def newest(connection: Connection, digest_id: int) -> Kept:
    """What a digest that is there says now."""
    row = connection.execute(_NEWEST, {"digest": digest_id}).one()
    return Kept(row.id, row.body)


def load_body(connection: Connection, body: Body, *, figures: bool) -> Digest:
    """The digest that a stored body spells, with its pictures; without `figures` their `png` is empty."""
    if not figures:
        return bodies.from_body(body)
    shas = bodies.shas(body)
    rows = connection.execute(_PNGS, {"shas": shas}) if shas else ()
    return bodies.from_body(body, {row.sha: row.png for row in rows})


_VISIBLE = select(digests.c.id).where(
    digests.c.id == bindparam("digest"), digests.c.owner_id.in_([SHARED, bindparam("server")])
)


def visible(connection: Connection, digest_id: int, server_id: int) -> bool:
    """Whether a server may see a digest: a shared one, or its own."""
    return connection.execute(_VISIBLE, {"digest": digest_id, "server": server_id}).first() is not None


_WITHDRAW = (
    update(digests)
    .where(digests.c.id == bindparam("digest"), digests.c.owner_id == bindparam("owner"))
    .where(digests.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("now"))
)


def withdraw(connection: Connection, digest_id: int, *, owner_id: int, now: dt.datetime) -> bool:
    """Takes a digest of this owner away from subscriptions that have not had it; False if there was none to take.

    Posts and rounds on it stay as they are. Putting it again brings it back.
    """
    return connection.execute(_WITHDRAW, {"digest": digest_id, "owner": owner_id, "now": now}).rowcount > 0


_own = digests.alias("own")
_SERIES = (
    select(
        digests.c.series,
        func.count().label("digests"),
        func.sum(digests.c.papers).label("papers"),
        func.min(digests.c.date).label("first"),
        func.max(digests.c.date).label("last"),
    )
    .where(digests.c.owner_id.in_([SHARED, bindparam("server")]))
    .where(digests.c.withdrawn_at.is_(None), digests.c.papers > 0)
    .where(
        (digests.c.owner_id != SHARED)
        | ~select(_own.c.id)
        .where(_own.c.owner_id == bindparam("server"), _own.c.series == digests.c.series)
        .where(_own.c.date == digests.c.date, _own.c.withdrawn_at.is_(None), _own.c.papers > 0)
        .exists()
    )
    .group_by(digests.c.series)
    .order_by(digests.c.series)
)


def series(connection: Connection, server_id: int) -> tuple[SeriesSummary, ...]:
    """The series that a server can subscribe to, by name."""
    rows = connection.execute(_SERIES, {"server": server_id})
    return tuple(SeriesSummary(row.series, row.digests, row.papers, row.first, row.last) for row in rows)


_POSTED_IN = (
    select(deliveries.c.channel_id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .where(subscriptions.c.server_id == bindparam("server"))
    .distinct()
)
_LATEST = (
    select(deliveries.c.digest_id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .where(subscriptions.c.server_id == bindparam("server"), deliveries.c.kind != "skipped")
    .where(deliveries.c.channel_id.in_(bindparam("channels", expanding=True)))
    .where(
        select(steps.c.id)
        .where(steps.c.delivery_id == deliveries.c.id, steps.c.kind == "message", steps.c.state == "sent")
        .exists()
    )
    .order_by(deliveries.c.claimed_at.desc(), deliveries.c.id.desc())
    .limit(1)
)


def posted_in(connection: Connection, server_id: int) -> tuple[int, ...]:
    """The channels of a server that digests went to, or were to go to."""
    return tuple(connection.execute(_POSTED_IN, {"server": server_id}).scalars())


def latest_delivered(connection: Connection, server_id: int, channels: Sequence[int]) -> int | None:
    """The digest that was last posted in these channels of a server (at least one message of it), or None."""
    which = {"server": server_id, "channels": list(channels)}
    found: int | None = connection.execute(_LATEST, which).scalar()
    return found
