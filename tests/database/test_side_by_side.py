"""On PostgreSQL transactions run side by side; whatever crosses what, it comes to what one after another does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import Store
from bot.database.tables import audit, steps
from bot.delivery import claims, ledger, results, subscriptions
from bot.language import Refusal
from bot.leaderboard import seasons
from bot.library import uploads
from bot.model import Look
from bot.privacy import players
from bot.quiz import rounds as play
from bot.quiz import umpire
from bot.quiz.keys import set_key
from tests.conftest import Fresh
from tests.delivery import world
from tests.library.kit import ELSEWHERE, NOW, SERVER, digest, put, question, seed
from tests.quiz.kit import CLOSES, PLAYER, choose, start, summary, truth

AT_ONCE = 8


@pytest.fixture
async def processes(on_postgresql: Fresh) -> AsyncIterator[list[Store]]:
    """Several processes' stores on one database."""
    async with on_postgresql() as address, AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Store.open(address)) for _ in range(AT_ONCE)]


async def test_answers_keys_strikes_and_closing_at_once_come_to_the_standings_of_a_recount(
    processes: list[Store],
) -> None:
    one = processes[0]
    await one.write(seed, SERVER, ELSEWHERE)
    asked = digest(tuple(question(n, f"{n}?", answer=0) for n in range(1, 6)))
    played = await one.write(start, asked)
    elsewhere = await one.write(
        play.open_round, server_id=ELSEWHERE, digest_id=played.digest_id, now=NOW, closes_at=CLOSES
    )
    chance = random.Random(7)  # noqa: S311

    def act(store: Store, number: int) -> Any:
        question_id = played.questions[number % 5]
        who = {"server_id": SERVER, "user_id": PLAYER + number % 7}
        match chance.randrange(12):
            case 0:
                whose = chance.choice([SERVER, None, None])
                key: dict[str, Any] = {"question_id": question_id, "server_id": whose, "answer": number % 3}
                return store.write(set_key, **key, reason=None, set_by=1, now=NOW)
            case 1:
                return store.write(umpire.strike, **who, question_id=question_id, by=1, now=NOW)
            case 2:
                act = chance.choice([umpire.exclude, umpire.include])
                return store.write(act, **who, by=1, now=NOW)
            case 3:
                return store.write(players.forget, PLAYER + number % 7, NOW)
            case 4 if number > 150:
                return store.write(play.close, played.round_id, NOW)
            case 5 | 6:
                there = {"round_id": elsewhere, "question_id": question_id, "server_id": ELSEWHERE}
                return store.write(
                    play.answer, **there, user_id=PLAYER + number % 9, name="x", shown=number % 3, now=NOW
                )
            case _:
                return store.write(choose, played, question_id, number % 3, user_id=PLAYER + number % 7)

    done = await asyncio.gather(*(act(processes[n % AT_ONCE], n) for n in range(300)), return_exceptions=True)
    assert [error for error in done if isinstance(error, BaseException) and not isinstance(error, Refusal)] == []
    counted = {who: counts for who, counts in (await one.read(truth)).items() if who[2] > 0}  # less nobody's
    assert await one.read(summary) == counted


