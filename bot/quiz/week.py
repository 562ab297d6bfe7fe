"""What a week came to in a server: its leaderboard, how everybody did, the streaks. Functions over a connection.

A week is Monday to Sunday in the server's zone, and has the answers that were given in it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from bot.database.tables import answers
from bot.leaderboard import boards, scores
from bot.leaderboard.boards import Board
from bot.leaderboard.periods import Period, day_start
from bot.leaderboard.places import Standing
from bot.quiz import longest
from bot.quiz.longest import Streak
from bot.quiz.results import Tally

WEEK: Final = dt.timedelta(days=7)
BEST: Final = 5
"""So many players are named."""
_NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class WeekResults:
    """What a week came to."""

    monday: dt.date
    rounds: int
    """In which somebody answered that week."""
    tally: Tally
    best: tuple[Standing, ...]
    """The first of the week's leaderboard; none while no key is known."""
    streaks: tuple[Streak, ...]
    """The longest of those who played that week, as they were at its end."""


_SPAN = (
    answers.c.server_id == bindparam("server"),
    answers.c.answered_at >= bindparam("since"),
    answers.c.answered_at < bindparam("until"),
)
_PLAYERS = scores.scores(*_SPAN).with_only_columns(answers.c.user_id)
_joined, _key = scores.counted()
_TALLY = (
    select(
        func.count(answers.c.user_id.distinct()).label("players"),
        func.count(_key).label("answered"),
        func.count().filter(answers.c.choice == _key).label("points"),
        func.count(answers.c.round_id.distinct()).label("rounds"),
    )
    .select_from(_joined)
    .where(*_SPAN)
)


def played(connection: Connection, *, server_id: int, monday: dt.date, zone: dt.tzinfo) -> bool:
    """Whether anyone who may stand on the leaderboard gave an answer that week."""
    return connection.execute(_PLAYERS, _which(server_id, monday, zone)).first() is not None


def load(connection: Connection, *, server_id: int, monday: dt.date, zone: dt.tzinfo) -> WeekResults:
    """What a server's week from this Monday on came to, by the keys that are known now."""
    which = _which(server_id, monday, zone)
    tally = connection.execute(_TALLY, which).one()
    page = boards.page(
        connection,
        server_id=server_id,
        board=Board(Period.WEEK),
        zone=zone,
        now=which["since"],
        page=0,
        user_id=_NOBODY,
        size=BEST,
    )
    players = set(connection.execute(_PLAYERS, which).scalars())
    return WeekResults(
        monday=monday,
        rounds=tally.rounds,
        tally=Tally(tally.players, tally.answered, tally.points),
        best=page.rows,
        streaks=longest.of_server(connection, server_id=server_id, among=players, now=which["until"]),
    )


def _which(server_id: int, monday: dt.date, zone: dt.tzinfo) -> dict[str, Any]:
    return {"server": server_id, "since": day_start(monday, zone), "until": day_start(monday + WEEK, zone)}
