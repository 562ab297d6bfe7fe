"""What is due becomes a delivery in the ledger: once, in order, and whatever is wrong with one of them."""

from __future__ import annotations

import asyncio
import datetime as dt
import json

import pytest
from sqlalchemy import Connection, insert, update

from bot.database import Store
from bot.database.tables import bodies, deliveries, steps
from bot.delivery import claims, composing, due, ledger, slots, subscriptions
from bot.delivery.claims import NothingLeft, UnderWay
from bot.delivery.entries import DeliveryKind
from bot.delivery.subscriptions import Subscription
from bot.library.picking import Order
from bot.model import Digest, Look
from bot.posts.digest_post import Keys
from bot.posts.message import Message

from .world import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SERVER,
    add_digests,
    add_servers,
    all_deliveries,
    all_steps,
    digest,
    library,
    states,
    subscribe,
)

NINE = NOON + 21 * HOUR
"""The first slot of a subscription made at NOON."""


def start(c: Connection, /, days: int = 5, **given: object) -> Subscription:
    add_servers(c)
    library(c, days)
    return subscribe(c, **given)


def finish(c: Connection) -> None:
    c.execute(update(steps).values(state="sent"))
    c.execute(update(deliveries).values(finished_at=NOON))


async def test_a_due_subscription_gets_a_delivery_with_planned_steps(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c)
        assert claims.claim_due(c, NINE - MINUTE, 9).examined == 0
        batch = claims.claim_due(c, NINE + MINUTE, 9)
        (one,) = batch.claims
        assert (one.subscription_id, one.digest_id, one.kind) == (made.id, 1, DeliveryKind.SCHEDULED)
        assert (one.slot, one.messages) == (dt.date(2026, 3, 3), 1)
        (delivery,) = all_deliveries(c)
        assert (delivery.slot, delivery.look, delivery.claimed_at) == ("2026-03-03", "brief", NINE + MINUTE)
        (step,) = all_steps(c)
        assert (step.kind, step.part, step.state) == ("message", 0, "planned")
        assert 20 < len(step.nonce) <= 25
        assert subscriptions.load(c, made.id).next_slot == dt.date(2026, 3, 4)
        assert claims.claim_due(c, NINE + MINUTE, 9).examined == 0

    await store.write(claim)


async def test_a_thread_and_the_publishing_of_each_message_are_planned_too(store: Store) -> None:
    def claim(c: Connection) -> None:
        add_servers(c)
        add_digests(c, digest(dt.date(2025, 1, 1), length=9_000))
        made = subscribe(c, look=Look.FULL, thread=True, publish=True)
        assert claims.claim_now(c, made.id, server_id=SERVER, now=NOON).messages == 2
        planned = [(step.kind, step.part) for step in all_steps(c)]
        assert planned == [("message", 0), ("message", 1), ("thread", 0), ("publish", 0), ("publish", 1)]
        assert len({step.nonce for step in all_steps(c)}) == 5

    await store.write(claim)


async def test_the_library_used_up_moves_the_schedule_on_all_the_same(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c, days=1)
        assert len(claims.claim_due(c, NINE, 9).claims) == 1
        finish(c)
        assert claims.claim_due(c, NINE + DAY, 9) == claims.Batch((), 1)
        assert subscriptions.load(c, made.id).next_slot == dt.date(2026, 3, 5)

    await store.write(claim)


async def test_the_oldest_due_come_first_and_a_batch_ends_at_its_limit(store: Store) -> None:
    def claim(c: Connection) -> None:
        add_servers(c)
        library(c)
        late = subscribe(c, channel_id=1, local_time=dt.time(8))
        early = subscribe(c, channel_id=2, local_time=dt.time(7))
        batch = claims.claim_due(c, NINE, 1)
        assert [claim.subscription_id for claim in batch.claims] == [early.id]
        batch = claims.claim_due(c, NINE, 1)
        assert [claim.subscription_id for claim in batch.claims] == [late.id]

    await store.write(claim)


