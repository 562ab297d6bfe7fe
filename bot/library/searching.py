"""Papers found by words: the text that is searched, filled when a digest is kept, and looking in it.

A person finds papers only in digests that were posted in channels of the server which they see. A word is found
anywhere in a paper's title, authors, summary and sections, in every language the digest has, in capitals or small
letters; of several words, all must be there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, insert, select

from bot.database.tables import deliveries, digests, paper_texts, steps, subscriptions
from bot.model import Digest, Paper

WORDS: Final = 8
"""So many words are looked for; what comes after them is left out."""


@dataclass(frozen=True, slots=True)
class Found:
    """A paper that was found."""

    digest_id: int
    series: str
    date: dt.date
    number: int
    """The paper's in its digest, from 1."""
    title: str
    """As the document has it; not escaped, and empty where it has none."""


_CLEAR = delete(paper_texts).where(paper_texts.c.digest_id == bindparam("digest"))
_ADD = insert(paper_texts)


def index(connection: Connection, digest_id: int, digest: Digest, *, new: bool) -> None:
    """Keeps what a digest's papers can be found by, in the place of what was kept before; `new`: nothing was."""
    if not new:
        connection.execute(_CLEAR, {"digest": digest_id})
    texts: dict[int, list[str]] = {}
    titles: dict[int, str] = {}
    papers = [*digest.papers, *(paper for told in digest.languages.values() for paper in told.papers)]
    for paper in papers:
        titles.setdefault(paper.number, paper.title)
        texts.setdefault(paper.number, []).extend(_said(paper))
    rows = [
        {"digest_id": digest_id, "paper": number, "title": titles[number], "text": "\n".join(said).casefold()}
        for number, said in texts.items()
    ]
    if rows:
        connection.execute(_ADD, rows)


def _said(paper: Paper) -> Iterator[str]:
    yield paper.title
    yield from paper.authors
    yield paper.summary or ""
    for section in paper.sections:
        yield section.name
        yield section.text


_POSTED = (
    select(deliveries.c.digest_id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .where(subscriptions.c.server_id == bindparam("server"), deliveries.c.kind != "skipped")
    .where(deliveries.c.channel_id.in_(bindparam("channels", expanding=True)))
    .where(
        select(steps.c.id)
        .where(steps.c.delivery_id == deliveries.c.id, steps.c.kind == "message", steps.c.state == "sent")
        .exists()
    )
)


def posted(connection: Connection, digest_id: int, server_id: int, channels: Sequence[int]) -> bool:
    """Whether a digest was posted in these channels of a server, at least one message of it."""
    which = _POSTED.where(deliveries.c.digest_id == bindparam("digest")).limit(1)
    return (
        connection.execute(which, {"server": server_id, "channels": list(channels), "digest": digest_id}).first()
        is not None
    )


def find(
    connection: Connection, *, server_id: int, channels: Sequence[int], words: str, page: int, size: int
) -> tuple[tuple[Found, ...], int, int]:
    """A page (from 0; the last where there are fewer) of the papers with all these words, the newest first.

    They are of digests that were posted in these channels.

    With it come its number and how many papers were found in all. Without any word nothing is found.
    """
    wanted = words.casefold().replace("\0", "").split()[:WORDS]
    if not wanted:
        return (), 0, 0
    matching = _matching([paper_texts.c.text.contains(word, autoescape=True) for word in wanted])
    who = {"server": server_id, "channels": list(channels)}
    total: int = connection.execute(
        select(func.count()).select_from(matching.order_by(None).subquery()), who
    ).scalar_one()
    page = min(page, max(0, total - 1) // size)
    rows = connection.execute(matching.limit(size).offset(page * size), who)
    return tuple(Found(row.id, row.series, row.date, row.paper, row.title) for row in rows), page, total


def _matching(where: list[ColumnElement[bool]]) -> Select[Any]:
    return (
        select(digests.c.id, digests.c.series, digests.c.date, paper_texts.c.paper, paper_texts.c.title)
        .join(paper_texts, paper_texts.c.digest_id == digests.c.id)
        .where(digests.c.id.in_(_POSTED), *where)
        .order_by(digests.c.date.desc(), digests.c.id.desc(), paper_texts.c.paper)
    )
