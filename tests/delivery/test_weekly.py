"""The standings of a week that somebody played are posted once, whatever becomes of the bot and the clocks."""

import asyncio
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from bot.database import Store
from bot.database.tables import answers, exclusions, questions, rounds, servers, steps, subscriptions
from bot.delivery import weekly
from bot.delivery.schedule import start_of_day
from bot.delivery.ticker import Ticker
from bot.delivery.weekly import BLOCKED, LATE
from tests.conftest import Fresh
from tests.delivery.test_crashes import bury
from tests.delivery.world import (
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
    World,
    add_digests,
    add_servers,
    courier,
    digest,
    fails,
    forbidden,
    lost_reply,
    subscribe,
)

WALL = CHANNEL + 7
"""Where standings are posted; the digest goes elsewhere."""
MONDAY = dt.datetime(2026, 3, 9, 10, 0, tzinfo=dt.UTC)
"""The one after NOON's, at the hour."""
WEEK = 7 * DAY


def set_up(connection: Connection, zone: str = "UTC") -> None:
    """A digest with a question goes out now, and standings are wanted."""
    add_servers(connection)
    connection.execute(update(servers).values(zone=zone))
    [digest_id] = add_digests(connection, digest(dt.date(2025, 1, 1)))
    for position in range(2):
        row = {"digest_id": digest_id, "paper": 1, "position": position, "text": "Which?", "options": ["A", "B"]}
        connection.execute(insert(questions).values(**row, translations={}))
    subscribe(connection, local_time=(NOON + MINUTE).time())
    weekly.choose(connection, SERVER, WALL, NOON)


def play(connection: Connection, at: dt.datetime, user_id: int = 5, question: int = 0) -> None:
    """Somebody answers."""
    asked = connection.execute(select(questions.c.id).order_by(questions.c.position)).scalars().all()
    round_id = connection.execute(select(rounds.c.id)).scalar_one()
    row = {"server_id": SERVER, "user_id": user_id, "question_id": asked[question], "round_id": round_id}
    connection.execute(insert(answers).values(**row, choice=1, answered_at=at))


async def played(world: World, at: dt.datetime | None = NOON + HOUR, zone: str = "UTC") -> None:
    """The digest was posted, and played at that moment."""
    world.ticker = Ticker(world.store, world.clock, world.courier, chores=(weekly.plan_due,))
    await world.store.write(set_up, zone)
    await world.until(NOON + MINUTE)
    if at is not None:
        await world.store.write(play, at)


def wall(world: World) -> int:
    """How many messages stand where standings are posted."""
    return len(world.discord.texts(WALL))


async def test_a_week_that_was_played_is_posted_on_monday_morning_once(world: World) -> None:
    await played(world)
    await world.until(MONDAY - MINUTE)
    assert wall(world) == 0
    for later in (0 * MINUTE, MINUTE, DAY, WEEK - HOUR, WEEK, 2 * WEEK):
        await world.until(MONDAY + later)
        assert wall(world) == 1
    assert len(world.discord.texts(CHANNEL)) == 1


async def test_a_week_that_nobody_played_is_not_posted(world: World) -> None:
    await played(world, at=None)
    await world.until(MONDAY)
    assert wall(world) == 0


@pytest.mark.parametrize("who", ["excluded", "forgotten"])
async def test_nor_is_one_that_only_such_players_played(world: World, who: str) -> None:
    await played(world, at=None)
    await world.store.write(play, NOON + HOUR, -5 if who == "forgotten" else 5)
    off = {"server_id": SERVER, "user_id": 5, "excluded_at": NOON}
    await world.store.write(lambda c: c.execute(insert(exclusions).values(off)) and None)
    await world.until(MONDAY)
    assert wall(world) == 0


async def test_of_weeks_that_were_missed_the_last_is_posted_unless_it_is_long_over(world: World) -> None:
    await played(world)
    await world.store.write(play, NOON + 2 * WEEK + HOUR, 6, 1)
    await world.until(MONDAY + 2 * WEEK + LATE)
    assert wall(world) == 1
    [step] = await world.store.read(lambda c: c.execute(select(steps).where(steps.c.kind == "standings")).all())
    assert dt.date.fromordinal(step.part) == (NOON + 2 * WEEK).date()


async def test_one_that_is_over_for_days_is_left_out(world: World) -> None:
    await played(world)
    await world.until(MONDAY + LATE + MINUTE)
    await world.until(MONDAY + WEEK)
    assert wall(world) == 0


@pytest.mark.parametrize(("before", "after"), [("Pacific/Auckland", "America/Los_Angeles"), ("UTC", "Asia/Tokyo")])
async def test_a_zone_that_is_changed_doubles_no_week_and_drops_none(
    world: World, before: str, after: str
) -> None:
    def move(connection: Connection) -> None:
        connection.execute(update(servers).values(zone=after))
        weekly.follow_zone(connection, SERVER)

    await played(world, zone=before)
    await world.until(weekly.due(NOON.date(), ZoneInfo(before)))
    assert wall(world) == 1
    await world.store.write(move)
    await world.store.write(play, MONDAY + 2 * DAY, 6, 1)
    for hour in range(14 * 24):
        await world.until(weekly.due(NOON.date(), ZoneInfo(before)) + hour * HOUR)
        if world.clock.time < weekly.due(MONDAY.date(), ZoneInfo(after)):
            assert wall(world) == 1
    assert wall(world) == 2