async def test_down_for_three_days_one_digest_comes_and_the_schedule_goes_on(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c)
        (one,) = claims.claim_due(c, NINE + 3 * DAY + 2 * HOUR, 9).claims
        assert (one.digest_id, one.slot) == (1, dt.date(2026, 3, 6))
        assert subscriptions.load(c, made.id).next_slot == dt.date(2026, 3, 7)

    await store.write(claim)


async def test_down_until_shortly_before_a_slot_it_waits_for_that(store: Store) -> None:
    def claim(c: Connection) -> None:
        start(c)
        assert claims.claim_due(c, NINE + 3 * DAY - 5 * HOUR, 9).claims == ()
        (one,) = claims.claim_due(c, NINE + 3 * DAY, 9).claims
        assert (one.digest_id, one.slot) == (1, dt.date(2026, 3, 6))

    await store.write(claim)


async def test_same_day_waits_for_a_digest_dated_today_until_midnight(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c, order=Order.SAME_DAY)
        assert claims.claim_due(c, NINE, 9).claims == ()
        assert subscriptions.load(c, made.id).next_due_at == NINE + due.RECHECK
        noon = NINE + 3 * HOUR
        add_digests(c, digest(noon.date()))
        (one,) = claims.claim_due(c, noon, 9).claims
        assert one.slot == noon.date()
        assert subscriptions.load(c, made.id).next_slot == noon.date() + DAY

    await store.write(claim)


async def test_same_day_lets_yesterdays_digest_be(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c, order=Order.SAME_DAY)
        claims.claim_due(c, NINE, 9)
        add_digests(c, digest(NINE.date()))
        assert claims.claim_due(c, NINE + 16 * HOUR, 9).claims == ()
        assert subscriptions.load(c, made.id).next_due_at == NINE + DAY

    await store.write(claim)


async def test_an_edit_while_same_day_waits_keeps_it_waiting(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c, order=Order.SAME_DAY)
        claims.claim_due(c, NINE, 9)
        subscriptions.edit(c, made.id, server_id=SERVER, now=NINE, local_time=dt.time(8))
        add_digests(c, digest(NINE.date()))
        assert len(claims.claim_due(c, NINE + HOUR, 9).claims) == 1

    await store.write(claim)


async def test_post_now_sends_the_next_and_leaves_the_schedule_alone(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c)
        one = claims.claim_now(c, made.id, server_id=SERVER, now=NOON)
        assert (one.kind, one.slot, one.digest_id) == (DeliveryKind.NOW, None, 1)
        assert subscriptions.load(c, made.id) == made
        with pytest.raises(UnderWay):
            claims.claim_now(c, made.id, server_id=SERVER, now=NOON)
        finish(c)
        (scheduled,) = claims.claim_due(c, NINE, 9).claims
        assert scheduled.digest_id == 2

    await store.write(claim)


async def test_a_slot_that_comes_while_a_post_is_under_way_is_served_after_it(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c)
        claims.claim_now(c, made.id, server_id=SERVER, now=NINE - MINUTE)
        assert claims.claim_due(c, NINE, 9).claims == ()
        finish(c)
        (one,) = claims.claim_due(c, NINE + due.RECHECK, 9).claims
        assert (one.digest_id, one.slot) == (2, dt.date(2026, 3, 3))

    await store.write(claim)


async def test_while_a_delivery_cannot_get_through_no_other_piles_up(store: Store) -> None:
    def claim(c: Connection) -> None:
        start(c)
        claims.claim_due(c, NINE, 9)
        for hours in range(1, 60):
            claims.claim_due(c, NINE + hours * HOUR, 9)
        assert len(all_deliveries(c)) == 1
        finish(c)
        (one,) = claims.claim_due(c, NINE + 60 * HOUR, 9).claims
        assert one.slot == dt.date(2026, 3, 5)

    await store.write(claim)


async def test_skip_drops_the_next_digest_and_nothing_is_posted(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c, days=2)
        assert claims.skip(c, made.id, server_id=SERVER, now=NOON) == 1
        assert all_steps(c) == []
        (one,) = claims.claim_due(c, NINE, 9).claims
        assert one.digest_id == 2
        for claim in (claims.skip, claims.claim_now):
            finish(c)
            with pytest.raises(NothingLeft, match="every digest"):
                claim(c, made.id, server_id=SERVER, now=NINE)

    await store.write(claim)