async def test_a_server_starts_a_season_once_and_brings_in_no_more_than_it_may(processes: list[Store]) -> None:
    await processes[0].write(seed, SERVER)
    begun = await asyncio.gather(
        *(
            store.write(seasons.start, server_id=SERVER, after=0, name=None, started_by=1, now=NOW)
            for store in processes
        )
    )
    assert {season.number for season in begun} == {1}
    tries = await asyncio.gather(
        *(
            store.write(uploads.admit, server_id=SERVER, user_id=1, file="a", per_day=3, now=NOW)
            for store in processes
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(error, uploads.TooOften) for error in tries) == [False] * 3 + [True] * 5


async def test_one_digest_that_all_import_at_once_is_there_once(processes: list[Store]) -> None:
    made = digest((question(1, "One?", answer=1),))
    found = await asyncio.gather(*(store.write(put, made) for store in processes))
    assert len({one.digest_id for one in found}) == 1
    assert sorted(one.outcome for one in found) == ["added"] + ["unchanged"] * (AT_ONCE - 1)


async def test_subscribing_skipping_and_posting_at_once_give_each_digest_once(processes: list[Store]) -> None:
    def prepare(c: Connection) -> None:
        world.add_servers(c)
        world.library(c, 6)

    one, nine = processes[0], world.NOON + world.DAY
    await one.write(prepare)
    made = await asyncio.gather(*(store.write(world.subscribe) for store in processes), return_exceptions=True)
    (subscription,) = [one for one in made if isinstance(one, subscriptions.Subscription)]
    assert all(isinstance(one, subscriptions.AlreadySubscribed) for one in made if one is not subscription)
    acts: list[Any] = []
    for n in range(12):
        store = processes[n % AT_ONCE]
        acts += [
            store.write(claims.skip, subscription.id, server_id=world.SERVER, now=nine),
            store.write(claims.claim_now, subscription.id, server_id=world.SERVER, now=nine),
        ]
    ticks = [store.write(claims.claim_due, nine, 5) for store in processes]
    done = await asyncio.gather(*acts[:10], *ticks, *acts[10:], return_exceptions=True)
    assert [error for error in done if isinstance(error, BaseException) and not isinstance(error, Refusal)] == []
    had = [row.digest_id for row in await one.read(world.all_deliveries)]
    assert sorted(had) == list(dict.fromkeys(sorted(had)))


async def test_a_pause_during_the_first_send_gives_back_the_whole_delivery_or_nothing_of_it(
    processes: list[Store],
) -> None:
    def prepare(c: Connection) -> list[int]:
        world.add_servers(c)
        world.library(c, 1, length=9_000)
        due = [world.subscribe(c, channel_id=n, look=Look.FULL, thread=True, publish=True).id for n in range(20)]
        claims.claim_due(c, world.NOON + world.DAY, 50)
        return due

    one = processes[0]
    ids = await one.write(prepare)
    found = [await one.read(ledger.load_delivery, row.id) for row in await one.read(world.all_deliveries)]
    planned = len(await one.read(world.states)) // 20
    now = world.NOON + world.DAY

    async def send(store: Store, delivery: Any) -> None:
        await store.write(ledger.begin, delivery, delivery.steps[0], now=now, open_round=play.open_round)

    async def pause(store: Store, which: int) -> None:
        await store.write(subscriptions.pause, which, server_id=world.SERVER, now=now)

    await asyncio.gather(
        *(act for n in range(20) for act in (send(processes[n % 8], found[n]), pause(processes[-n % 8], ids[n])))
    )
    kept = await one.read(world.all_steps)
    by_delivery = {step.delivery_id: [s for s in kept if s.delivery_id == step.delivery_id] for step in kept}
    assert all(len(steps) == planned for steps in by_delivery.values())


async def test_a_delivery_whose_last_steps_end_at_once_is_finished(processes: list[Store]) -> None:
    def prepare(c: Connection) -> None:
        world.add_servers(c)
        world.library(c, 1, length=9_000)
        for channel in range(15):
            world.subscribe(c, channel_id=channel, look=Look.FULL)
        claims.claim_due(c, world.NOON + world.DAY, 50)
        c.execute(update(steps).values(state="sending"))

    one, now = processes[0], world.NOON + world.DAY
    await one.write(prepare)
    found = [await one.read(ledger.load_delivery, row.id) for row in await one.read(world.all_deliveries)]
    await asyncio.gather(
        *(
            processes[number % AT_ONCE].write(ledger.sent, delivery, step, channel_id=1, message_id=1, now=now)
            for delivery in found
            if delivery is not None
            for number, step in enumerate(delivery.steps)
        )
    )
    assert all(row.finished_at for row in await one.read(world.all_deliveries))


async def test_no_corrected_key_is_overlooked_whatever_order_they_are_committed_in(processes: list[Store]) -> None:
    def note(c: Connection) -> None:
        c.execute(insert(audit), {"act": "key", "details": {}, "at": NOW})

    one, two, three = processes[:3]
    assert isinstance(one._writer, AsyncEngine)  # PostgreSQL's
    async with one._writer.connect() as connection:  # begins first, and ends after a later entry is committed
        await connection.run_sync(note)
        await two.write(note)
        reading = asyncio.create_task(three.write(results.correct, NOW))
        done, _ = await asyncio.wait({reading}, timeout=0.5)
        assert not done
        await connection.commit()
    await reading
