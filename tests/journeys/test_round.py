"""A round from its first answer to its results, as players see it."""

from __future__ import annotations

from typing import Any

import discord
from sqlalchemy import select

from bot.database.tables import questions, rounds, standings
from bot.delivery.channels import GONE
from bot.posts.custom_ids import PractiseAnswer, parse
from tests.journeys.conftest import House, labels, text_of
from tests.journeys.test_a_day import answer_ids, play, subscribe
from tests.journeys.test_privacy import forget_me


def shown(result: Any) -> Any:
    """What a click or a command was answered with."""
    assert result.response is not None
    return result.response


async def open_round(house: House, series: str = "deep-dive", **more: Any) -> discord.Message:
    await subscribe(house, series, **more)
    house.clock.move(hours=2)
    await house.tick()
    return house.posts()[0]


async def close_round(house: House) -> None:
    house.clock.move(hours=23)
    await house.tick()


async def test_when_the_round_closes_its_results_reply_to_the_post_once(house: House) -> None:
    post = await open_round(house)
    await play(house, house.ada, lambda number: number)
    await play(house, house.ben, lambda number: number + 1)
    await house.tick()
    assert len(house.posts()) == 1
    await close_round(house)
    results = house.posts()[1:]
    assert len(results) == 1
    assert results[0].reference is not None
    assert results[0].reference.message_id == post.id
    said = "\n".join(map(text_of, results))
    assert "the round is over" in said
    assert "2 players · " in said
    assert "**ada** · " in said
    assert said.count("\nRight: **") == 9
    assert said.count("█") > 0
    assert "in a row" not in said
    assert all(message.mentions == [] for message in results)
    assert labels(results[-1]) == ["Look at my answers", "Leaderboard"]

    await house.tick()
    house.clock.move(minutes=30)
    await house.restart()
    await house.tick()
    assert house.posts()[1:] == results

    review = await house.ada.click(results[-1], label="Look at my answers")
    assert review.ephemeral
    assert "Your answers" in text_of(review.response)
    asked = await house.store.read(lambda c: c.execute(select(questions.c.id, questions.c.options)).first())
    assert asked is not None
    full = await house.ben.select(results[-1], [str(asked.id)])
    assert full.ephemeral
    assert all(option in text_of(full.response) for option in asked.options)
    assert text_of(full.response).count("· right\n") == 1


async def test_results_tell_the_longest_streaks_of_those_who_played(house: House) -> None:
    await open_round(house)
    await play(house, house.ada, lambda number: number)
    await close_round(house)
    house.clock.move(hours=1)
    await house.tick()
    post = house.posts()[-1]
    for player in (house.ada, house.ben):
        started = await player.click(post, label="Play the round")
        await player.click(shown(started).message, custom_id=answer_ids(shown(started))[0])
    await close_round(house)
    assert "🔥 Rounds in a row: **ada** 2" in text_of(house.posts()[-1])
    await forget_me(house, house.ada)
    await house.tick()
    assert not any("ada" in text_of(message) for message in house.posts())


async def test_a_round_that_nobody_played_posts_no_results(house: House) -> None:
    await open_round(house)
    await house.ada.click(house.posts()[0], label="Play the round")
    await close_round(house)
    assert len(house.posts()) == 1


async def test_results_stand_by_themselves_where_the_post_is_gone(house: House) -> None:
    post = await open_round(house)
    await play(house, house.ada, lambda number: number)
    await post.delete()
    await close_round(house)
    results = house.posts()
    assert "the round is over" in text_of(results[0])


async def test_a_paused_subscription_still_gets_its_results(house: House) -> None:
    await open_round(house)
    await play(house, house.ada, lambda number: number)
    await house.admin.slash(house.papers, "digest pause")
    await close_round(house)
    assert "the round is over" in text_of(house.posts()[1])


async def test_unsubscribing_closes_the_round_at_once_without_results(house: House) -> None:
    post = await open_round(house)
    await play(house, house.ada, lambda number: number)
    await house.admin.slash(house.papers, "digest unsubscribe")
    late = await house.ben.click(post, label="Play the round")
    assert "This round is closed" in text_of(late.response)
    await close_round(house)
    assert len(house.posts()) == 1


async def test_a_round_shared_by_two_channels_goes_on_when_one_leaves_and_tells_both_otherwise(
    house: House,
) -> None:
    other = house.guild.create_text_channel("other")
    await subscribe(house, channel=other)
    await open_round(house)
    await play(house, house.ada, lambda number: number)
    await close_round(house)
    assert "the round is over" in text_of(house.posts()[1])
    assert len([m for m in other.history() if "the round is over" in text_of(m)]) == 1


async def test_a_channel_that_is_deleted_takes_its_round_along(house: House) -> None:
    lost = house.guild.create_text_channel("lost")
    await subscribe(house, channel=lost)
    house.clock.move(hours=2)
    await house.tick()
    channel = house.bot.get_channel(lost.id)
    assert channel is not None
    await channel.delete()  # type: ignore[union-attr]
    await house.env.settle()
    status = await house.admin.slash(house.papers, "digest status")
    assert "Paused" in text_of(status.response)
    told = [m.content for m in house.admin.dm.history()] if hasattr(house.admin, "dm") else [GONE]
    assert any(GONE in text for text in told)


