"""Digests in a forum: set up, posted, played, closed; what can't be is refused with its reason."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from tests.journeys.conftest import House, labels, text_of
from tests.journeys.test_a_day import answer_ids
from tests.journeys.test_admin import said


async def make_forum(house: House, *tags: str) -> simcord.ChannelHandle:
    """A forum with these tags."""
    forum = house.guild.create_forum_channel("digests")
    given = [
        {"id": str(900 + place), "name": name, "moderated": name == "staff", "emoji_id": None, "emoji_name": None}
        for place, name in enumerate(tags)
    ]
    backend: Any = house.env.backend
    backend.edit_channel(forum.id, {"available_tags": given})
    backend.create_forum_post = _with_one_id(backend)
    await house.env.settle()
    return forum


def _with_one_id(backend: Any) -> Any:
    """On Discord a post has the id of its first message; SimCord would give it another one."""
    create, new_id = backend.create_forum_post, backend.snowflake

    def create_forum_post(forum_id: int, name: str, starter: Any, **more: Any) -> Any:
        ids = iter([starter.id])
        backend.snowflake = lambda: next(ids, None) or new_id()
        try:
            return create(forum_id, name, starter, **more)
        finally:
            backend.snowflake = new_id

    return create_forum_post


async def deny(house: House, forum: simcord.ChannelHandle, **permissions: bool) -> None:
    """Takes permissions away from the bot there."""
    me = house.guild.me
    assert me is not None
    denied = discord.Permissions(**permissions).value
    house.env.backend.set_overwrite(forum.id, Overwrite(me.id, OverwriteType.MEMBER, 0, denied))
    await house.env.settle()


def threads(forum: simcord.ChannelHandle) -> list[simcord.ChannelHandle]:
    return sorted(forum.threads, key=lambda thread: thread.id)


async def test_a_digest_is_a_post_with_its_tags_its_round_and_its_results(house: House) -> None:
    forum = await make_forum(house, "papers", "for, all", "staff")
    text = await said(
        house,
        "digest subscribe",
        series="deep-dive",
        time="09:00",
        zone="Europe/Berlin",
        channel=forum,
        tags="for, all, Papers",
    )
    assert f"<#{forum.id}> gets" in text
    assert "tags papers, for, all" in await said(house, "digest list")
    assert "allowed all that I need" in await said(house, "digest doctor")
    assert "29 Apr 2025" in await said(house, "digest preview")
    house.clock.move(hours=2)
    await house.tick()
    (post,) = threads(forum)
    assert post.name == "Deep dive · Tue 29 Apr 2025"
    assert house.env.backend.get_channel(post.id).applied_tags == [901, 900]
    (first,) = post.history()
    assert first.id == post.id
    assert len(first.embeds) == 3
    assert labels(first) == ["Play the round", "Leaderboard"]
    assert f"/{post.id}/{post.id}" in await said(house, "digest status")

    result = await house.ada.click(first, label="Play the round")
    assert result.response is not None
    await house.ada.click(result.response.message, custom_id=answer_ids(result.response)[0])
    await house.bot.counts.refresh()
    assert "1 player" in text_of(post.history()[0])
    house.clock.move(hours=23)
    await house.tick()
    results = [text_of(message) for message in post.history()[1:]]
    assert results
    assert "the round is over" in results[0]

    house.clock.move(hours=2)
    await house.tick()
    assert [thread.name for thread in threads(forum)] == [
        "Deep dive · Tue 29 Apr 2025",
        "Deep dive · Wed 2 Jul 2025",
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"thread": True}, "is a thread already"),
        ({"publish": True}, "Only posts in an announcement channel"),
        ({"tags": "papers, nonsense"}, "has no tag “nonsense”. There is: papers, staff"),
        ({"tags": "staff"}, "**Manage Posts**"),
    ],
)
async def test_what_makes_no_sense_in_a_forum_is_refused(
    house: House, options: dict[str, Any], sentence: str
) -> None:
    forum = await make_forum(house, "papers", "staff")
    await deny(house, forum, manage_threads=True)
    values = {"series": "deep-dive", "time": "9", "zone": "Europe/Berlin", "channel": forum}
    assert sentence in await said(house, "digest subscribe", **values, **options)
    await said(house, "digest subscribe", **values)
    assert sentence in await said(house, "digest edit", **options)
    assert "Saved" in await said(house, "digest edit", tags="papers")
    assert "Saved" in await said(house, "digest edit", tags="none")


async def test_tags_are_for_forums(house: House) -> None:
    values = {"series": "deep-dive", "time": "9", "zone": "Europe/Berlin"}
    assert "has no tag" in await said(house, "digest subscribe", **values, tags="papers")


async def test_what_a_forum_does_not_allow_is_named_as_its_settings_name_it(house: House) -> None:
    forum = await make_forum(house)
    await deny(house, forum, send_messages=True, send_messages_in_threads=True)
    text = await said(house, "digest subscribe", series="deep-dive", time="9", zone="UTC", channel=forum)
    assert "**Create Posts**" in text
    assert "**Send Messages in Posts**" in text


async def test_tags_are_offered_after_those_that_were_typed(house: House) -> None:
    forum = await make_forum(house, "papers", "news")
    options = {"series": "deep-dive", "time": "9", "channel": forum}
    offered = await house.admin.autocomplete(house.papers, "digest subscribe", "tags", "", **options)
    assert [one["value"] for one in offered] == ["papers", "news"]
    offered = await house.admin.autocomplete(house.papers, "digest subscribe", "tags", "news, p", **options)
    assert [one["value"] for one in offered] == ["news, papers"]
    await said(house, "digest subscribe", **options, zone="UTC")
    offered = await house.admin.autocomplete(house.papers, "digest edit", "tags", "")
    assert [one["value"] for one in offered] == ["papers", "news"]


async def test_a_forum_that_goes_away_pauses(house: House) -> None:
    forum = await make_forum(house)
    await said(house, "digest subscribe", series="deep-dive", time="9", zone="Europe/Berlin", channel=forum)
    house.env.backend.delete_channel(forum.id)
    await house.env.settle()
    assert "The channel is gone" in await said(house, "digest status")
