"""The courier: each step once, trouble sorted, no server's trouble another's."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from bot.database import Store
from bot.database.faults import StoreBusy
from bot.database.tables import bodies, rounds, steps
from bot.delivery import claims, composing, errand, ledger, sentences, subscriptions, supply
from bot.delivery import courier as courier_room
from bot.delivery.claims import Claim
from bot.delivery.entries import StepKind
from bot.delivery.results import close_due
from bot.delivery.transport import Gone, Rejected, TryAgain
from bot.model import Digest, Look
from bot.posts.digest_post import Keys
from bot.posts.message import Message

from .world import (
    CHANNEL,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    FailingStore,
    Failpoints,
    World,
    add_digests,
    add_servers,
    all_deliveries,
    all_steps,
    courier,
    digest,
    fails,
    forbidden,
    library,
    lost_reply,
    not_reached,
    states,
    subscribe,
)

SECOND = dt.timedelta(seconds=1)


def post_now(c: Connection, /, *, messages: int = 1, days: int = 3, **given: Any) -> Claim:
    """A server with a subscription and a delivery that is to go out now, of so many messages."""
    add_servers(c, SERVER, OTHER_SERVER)
    library(c, days, length=100 if messages == 1 else 4_500 * messages)
    made = subscribe(c, **({"look": Look.FULL} | given))
    claim = claims.claim_now(c, made.id, server_id=SERVER, now=NOON)
    assert claim.messages == messages
    return claim


def the_rounds(c: Connection) -> list[Any]:
    return list(c.execute(select(rounds)))


async def test_a_post_goes_out_and_the_ledger_says_so(world: World) -> None:
    claim = await world.store.write(post_now)
    await world.courier.drain()
    (posted,) = world.discord.channels[CHANNEL]
    (step,) = await world.store.read(all_steps)
    assert step.nonce in posted.keys
    assert (step.state, step.message_id, step.channel_id) == ("sent", posted.id, CHANNEL)
    assert (step.attempts, step.attempted_at, step.retry_at, step.error) == (1, NOON, None, None)
    (delivery,) = await world.store.read(all_deliveries)
    assert delivery.finished_at == NOON
    (one,) = await world.store.read(the_rounds)
    assert (one.server_id, one.digest_id, one.opened_at) == (SERVER, claim.digest_id, NOON)
    assert one.closes_at == dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC)
    assert world.courier.counts == {"sent": 1}


async def test_a_post_of_several_messages_keeps_their_order(world: World) -> None:
    await world.store.write(post_now, messages=3)
    await world.courier.drain()
    assert [text.partition(" · part ")[2][:1] for text in world.discord.texts()] == ["", "2", "3"]
    assert await world.store.read(states) == ["sent"] * 3


async def test_a_role_is_mentioned_with_the_first_message(world: World) -> None:
    await world.store.write(post_now, messages=2, role_id=77)
    await world.courier.drain()
    assert ["<@&77>" in text for text in world.discord.texts()] == [True, False]


async def test_a_lost_reply_is_found_in_the_channel_and_not_sent_again(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_reply = fails(1, lost_reply)
    await world.courier.drain()
    assert await world.store.read(states) == ["sending"]
    await world.patiently()
    assert len(world.discord.texts()) == 1
    assert await world.store.read(states) == ["sent"]
    assert [kind for kind, _ in world.discord.requests] == ["send", "find"]


async def test_what_never_arrived_is_sent_again(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_request = fails(3, lost_reply)
    await world.courier.drain()
    await world.patiently()
    assert len(world.discord.texts()) == 1
    assert await world.store.read(states) == ["sent"]


async def test_where_history_cannot_be_read_the_nonce_keeps_it_from_doubling(world: World) -> None:
    await world.store.write(post_now)
    world.discord.unreadable.add(CHANNEL)
    world.discord.on_reply = fails(1, lost_reply)
    await world.courier.drain()
    await world.patiently(10 * SECOND)
    assert len(world.discord.texts()) == 1
    assert await world.store.read(states) == ["sent"]
    assert [kind for kind, _ in world.discord.requests] == ["send", "find", "send"]


async def test_where_nobody_can_find_out_it_is_unknown_told_once_and_never_sent_again(world: World) -> None:
    await world.store.write(post_now, messages=2)
    world.discord.unreadable.add(CHANNEL)
    world.discord.on_reply = fails(1, lost_reply)
    await world.courier.drain()
    await world.patiently(HOUR, times=30)
    assert await world.store.read(states) == ["unknown", "sent"]
    assert len(world.discord.texts()) == 2
    assert [sentence for _, _, sentence in world.told.sentences] == [sentences.UNKNOWN[StepKind.MESSAGE]]
    await world.until(NOON + 2 * DAY)
    assert await world.store.read(states) == ["unknown", "sent", "sent", "sent"]


async def test_discords_own_wait_is_respected(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_request = fails(1, lambda: TryAgain("429", after=90, doubtful=False))
    await world.courier.drain()
    await world.patiently(89 * SECOND, times=1)
    assert world.discord.texts() == []
    assert await world.store.read(states) == ["planned"]
    await world.patiently(SECOND, times=1)
    assert len(world.discord.texts()) == 1


async def test_an_outage_is_waited_out_with_growing_pauses(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_request = fails(12, not_reached)
    waits = []
    for _ in range(12):
        await world.courier.drain()
        (step,) = await world.store.read(all_steps)
        waits.append((step.retry_at - world.clock.time).total_seconds())
        world.clock.time = step.retry_at
    await world.courier.drain()
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert len(world.discord.texts()) == 1


async def test_a_channel_that_takes_no_posts_pauses_the_subscription_and_the_digest_stays_next(
    world: World,
) -> None:
    claim = await world.store.write(post_now)
    world.discord.on_request = fails(1, forbidden)
    await world.courier.drain()
    kept = await world.store.read(subscriptions.load, claim.subscription_id)
    assert kept.pause_reason == "I'm not allowed to post there."
    assert world.told.sentences == [(SERVER, kept.id, "I'm not allowed to post there.")]
    assert await world.store.read(all_steps) == []
    assert await world.store.read(the_rounds) == []
    assert await world.store.read(supply.next_digest, kept, now=NOON) == claim.digest_id
    await world.until(NOON + 3 * DAY)
    assert world.discord.texts() == []
    await world.store.write(subscriptions.resume, kept.id, server_id=SERVER, now=world.clock.now())
    await world.until(NOON + 4 * DAY)
    (step,) = await world.store.read(all_steps)
    assert step.state == "sent"
    assert len(world.told.sentences) == 1


async def test_a_post_cut_short_by_a_lost_permission_is_told_as_such(world: World) -> None:
    claim = await world.store.write(post_now, messages=3)
    seen = iter((False, True))

    def second_is_forbidden(kind: str, _: int) -> None:
        if kind == "send" and next(seen):
            raise forbidden()

    world.discord.on_request = second_is_forbidden
    await world.courier.drain()
    assert await world.store.read(states) == ["sent", "refused", "refused"]
    (delivery,) = await world.store.read(all_deliveries)
    assert delivery.finished_at is not None
    assert len(await world.store.read(the_rounds)) == 1
    assert (await world.store.read(subscriptions.load, claim.subscription_id)).paused_at == NOON


async def test_a_lost_reply_and_then_a_lost_permission_is_unknown(world: World) -> None:
    claim = await world.store.write(post_now)
    world.discord.unreadable.add(CHANNEL)
    world.discord.on_reply = fails(1, lost_reply)
    await world.courier.drain()
    world.discord.on_request = fails(1, forbidden)
    await world.patiently(10 * SECOND)
    assert await world.store.read(states) == ["unknown"]
    assert (await world.store.read(subscriptions.load, claim.subscription_id)).paused_at is not None


async def test_a_malformed_message_is_given_up_told_and_the_next_digest_goes_on(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_request = fails(errand.REJECTIONS, lambda: Rejected("50035 Invalid Form Body"))
    await world.courier.drain()
    await world.patiently()
    assert await world.store.read(states) == ["refused"]
    assert [sentence for _, _, sentence in world.told.sentences] == [sentences.MALFORMED]
    await world.until(NOON + DAY)
    assert await world.store.read(states) == ["refused", "sent"]


async def test_an_error_of_ours_after_the_message_went_out_does_not_double_it(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_reply = fails(1, lambda: KeyError("id"))
    await world.courier.drain()
    await world.patiently()
    assert len(world.discord.texts()) == 1
    assert await world.store.read(states) == ["sent"]


async def test_an_error_of_ours_that_stays_ends_in_a_refusal(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_request = fails(99, lambda: TypeError("a bug"))
    for _ in range(30):
        await world.patiently()
    assert await world.store.read(states) == ["refused"]
    assert len(world.told.sentences) == 1
    (step,) = await world.store.read(all_steps)
    assert step.attempts == errand.FAILURES


async def test_a_message_that_was_deleted_before_we_knew_of_it_counts_as_posted(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_request = fails(1, lambda: Gone("10008"))
    await world.courier.drain()
    (step,) = await world.store.read(all_steps)
    assert (step.state, step.message_id) == ("sent", None)


async def test_the_thread_and_the_publishing_follow_the_messages(world: World) -> None:
    await world.store.write(post_now, messages=2, thread=True, publish=True)
    await world.courier.drain()
    first, second = world.discord.channels[CHANNEL]
    assert world.discord.threads == {first.id: "Deep dive · Wed 1 Jan 2025"}
    assert world.discord.published == {first.id, second.id}
    assert await world.store.read(states) == ["sent"] * 5


async def test_threads_that_are_refused_are_switched_off_and_told_once(world: World) -> None:
    claim = await world.store.write(post_now, thread=True, publish=True)
    world.discord.on_request = fails(9, forbidden, kind="open_thread")
    await world.courier.drain()
    assert await world.store.read(states) == ["sent", "refused", "sent"]
    kept = await world.store.read(subscriptions.load, claim.subscription_id)
    assert (kept.thread, kept.publish, kept.paused_at) == (False, True, None)
    await world.until(NOON + DAY)
    assert len(world.told.sentences) == 1
    assert await world.store.read(states) == ["sent", "refused", "sent", "sent", "sent"]


async def test_a_publishing_that_fails_is_tried_again_and_then_left(world: World) -> None:
    await world.store.write(post_now, publish=True)
    world.discord.on_request = fails(99, not_reached, kind="publish")
    for _ in range(60):
        await world.patiently()
    assert await world.store.read(states) == ["sent", "refused"]
    assert world.told.sentences == []


async def test_a_digest_that_cannot_be_composed_is_told_and_the_next_one_goes_on(store: Store) -> None:
    def broken(
        digest: Digest, *, digest_id: int, look: Look, language: str, role: int | None, over: bool, keys: Keys
    ) -> tuple[Message, ...]:
        if digest_id == 1:
            raise ValueError("no")
        return composing.post(
            digest, digest_id=digest_id, look=look, language=language, role=role, over=over, keys=keys
        )

    world = World.on(store)
    await store.write(post_now)
    world.courier = courier(store, world.discord, compose=broken, on_trouble=world.told)
    await world.courier.drain()
    assert await store.read(states) == ["refused"]
    assert len(world.told.sentences) == 1
    await world.until(NOON + DAY)
    assert await store.read(states) == ["refused", "sent"]


async def test_a_digest_that_cannot_be_read_is_told_and_the_next_one_goes_on(world: World) -> None:
    def spoilt(c: Connection) -> None:
        claim = post_now(c)
        c.execute(update(bodies).where(bodies.c.digest_id == claim.digest_id).values(body={"papers": []}))

    await world.store.write(spoilt)
    await world.courier.drain()
    assert await world.store.read(states) == ["refused"]
    assert [sentence for _, _, sentence in world.told.sentences] == [sentences.MALFORMED]
    await world.until(NOON + DAY)
    assert await world.store.read(states) == ["refused", "sent"]


async def test_a_database_that_is_busy_while_a_digest_is_read_costs_no_delivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any) -> None:
        raise StoreBusy("It is held by another program.")

    await world.store.write(post_now)
    with monkeypatch.context() as held:
        held.setattr(errand, "_load", busy)
        await world.courier.drain()
    assert await world.store.read(states) == ["planned"]
    world.courier = courier(world.store, world.discord, on_trouble=world.told)  # what failed has to cool otherwise
    await world.courier.drain()
    assert len(world.discord.texts()) == 1
    assert world.told.sentences == []


async def test_deliveries_that_cannot_be_worked_on_keep_nobody_else_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(c: Connection) -> None:
        add_servers(c, *range(1, 6))
        library(c)
        for server in range(1, 6):
            subscribe(c, server_id=server, channel_id=server)
        claims.claim_due(c, NOON + DAY, 99)

    class Failing(FailingStore):
        async def write(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            if function is ledger.begin and args[0].server_id < 5:
                raise RuntimeError("a bug")
            return await super().write(function, *args, **kwargs)

    await store.write(many)
    world = World.on(store, NOON + DAY)
    monkeypatch.setattr(courier_room, "_AHEAD", 2)
    await courier(Failing(store, Failpoints()), world.discord).drain()
    assert [len(world.discord.texts(server)) for server in range(1, 6)] == [0, 0, 0, 0, 1]


async def test_publishing_waits_as_long_as_discord_says(world: World) -> None:
    await world.store.write(post_now, publish=True)
    later = TryAgain("429: ten posts an hour are published", after=600, doubtful=False)
    world.discord.on_request = fails(12, lambda: later, "publish")
    await world.courier.drain()
    assert await world.store.read(states) == ["sent", "planned"]
    await world.patiently(11 * MINUTE, 12)
    assert await world.store.read(states) == ["sent", "sent"]
    assert world.told.sentences == []


Times = Callable[[tuple[Message, ...]], tuple[Message, ...]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda messages: (*messages, replace(messages[-1], content="new")), ["sent", "sent", "sent"]),
        (lambda messages: messages[:1], ["sent", "refused"]),
    ],
)
async def test_a_newer_version_may_take_more_messages_or_fewer(
    store: Store, change: Times, expected: list[str]
) -> None:
    def newer(*args: Any, **more: Any) -> tuple[Message, ...]:
        return change(composing.post(*args, **more))

    world = World.on(store)
    await store.write(post_now, messages=2)
    world.courier = courier(store, world.discord, compose=newer)
    await world.courier.drain()
    assert await store.read(states) == expected
    assert len(world.discord.texts()) == expected.count("sent")


async def test_an_admin_who_cannot_be_told_changes_nothing(store: Store) -> None:
    async def fail(server_id: int, subscription_id: int, sentence: str) -> None:
        raise RuntimeError("no direct messages")

    world = World.on(store)
    claim = await store.write(post_now)
    world.courier = courier(store, world.discord, on_trouble=fail)
    world.discord.on_request = fails(1, forbidden)
    await world.courier.drain()
    assert (await store.read(subscriptions.load, claim.subscription_id)).paused_at == NOON


def two_in_a_channel(c: Connection) -> None:
    """Two series that are due in one channel, the deep dive first, and one in another channel."""
    post_now(c)
    add_digests(c, digest(dt.date(2025, 1, 1), series="round-up"))
    for channel in (CHANNEL, OTHER_CHANNEL):
        made = subscribe(c, series="round-up", channel_id=channel)
        claims.claim_now(c, made.id, server_id=SERVER, now=NOON + SECOND)


async def test_a_channel_gets_its_posts_in_order_even_when_the_first_has_to_wait(world: World) -> None:
    await world.store.write(two_in_a_channel)
    world.discord.on_request = fails(1, not_reached, where=CHANNEL)
    await world.courier.drain()
    assert len(world.discord.texts(OTHER_CHANNEL)) == 1
    assert world.discord.texts() == []
    await world.patiently()
    assert [text[:11] for text in world.discord.texts()] == ["**Deep dive", "**Round-up*"]


async def test_each_servers_first_delivery_comes_before_anyones_second(store: Store) -> None:
    def several(c: Connection) -> list[int]:
        add_servers(c, SERVER, OTHER_SERVER)
        library(c)
        for channel in range(5):
            subscribe(c, channel_id=channel)
        subscribe(c, server_id=OTHER_SERVER, channel_id=9, local_time=dt.time(10))
        claims.claim_due(c, NOON + 23 * HOUR, 99)
        return [one.channel_id for one in ledger.ready(c, now=NOON + DAY, most=3)]

    assert await store.write(several) == [0, 9, 1]


async def test_digests_go_before_results_of_other_channels(store: Store) -> None:
    def results_and_a_digest(c: Connection) -> list[int]:
        told = post_now(c)
        c.execute(update(steps).values(state="sent"))
        ledger.plan(c, told.delivery_id, StepKind.RESULTS, range(1))
        made = subscribe(c, server_id=OTHER_SERVER, channel_id=OTHER_CHANNEL)
        claims.claim_now(c, made.id, server_id=OTHER_SERVER, now=NOON + SECOND)
        return [one.channel_id for one in ledger.ready(c, now=NOON + DAY, most=3)]

    assert await store.write(results_and_a_digest) == [OTHER_CHANNEL, CHANNEL]


async def test_results_that_a_digest_waits_for_go_with_the_digests(store: Store) -> None:
    def results_before_a_digest(c: Connection) -> list[int]:
        told = post_now(c)
        c.execute(update(steps).values(state="sent"))
        ledger.plan(c, told.delivery_id, StepKind.RESULTS, range(1))
        claims.claim_now(c, told.subscription_id, server_id=SERVER, now=NOON + SECOND)
        made = subscribe(c, server_id=OTHER_SERVER, channel_id=OTHER_CHANNEL)
        claims.claim_now(c, made.id, server_id=OTHER_SERVER, now=NOON + 2 * SECOND)
        return [one.channel_id for one in ledger.ready(c, now=NOON + DAY, most=3)]

    assert await store.write(results_before_a_digest) == [CHANNEL, OTHER_CHANNEL]


async def until(condition: Callable[[], bool]) -> None:
    """Lets the courier's task run until something is so."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # nothing says when a fake has been reached
            await asyncio.sleep(0.01)


