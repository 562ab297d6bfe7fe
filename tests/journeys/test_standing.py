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
    assert f"03-02  {points}  ████████████████" in said or not points
    assert said.count("-") >= 8
    await close_round(house)
    house.clock.move(hours=1)
    await house.tick()  # the next one opens, and is there to be played
    assert "Streak: **1 round** now" in text_of(await say(house, house.ada, "me record"))
    await close_round(house)
    assert "Streak: **0 rounds** now, **1 round** at best" in text_of(await say(house, house.ada, "me record"))
    assert labels(await say(house, house.ben, "me record")) == []


async def test_an_admin_takes_a_player_off_the_board_and_puts_them_back(house: House) -> None:
    await open_round(house)
    points = await right(house, house.ada, "ada")
    await play(house, house.ben, lambda number: 0)
    said = await say(house, house.admin, "players exclude", player=house.ada)
    assert "is off the leaderboard. `/players include`" in text_of(said)
    assert "already" in text_of(await say(house, house.admin, "players exclude", player=house.ada))
    board = text_of(await say(house, house.ben, "leaderboard"))
    assert "ada" not in board
    assert "You are number 1 of 1" in board
    own = text_of(await say(house, house.ada, "me record"))
    assert "taken you off its leaderboard" in own
    assert f"Points: **{points}**" in own

    await say(house, house.admin, "players include", player=house.ada)
    assert f"**ada** · {points} point" in text_of(await say(house, house.ben, "leaderboard"))
    audit = text_of(await say(house, house.admin, "players audit"))
    assert f"<@{house.admin.id}>: excluded <@{house.ada.id}>" in audit
    assert f"<@{house.admin.id}>: put <@{house.ada.id}> back" in audit
    assert "isn't excluded" in text_of(await say(house, house.admin, "players include", player=house.ada))


async def test_an_admin_strikes_an_answer_and_undoes_it(house: House) -> None:
    await open_round(house)
    points = await right(house, house.ada, "ada")
    offered = await house.admin.autocomplete(house.papers, "players strike", "question", "", player=house.ada)
    assert len(offered) == 9
    for choice in offered:
        await say(house, house.admin, "players strike", player=house.ada, question=choice["value"])
    own = text_of(await say(house, house.ada, "me record"))
    assert "Points: **0**" in own
    assert "9 answers of yours were struck" in own
    assert "Streak: **1 round** now" in own
    assert "Nobody is on the board" in text_of(await say(house, house.ben, "leaderboard"))
    assert await house.admin.autocomplete(house.papers, "players strike", "question", "", player=house.ada) == []
    refused = await say(house, house.admin, "players strike", player=house.ben, question=offered[0]["value"])
    assert "no such answer" in text_of(refused)

    for choice in offered:
        await say(house, house.admin, "players unstrike", player=house.ada, question=choice["value"])
    assert f"Points: **{points}**" in text_of(await say(house, house.ada, "me record"))
    first = await say(house, house.admin, "players audit")
    assert "page 1 of 2" in text_of(first)
    assert text_of(first).count("count again") == 9
    await house.admin.click(first.message, label="On")
    assert "page 2 of 2" in text_of(first)
    assert text_of(first).count("struck the answer") == 8


async def test_a_season_begins_when_an_admin_says_so_twice_and_old_ones_stay(house: House) -> None:
    await open_round(house)
    points = await right(house, house.ada, "ada")
    house.clock.move(minutes=5)
    asked = await say(house, house.admin, "players season", name="Spring")
    assert "Start the first season?" in text_of(asked)
    await house.admin.click(asked.message, label="Start season 1")
    assert "Season 1: Spring began" in text_of(asked)
    board = await say(house, house.ada, "leaderboard")
    assert "Leaderboard · Season 1: Spring" in text_of(board)
    assert "Nobody has scored in this time yet" in text_of(board)
    await play(house, house.ben, lambda number: number)

    house.clock.move(minutes=5)
    asked = await say(house, house.admin, "players season")
    assert "End Season 1: Spring and start the next?" in text_of(asked)
    await house.admin.click(asked.message, label="Start season 2")
    assert "ben" not in text_of(await say(house, house.ada, "leaderboard"))
    old = text_of(await say(house, house.ada, "leaderboard", season=1))
    assert f"**ben** · {points} point" in old
    assert "ada" not in old
    whole = text_of(await say(house, house.ada, "leaderboard", period="all", around_me=True))
    assert "ada" in whole
    assert "ben" in whole
    series = text_of(await say(house, house.ada, "leaderboard", period="all", series="deep-dive"))
    assert "All time · Deep dive" in series
    assert "ada" in series
    assert "no such season" in text_of(await say(house, house.ada, "leaderboard", season=9))
    assert "no such leaderboard" in text_of(await say(house, house.ada, "leaderboard", series="none"))
    assert "started season 2" in text_of(await say(house, house.admin, "players audit"))
