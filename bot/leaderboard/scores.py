"""What answers and keys say: the truth that every standing rests on, as parts of statements.

Not counted are struck answers, though their rounds were played; nor players whom an admin excluded, nor answers
of players who had themselves forgotten (ids below 0). Where a round's verdicts wait for its end, so do its points.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, case, func, or_, select

from bot.database.tables import answers, digests, exclusions, players, rounds, seasons, strikes
from bot.library.keys import counting_answer

COLUMNS = ("server_id", "user_id", "points", "answered", "rounds", "scored_at")
"""What `scores` selects: the columns of `standings`, but for the season, which comes last `by_season`."""

_played = rounds.alias("played")
_of = digests.alias("digest_played")
SERIES = _of.c.series
"""The series that an answer was given in; see `scores`."""
_later = seasons.alias("later")
_its = and_(
    seasons.c.server_id == answers.c.server_id,
    seasons.c.number
    == select(func.max(_later.c.number))
    .where(_later.c.server_id == answers.c.server_id, _later.c.started_at <= answers.c.answered_at)
    .scalar_subquery(),
)
"""The season that an answer was given in."""
STRUCK = strikes.c.user_id.is_not(None)
"""Whether an answer of `counted` was struck."""


def counted() -> tuple[FromClause, ColumnElement[int | None]]:
    """All answers with their rounds, and the option that counts as right: NULL where nothing does."""
    joined, known = counting_answer(answers, answers.c.server_id, answers.c.question_id)
    joined = joined.join(_played, _played.c.id == answers.c.round_id).outerjoin(
        strikes,
        and_(
            strikes.c.server_id == answers.c.server_id,
            strikes.c.user_id == answers.c.user_id,
            strikes.c.question_id == answers.c.question_id,
        ),
    )
    # where verdicts wait for the round's end, a point on the board would tell
    told = or_(_played.c.verdicts == "at-once", _played.c.closed_at.is_not(None))
    return joined, case((and_(told, strikes.c.user_id.is_(None)), known))


def scores(*where: ColumnElement[bool], by_series: bool = False, by_season: bool = False) -> Select[Any]:
    """What answers and keys say about each player in a server: COLUMNS. Only `by_series` may it name SERIES.

    `by_season` they are told of each season apart, and nothing of answers that were given before the first.
    """
    joined, key = counted()
    if by_series:
        joined = joined.join(_of, _of.c.id == _played.c.digest_id)
    if by_season:
        joined = joined.join(seasons, _its)
    seasonal = (seasons.c.number,) if by_season else ()
    right = answers.c.choice == key
    excluded = select(exclusions.c.user_id).where(
        exclusions.c.server_id == answers.c.server_id, exclusions.c.user_id == answers.c.user_id
    )
    return (
        select(
            answers.c.server_id,
            answers.c.user_id,
            func.sum(case((right, 1), else_=0)).label("points"),
            func.count(key).label("answered"),
            func.count(answers.c.round_id.distinct()).label("rounds"),
            func.max(case((right, answers.c.answered_at))).label("scored_at"),
            *seasonal,
        )
        .select_from(joined)
        .where(*where, answers.c.user_id >= 0, ~excluded.exists())
        .group_by(answers.c.server_id, answers.c.user_id, *seasonal)
    )


def order(
    points: ColumnElement[int],
    answered: ColumnElement[int],
    scored_at: ColumnElement[dt.datetime | None],
    user_id: ColumnElement[int],
) -> tuple[ColumnElement[Any], ...]:
    """Best first. With equal points fewer answers are the better accuracy, unless there are no points at all."""
    return points.desc(), case((points > 0, answered), else_=0), scored_at, user_id


def named(found: FromClause, names: Table = players) -> FromClause:
    """Rows with a server and a user, joined with the names of players where they are known."""
    return found.outerjoin(names, and_(names.c.server_id == found.c.server_id, names.c.user_id == found.c.user_id))