async def test_a_server_that_hangs_delays_no_other(store: Store) -> None:
    def many(c: Connection) -> None:
        add_servers(c, *range(1, 41))
        library(c)
        for server in range(1, 41):
            for channel in range(6) if server == 1 else range(1):
                subscribe(c, server_id=server, channel_id=server * 100 + channel)
        claims.claim_due(c, NOON + DAY, 99)

    world = World.on(store)
    world.clock.forward(DAY)
    await store.write(many)
    hang = asyncio.Event()
    world.discord.hanging = {100 + channel: hang for channel in range(6)}
    world.courier.start()
    try:
        await until(lambda: sum(map(len, world.discord.channels.values())) == 39)
    finally:
        hang.set()
        await until(lambda: len(world.discord.channels) == 45)
        await world.courier.stop()
    assert await store.read(states) == ["sent"] * 45


async def test_it_wakes_for_what_is_new_and_at_the_end_finishes_what_it_began(world: World) -> None:
    world.courier.start()
    await world.store.write(post_now, messages=2)
    hang = asyncio.Event()
    world.discord.hanging = {CHANNEL: hang}
    world.courier.wake()
    await until(lambda: len(world.discord.requests) == 1)
    stopping = asyncio.create_task(world.courier.stop())
    await asyncio.sleep(0)
    hang.set()
    await stopping
    assert await world.store.read(states) == ["sent", "sent"]
    await world.store.write(two_series_more)
    world.courier.wake()
    await asyncio.sleep(0.05)
    assert len(world.discord.texts()) == 2