async def test_a_zone_that_nobody_knows_any_more_counts_as_utc(world: World) -> None:
    await played(world, zone="Mars/Olympus")
    await world.until(MONDAY)
    assert wall(world) == 1


async def test_a_channel_that_refuses_is_told_once_and_waits_until_it_is_chosen_anew(world: World) -> None:
    await played(world)
    world.discord.on_request = fails(100, forbidden)
    await world.until(MONDAY)
    await world.until(MONDAY + WEEK)
    assert [sentence for _, _, sentence in world.told.sentences] == [BLOCKED]
    assert world.told.places == [WALL]
    kept = await world.store.read(weekly.find, SERVER)
    assert kept is not None
    assert kept.trouble == BLOCKED
    paused = await world.store.read(lambda c: c.execute(select(subscriptions.c.paused_at)).scalars().all())
    assert paused == [None]
    world.discord.on_request = lambda *_: None
    await world.store.write(weekly.choose, SERVER, WALL, world.clock.time)
    await world.store.write(play, world.clock.time, 6, 1)
    await world.until(MONDAY + 2 * WEEK)
    assert wall(world) == 1


async def test_what_was_switched_off_in_between_is_no_trouble(world: World) -> None:
    await played(world)
    world.discord.on_request = fails(1, lost_reply)
    await world.until(MONDAY)
    await world.store.write(weekly.stop, SERVER)
    world.discord.on_request = fails(1, forbidden)
    await world.patiently()
    assert world.told.sentences == []
    await world.until(MONDAY + WEEK)
    assert await world.store.read(weekly.find, SERVER) is None
    await world.store.write(weekly.choose, SERVER, WALL, world.clock.time - DAY)
    await world.until(world.clock.time)
    assert wall(world) == 0  # that week had been dealt with


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_replies_that_get_lost_make_no_second_message(world: World, times: int) -> None:
    await played(world)
    world.discord.on_reply = fails(times, lost_reply)
    await world.until(MONDAY)
    await world.patiently(MINUTE, 20)
    assert wall(world) == 1


async def test_a_server_that_the_bot_left_gets_none(world: World) -> None:
    await played(world)
    await world.store.write(lambda c: c.execute(update(servers).values(left_at=MONDAY - HOUR)) and None)
    await world.until(MONDAY)
    assert wall(world) == 0


async def test_two_processes_post_it_once(address: str) -> None:
    async with Store.open(address) as one, Store.open(address) as two:
        world = World.on(one)
        await played(world)
        world.clock.time = MONDAY
        other = courier(two, world.discord)
        tickers = [
            Ticker(s, world.clock, c, chores=(weekly.plan_due,)) for s, c in ((one, world.courier), (two, other))
        ]
        await asyncio.gather(*(ticker.tick() for ticker in tickers))
        await asyncio.gather(world.courier.drain(), other.drain())
        assert wall(world) == 1


@pytest.mark.parametrize("gap", [MINUTE, 3 * HOUR])
async def test_killed_at_every_boundary_it_is_there_once(on_sqlite: Fresh, gap: dt.timedelta) -> None:
    at = 1
    while await killed(on_sqlite, at, gap):
        at += 1
    assert at > 10


async def killed(fresh: Fresh, at: int, gap: dt.timedelta) -> bool:
    """Kills the process at this failpoint on a Monday, and starts it again; False: it has not so many."""
    async with fresh() as address, Store.open(address) as store:
        world = World.on(store)
        await played(world)
        clock, discord = world.clock, world.discord
        clock.time = MONDAY
        failpoints = discord.failpoints = Failpoints()
        failpoints.at = at
        await live(FailingStore(store, failpoints), discord)
        discord.failpoints = None
        for _ in range(3):
            clock.forward(gap)
            await live(store, discord)
        assert len(discord.texts(WALL)) == 1, at
        return len(failpoints.passed) >= at


async def live(store: Any, discord: FakeDiscord) -> None:
    """A process, until it is done or killed."""
    one = courier(store, discord)
    try:
        await Ticker(store, discord.clock, one, chores=(weekly.plan_due,)).tick()
        await one.drain()
    except Crash:
        pass
    finally:
        await bury(one)


@given(
    st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
    st.dates(dt.date(2000, 1, 1), dt.date(2037, 1, 1)),
)
def test_each_week_has_one_moment_on_the_monday_after_it(zone: ZoneInfo, day: dt.date) -> None:
    monday = day - day.weekday() * DAY
    due = weekly.due(monday, zone)
    assert weekly.last_due(zone, due) == monday
    assert weekly.last_due(zone, due - dt.timedelta(microseconds=1)) == monday - WEEK
    after = start_of_day(monday + WEEK, zone)
    assert after <= due < after + 12 * HOUR
    assert Clock(due).now().astimezone(zone).hour in (0, 10, 11)
