"""What an admin sees: what is next, what went out, what waits, what is wrong."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection

from bot.database import Store
from bot.database.tables import subscriptions as table
from bot.delivery import claims, errand, sentences, status
from bot.delivery.entries import StepKind, StepState
from bot.delivery.status import Standing
from bot.delivery.transport import Rejected
from bot.library.picking import Order

from .world import (
    CHANNEL,
    DAY,
    HOUR,
    NOON,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    World,
    add_servers,
    fails,
    forbidden,
    library,
    not_reached,
    subscribe,
)


def start(c: Connection, /, *, days: int = 3, **given: Any) -> int:
    add_servers(c, SERVER, OTHER_SERVER)
    library(c, days)
    return subscribe(c, **given).id


async def stands(world: World) -> Standing:
    (one,) = await world.store.read(status.of_server, SERVER, now=world.clock.now())
    return one


async def test_before_anything_was_posted(world: World) -> None:
    await world.store.write(start)
    found = await stands(world)
    assert found.next_at == dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
    assert (found.waiting, found.used_up, found.under_way, found.last, found.trouble) == (
        3,
        False,
        False,
        None,
        (),
    )


async def test_after_a_post_its_link_is_there(world: World) -> None:
    await world.store.write(start)
    await world.until(NOON + DAY)
    found = await stands(world)
    (posted,) = world.discord.channels[CHANNEL]
    assert found.last is not None
    assert found.last.link == f"https://discord.com/channels/{SERVER}/{CHANNEL}/{posted.id}"
    assert (found.last.digest_id, found.last.date) == (1, dt.date(2025, 1, 1))
    assert (found.waiting, found.used_up) == (2, False)


async def test_the_library_used_up_is_said(world: World) -> None:
    await world.store.write(start, days=1)
    await world.until(NOON + DAY)
    found = await stands(world)
    assert (found.waiting, found.used_up) == (0, True)
    assert found.next_at == dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)


async def test_same_day_is_never_used_up(world: World) -> None:
    await world.store.write(start, order=Order.SAME_DAY)
    found = await stands(world)
    assert (found.waiting, found.used_up) == (0, False)


async def test_what_waits_for_discord_is_under_way_and_says_why(world: World) -> None:
    await world.store.write(start)
    world.discord.on_request = fails(99, not_reached)
    await world.until(NOON + DAY)
    found = await stands(world)
    assert found.under_way
    (trouble,) = found.trouble
    assert (trouble.kind, trouble.state, trouble.sentence) == (
        StepKind.MESSAGE,
        StepState.PLANNED,
        "no route to host",
    )


async def test_a_pause_with_its_reason_has_no_next(world: World) -> None:
    await world.store.write(start)
    world.discord.on_request = fails(1, forbidden)
    await world.until(NOON + DAY)
    found = await stands(world)
    assert found.next_at is None
    assert found.subscription.pause_reason == "I'm not allowed to post there."


async def test_refused_steps_are_shown_for_a_while(world: World) -> None:
    await world.store.write(start)
    world.discord.on_request = fails(errand.REJECTIONS, lambda: Rejected("50035"))
    await world.until(NOON + DAY)
    await world.patiently()
    (trouble,) = (await stands(world)).trouble
    assert (trouble.state, trouble.sentence, trouble.digest_id) == (StepState.REFUSED, sentences.MALFORMED, 1)
    world.clock.forward(31 * DAY)
    assert (await stands(world)).trouble == ()


async def test_skipped_digests_are_no_posts(world: World) -> None:
    made = await world.store.write(start)
    await world.store.write(claims.skip, made, server_id=SERVER, now=NOON)
    found = await stands(world)
    assert (found.last, found.waiting) == (None, 2)


async def test_each_server_sees_its_own(store: Store) -> None:
    def two(c: Connection) -> None:
        start(c)
        subscribe(c, server_id=OTHER_SERVER, channel_id=OTHER_CHANNEL)

    await store.write(two)
    for server in (SERVER, OTHER_SERVER):
        (found,) = await store.read(status.of_server, server, now=NOON)
        assert found.subscription.server_id == server


async def test_a_zone_that_vanished_does_not_keep_the_status_from_being_shown(world: World) -> None:
    def vanish(c: Connection) -> None:
        made = start(c)
        c.execute(table.update().values(zone="Europe/Atlantis", next_due_at=NOON + HOUR))
        assert made

    await world.store.write(vanish)
    await world.until(NOON + DAY)
    assert "Atlantis" in ((await stands(world)).subscription.pause_reason or "")
