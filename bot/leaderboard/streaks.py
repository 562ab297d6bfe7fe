"""The rule of streaks: how many rounds in a row a player has played. Plain code.

A streak counts consecutive rounds of one series in one server, so a day without a digest breaks nobody's. A
round that is still open breaks none either: there is time left to play it. What an answer brought doesn't
matter, nor whether it was struck: the round was played.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """A round that a server held."""

    id: int
    series: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Streaks:
    """How many rounds a player played, and how many in a row of one series."""

    rounds: int = 0
    current: int = 0
    """The longest that is going on, of all series: the next round makes it longer."""
    best: int = 0
    """The longest there ever was."""


def streaks(held: Iterable[Held], played: Collection[int]) -> Streaks:
    """A player's streaks from a server's rounds, in the order they opened, and the ids of those they played."""
    running: dict[str, int] = {}
    rounds = best = 0
    for one in held:
        if one.id in played:
            rounds += 1
            running[one.series] = running.get(one.series, 0) + 1
            best = max(best, running[one.series])
        elif one.closed:
            running[one.series] = 0
    return Streaks(rounds, max(running.values(), default=0), best)


def going_on(rounds: Iterable[tuple[Held, Set[int]]]) -> dict[int, int]:
    """How long the streak of each player of one series is that is going on; those without one aren't in it.

    `rounds` are the series' rounds, the latest first, each with who played it. No more of them are asked for
    than there is a streak to follow.
    """
    lengths: Counter[int] = Counter()
    unbroken: Set[int] | None = None
    for one, players in rounds:
        lengths.update(players if unbroken is None else players & unbroken)
        if one.closed:
            unbroken = players if unbroken is None else players & unbroken
            if not unbroken:
                break
    return dict(lengths)
