"""What a player made of a server's rounds: their record, and which series there are to play."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from bot.database.tables import answers, digests, questions, rounds
from bot.leaderboard import places, scores, standings
from bot.leaderboard.places import Place
from bot.leaderboard.streaks import Held, Streaks, streaks

WEEKS: Final = 8
"""So many weeks are on the record's chart."""


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a player."""

    monday: dt.date
    """Its first day in the server's zone."""
    points: int


@dataclass(frozen=True, slots=True)
class Record:
    """A player's own standing in a server."""

    points: int
    answered: int
    """Answers to questions whose key is known."""
    struck: int
    """Answers that an admin took out of the standings."""
    streaks: Streaks
    weeks: tuple[Week, ...]
    """The last WEEKS, the oldest first; the last is the one that is going on."""
    place: Place | None
    """None where the player isn't on the leaderboard."""
    excluded: bool
    """An admin took them off it."""


_joined, _key = scores.counted()
_OWN = (
    select(
        answers.c.round_id,
        answers.c.answered_at,
        answers.c.choice,
        _key.label("key"),
        scores.STRUCK.label("struck"),
    )
    .select_from(_joined)
    .where(answers.c.server_id == bindparam("server"), answers.c.user_id == bindparam("user"))
)
_HELD = (
    select(rounds.c.id, digests.c.series, rounds.c.closed_at, rounds.c.closes_at)
    .join(digests, digests.c.id == rounds.c.digest_id)
    .where(rounds.c.server_id == bindparam("server"), rounds.c.opened_at <= bindparam("now"))
    .where(select(questions.c.id).where(questions.c.digest_id == rounds.c.digest_id).exists())
    .order_by(rounds.c.opened_at, rounds.c.id)
)


def held(connection: Connection, server_id: int, now: dt.datetime) -> tuple[Held, ...]:
    """A server's rounds in the order they opened, as they stood at `now`; those without any question aren't there.

    One that opened later than `now` isn't there either.
    """
    rows = connection.execute(_HELD, {"server": server_id, "now": now})
    return tuple(
        Held(row.id, row.series, row.closes_at <= now or (row.closed_at is not None and row.closed_at <= now))
        for row in rows
    )


def record(connection: Connection, *, server_id: int, user_id: int, zone: dt.tzinfo, now: dt.datetime) -> Record:
    """What the player's answers came to at `now`; weeks go by the server's `zone`."""
    who = {"server": server_id, "user": user_id}
    rows = connection.execute(_OWN, who).all()
    monday = _monday(now.astimezone(zone).date())
    points = Counter(_monday(row.answered_at.astimezone(zone).date()) for row in rows if row.choice == row.key)
    mondays = [monday - dt.timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    return Record(
        points=points.total(),
        answered=sum(row.key is not None for row in rows),
        struck=sum(bool(row.struck) for row in rows),
        streaks=streaks(held(connection, server_id, now), {row.round_id for row in rows}),
        weeks=tuple(Week(day, points[day]) for day in mondays),
        place=places.place(connection, server_id=server_id, user_id=user_id),
        excluded=standings.excluded(connection, server_id=server_id, user_id=user_id),
    )


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


_SERIES = (
    select(func.min(digests.c.id).label("digest"), digests.c.series)
    .join(rounds, rounds.c.digest_id == digests.c.id)
    .where(rounds.c.server_id == bindparam("server"))
    .group_by(digests.c.series)
    .order_by(digests.c.series)
)
_SERIES_OF = (
    select(digests.c.series)
    .join(rounds, rounds.c.digest_id == digests.c.id)
    .where(rounds.c.server_id == bindparam("server"), digests.c.id == bindparam("digest"))
)


def series(connection: Connection, server_id: int) -> tuple[tuple[int, str], ...]:
    """The series that a server had rounds of, by name, each with one of its digests to stand for it."""
    return tuple((row.digest, row.series) for row in connection.execute(_SERIES, {"server": server_id}))


def series_of(connection: Connection, server_id: int, digest_id: int) -> str | None:
    """The series of a digest that a server had a round on, or None."""
    found: str | None = connection.execute(_SERIES_OF, {"server": server_id, "digest": digest_id}).scalar()
    return found