async def test_a_corrected_key_edits_the_results_once(house: House) -> None:
    await open_round(house)
    await play(house, house.ada, lambda number: 0)
    await close_round(house)
    before = [text_of(message) for message in house.posts()[1:]]
    question = await first_question(house)
    for letter in "ABC":
        await house.admin.slash(house.papers, "digest key", question=question, answer=letter, reason="I looked.")
    await house.tick()
    after = [text_of(message) for message in house.posts()[1:]]
    assert len(after) == len(before)
    assert "I looked." in after[0]
    assert after[0] != before[0]
    await house.tick()
    assert [text_of(message) for message in house.posts()[1:]] == after


async def first_question(house: House) -> str:
    statement = (
        select(questions.c.id)
        .join(rounds, rounds.c.digest_id == questions.c.digest_id)
        .order_by(questions.c.position)
        .limit(1)
    )
    return str(await house.store.read(lambda c: c.execute(statement).scalar_one()))


async def test_verdicts_can_wait_until_the_round_closes_and_nothing_tells_before(house: House) -> None:
    saved = await house.admin.slash(house.papers, "digest settings", verdicts="at-close")
    assert "when the round closes" in text_of(saved.response)
    post = await open_round(house)
    end = await play(house, house.ada, lambda number: number)
    assert "The results come when the round closes" in text_of(end)
    await house.ada.click(end.message, label="Look at my answers")
    hidden = text_of(end)
    for telling in ("✅", "❌", "right answer", "of 9 right"):
        assert telling not in hidden
    board = await house.ada.slash(house.papers, "leaderboard")
    assert "Nobody" in text_of(board.response)
    # the setting holds for rounds that open from now on
    await house.admin.slash(house.papers, "digest settings", verdicts="at-once")
    again = await house.ben.click(post, label="Play the round")
    await house.ben.click(shown(again).message, custom_id=answer_ids(shown(again))[0])
    assert "📝 Your answer is kept" in text_of(again.response)

    await close_round(house)
    review = await house.ada.click(house.posts()[-1], label="Look at my answers")
    assert "Right" in text_of(review.response)
    board = await house.ada.slash(house.papers, "leaderboard")
    assert "ada" in text_of(board.response)


async def test_practice_asks_what_was_missed_in_closed_rounds_and_brings_no_points(house: House) -> None:
    nothing = await house.ben.slash(house.papers, "quiz practice")
    assert "nothing to practise on" in text_of(nothing.response)
    post = await open_round(house)
    started = await house.ben.click(post, label="Play the round")
    await house.ben.click(shown(started).message, custom_id=answer_ids(shown(started))[0])
    still = await house.ben.slash(house.papers, "quiz practice")
    assert "nothing to practise on" in text_of(still.response)
    await close_round(house)

    begun = await house.ben.slash(house.papers, "quiz practice")
    assert begun.ephemeral
    message = shown(begun)
    assert "Practice · Deep dive" in text_of(message)
    for left in range(8, 0, -1):
        assert f"{left} question" in text_of(message)
        ids = [
            button["custom_id"]
            for row in message.components
            for button in row["components"]
            if isinstance(parse(button.get("custom_id", "")), PractiseAnswer)
        ]
        await house.ben.click(message.message, custom_id=ids[left % len(ids)])
        message = shown(begun)
    assert "That was the last one" in text_of(message)
    points = await house.store.read(lambda c: c.execute(select(standings.c.answered)).scalar())
    assert points == 1


async def test_the_post_counts_players_at_most_once_a_minute_in_its_first_hour_and_at_the_close(
    house: House,
) -> None:
    post = await open_round(house)
    before = post.content
    assert await house.bot.counts.refresh() == 0
    await play(house, house.ada, lambda number: number)
    assert await house.bot.counts.refresh() == 1
    [counted] = house.posts()
    assert counted.content.startswith(before + "\n-# 1 player · ")
    assert len(counted.attachments) == 3
    assert labels(counted) == ["Play the round", "Leaderboard"]
    assert len(counted.embeds) == 3

    await play(house, house.ben, lambda number: number)
    house.clock.move(seconds=30)
    assert await house.bot.counts.refresh() == 0
    house.clock.move(seconds=31)
    assert await house.bot.counts.refresh() == 1
    assert "2 players · " in house.posts()[0].content
    house.clock.move(hours=2)
    assert await house.bot.counts.refresh() == 0
    await close_round(house)
    await house.restart()
    assert await house.bot.counts.refresh() == 1
    assert await house.bot.counts.refresh() == 0


async def test_the_count_says_nothing_of_verdicts_that_wait(house: House) -> None:
    await house.admin.slash(house.papers, "digest settings", verdicts="at-close")
    await open_round(house)
    await play(house, house.ada, lambda number: number)
    await house.bot.counts.refresh()
    assert house.posts()[0].content.endswith("\n-# 1 player")
    await close_round(house)
    house.clock.move(minutes=2)
    await house.bot.counts.refresh()
    assert house.posts()[0].content.endswith("right")


async def test_a_round_up_is_played_from_its_summaries(house: House) -> None:
    post = await open_round(house, "round-up")
    assert labels(post) == ["Play the round", "Leaderboard"]
    started = await house.ada.click(post, label="Play the round")
    asked = text_of(shown(started))
    assert "Question 1 of 5" in asked
    assert "Which of these papers does this describe?" in asked
    assert "▒▒▒" in asked
    end = await play(house, house.ada, lambda number: number)
    assert "of 5 right" in text_of(end)
    await close_round(house)
    assert "▒▒▒" in text_of(house.posts()[1])
