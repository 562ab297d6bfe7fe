"""A round to play in a database."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from bot.database.tables import answers, exclusions, keys, seasons, standings, strikes
from bot.model import Digest
from bot.quiz import rounds
from bot.quiz.play import Answered
from bot.quiz.shuffle import shown_order
from tests.library.kit import NOW, SERVER, active, put

CLOSES = NOW + dt.timedelta(hours=20)
PLAYER = 2**59 + 7


@dataclass(frozen=True)
class Played:
    """A round that was opened: ids of the round, its digest and its questions in order."""

    round_id: int
    digest_id: int
    questions: tuple[int, ...]


def start(connection: Connection, what: Digest, server_id: int = SERVER, /, **more: Any) -> Played:
    """Puts a digest and opens the server's round on it; the server is there."""
    digest_id = put(connection, what, **more).digest_id
    round_id = rounds.open_round(connection, server_id=server_id, digest_id=digest_id, now=NOW, closes_at=CLOSES)
    return Played(round_id, digest_id, tuple(row.id for row in active(connection, digest_id)))


def choose(
    connection: Connection,
    played: Played,
    question_id: int,
    choice: int,
    *,
    options: int = 3,
    user_id: int = PLAYER,
    server_id: int = SERVER,
    now: dt.datetime = NOW,
    name: str = "Ada",
) -> Answered:
    """Clicks the button of the option that is kept in this place."""
    return rounds.answer(
        connection,
        round_id=played.round_id,
        question_id=question_id,
        server_id=server_id,
        user_id=user_id,
        name=name,
        shown=shown_order(server_id, question_id, options).index(choice),
        now=now,
    )


Standings = dict[tuple[int, int, int], tuple[int, int, int, dt.datetime | None]]
"""(points, answered, rounds, scored_at) by server, season (0: all time) and user."""


def summary(connection: Connection) -> Standings:
    """The standings table."""
    return {
        (row.server_id, row.season, row.user_id): (row.points, row.answered, row.rounds, row.scored_at)
        for row in connection.execute(select(standings))
    }


def truth(connection: Connection) -> Standings:
    """What the standings table must say, counted the plain way from answers and keys."""
    rank = ["admin", "operator", "side-file", "document"]
    by_question: dict[int, list[Any]] = {}
    for row in connection.execute(select(keys)):
        by_question.setdefault(row.question_id, []).append(row)
    begun: dict[int, list[Any]] = {}
    for row in connection.execute(select(seasons).order_by(seasons.c.number)):
        begun.setdefault(row.server_id, []).append(row)
    found: dict[tuple[int, int, int], list[Any]] = {}
    off = {(row.server_id, row.user_id) for row in connection.execute(select(exclusions))}
    struck = {(row.server_id, row.user_id, row.question_id) for row in connection.execute(select(strikes))}
    for row in connection.execute(select(answers)):
        if (row.server_id, row.user_id) in off:
            continue
        said = [k for k in by_question.get(row.question_id, ()) if k.owner_id in (0, row.server_id)]
        key = min(said, key=lambda k: rank.index(k.origin)).answer if said else None
        if (row.server_id, row.user_id, row.question_id) in struck:
            key = None
        of = begun.get(row.server_id, [])
        for season in (0, *(s.number for s in of if _holds(s, of, row.answered_at))):
            mine = found.setdefault((row.server_id, season, row.user_id), [0, 0, set(), None])
            mine[2].add(row.round_id)
            mine[1] += key is not None
            if key == row.choice:
                mine[0] += 1
                mine[3] = max(row.answered_at, mine[3] or row.answered_at)
    return {player: (points, keyed, len(played), at) for player, (points, keyed, played, at) in found.items()}


def _holds(season: Any, every: list[Any], moment: dt.datetime) -> bool:
    """Whether a moment lies in a season, which ends where the next begins."""
    ends = next((s.started_at for s in every if s.number == season.number + 1), None)
    return bool(season.started_at <= moment and (ends is None or moment < ends))
