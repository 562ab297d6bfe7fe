"""Results are posted once, where the post is talked about, whatever goes wrong; and closing plans them once."""

import datetime as dt

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.database.faults import StoreBusy
from bot.database.tables import answers, questions, rounds, servers, steps, subscriptions
from bot.delivery import claims, results
from bot.delivery.entries import Delivery
from bot.delivery.ticker import Ticker
from bot.posts.message import Message
from bot.quiz import rounds as rounds_of
from tests.delivery.world import (
    CHANNEL,
    HOUR,
    MINUTE,
    NOON,
    SERVER,
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

LATE = NOON + 30 * HOUR


def posted(connection: Connection, *, thread: bool) -> None:
    """A digest with a question is on its way to a channel."""
    add_servers(connection)
    [digest_id] = add_digests(connection, digest(dt.date(2025, 1, 1)))
    row = {"digest_id": digest_id, "paper": 1, "position": 0, "text": "Which?", "options": ["A", "B"]}
    connection.execute(insert(questions).values(**row, translations={}))
    made = subscribe(connection, thread=thread)
    claims.claim_now(connection, made.id, server_id=SERVER, now=NOON)


def play(connection: Connection) -> None:
    """Somebody answers."""
    row = connection.execute(
        select(rounds.c.id, questions.c.id.label("asked")).join(
            questions, questions.c.digest_id == rounds.c.digest_id
        )
    ).one()
    connection.execute(
        insert(answers).values(
            server_id=SERVER, user_id=5, question_id=row.asked, round_id=row.id, choice=1, answered_at=NOON
        )
    )


async def over(world: World, *, thread: bool = False) -> None:
    """The round was played and its time is over."""
    await world.store.write(posted, thread=thread)
    await world.courier.drain()
    await world.store.write(play)
    world.ticker = Ticker(world.store, world.clock, world.courier, chores=(results.close_due, results.correct))
    await world.store.write(lambda c: c.execute(update(subscriptions).values(paused_at=NOON)) and None)
    world.clock.time = LATE + 72 * HOUR
    await world.ticker.tick()


def told(world: World, channel_id: int) -> list[str]:
    return [text for text in world.discord.texts(channel_id) if "the round is over" in text]


async def states(world: World) -> list[str]:
    statement = select(steps.c.state).where(steps.c.kind == "results")
    return list(await world.store.read(lambda c: c.execute(statement).scalars().all()))


async def test_results_go_to_the_posts_thread(world: World) -> None:
    await over(world, thread=True)
    [thread] = world.discord.threads
    await world.courier.drain()
    assert len(told(world, thread) if thread != CHANNEL else []) == 1
    assert told(world, CHANNEL) == []
    await world.ticker.tick()
    await world.courier.drain()
    assert len(told(world, thread)) == 1


async def test_a_thread_that_takes_nothing_leaves_them_to_the_channel(world: World) -> None:
    await over(world, thread=True)
    world.discord.on_request = fails(1, forbidden)
    await world.courier.drain()
    await world.patiently()
    assert len(told(world, CHANNEL)) == 1


async def test_a_database_that_fails_for_a_moment_costs_no_results(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await over(world)
    compose, tries = results.compose, []

    def busy_once(connection: Connection, delivery: Delivery) -> tuple[Message, ...]:
        tries.append(delivery.id)
        if len(tries) == 1:
            raise StoreBusy("It is held by another program.")
        return compose(connection, delivery)

    monkeypatch.setattr(results, "compose", busy_once)
    await world.courier.drain()
    assert await states(world) == ["planned"]
    world.courier = courier(world.store, world.discord, on_trouble=world.told)  # what failed has to cool otherwise
    await world.courier.drain()
    assert len(told(world, CHANNEL)) == 1
    assert world.told.sentences == []


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_replies_that_get_lost_make_no_second_message(world: World, times: int) -> None:
    await over(world)
    world.discord.on_reply = fails(times, lost_reply)
    await world.courier.drain()
    await world.patiently(MINUTE, 20)
    assert len(told(world, CHANNEL)) == 1
    assert await states(world) == ["sent"]


async def test_a_channel_that_takes_no_results_pauses_nothing_and_tells_nobody(world: World) -> None:
    await over(world)
    await world.store.write(lambda c: c.execute(update(subscriptions).values(paused_at=None)) and None)
    world.discord.on_request = fails(1, forbidden)
    await world.courier.drain()
    assert await states(world) == ["refused"]
    assert world.told.sentences == []
    reasons = await world.store.read(lambda c: c.execute(select(subscriptions.c.paused_at)).scalars().all())
    assert reasons == [None]


async def test_many_rounds_close_in_one_tick_a_few_in_a_transaction(world: World) -> None:
    ids = range(1, 2 * results.CLOSED_AT_ONCE + 2)

    def many(connection: Connection) -> None:
        add_servers(connection, *ids)
        [digest_id] = add_digests(connection, digest(dt.date(2025, 1, 1)))
        for server_id in ids:
            rounds_of.open_round(
                connection, server_id=server_id, digest_id=digest_id, now=NOON, closes_at=NOON + HOUR
            )

    await world.store.write(many)
    world.clock.time = NOON + 2 * HOUR
    assert len(await world.store.write(results.close_due, world.clock.time)) == results.CLOSED_AT_ONCE
    await Ticker(world.store, world.clock, world.courier, chores=(results.close_due,)).tick()
    closed = select(rounds.c.closed_at)
    assert await world.store.read(lambda c: set(c.execute(closed).scalars())) == {world.clock.time}


async def test_of_rounds_whose_verdicts_wait_for_the_close_each_transaction_closes_one(world: World) -> None:
    verdicts = {1: "at-once", 2: "at-close", 3: "at-close", 4: "at-once"}

    def some(connection: Connection) -> list[int]:
        add_servers(connection, *verdicts)
        [digest_id] = add_digests(connection, digest(dt.date(2025, 1, 1)))
        opened = []
        for server_id, when in verdicts.items():
            connection.execute(update(servers).where(servers.c.id == server_id).values(verdicts=when))
            closes_at = NOON + server_id * MINUTE
            opened.append(
                rounds_of.open_round(
                    connection, server_id=server_id, digest_id=digest_id, now=NOON, closes_at=closes_at
                )
            )
        return opened

    first, second, third, fourth = await world.store.write(some)
    closed = [await world.store.write(results.close_due, NOON + HOUR) for _ in range(4)]
    assert closed == [(first, second), (third,), (fourth,), ()]
