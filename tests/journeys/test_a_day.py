"""A day of Paper Round: an admin subscribes, the digest comes on time, two players play, the board shows it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bot.posts.custom_ids import Answer, parse
from tests.journeys.conftest import House, labels, text_of


async def subscribe(house: House, series: str = "deep-dive", **more: Any) -> str:
    done = await house.admin.slash(
        house.papers, "digest subscribe", series=series, time="09:00", zone="Europe/Berlin", **more
    )
    assert done.response is not None
    assert done.ephemeral
    return done.response.content


def answer_ids(message: Any) -> list[str]:
    return [
        button["custom_id"]
        for row in message.components
        for button in row["components"]
        if isinstance(parse(button.get("custom_id", "")), Answer)
    ]


async def play(house: House, player: Any, choose: Any) -> Any:
    """Plays the round under the first post to its end; `choose(number)` says which option to click."""
    result = await player.click(house.posts()[0], label="Play the round")
    message = result.response
    for number in range(100):
        ids = answer_ids(message)
        if not ids:
            return message
        await player.click(message.message, custom_id=ids[choose(number) % len(ids)])
        message = result.response
    raise AssertionError("the round has no end")


async def test_subscribe_post_read_play_and_stand(house: House) -> None:
    said = await subscribe(house)
    assert "09:00 (Europe/Berlin)" in said
    assert f"<t:{int(dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC).timestamp())}:F>" in said
    assert "3 digests are waiting" in said

    await house.tick()
    assert house.posts() == []
    house.clock.move(hours=2)
    await house.tick()
    (post,) = house.posts()
    assert "Deep dive" in text_of(post)
    assert "Tue 29 Apr 2025" in text_of(post)
    assert len(post.embeds) == 3
    assert len(post.attachments) == 3
    assert all(embed.thumbnail.url for embed in post.embeds)
    assert labels(post) == ["Play the round", "Leaderboard"]

    opened = await house.ada.select(post, ["2"])
    assert opened.ephemeral
    assert opened.response is not None
    full = text_of(opened.response)
    assert "Token-Shuffle" in full
    for section in ("Topic and Domain", "Problem", "Methods", "Results and Evaluation"):
        assert section in full

    end = await play(house, house.ada, lambda number: number)
    assert "of 9 right" in text_of(end)
    assert "Your place in this server: **1** of 1" in text_of(end)
    await play(house, house.ben, lambda number: number + 1)

    board = await house.ada.slash(house.papers, "leaderboard")
    assert board.ephemeral
    assert board.response is not None
    assert "ada" in text_of(board.response)
    assert "ben" in text_of(board.response)
    await house.ada.click(board.response.message, label="Share")
    assert "ada" in text_of(house.posts()[-1])
    assert house.posts()[-1].mentions == []
    shared = len(house.posts())
    refused = await house.ada.click(board.response.message, label="Share")
    assert "when the next round opens" in text_of(refused.response)
    assert len(house.posts()) == shared

    again = await house.ada.click(post, label="Play the round")
    assert again.response is not None
    assert "That was the round" in text_of(again.response)
    await house.ada.click(again.response.message, label="Look at my answers")
    assert "Question 1" in text_of(again.response)


async def test_a_restart_in_the_middle_loses_nothing_and_posts_nothing_twice(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    result = await house.ada.click(house.posts()[0], label="Play the round")
    assert result.response is not None
    first = answer_ids(result.response)
    await house.ada.click(result.response.message, custom_id=first[0])

    await house.restart()
    await house.tick()
    assert len(house.posts()) == 1

    resumed = await house.ada.click(house.posts()[0], label="Play the round")
    assert resumed.response is not None
    assert "Question 2 of 9" in text_of(resumed.response)
    house.clock.move(days=1)
    await house.tick()
    posts = [message for message in house.posts() if "the round is over" not in text_of(message)]
    posts = [message for message in posts if message.content]  # results may go on in another message
    assert len(posts) == 2
    assert "Wed 2 Jul 2025" in text_of(posts[1])


async def test_the_first_answer_counts_whatever_is_clicked_after(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    one = await house.ada.click(house.posts()[0], label="Play the round")
    two = await house.ada.click(house.posts()[0], label="Play the round")
    assert one.response is not None
    assert two.response is not None
    ids = answer_ids(one.response)
    await house.ada.click(one.response.message, custom_id=ids[0])
    verdict = text_of(one.response)
    await house.ada.click(two.response.message, custom_id=ids[1])
    assert "You had answered this one already" in text_of(two.response)
    assert ("✅ Right" in verdict) == ("✅ Right" in text_of(two.response))


async def test_after_the_round_closed_answers_are_practice(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    house.clock.move(hours=23, minutes=30)
    end = await play(house, house.ada, lambda number: number)
    assert "practice" in text_of(end)
    board = await house.ada.slash(house.papers, "leaderboard")
    assert board.response is not None
    assert "Nobody" in text_of(board.response)


async def test_a_round_up_is_one_message_with_a_menu(house: House) -> None:
    await subscribe(house, "round-up")
    house.clock.move(hours=2)
    await house.tick()
    (post,) = house.posts()
    assert "SynthDetoxM" in text_of(post)
    opened = await house.ben.select(post, ["21"])
    assert opened.ephemeral
    assert opened.response is not None
    assert opened.response.embeds[0].url


async def test_when_the_library_is_used_up_the_status_says_so(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    for _ in range(5):
        await house.tick()
        house.clock.move(days=1)
    assert len(house.posts()) == 3
    status = await house.admin.slash(house.papers, "digest status")
    assert status.response is not None
    assert "used up" in text_of(status.response)


async def test_today_shows_the_latest_digest_privately_with_its_round(house: House) -> None:
    nothing = await house.ada.slash(house.papers, "today")
    assert nothing.response is not None
    assert "No digest has been posted" in nothing.response.content
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    shown = await house.ada.slash(house.papers, "today")
    assert shown.ephemeral
    assert shown.response is not None
    assert "Tue 29 Apr 2025" in text_of(shown.response)
    await house.ada.click(shown.response.message, label="Play the round")
    assert "Question 1 of 9" in text_of(shown.response)
