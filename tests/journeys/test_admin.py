"""What admins do: every reply says what happened and what happens next; what can't be is one clear sentence."""

from __future__ import annotations

import datetime as dt
from typing import Any

import discord
import pytest
import simcord

from tests.journeys.conftest import House, labels, text_of
from tests.journeys.test_a_day import answer_ids, play, subscribe


async def said(house: House, command: str, /, **options: Any) -> str:
    """What the bot answers to an admin's command."""
    done = await house.admin.slash(house.papers, command, **options)
    assert done.ephemeral
    assert done.response is not None
    return text_of(done.response)


async def test_readers_are_not_offered_what_admins_do(house: House) -> None:
    assert any(name.startswith("digest ") for name in house.admin.available_commands(house.papers))
    offered = house.ada.available_commands(house.papers)
    assert not any(name.startswith("digest") for name in offered)
    assert {"today", "leaderboard", "help"} <= set(offered)


async def test_help_depends_on_who_asks(house: House) -> None:
    theirs = await house.ada.slash(house.papers, "help")
    assert theirs.response is not None
    assert "/digest" not in text_of(theirs.response).replace("/digest subscribe", "")
    assert "/digest pause" in await said(house, "help")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"time": "25:00"}, "no time of day"),
        ({"zone": "Mars/Olympus"}, "isn't known"),
        ({"weekdays": "someday"}, "names no days"),
        ({"start": "tomorrow"}, "no date"),
        ({"series": "nonsense"}, "has no series"),
        ({"series": "x" * 5_000}, "has no series"),
        ({"series": "x" * 5_000, "order": "same-day"}, "can't be a series"),
        ({"series": "not a series", "order": "same-day"}, "can't be a series"),
        ({"start": "0001-01-01"}, "no date"),
    ],
)
async def test_what_cant_be_subscribed_is_said(house: House, options: dict[str, Any], sentence: str) -> None:
    values = {"series": "deep-dive", "time": "09:00", "zone": "Europe/Berlin", **options}
    assert sentence in await said(house, "digest subscribe", **values)
    assert "Nothing is subscribed" in await said(house, "digest list")


async def test_without_any_zone_one_is_asked_for_and_the_first_becomes_the_servers(house: House) -> None:
    assert "Which time zone" in await said(house, "digest subscribe", series="deep-dive", time="9")
    await subscribe(house)
    assert "Europe/Berlin" in await said(house, "digest settings")
    assert "Europe/Berlin" in await said(house, "digest subscribe", series="round-up", time="9")


async def test_a_missing_permission_is_found_when_subscribing(house: House) -> None:
    me = house.guild.me
    assert me is not None
    shut = house.guild.create_text_channel(
        "shut", overwrites={me: discord.PermissionOverwrite(attach_files=False, send_messages=False)}
    )
    text = await said(house, "digest subscribe", series="deep-dive", time="9", zone="UTC", channel=shut)
    assert "**Send Messages**" in text
    assert "**Attach Files**" in text
    assert "Nothing is subscribed" in await said(house, "digest list")


async def test_a_role_that_may_not_be_mentioned_is_refused_and_one_that_may_is_mentioned(house: House) -> None:
    quiet = house.guild.create_role("quiet")
    loud = house.guild.create_role("loud", mentionable=True)
    me = house.guild.me
    assert me is not None
    place = house.guild.create_text_channel(
        "place", overwrites={me: discord.PermissionOverwrite(mention_everyone=False)}
    )
    options = {"series": "deep-dive", "time": "9", "zone": "Europe/Berlin", "channel": place}
    assert "may not mention" in await said(house, "digest subscribe", role=quiet, **options)
    await said(house, "digest subscribe", role=loud, **options)
    house.clock.move(hours=2)
    await house.tick()
    (post,) = place.history()
    assert [role.id for role in post.role_mentions] == [loud.id]


async def test_subscribing_twice_and_again(house: House) -> None:
    await subscribe(house)
    assert "already" in await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    assert "no more" in await said(house, "digest unsubscribe")
    asked = await house.admin.slash(
        house.papers, "digest subscribe", series="deep-dive", time="10:00", zone="Europe/Berlin"
    )
    assert asked.response is not None
    assert labels(asked.response) == ["Go on", "Start over"]
    await house.admin.click(asked.response.message, label="Go on")
    text = text_of(asked.response)
    assert "10:00" in text
    assert "2 digests are waiting" in text