def two_series_more(c: Connection) -> None:
    made = subscribe(c, channel_id=OTHER_CHANNEL)
    claims.claim_now(c, made.id, server_id=SERVER, now=NOON)


async def test_what_an_admin_is_owed_for_a_delivery_that_ends_with_the_courier_is_told(world: World) -> None:
    told = []

    async def tell(*trouble: Any) -> None:
        await asyncio.sleep(0.05)  # as a request to Discord takes
        told.append(trouble)

    await world.store.write(post_now)
    hang = asyncio.Event()
    world.discord.hanging = {CHANNEL: hang}
    world.discord.on_request = fails(1, forbidden)
    world.courier = courier(world.store, world.discord, on_trouble=tell)
    world.courier.start()
    await until(lambda: len(world.discord.requests) == 1)
    stopping = asyncio.create_task(world.courier.stop())
    await asyncio.sleep(0)
    hang.set()
    await stopping
    assert len(told) == 1


async def test_a_request_that_is_cut_short_stops_no_other_delivery(world: World) -> None:
    def cut_short(kind: str, channel: int) -> None:
        if (kind, channel) == ("send", CHANNEL) and world.discord.requests.count((kind, channel)) == 1:
            raise asyncio.CancelledError

    await world.store.write(post_now)
    await world.store.write(two_series_more)
    world.discord.on_request = cut_short
    await world.courier.drain()
    assert (len(world.discord.texts()), len(world.discord.texts(OTHER_CHANNEL))) == (0, 1)
    await world.patiently()  # the lease of what was cut short is over
    assert len(world.discord.texts()) == 1


