"""Streaks: the rule equals a naive recount, and what shouldn't break one doesn't."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.leaderboard.streaks import Held, Streaks, going_on, streaks

days = st.lists(st.tuples(st.sampled_from("ab"), st.booleans(), st.booleans()), max_size=25)
"""A round each: its series, whether it was played, whether it is closed."""


def rounds(told: list[tuple[str, bool, bool]]) -> tuple[list[Held], set[int]]:
    held = [Held(number, series, closed) for number, (series, _, closed) in enumerate(told)]
    return held, {number for number, (_, played, _) in enumerate(told) if played}


@given(days)
def test_it_equals_a_naive_recount(told: list[tuple[str, bool, bool]]) -> None:
    """Written out: a letter a round, x missed; what was neither played nor missed isn't there."""
    currents, bests = [0], [0]
    for series in "ab":
        written = "".join(
            "p" if played else "x" for name, played, closed in told if name == series and (played or closed)
        )
        runs = [len(run) for run in written.split("x")]
        currents.append(runs[-1])
        bests.append(max(runs))
    held, played = rounds(told)
    assert streaks(held, played) == Streaks(len(played), max(currents), max(bests))


@given(days)
def test_streaks_hold_together(told: list[tuple[str, bool, bool]]) -> None:
    held, played = rounds(told)
    found = streaks(held, played)
    assert 0 <= found.current <= found.best <= found.rounds == len(played)
    steps = [streaks(held[:number], played) for number in range(len(held) + 1)]
    assert all(before.best <= after.best for before, after in pairwise(steps))
    others = [Held(1000 + number, "c", closed=True) for number in range(3)]
    assert streaks([*held, *others], played) == found  # another series' rounds break nothing


def test_an_open_round_breaks_nothing_until_it_closes() -> None:
    held = [Held(1, "a", closed=True), Held(2, "a", closed=True), Held(3, "a", closed=False)]
    assert streaks(held, {1, 2}) == Streaks(2, 2, 2)
    assert streaks([*held[:2], Held(3, "a", closed=True)], {1, 2}) == Streaks(2, 0, 2)
    assert streaks([], set()) == Streaks()


crowds = st.lists(st.tuples(st.sets(st.integers(1, 5)), st.booleans()), max_size=25)
"""A round of one series each: who played it, whether it is closed."""


@given(crowds)
def test_streaks_going_on_are_those_of_each_player(told: list[tuple[set[int], bool]]) -> None:
    held = [Held(number, "a", closed) for number, (_, closed) in enumerate(told)]
    each = {
        player: streaks(held, {number for number, (players, _) in enumerate(told) if player in players}).current
        for player in range(1, 6)
    }
    latest_first = zip(reversed(held), (players for players, _ in reversed(told)), strict=True)
    assert going_on(latest_first) == {player: length for player, length in each.items() if length}


def test_no_more_rounds_are_asked_for_than_a_streak_goes_back() -> None:
    rounds = iter([(Held(3, "a", closed=True), {1}), (Held(2, "a", closed=True), {2}), (Held(1, "a", True), {1})])
    assert going_on(rounds) == {1: 1}
    assert len(list(rounds)) == 1