async def test_starting_over_begins_with_the_first_digest_again(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    await said(house, "digest unsubscribe")
    asked = await house.admin.slash(
        house.papers, "digest subscribe", series="deep-dive", time="09:00", zone="Europe/Berlin"
    )
    assert asked.response is not None
    await house.admin.click(asked.response.message, label="Start over")
    assert "3 digests are waiting" in text_of(asked.response)
    house.clock.move(days=1)
    await house.tick()
    assert ["29 Apr 2025" in text_of(post) for post in house.posts()] == [True, True]


async def test_what_is_posted_again_is_practice_and_everybody_is_told(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    house.clock.move(hours=23)
    await house.tick()  # the round closes
    await said(house, "digest unsubscribe")
    values = {"series": "deep-dive", "time": "09:00", "zone": "Europe/Berlin"}
    asked = await house.admin.slash(house.papers, "digest subscribe", **values)
    assert asked.response is not None
    assert "1 digest comes again whose round here is over" in text_of(asked.response)
    await house.admin.click(asked.response.message, label="Start over")
    assert "This server has had 1 of them before" in text_of(asked.response)
    house.clock.move(hours=2)
    await house.tick()
    first, again = house.posts()
    assert labels(first) == ["Play the round", "Leaderboard"]
    assert labels(again) == ["Practise the round", "Leaderboard"]
    opened = await house.ada.click(again, label="Practise the round")
    assert opened.response is not None
    assert "answers are practice now" in text_of(opened.response)
    house.clock.move(days=1)
    await house.tick()
    assert labels(house.posts()[2]) == ["Play the round", "Leaderboard"]


async def test_a_second_channel_that_gets_an_old_digest_later_gets_practice(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    house.clock.move(hours=23)
    await house.tick()
    other = house.guild.create_text_channel("other")
    text = await said(
        house, "digest subscribe", series="deep-dive", time="10:00", zone="Europe/Berlin", channel=other
    )
    assert "This server has had 1 of them before" in text
    house.clock.move(hours=2)
    await house.tick()
    (late,) = other.history()
    assert labels(late) == ["Practise the round", "Leaderboard"]


async def test_edit_moves_the_next_post(house: House) -> None:
    await subscribe(house)
    text = await said(house, "digest edit", time="18:30", weekdays="Tue", look="full")
    assert "Tue 18:30" in text
    house.clock.move(hours=2)
    await house.tick()
    assert house.posts() == []
    house.clock.moment = dt.datetime(2026, 3, 3, 17, 31, tzinfo=dt.UTC)
    await house.tick()
    assert house.posts()
    assert "Methods" in "".join(text_of(post) for post in house.posts())


async def test_pause_and_resume_never_catch_up(house: House) -> None:
    await subscribe(house)
    assert "paused" in await said(house, "digest pause")
    for _ in range(3):
        house.clock.move(days=1)
        await house.tick()
    house.clock.move(hours=4)
    assert house.posts() == []
    assert "goes on" in await said(house, "digest resume")
    await house.tick()
    assert house.posts() == []
    house.clock.move(days=1)
    await house.tick()
    assert len(house.posts()) == 1


async def test_a_pause_until_a_date_ends_by_itself(house: House) -> None:
    await subscribe(house)
    assert "until" in await said(house, "digest pause", until="2026-03-04")
    house.clock.moment = dt.datetime(2026, 3, 3, 8, 1, tzinfo=dt.UTC)
    await house.tick()
    assert house.posts() == []
    house.clock.moment = dt.datetime(2026, 3, 4, 8, 1, tzinfo=dt.UTC)
    await house.tick()
    assert len(house.posts()) == 1


async def test_preview_is_private_and_changes_nothing(house: House) -> None:
    await subscribe(house)
    shown = await house.admin.slash(house.papers, "digest preview")
    assert shown.ephemeral
    assert shown.response is not None
    assert "Tue 29 Apr 2025" in text_of(shown.response)
    opened = await house.admin.select(shown.response.message, ["1"])
    assert opened.response is not None
    assert "Skywork" in text_of(opened.response)
    assert house.posts() == []


async def test_post_now_leaves_the_schedule_alone(house: House) -> None:
    await subscribe(house)
    assert "on its way" in await said(house, "digest post-now")
    await house.tick()
    assert len(house.posts()) == 1
    house.clock.move(hours=2)
    await house.tick()
    assert ["29 Apr" in text_of(post) for post in house.posts()] == [True, False]


async def test_skip_drops_the_next_digest(house: House) -> None:
    await subscribe(house)
    assert "29 Apr 2025" in await said(house, "digest skip")
    house.clock.move(hours=2)
    await house.tick()
    assert "2 Jul 2025" in text_of(house.posts()[0])


async def test_no_next_digest_is_promised_where_there_is_none(house: House) -> None:
    await subscribe(house)
    assert "The next one comes" in await said(house, "digest skip")
    assert "The next one comes" in await said(house, "digest skip")
    assert "The library is used up" in await said(house, "digest post-now")
    await house.tick()
    for command in ("digest resume", "digest list", "digest status"):
        text = await said(house, command)
        assert "library is used up" in text
        assert "ext one comes" not in text


async def test_what_comes_next_tells_of_a_pause(house: House) -> None:
    await subscribe(house)
    await said(house, "digest pause", until="2026-03-09")
    for command in ("digest skip", "digest post-now"):
        text = await said(house, command)
        assert "Paused until" in text
        assert "next one" not in text


async def test_a_permission_that_is_taken_away_pauses_and_is_told_once(house: House) -> None:
    notices = house.guild.create_text_channel("notices")
    await said(house, "digest settings", notice_channel=notices)
    await subscribe(house)
    house.env.inject_error("POST", f"/channels/{house.papers.id}/messages", status=403, code=50013)
    house.clock.move(hours=2)
    await house.tick()
    house.clock.move(days=2)
    await house.tick()
    assert house.posts() == []
    assert ["not allowed to post" in text_of(m) for m in notices.history()] == [True]
    status = await said(house, "digest status")
    assert "not allowed to post" in status
    assert "aused" in status
    await said(house, "digest resume")
    house.clock.moment = dt.datetime(2026, 3, 5, 8, 1, tzinfo=dt.UTC)
    await house.tick()
    assert len(house.posts()) == 1


async def test_a_key_that_is_corrected_corrects_the_standing(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    result = await house.ada.click(house.posts()[0], label="Play the round")
    assert result.response is not None
    await house.ada.click(result.response.message, custom_id=answer_ids(result.response)[0])
    before = "✅ Right" in text_of(result.response)
    offered = await house.admin.autocomplete(house.papers, "digest key", "question", "")
    question = offered[0]["value"]
    options = await house.admin.autocomplete(house.papers, "digest key", "answer", "", question=question)
    chosen = next(line for line in text_of(result.response).splitlines() if line.startswith("You chose"))
    letter = next(
        option["value"]
        for option in options
        if option["name"].partition(" · ")[2][:20] in chosen.replace("\\", "")
    )
    other = next(option["value"] for option in options if option["value"] not in (letter, "none"))
    text = await said(
        house, "digest key", question=question, answer=other if before else letter, reason="So it is."
    )
    assert "1 player" in text
    board = await house.ada.slash(house.papers, "leaderboard")
    assert board.response is not None
    assert ("1 point" in text_of(board.response)) is not before


async def test_commands_are_synced_when_they_changed_and_only_then(house: House) -> None:
    def syncs() -> int:
        return sum(r.method == "PUT" and r.path.endswith("/commands") for r in house.env.http_requests)

    assert syncs() == 1
    await house.restart()
    assert syncs() == 1


async def test_another_servers_round_and_digest_stay_theirs(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    await play(house, house.ada, lambda number: number)
    elsewhere: simcord.GuildHandle = house.env.create_guild(name="Elsewhere")
    channel = elsewhere.create_text_channel("general")
    eve = elsewhere.add_member(house.env.create_user("eve"))
    board = await eve.slash(channel, "leaderboard")
    assert board.response is not None
    assert "ada" not in text_of(board.response)
    today = await eve.slash(channel, "today")
    assert today.response is not None
    assert "No digest has been posted" in text_of(today.response)


async def test_a_thread_on_each_post_if_asked_and_only_where_the_bot_may(house: House) -> None:
    me = house.guild.me
    assert me is not None
    shut = house.guild.create_text_channel(
        "shut", overwrites={me: discord.PermissionOverwrite(create_public_threads=False)}
    )
    options = {"series": "deep-dive", "time": "9", "zone": "Europe/Berlin", "thread": True}
    assert "**Create Public Threads**" in await said(house, "digest subscribe", channel=shut, **options)
    await said(house, "digest subscribe", **options)
    assert "with a thread" in await said(house, "digest list")
    house.clock.move(hours=2)
    await house.tick()
    assert len(house.papers.threads) == 1
    assert "29 Apr 2025" in (house.papers.threads[0].name or "")


async def test_posts_are_published_in_announcement_channels_and_nowhere_else(house: House) -> None:
    news = house.guild.create_news_channel("news")
    options = {"series": "deep-dive", "time": "9", "zone": "Europe/Berlin", "publish": True}
    assert "isn't one" in await said(house, "digest subscribe", **options)
    await said(house, "digest subscribe", channel=news, **options)
    house.clock.move(hours=2)
    await house.tick()
    (post,) = news.history()
    assert any(r.path.endswith(f"/messages/{post.id}/crosspost") for r in house.env.http_requests)
