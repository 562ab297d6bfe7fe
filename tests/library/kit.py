"""Digests to put into a database, and the rows around them."""

import datetime as dt
import hashlib
from collections.abc import Collection
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from bot.database.tables import SHARED, deliveries, questions, servers, subscriptions
from bot.leaderboard import standings
from bot.library import digests
from bot.library.digests import Imported
from bot.model import Digest, Figure, Paper, Question, Reading, Section, Translation

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.date(2025, 4, 29)
SERVER = 2**60 + 11
ELSEWHERE = 2**60 + 22


def figure(data: bytes = b"\x89PNG") -> Figure:
    """A figure with these bytes."""
    return Figure(width=800, height=400, sha=hashlib.sha256(data).hexdigest(), png=data)


def question(number: int = 1, text: str = "What?", *options: str, answer: int | None = None) -> Question:
    """A question with three options, or with these."""
    return Question(
        number, text, options or ("Red", "Green", "Blue"), answer, None if answer is None else "Because."
    )


def digest(*papers: tuple[Question, ...], date: dt.date = DAY, series: str = "deep-dive", **more: Any) -> Digest:
    """A digest with a paper for each tuple of questions."""
    return Digest(
        date=date,
        series=series,
        layout=more.pop("layout", "deep-dive-text"),
        papers=tuple(
            Paper(
                number=number,
                title=f"Paper {number}",
                url=f"https://example.org/{number}",
                sections=(Section("Problem", "A problem."),),
                questions=asked,
            )
            for number, asked in enumerate(papers, 1)
        ),
        **more,
    )


def put(connection: Connection, what: Digest, /, **more: Any) -> Imported:
    """Puts a digest into the library; its fingerprint is its content's."""
    arguments: dict[str, Any] = {
        "owner_id": SHARED,
        "source": "deep-dive/a.txt",
        "fingerprint": hashlib.sha256(repr(what).encode()).hexdigest(),
        "now": NOW,
        "recount": standings.recount_for,
    }
    return digests.put(connection, Reading(what), **{**arguments, **more})


def seed(connection: Connection, *server_ids: int) -> None:
    """Writes servers down, SERVER by default."""
    for server_id in server_ids or (SERVER,):
        connection.execute(insert(servers).values(id=server_id, joined_at=NOW))


def subscribe(
    connection: Connection, server_id: int = SERVER, series: str = "deep-dive", channel_id: int = 1
) -> int:
    """A subscription; its id."""
    statement = insert(subscriptions).values(
        server_id=server_id,
        channel_id=channel_id,
        series=series,
        local_time="09:00",
        zone="UTC",
        weekdays=127,
        order="oldest-first",
        look="brief",
        created_by=1,
        created_at=NOW,
    )
    made: int = connection.execute(statement.returning(subscriptions.c.id)).scalar_one()
    return made


def deliver(
    connection: Connection, digest_id: int, channel_id: int, server_id: int = SERVER, kind: str = "now"
) -> int:
    """A delivery of a digest to a channel of its own; its id."""
    row: dict[str, Any] = {"digest_id": digest_id, "kind": kind, "channel_id": channel_id}
    row["subscription_id"] = subscribe(connection, server_id, channel_id=channel_id)
    row |= {"look": "brief", "language": "en", "claimed_at": NOW}
    made: int = connection.execute(insert(deliveries).values(row).returning(deliveries.c.id)).scalar_one()
    return made


def active(connection: Connection, digest_id: int) -> list[Any]:
    """The questions in play of a digest, in order."""
    return list(
        connection.execute(
            select(questions)
            .where(questions.c.digest_id == digest_id, questions.c.retired_at.is_(None))
            .order_by(questions.c.position)
        )
    )


def ignore(connection: Connection, changed: Collection[int]) -> None:
    """A recount for tests in which nobody plays."""


_texts = st.text(max_size=30)
_figures = st.builds(figure, st.binary(max_size=20))


@st.composite
def _questions(draw: st.DrawFn) -> Question:
    options = draw(st.lists(_texts, max_size=5))
    answer = draw(st.none() | st.integers(0, len(options) - 1)) if options else None
    return Question(draw(st.integers(1, 9)), draw(_texts), tuple(options), answer, draw(st.none() | _texts))


_papers = st.builds(
    Paper,
    number=st.integers(1, 60),
    title=_texts,
    url=st.none() | _texts,
    links=st.lists(_texts, max_size=3).map(tuple),
    published=st.none() | _texts,
    authors=st.lists(_texts, max_size=3).map(tuple),
    summary=st.none() | _texts,
    sections=st.lists(st.builds(Section, _texts, _texts), max_size=3).map(tuple),
    workflow=st.none() | _texts,
    figure=st.none() | _figures,
    questions=st.lists(_questions(), max_size=3).map(tuple),
)
_several = st.lists(_papers, max_size=4).map(tuple)
any_digest = st.builds(
    Digest,
    date=st.dates(),
    series=_texts,
    layout=_texts,
    papers=_several,
    tips=st.none() | _texts,
    languages=st.dictionaries(_texts, st.builds(Translation, _several, st.none() | _texts), max_size=2).map(
        MappingProxyType
    ),
)
"""Whatever the model can hold."""
