"""Processes that share the servers out: each works for its own, none is left out, and nothing is read whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.dialects import sqlite

from bot import arrivals
from bot.database import Store
from bot.database.tables import answers, questions, rounds, servers, standings_posts, subscriptions
from bot.delivery import claims, counting, due, results, weekly
from bot.delivery.ticker import Ticker
from bot.privacy import servers as privacy
from bot.quiz import rounds as play
from bot.shards import Shards
from tests import plans

from .world import (
    DAY,
    HOUR,
    NOON,
    FakeDiscord,
    World,
    add_digests,
    add_servers,
    all_deliveries,
    courier,
    digest,
    states,
    subscribe,
)

PARTS: Final = (Shards(0, 0, 4), Shards(1, 2, 4), Shards(3, 3, 4))
SERVERS: Final = tuple((number << 22) + 11 for number in range(1, 9))
LATE: Final = NOON + 5 * DAY


def houses(connection: Connection) -> None:
    """A server on each of eight shards in a row, each with a channel of its own that has been due since nine."""
    add_servers(connection, *SERVERS)
    [digest_id] = add_digests(connection, digest(dt.date(2025, 1, 1)))
    row = {"digest_id": digest_id, "paper": 1, "position": 0, "text": "Which?", "options": ["A", "B"]}
    connection.execute(insert(questions).values(**row, translations={}))
    for server_id in SERVERS:
        subscribe(connection, server_id=server_id, channel_id=server_id, now=NOON - DAY)


def played(connection: Connection) -> None:
    """In each server somebody answers, and the standings of the week are wanted."""
    asked = connection.execute(select(questions.c.id)).scalar_one()
    for row in connection.execute(select(rounds)).all():
        who = {"server_id": row.server_id, "user_id": 5, "question_id": asked, "round_id": row.id}
        connection.execute(insert(answers).values(**who, choice=1, answered_at=NOON))
        weekly.choose(connection, row.server_id, row.server_id, NOON - 7 * DAY)


async def shared(store: Store, discord: FakeDiscord, shards: Shards) -> None:
    """A process with these shards ticks, and sends what it can."""
    one = courier(store, discord, shards=shards)
    await Ticker(store, discord.clock, one, shards=shards).tick()
    await one.drain()


async def test_each_process_delivers_for_the_servers_of_its_shards(world: World) -> None:
    await world.store.write(houses)
    reached: set[int] = set()
    for part in PARTS:
        await shared(world.store, world.discord, part)
        reached |= {server_id for server_id in SERVERS if part.mine(server_id)}
        assert {channel for channel, posted in world.discord.channels.items() if posted} == reached
    assert reached == set(SERVERS)
    assert len(await world.store.read(all_deliveries)) == len(SERVERS)
    assert [len(posted) for posted in world.discord.channels.values()] == [1] * len(SERVERS)


async def test_what_another_process_claimed_is_not_sent(world: World) -> None:
    await world.store.write(houses)
    await world.store.write(claims.claim_due, NOON, 99)
    await courier(world.store, world.discord, shards=PARTS[1]).drain()
    sent = [server_id for server_id in SERVERS if PARTS[1].mine(server_id)]
    assert sorted(world.discord.channels) == sent
    assert (await world.store.read(states)).count("planned") == len(SERVERS) - len(sent)


def _refreshed(connection: Connection, shards: Shards) -> set[int]:
    connection.execute(update(subscriptions).values(next_due_at=LATE + 9 * DAY, next_slot="2030-01-01"))
    due.refresh(connection, now=NOON, shards=shards)
    changed = select(subscriptions.c.server_id).where(subscriptions.c.next_due_at != LATE + 9 * DAY)
    return set(connection.execute(changed).scalars())


def _resumed(connection: Connection, shards: Shards) -> set[int]:
    connection.execute(update(subscriptions).values(paused_at=NOON, paused_until=NOON + HOUR))
    return {subscription.server_id for subscription in due.resume_due(connection, LATE, shards)}


def _closed(connection: Connection, shards: Shards) -> set[int]:
    connection.execute(update(rounds).values(closed_at=None))
    ids = results.close_due(connection, LATE, shards)
    return set(connection.execute(select(rounds.c.server_id).where(rounds.c.id.in_(ids))).scalars())


def _told(connection: Connection, shards: Shards) -> set[int]:
    before = set(connection.execute(select(standings_posts.c.server_id, standings_posts.c.week)).all())
    weekly.plan_due(connection, LATE, shards)
    after = set(connection.execute(select(standings_posts.c.server_id, standings_posts.c.week)).all())
    return {server_id for server_id, _ in after - before}


def _counted(connection: Connection, shards: Shards) -> set[int]:
    return {line.channel_id for line in counting.lines(connection, NOON, shards)}


def _swept(connection: Connection, shards: Shards) -> set[int]:
    connection.execute(update(servers).values(left_at=NOON))
    chore, found = privacy.sweep(DAY, shards), set()
    while (server_id := chore(connection, LATE)) is not None:
        found.add(server_id)
    return found


def _known(connection: Connection, shards: Shards) -> set[int]:
    known, here = arrivals._known(connection, shards)
    assert known == here
    return known


@pytest.mark.parametrize("work", [_refreshed, _resumed, _closed, _told, _counted, _swept, _known])
async def test_all_other_work_for_servers_is_shared_out_likewise(
    world: World, work: Callable[[Connection, Shards], set[int]]
) -> None:
    await world.store.write(houses)
    await world.ticker.tick()
    await world.courier.drain()
    await world.store.write(played)
    for part in PARTS:
        assert await world.store.write(work, part) == {one for one in SERVERS if part.mine(one)}


@pytest.mark.parametrize(
    ("statement", "way"),
    [
        (claims._DUE, "SEARCH subscriptions USING INDEX ix_subscriptions_due (next_due_at<?)"),
        (
            due._PAUSES_OVER,
            "SEARCH subscriptions USING INDEX ix_subscriptions_paused_until (paused_until>? AND paused_until<?)",
        ),
        (play._DUE, "SEARCH rounds USING INDEX ix_rounds_closed_at_closes_at (closed_at=? AND closes_at<?)"),
        (weekly._DUE, "SEARCH standings_posts USING INDEX ix_standings_posts_due (due_at<?)"),
        (privacy._LEFT, "SEARCH servers USING INDEX ix_servers_left_at (left_at<?)"),
    ],
)
def test_what_is_due_is_still_a_range_of_an_index(statement: Select[Any], way: str) -> None:
    compiled = str(statement.compile(dialect=sqlite.dialect()))
    assert any(step.startswith(way) for step in plans.steps(compiled)), plans.steps(compiled)