async def test_what_is_not_done_when_time_is_up_is_settled_at_the_next_start(world: World) -> None:
    await world.store.write(post_now)
    world.discord.hanging = {CHANNEL: asyncio.Event()}
    world.courier.start()
    await until(lambda: len(world.discord.requests) == 1)
    await world.courier.stop(grace=0)
    assert await world.store.read(states) == ["sending"]
    world.discord.hanging = {}
    world.courier = courier(world.store, world.discord)
    await world.courier.drain()
    assert world.discord.texts() == []  # another process may still be at it
    await world.patiently()
    assert len(world.discord.texts()) == 1


async def test_a_database_that_fails_after_the_message_went_out_does_not_double_it(world: World) -> None:
    class Full(FailingStore):
        async def write(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            if function is ledger.sent:
                raise OperationalError("COMMIT", {}, Exception("database or disk is full"))
            return await super().write(function, *args, **kwargs)

    await world.store.write(post_now)
    broken = courier(Full(world.store, Failpoints()), world.discord)
    await broken.drain()
    assert await world.store.read(states) == ["sending"]
    await world.patiently()
    assert len(world.discord.texts()) == 1
    assert await world.store.read(states) == ["sent"]


async def test_a_wait_that_was_written_before_the_clock_was_set_back_is_over(world: World) -> None:
    await world.store.write(post_now)
    world.clock.forward(30 * DAY)
    world.discord.on_request = fails(1, not_reached)
    await world.courier.drain()
    world.clock.time = NOON
    await world.courier.drain()
    assert len(world.discord.texts()) == 1


async def test_an_edit_or_end_of_the_subscription_does_not_touch_what_has_begun(world: World) -> None:
    claim = await world.store.write(post_now, messages=2)
    world.discord.on_reply = fails(1, lost_reply)
    await world.courier.drain()
    await world.store.write(subscriptions.end, claim.subscription_id, server_id=SERVER, now=NOON)
    await world.patiently(MINUTE)
    assert len(world.discord.texts()) == 2
    assert await world.store.read(states) == ["sent", "sent"]


async def test_post_now_works_while_the_subscription_is_paused(world: World) -> None:
    def paused(c: Connection) -> None:
        add_servers(c)
        library(c)
        made = subscribe(c)
        subscriptions.pause(c, made.id, server_id=SERVER, now=NOON)
        claims.claim_now(c, made.id, server_id=SERVER, now=NOON)

    await world.store.write(paused)
    await world.courier.drain()
    assert len(world.discord.texts()) == 1
    (one,) = await world.store.read(the_rounds)
    assert one.closes_at == NOON + 72 * HOUR


async def test_nonces_are_short_and_never_the_same(store: Store) -> None:
    def many(c: Connection) -> list[str]:
        claim = post_now(c)
        ledger.plan(c, claim.delivery_id, StepKind.RESULTS, range(500))
        return list(c.execute(select(steps.c.nonce)).scalars())

    nonces = await store.write(many)
    assert len(set(nonces)) == 501
    assert all(len(nonce) <= 25 for nonce in nonces)


async def test_a_post_that_comes_late_has_its_whole_round(world: World) -> None:
    await world.store.write(post_now)
    world.discord.on_request = fails(1, not_reached)
    await world.courier.drain()
    (early,) = await world.store.read(the_rounds)
    world.clock.forward(30 * HOUR)
    await world.store.write(close_due, world.clock.now())
    await world.courier.drain()
    (late,) = await world.store.read(the_rounds)
    assert world.discord.texts()
    assert (late.opened_at, late.closed_at) == (world.clock.now(), None)
    assert late.closes_at > world.clock.now() + 5 * HOUR
    assert early.closes_at < world.clock.now()


async def test_a_post_that_was_given_back_has_its_whole_round_when_it_comes(world: World) -> None:
    claim = await world.store.write(post_now)
    world.discord.on_request = fails(1, not_reached)
    await world.courier.drain()
    which: dict[str, Any] = {"subscription_id": claim.subscription_id, "server_id": SERVER}
    await world.store.write(lambda c: subscriptions.pause(c, **which, now=NOON) and None)
    assert await world.store.read(all_deliveries) == []
    world.clock.forward(100 * HOUR)
    now = world.clock.now()
    await world.store.write(close_due, now)
    await world.store.write(lambda c: claims.claim_now(c, **which, now=now) and None)
    await world.courier.drain()
    (one,) = await world.store.read(the_rounds)
    assert (one.opened_at, one.closed_at) == (now, None)


async def test_a_round_that_somebody_sees_keeps_its_end(world: World) -> None:
    await world.store.write(post_now, messages=2)
    sends = iter([None, not_reached(), None])

    def second_fails(kind: str, channel: int) -> None:
        if (error := next(sends)) is not None:
            raise error

    world.discord.on_request = second_fails
    await world.courier.drain()
    before = await world.store.read(the_rounds)
    await world.patiently()
    assert await world.store.read(states) == ["sent", "sent"]
    assert await world.store.read(the_rounds) == before
