"""Standing: one's own record, seasons, and the hand that admins have on both."""

from __future__ import annotations

from typing import Any

from tests.journeys.conftest import House, labels, text_of
from tests.journeys.test_a_day import play
from tests.journeys.test_round import close_round, open_round, shown


async def say(house: House, who: Any, command: str, **options: Any) -> Any:
    """What a command is answered with; only the person sees it."""
    result = await who.slash(house.papers, command, **options)
    assert result.ephemeral
    return shown(result)


async def right(house: House, player: Any, name: str) -> int:
    """Plays the open round; how many answers were right, by the board."""
    await play(house, player, lambda number: number)
    board = text_of(await say(house, player, "leaderboard"))
    line = next(line for line in board.splitlines() if f"**{name}**" in line)
    return int(line.split(" · ")[1].split()[0])


async def test_ones_own_record(house: House) -> None:
    assert "haven't played here" in text_of(await say(house, house.ada, "me record"))
    await open_round(house)
    points = await right(house, house.ada, "ada")
    said = text_of(await say(house, house.ada, "me record"))
    assert f"Points: **{points}**" in said
    assert f"({points} of 9)" in said
    assert "Place over all time: **1** of 1" in said
    assert "Rounds played: **1**" in said
    assert "Streak: **1 round** now, **1 round** at best" in said
    assert f"03-02  {points}  ████████████████" in said
    assert said.count("-") >= 8
    await close_round(house)  # the next one opens, and is there to be played
    assert "Streak: **1 round** now" in text_of(await say(house, house.ada, "me record"))
    await close_round(house)
    await close_round(house)
    assert "Streak: **0 rounds** now, **1 round** at best" in text_of(await say(house, house.ada, "me record"))
    assert labels(await say(house, house.ben, "me record")) == []
