"""Simulated months: one delivery for each local day that is due, at its local time, whatever is edited."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, event, func, select, update

from bot.database.tables import deliveries, metadata, steps
from bot.database.tables import subscriptions as table
from bot.delivery import claims, due, slots, subscriptions
from bot.delivery.schedule import Weekdays, moment_of
from bot.delivery.subscriptions import Subscription
from bot.model import Digest, Look
from bot.posts.digest_post import Keys
from bot.posts.message import Message

from .world import DAY, HOUR, MINUTE, NOON, SERVER, add_servers, library, subscribe

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Nuuk",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
]
TIMES = [
    dt.time(h, m) for h, m in ((0, 0), (0, 30), (1, 30), (2, 30), (3, 0), (9, 0), (18, 0), (23, 30), (23, 59))
]


def bare(
    digest: Digest, *, digest_id: int, look: Look, language: str, role: int | None, over: bool, keys: Keys
) -> tuple[Message, ...]:
    """A post that takes no time to compose."""
    return (Message(content=keys(0)),)


@contextmanager
def memory() -> Iterator[Connection]:
    """A transaction on a database in memory with all its tables."""
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN"))
    metadata.create_all(engine)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def finish(c: Connection, now: dt.datetime) -> None:
    """All that was claimed is sent."""
    c.execute(update(steps).where(steps.c.state == "planned").values(state="sent"))
    c.execute(update(deliveries).where(deliveries.c.finished_at.is_(None)).values(finished_at=now))


def test_a_spring_and_an_autumn_have_one_delivery_for_each_local_day_through_every_clock_change() -> None:
    chance = random.Random(7)  # noqa: S311
    with memory() as c:
        add_servers(c)
        library(c, 370)
        made = [
            subscribe(c, channel_id=n, zone=zone, local_time=TIMES[n % len(TIMES)], now=NOON)
            for n, zone in enumerate(ZONES[:5])
        ]
        now, end = NOON, NOON + 250 * DAY  # the clocks change in March or April, and in October or November
        while now < end:
            batch = claims.claim_due(c, now, 99, compose=bare)
            for claim in batch.claims:
                subscription = next(one for one in made if one.id == claim.subscription_id)
                assert claim.slot is not None
                wanted = moment_of(claim.slot, subscription.local_time, ZoneInfo(subscription.zone))
                assert wanted is not None
                assert dt.timedelta(0) <= now - wanted <= MINUTE
            finish(c, now)
            following = [subscriptions.load(c, one.id).next_due_at for one in made]
            now = min(moment for moment in following if moment) + dt.timedelta(seconds=chance.randint(0, 15))
        for one in made:
            rows = c.execute(select(deliveries.c.slot).where(deliveries.c.subscription_id == one.id))
            slots = [dt.date.fromisoformat(slot) for slot in rows.scalars()]
            assert slots == [slots[0] + day * DAY for day in range(len(slots))]
            assert len(slots) >= 249


edits = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([MINUTE, HOUR, 5 * HOUR, 7 * HOUR, 13 * HOUR, DAY, 3 * DAY])),
    st.tuples(st.just("tick"), st.integers(1, 10)),
    st.tuples(st.just("edit"), st.fixed_dictionaries({"local_time": st.sampled_from(TIMES)})),
    st.tuples(st.just("edit"), st.fixed_dictionaries({"zone": st.sampled_from(ZONES)})),
    st.tuples(st.just("edit"), st.fixed_dictionaries({"weekdays": st.integers(1, 127).map(Weekdays)})),
    st.tuples(st.just("pause"), st.sampled_from([None, HOUR, 2 * DAY])),
    st.tuples(st.just("resume"), st.none()),
    st.tuples(st.just("set back"), st.sampled_from([MINUTE, 3 * HOUR, 2 * DAY])),
)


@settings(max_examples=50, deadline=None)
@given(plan=st.lists(edits, max_size=25), zone=st.sampled_from(ZONES), time=st.sampled_from(TIMES))
def test_whatever_is_edited_no_local_date_gets_two_and_each_comes_in_its_time(
    plan: list[tuple[str, Any]], zone: str, time: dt.time
) -> None:
    with memory() as c:
        add_servers(c)
        library(c, 200)
        made = subscribe(c, zone=zone, local_time=time)
        now = NOON
        for act, what in plan:
            now = do(c, made, now, act, what)
        c.execute(update(table).values(paused_at=None, paused_until=None))
        due.refresh(c, now=now)
        steady(c, subscriptions.resume(c, made.id, server_id=SERVER, now=now), now)


def do(c: Connection, made: Subscription, now: dt.datetime, act: str, what: Any) -> dt.datetime:
    match act:
        case "wait":
            now += what
        case "tick":
            for _ in range(what):
                tick(c, made, now)
                now += 61 * MINUTE
        case "edit":
            subscriptions.edit(c, made.id, server_id=SERVER, now=now, **what)
        case "pause":
            until = None if what is None else now + what
            subscriptions.pause(c, made.id, server_id=SERVER, now=now, until=until)
        case "resume":
            subscriptions.resume(c, made.id, server_id=SERVER, now=now)
        case "set back":
            now -= what
            due.refresh(c, now=now)
    return now


def tick(c: Connection, made: Subscription, now: dt.datetime) -> None:
    """A tick; what it claims is for a slot of the subscription as it stands, that has come and is the last one."""
    due.resume_due(c, now)
    kept = subscriptions.load(c, made.id)
    for claim in claims.claim_due(c, now, 9, compose=bare).claims:
        assert claim.slot is not None
        assert kept.schedule.latest(now).date == claim.slot
    finish(c, now)  # the table itself refuses a second delivery of a date
    after = subscriptions.load(c, made.id)
    assert after.paused_at is not None or (after.next_due_at is not None and after.next_due_at > now)


def steady(c: Connection, kept: Subscription, now: dt.datetime) -> None:
    """From now on nothing is edited: for ten days each date that is due, and had none, gets its delivery."""
    tick(c, kept, now)
    had, end = slots.taken(c, kept.id, kept.schedule, now), now + 10 * DAY
    before = c.execute(select(func.max(deliveries.c.id))).scalar() or 0
    expected, slot = [], kept.schedule.after(now)
    while slot.moment < end:
        expected += [slot.date] if slot.date not in had else []
        slot = kept.schedule.after(slot.moment)
    while (now := subscriptions.load(c, kept.id).next_due_at or end) < end:
        tick(c, kept, now)
    rows = c.execute(select(deliveries.c.slot).where(deliveries.c.id > before)).scalars()
    assert [dt.date.fromisoformat(slot) for slot in rows] == expected
