"""Standing: one's own record, seasons, and the hand that admins have on both."""

from __future__ import annotations

import datetime as dt
from typing import Any

import discord

from tests.journeys.conftest import House, labels, text_of
from tests.journeys.test_a_day import play
from tests.journeys.test_privacy import forget_me
from tests.journeys.test_round import close_round, open_round, shown

MONDAY = dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC)
"""The one after the first, at ten in Berlin."""


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
    await house.admin.click(first.message, label="Next")
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


async def test_the_weeks_standings_are_posted_on_monday_where_an_admin_wants_them(house: House) -> None:
    assert "Standings of the week: not posted" in text_of(await say(house, house.admin, "digest settings"))
    wall = house.guild.create_text_channel("wall")
    both = await say(house, house.admin, "digest settings", standings_channel=wall, standings_off=True)
    assert "not both" in text_of(both)
    await open_round(house)
    house.clock.move(hours=2)  # past this Monday's hour
    saved = text_of(await say(house, house.admin, "digest settings", standings_channel=wall))
    assert f"Standings of the week: <#{wall.id}>, next <t:{int(MONDAY.timestamp())}:F>" in saved
    assert f"Standings of the week: <#{wall.id}>" in text_of(await say(house, house.admin, "digest status"))
    await play(house, house.ada, lambda number: number)
    await play(house, house.ben, lambda number: 0)
    house.clock.moment = MONDAY
    await house.tick()
    await house.tick()
    [post] = wall.history()
    said = text_of(post)
    assert "The week from Mon 2 Mar 2026 to Sun 8 Mar 2026" in said
    assert "1 round · 2 players · " in said
    assert "**ada** · " in said
    assert post.mentions == []
    assert labels(post) == ["Leaderboard"]
    board = await house.ben.click(post, label="Leaderboard")
    assert board.ephemeral

    await forget_me(house, house.ada)
    await house.tick()
    [post] = wall.history()
    assert "ada" not in text_of(post)
    assert "**ben** · " in text_of(post)
    assert "2 players · " in text_of(post)
    off = text_of(await say(house, house.admin, "digest settings", standings_off=True))
    assert "Standings of the week: not posted" in off


async def test_standings_whose_channel_is_gone_are_told_once_and_seen_until_that_is_mended(house: House) -> None:
    me = house.guild.me
    assert me is not None
    shut = house.guild.create_text_channel("shut", overwrites={me: discord.PermissionOverwrite(embed_links=False)})
    wall, other = house.guild.create_text_channel("wall"), house.guild.create_text_channel("other")
    await open_round(house)
    refused = await say(house, house.admin, "digest settings", standings_channel=shut)
    assert "give me Embed Links there" in text_of(refused)
    await say(house, house.admin, "digest settings", standings_channel=wall, notice_channel=house.papers)
    assert "standings" not in text_of(await say(house, house.admin, "digest doctor"))
    await play(house, house.ada, lambda number: number)
    channel = house.bot.get_channel(wall.id)
    assert channel is not None
    await channel.delete()  # type: ignore[union-attr]
    await house.env.settle()
    assert "I can't post the week's standings there" in text_of(await say(house, house.admin, "digest doctor"))
    house.clock.moment = MONDAY
    await house.tick()
    house.clock.move(days=7)
    await house.tick()
    told = [text_of(post) for post in house.posts() if "I can't post the week's standings" in text_of(post)]
    assert len(told) == 1
    assert told[0].startswith(f"<#{wall.id}>: ")
    for command in ("digest status", "digest doctor", "digest settings"):
        assert "I can't post the week's standings" in text_of(await say(house, house.admin, command))
    again = text_of(await say(house, house.admin, "digest settings", standings_channel=other))
    assert f"Standings of the week: <#{other.id}>, next <t:" in again