async def test_post_now_with_nothing_of_today_says_so(store: Store) -> None:
    made = await store.write(start, order=Order.SAME_DAY)
    with pytest.raises(NothingLeft, match="dated today"):
        await store.write(claims.claim_now, made.id, server_id=SERVER, now=NOON)


async def test_one_that_fails_holds_up_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def claim(c: Connection) -> None:
        bad = start(c)
        good = subscribe(c, channel_id=7)
        real = slots.taken

        def taken(c: Connection, subscription_id: int, *more: object) -> object:
            if subscription_id == bad.id:
                raise RuntimeError("a bug")
            return real(c, subscription_id, *more)  # type: ignore[arg-type]

        monkeypatch.setattr(slots, "taken", taken)
        batch = claims.claim_due(c, NINE, 9)
        assert [one.subscription_id for one in batch.claims] == [good.id]
        assert batch.examined == 2
        monkeypatch.undo()
        assert len(claims.claim_due(c, NINE + 6 * MINUTE, 9).claims) == 1

    await store.write(claim)


async def test_a_digest_that_cannot_be_composed_is_claimed_for_the_courier_to_report(store: Store) -> None:
    def broken(
        digest: Digest, *, digest_id: int, look: Look, language: str, role: int | None, over: bool, keys: Keys
    ) -> tuple[Message, ...]:
        raise ValueError("no")

    def claim(c: Connection) -> None:
        start(c)
        (one,) = claims.claim_due(c, NINE, 9, compose=broken).claims
        assert one.messages == 1

    await store.write(claim)


async def test_a_post_is_composed_once_for_all_that_get_it_in_a_batch(store: Store) -> None:
    composed = []

    def counting(
        digest: Digest, *, digest_id: int, look: Look, language: str, role: int | None, over: bool, keys: Keys
    ) -> tuple[Message, ...]:
        composed.append(digest_id)
        return composing.post(
            digest, digest_id=digest_id, look=look, language=language, role=role, over=over, keys=keys
        )

    def claim(c: Connection) -> None:
        start(c)
        for channel in range(10):
            subscribe(c, channel_id=channel)
        assert len(claims.claim_due(c, NINE, 99, compose=counting).claims) == 11

    await store.write(claim)
    assert composed == [1]


async def test_a_delivery_keeps_the_body_it_was_claimed_with(store: Store) -> None:
    def claim(c: Connection) -> None:
        made = start(c)
        one = claims.claim_now(c, made.id, server_id=SERVER, now=NOON)
        c.execute(insert(bodies).values(digest_id=one.digest_id, body={"changed": True}))
        kept = ledger.load_delivery(c, one.delivery_id)
        assert kept is not None
        assert json.loads(kept.body)["papers"][0]["title"] == "Paper of 2025-01-01"

    await store.write(claim)


async def test_many_claimers_at_once_claim_each_once(address: str) -> None:
    def many(c: Connection) -> None:
        start(c)
        for channel in range(30):
            subscribe(c, channel_id=channel)

    async with Store.open(address) as one, Store.open(address) as two:
        await one.write(many)
        batches = await asyncio.gather(
            *(store.write(claims.claim_due, NINE, 4) for _ in range(10) for store in (one, two))
        )
        claimed = [claim.subscription_id for batch in batches for claim in batch.claims]
        assert sorted(claimed) == sorted(set(claimed))
        assert len(claimed) == 31
        assert await one.read(states) == ["planned"] * 31


async def test_post_now_and_the_tick_at_once_never_give_the_same_digest(address: str) -> None:
    async with Store.open(address) as one, Store.open(address) as two:
        made = await one.write(start)
        await asyncio.gather(
            one.write(claims.claim_due, NINE, 9),
            two.write(claims.claim_now, made.id, server_id=SERVER, now=NINE),
            return_exceptions=True,
        )
        assert len(await one.read(all_deliveries)) == 1
