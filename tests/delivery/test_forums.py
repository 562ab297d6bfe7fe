"""Digests in forums: a post each, made once although Discord takes no nonce for it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from bot.database import Store
from bot.delivery import status, subscriptions
from bot.delivery.transport import Rejected, Shut
from bot.model import Look
from tests.conftest import Fresh

from .test_crashes import live, recover
from .world import (
    CHANNEL,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SERVER,
    Clock,
    Crash,
    FailingStore,
    Failpoints,
    FakeDiscord,
    ForumPost,
    World,
    add_servers,
    all_deliveries,
    all_steps,
    fails,
    forbidden,
    library,
    lost_reply,
    states,
    subscribe,
)

DUE = NOON + DAY
TAGS = (7, 8)


def set_up(c: Connection, /, messages: int = 1, days: int = 1) -> None:
    add_servers(c)
    library(c, days, length=100 if messages == 1 else 4_500 * messages)
    subscribe(c, look=Look.FULL, forum=True, tags=TAGS)


def posts(discord: FakeDiscord) -> list[ForumPost]:
    assert discord.texts() == []  # nothing stands in the forum itself
    return discord.forum_posts.get(CHANNEL, [])


async def test_a_digest_is_a_post_that_its_messages_stand_in(world: World) -> None:
    await world.store.write(set_up, 3)
    await world.until(DUE)
    (post,) = posts(world.discord)
    assert (post.title, post.tags) == ("Deep dive · Wed 1 Jan 2025", TAGS)
    assert len(world.discord.texts(post.id)) == 3
    steps = await world.store.read(all_steps)
    assert [step.channel_id for step in steps] == [post.id] * 3
    assert steps[0].message_id == post.id
    (standing,) = await world.store.read(status.of_server, SERVER, now=DUE)
    assert standing.last is not None
    assert standing.last.link.endswith(f"/{SERVER}/{post.id}/{post.id}")


async def run_and_kill(fresh: Fresh, messages: int, at: int, gap: Any) -> int:
    """Kills the process at a failpoint; how many it had passed."""
    discord, failpoints = FakeDiscord(Clock(DUE)), Failpoints()
    async with fresh() as address, Store.open(address) as store:
        await store.write(set_up, messages)
        discord.failpoints, failpoints.at = failpoints, at
        try:
            await live(FailingStore(store, failpoints), discord)
        except Crash:
            discord.clock.forward(gap)
        await recover(store, discord)
        (post,) = posts(discord)
        assert len(discord.texts(post.id)) == messages
        assert set(await store.read(states)) == {"sent"}
        (delivery,) = await store.read(all_deliveries)
        assert delivery.finished_at is not None
    return len(failpoints.passed)


@pytest.mark.parametrize(("messages", "gap"), [(1, MINUTE), (2, 3 * HOUR)])
async def test_killed_at_every_boundary_there_is_one_post(fresh: Fresh, messages: int, gap: Any) -> None:
    at, passed = 0, 0
    while at <= passed:
        at += 1
        passed = max(passed, await run_and_kill(fresh, messages, at, gap))
    assert passed > 8


async def test_a_lost_reply_is_looked_for_before_anything_is_sent_again(world: World) -> None:
    await world.store.write(set_up, 2)
    world.discord.on_reply = fails(1, lost_reply, "open_post")
    await world.until(DUE)
    world.clock.forward(MINUTE / 2)  # a request that was cut off may still be under way
    await world.courier.drain()
    assert ("find", CHANNEL) not in world.discord.requests
    await world.patiently()
    (post,) = posts(world.discord)
    assert len(world.discord.texts(post.id)) == 2
    assert set(await world.store.read(states)) == {"sent"}


async def test_a_post_that_surely_is_not_there_is_made_again(world: World) -> None:
    await world.store.write(set_up)
    world.discord.on_request = fails(2, lost_reply, "open_post")
    await world.until(DUE)
    await world.patiently()
    assert len(posts(world.discord)) == 1
    made = [kind for kind, _ in world.discord.requests if kind in ("find", "open_post")]
    assert made == ["open_post", "find", "open_post", "find", "open_post"]


async def test_where_nobody_can_find_out_it_is_not_made_again_and_the_admin_is_told(world: World) -> None:
    await world.store.write(set_up, 2)
    world.discord.unreadable.add(CHANNEL)
    world.discord.on_request = fails(1, lost_reply, "open_post")
    await world.until(DUE)
    await world.patiently()
    assert posts(world.discord) == []
    assert await world.store.read(states) == ["unknown", "refused"]
    ((_, _, sentence),) = world.told.sentences
    assert "can't find out" in sentence


async def test_a_post_that_somebody_closes_takes_no_more_and_the_next_day_goes_on(world: World) -> None:
    await world.store.write(set_up, 3, 2)
    world.discord.on_request = fails(1, lambda: Shut("It is locked."), "send")
    await world.until(DUE)
    assert await world.store.read(states) == ["sent", "refused", "refused"]
    ((_, _, sentence),) = world.told.sentences
    assert "while I was still writing it" in sentence
    (kept,) = await world.store.read(subscriptions.of_server, SERVER)
    assert kept.paused_at is None
    await world.until(DUE + DAY)
    assert len(posts(world.discord)) == 2


async def test_what_the_forum_refuses_pauses_and_the_digest_is_next_again(world: World) -> None:
    await world.store.write(set_up)
    world.discord.on_request = fails(1, forbidden, "open_post")
    await world.until(DUE)
    (kept,) = await world.store.read(subscriptions.of_server, SERVER)
    assert kept.pause_reason == "I'm not allowed to post there."
    assert await world.store.read(all_deliveries) == []
    await world.store.write(subscriptions.resume, kept.id, server_id=SERVER, now=DUE)
    await world.until(DUE + DAY)
    assert len(posts(world.discord)) == 1


async def test_without_the_post_there_is_no_rest_of_it(world: World) -> None:
    await world.store.write(set_up, 2)
    world.discord.on_request = fails(9, lambda: Rejected("400"), "open_post")
    await world.until(DUE)
    await world.patiently()
    assert posts(world.discord) == []
    assert await world.store.read(states) == ["refused", "refused"]
    assert len(world.told.sentences) == 1
