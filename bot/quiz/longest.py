"""The longest streaks that are going on, as they are told to all. Functions over a connection.

Told are those of players who are on the leaderboard, and in a round's results only of those who played it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select

from bot.database.tables import answers, exclusions, players, questions, rounds
from bot.leaderboard.streaks import Held, going_on
from bot.quiz.played import held

NAMED: Final = 3
"""So many streaks are told."""
LEAST: Final = 2
"""A shorter one is none to tell of."""
_AT_ONCE: Final = 20
"""Rounds whose players are looked up in one statement."""
_NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class Streak:
    """Rounds of one series that a player played one after the other, up to now."""

    name: str
    """As last seen in the server; not escaped."""
    rounds: int


_PLAYERS = (
    select(answers.c.round_id, answers.c.user_id)
    .join(questions, questions.c.id == answers.c.question_id)
    .join(rounds, rounds.c.digest_id == questions.c.digest_id)
    .where(rounds.c.id.in_(bindparam("rounds", expanding=True)), answers.c.round_id == rounds.c.id)
    .where(answers.c.server_id == bindparam("server"), answers.c.user_id >= 0)
    .where(
        or_(
            answers.c.user_id == bindparam("spared"),
            ~select(exclusions.c.user_id)
            .where(exclusions.c.server_id == answers.c.server_id, exclusions.c.user_id == answers.c.user_id)
            .exists(),
        )
    )
    .distinct()
)
_NAMES = select(players.c.user_id, players.c.name).where(
    players.c.server_id == bindparam("server"), players.c.user_id.in_(bindparam("users", expanding=True))
)
_OVER = select(rounds.c.id, rounds.c.closed_at).where(
    rounds.c.server_id == bindparam("server"), rounds.c.closed_at.is_not(None)
)


def of_round(connection: Connection, *, server_id: int, round_id: int, now: dt.datetime) -> tuple[Streak, ...]:
    """The longest streaks in a round's series as they were at `now`, when it closed."""
    series = _up_to(held(connection, server_id, now), round_id)
    lengths = going_on(_latest_first(connection, server_id, series))
    return _named(connection, server_id, lengths)


def of_server(connection: Connection, *, server_id: int, among: Set[int], now: dt.datetime) -> tuple[Streak, ...]:
    """The longest streaks of any series in a server as they were at `now`, of these players (user ids)."""
    every = held(connection, server_id, now)
    longest: dict[int, int] = {}
    for name in dict.fromkeys(one.series for one in every):
        series = [one for one in every if one.series == name]
        for user_id, length in going_on(_latest_first(connection, server_id, series)).items():
            if user_id in among:
                longest[user_id] = max(length, longest.get(user_id, 0))
    return _named(connection, server_id, longest)


def naming(connection: Connection, *, server_id: int, user_id: int) -> set[int]:
    """The rounds (ids) that are over and whose results tell of a streak of this player, excluded since or not."""
    over = {row.id: row.closed_at for row in connection.execute(_OVER, {"server": server_id})}
    which = {"server": server_id, "rounds": list(over), "spared": user_id}
    played: dict[int, set[int]] = {round_id: set() for round_id in over}
    for round_id, player in connection.execute(_PLAYERS, which) if over else ():
        played[round_id].add(player)
    found = set()
    for round_id, closed_at in over.items():
        if user_id in played[round_id]:
            series = _up_to(held(connection, server_id, closed_at), round_id)
            lengths = going_on((one, played.get(one.id, set())) for one in reversed(series))
            if user_id in _top(lengths):
                found.add(round_id)
    return found


def _up_to(every: Sequence[Held], round_id: int) -> Sequence[Held]:
    """The rounds of a round's series up to it; none where it has no questions."""
    place = next((place for place, one in enumerate(every) if one.id == round_id), None)
    return () if place is None else [one for one in every[: place + 1] if one.series == every[place].series]


def _latest_first(
    connection: Connection, server_id: int, series: Sequence[Held]
) -> Iterator[tuple[Held, Set[int]]]:
    """A series' rounds, the latest first, with who played each."""
    latest = series[::-1]
    for start in range(0, len(latest), _AT_ONCE):
        some = latest[start : start + _AT_ONCE]
        played: dict[int, set[int]] = {one.id: set() for one in some}
        which = {"server": server_id, "rounds": list(played), "spared": _NOBODY}
        for round_id, user_id in connection.execute(_PLAYERS, which):
            played[round_id].add(user_id)
        yield from ((one, played[one.id]) for one in some)


def _top(lengths: Mapping[int, int]) -> list[int]:
    """Whose are the longest, the same length by the user's id."""
    ordered = sorted(lengths, key=lambda user_id: (-lengths[user_id], user_id))
    return [user_id for user_id in ordered[:NAMED] if lengths[user_id] >= LEAST]


def _named(connection: Connection, server_id: int, lengths: Mapping[int, int]) -> tuple[Streak, ...]:
    users = _top(lengths)
    names = {row.user_id: row.name for row in connection.execute(_NAMES, {"server": server_id, "users": users})}
    return tuple(Streak(names.get(user_id, ""), lengths[user_id]) for user_id in users)
