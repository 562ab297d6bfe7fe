"""A channel's standing order: set up, changed, paused, ended; never two scheduled deliveries a local date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Connection, update

from bot.database import Store
from bot.database.tables import steps
from bot.database.tables import subscriptions as table
from bot.delivery import claims, due, subscriptions, supply
from bot.delivery.schedule import Weekdays
from bot.delivery.subscriptions import (
    Again,
    AlreadySubscribed,
    NoSubscription,
    PauseOver,
    SubscribedBefore,
    Subscription,
    UnknownZone,
)
from bot.library import picking
from bot.library.picking import Order
from bot.model import Look

from .world import (
    CHANNEL,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    add_servers,
    all_deliveries,
    all_steps,
    library,
    subscribe,
)


def start(c: Connection, /, **given: object) -> Subscription:
    """A server, five digests and a subscription."""
    add_servers(c, SERVER, OTHER_SERVER)
    library(c)
    return subscribe(c, **given)


async def test_a_subscription_is_first_due_at_its_next_local_time(store: Store) -> None:
    made = await store.write(start, local_time=dt.time(18, 30), zone="Europe/Berlin")
    assert made.next_due_at == dt.datetime(2026, 3, 2, 17, 30, tzinfo=dt.UTC)
    assert made.next_slot == dt.date(2026, 3, 2)
    assert await store.read(subscriptions.of_server, SERVER) == (made,)


async def test_a_channel_has_a_series_once(store: Store) -> None:
    await store.write(start)
    with pytest.raises(AlreadySubscribed, match="gets deep-dive already"):
        await store.write(subscribe)
    await store.write(subscribe, series="round-up")
    await store.write(subscribe, channel_id=OTHER_CHANNEL)


async def test_an_unknown_zone_is_refused(store: Store) -> None:
    for zone in ("Europe/Atlantis", "../etc/passwd", "", "America"):
        with pytest.raises(UnknownZone, match="isn't known"):
            await store.write(start, zone=zone)


async def test_another_servers_subscription_is_none(store: Store) -> None:
    made = await store.write(start)
    for function in (subscriptions.edit, subscriptions.pause, subscriptions.resume, subscriptions.end):
        with pytest.raises(NoSubscription):
            await store.write(function, made.id, server_id=OTHER_SERVER, now=NOON)
    for claim in (claims.claim_now, claims.skip):
        with pytest.raises(NoSubscription):
            await store.write(claim, made.id, server_id=OTHER_SERVER, now=NOON)


async def test_subscribing_again_asks_then_goes_on(store: Store) -> None:
    def again(c: Connection) -> None:
        first = start(c)
        had = claims.claim_now(c, first.id, server_id=SERVER, now=NOON).digest_id
        c.execute(update(steps).values(state="sent"))
        subscriptions.end(c, first.id, server_id=SERVER, now=NOON)
        with pytest.raises(SubscribedBefore, match="Go on"):
            subscribe(c)
        second = subscribe(c, again=Again.GO_ON, look=Look.FULL)
        assert second.id == first.id
        assert second.look is Look.FULL
        assert second.ended_at is None
        assert supply.next_digest(c, second, now=NOON) == had + 1

    await store.write(again)


async def test_starting_over_begins_at_the_beginning_but_not_twice_a_date(store: Store) -> None:
    def again(c: Connection) -> None:
        first = start(c, now=NOON - 4 * HOUR)
        claim = claims.claim_due(c, NOON - 3 * HOUR, 9).claims[0]
        c.execute(update(steps).values(state="sent"))
        subscriptions.end(c, first.id, server_id=SERVER, now=NOON)
        second = subscribe(c, again=Again.START_OVER, local_time=dt.time(13))
        assert second.id != first.id
        assert supply.next_digest(c, second, now=NOON) == claim.digest_id
        assert second.next_slot == dt.date(2026, 3, 3)

    await store.write(again)


@pytest.mark.parametrize(
    ("changes", "due_at"),
    [
        ({"local_time": dt.time(8)}, dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC)),
        ({"local_time": dt.time(13)}, dt.datetime(2026, 3, 2, 13, tzinfo=dt.UTC)),
        ({"zone": "Asia/Tokyo"}, dt.datetime(2026, 3, 3, 0, tzinfo=dt.UTC)),
        ({"weekdays": Weekdays.of([3])}, dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)),
        ({"look": Look.FULL}, dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)),
    ],
)
async def test_an_edit_moves_the_next_slot_to_one_still_to_come(
    store: Store, changes: dict[str, Any], due_at: dt.datetime
) -> None:
    made = await store.write(start)
    edited = await store.write(subscriptions.edit, made.id, server_id=SERVER, now=NOON, **changes)
    assert edited.next_due_at == due_at
    assert all(getattr(edited, name) == value for name, value in changes.items())


async def test_an_edit_the_moment_it_is_due_loses_nothing(store: Store) -> None:
    def edit(c: Connection) -> None:
        made = start(c, local_time=dt.time(13))
        soon = NOON + HOUR + dt.timedelta(seconds=5)
        subscriptions.edit(c, made.id, server_id=SERVER, now=soon, local_time=dt.time(12, 30))
        (claim,) = claims.claim_due(c, soon, 9).claims
        assert claim.slot == dt.date(2026, 3, 2)

    await store.write(edit)


async def test_a_date_that_had_its_delivery_gets_no_second_whatever_is_edited(store: Store) -> None:
    def edit(c: Connection) -> None:
        made = start(c, local_time=dt.time(12, 30))
        assert claims.claim_due(c, NOON + 31 * MINUTE, 9).claims
        now = NOON + HOUR
        for changes in (
            {"local_time": dt.time(14)},
            {"zone": "Pacific/Honolulu"},
            {"weekdays": Weekdays.of([0, 2])},
        ):
            edited = subscriptions.edit(c, made.id, server_id=SERVER, now=now, **changes)
            assert edited.next_slot is not None
            assert edited.next_slot > dt.date(2026, 3, 2)

    await store.write(edit)


async def test_resuming_never_catches_up(store: Store) -> None:
    def pause(c: Connection) -> None:
        made = start(c)
        paused = subscriptions.pause(c, made.id, server_id=SERVER, now=NOON)
        assert paused.paused_at == NOON
        assert not claims.claim_due(c, NOON + 3 * DAY, 9).examined
        resumed = subscriptions.resume(c, made.id, server_id=SERVER, now=NOON + 3 * DAY)
        assert resumed.paused_at is None
        assert resumed.next_slot == dt.date(2026, 3, 6)
        assert not claims.claim_due(c, NOON + 3 * DAY, 9).claims

    await store.write(pause)


async def test_a_pause_until_a_date_ends_by_itself_and_that_day_is_served(store: Store) -> None:
    def pause(c: Connection) -> None:
        made = start(c)
        until = dt.datetime(2026, 3, 6, tzinfo=dt.UTC)
        subscriptions.pause(c, made.id, server_id=SERVER, now=NOON, until=until)
        assert due.resume_due(c, until - MINUTE) == []
        late = until + 12 * HOUR  # the bot was down that morning
        assert [resumed.id for resumed in due.resume_due(c, late)] == [made.id]
        (claim,) = claims.claim_due(c, late, 9).claims
        assert claim.slot == dt.date(2026, 3, 6)

    await store.write(pause)


async def test_a_pause_that_is_over_before_it_begins_is_refused(store: Store) -> None:
    made = await store.write(start)
    with pytest.raises(PauseOver):
        await store.write(subscriptions.pause, made.id, server_id=SERVER, now=NOON, until=NOON)


async def test_a_pause_gives_back_what_was_claimed_but_not_begun(store: Store) -> None:
    def pause(c: Connection) -> None:
        made = start(c)
        claim = claims.claim_now(c, made.id, server_id=SERVER, now=NOON)
        subscriptions.pause(c, made.id, server_id=SERVER, now=NOON)
        assert all_deliveries(c) == []
        assert all_steps(c) == []
        assert supply.next_digest(c, made, now=NOON) == claim.digest_id

    await store.write(pause)


async def test_a_pause_leaves_alone_what_has_begun(store: Store) -> None:
    def pause(c: Connection) -> None:
        made = start(c)
        claims.claim_now(c, made.id, server_id=SERVER, now=NOON)
        c.execute(update(steps).values(state="sending"))
        subscriptions.pause(c, made.id, server_id=SERVER, now=NOON)
        assert len(all_deliveries(c)) == 1

    await store.write(pause)


async def test_pausing_for_a_reason_is_news_once(store: Store) -> None:
    def pause(c: Connection) -> None:
        made = start(c)
        assert subscriptions.pause_for(c, made.id, reason="No permission.", now=NOON)
        assert not subscriptions.pause_for(c, made.id, reason="No permission.", now=NOON + DAY)
        assert subscriptions.load(c, made.id).pause_reason == "No permission."
        resumed = subscriptions.resume(c, made.id, server_id=SERVER, now=NOON + DAY)
        assert resumed.pause_reason is None

    await store.write(pause)


async def test_a_server_that_is_left_ends_all_its_subscriptions(store: Store) -> None:
    def leave(c: Connection) -> None:
        start(c)
        subscribe(c, channel_id=OTHER_CHANNEL)
        other = subscribe(c, server_id=OTHER_SERVER, channel_id=CHANNEL + 9)
        assert subscriptions.end_all(c, SERVER, now=NOON) == 2
        assert subscriptions.of_server(c, SERVER) == ()
        assert subscriptions.of_server(c, OTHER_SERVER) == (other,)
        assert not claims.claim_due(c, NOON + 2 * DAY, 9).examined > 1

    await store.write(leave)


def set_row(c: Connection, subscription_id: int, **values: object) -> None:
    c.execute(update(table).where(table.c.id == subscription_id).values(**values))


async def test_a_refresh_mends_a_time_that_the_zones_rules_no_longer_give(store: Store) -> None:
    def stale(c: Connection) -> None:
        made = start(c)
        set_row(c, made.id, next_due_at=NOON + 22 * HOUR)  # as computed by older rules
        assert due.refresh(c, now=NOON) is None
        assert subscriptions.load(c, made.id).next_due_at == made.next_due_at

    await store.write(stale)


async def test_a_refresh_brings_back_what_a_wrong_clock_put_off_for_years(store: Store) -> None:
    def off(c: Connection) -> None:
        made = start(c)
        claims.claim_due(c, NOON.replace(year=2031), 9)
        due.refresh(c, now=NOON)
        assert subscriptions.load(c, made.id).next_slot == dt.date(2026, 3, 3)

    await store.write(off)


async def test_a_refresh_goes_on_from_one_batch_to_the_next(store: Store) -> None:
    def many(c: Connection) -> list[int | None]:
        add_servers(c)
        for channel in range(5):
            subscribe(c, channel_id=channel)
        answers: list[int | None] = [0]
        while answers[-1] is not None:
            answers.append(due.refresh(c, now=NOON, after=answers[-1], limit=2))
        return answers

    assert len(await store.write(many)) == 4


async def test_a_zone_that_vanished_pauses_its_subscription_until_it_is_set_anew(store: Store) -> None:
    def vanish(c: Connection) -> None:
        made = start(c)
        other = subscribe(c, channel_id=OTHER_CHANNEL)
        set_row(c, made.id, zone="Europe/Atlantis")
        batch = claims.claim_due(c, NOON + DAY, 9)
        assert [claim.subscription_id for claim in batch.claims] == [other.id]
        assert "Atlantis" in (subscriptions.load(c, made.id).pause_reason or "")
        subscriptions.edit(c, made.id, server_id=SERVER, now=NOON + DAY, zone="Europe/Berlin")
        resumed = subscriptions.resume(c, made.id, server_id=SERVER, now=NOON + DAY)
        assert resumed.next_slot == dt.date(2026, 3, 4)

    await store.write(vanish)


async def test_the_order_and_start_decide_what_is_next(store: Store) -> None:
    def pick(c: Connection) -> None:
        made = start(c, order=Order.NEWEST_FIRST)
        assert supply.next_digest(c, made, now=NOON) == 5
        edited = subscriptions.edit(
            c, made.id, server_id=SERVER, now=NOON, order=Order.OLDEST_FIRST, start=dt.date(2025, 1, 3)
        )
        assert supply.next_digest(c, edited, now=NOON) == 3
        assert picking.Order(edited.order) is Order.OLDEST_FIRST

    await store.write(pick)
