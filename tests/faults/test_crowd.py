"""Many clicks at once, clicks that time out and clicks that are cancelled."""

from __future__ import annotations

import asyncio
import datetime as dt
import time

import pytest
from sqlalchemy import Connection, select

from bot.database.tables import answers
from bot.quiz import rounds
from tests.faults import crowd
from tests.faults.crowd import Round
from tests.faults.wired import Wired

PLAYERS = 60


async def test_many_players_at_once_have_one_answer_each(house: Wired) -> None:
    house.discord.patience = 20.0
    assert await crowd.different(house, PLAYERS) == []


async def test_one_player_with_many_clicks_at_once_has_one_answer(house: Wired) -> None:
    house.discord.patience = 20.0
    assert await crowd.the_same(house, PLAYERS) == []


def _choices(connection: Connection, user_id: int) -> list[int]:
    return list(connection.execute(select(answers.c.choice).where(answers.c.user_id == user_id)).scalars())


async def test_clicks_that_time_out_leave_no_transaction_and_are_kept_once(
    house: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await Round.begin(house)
    ada = house.discord.add_user("ada")
    ids = await crowd.ask(house, ada, one.post)
    answer = rounds.answer

    def slowly(*args: object, **kwargs: object) -> object:
        time.sleep(0.3)
        return answer(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds, "answer", slowly)
    house.discord.world.answer_within = dt.timedelta(seconds=0.1)
    replies = await asyncio.gather(*(house.discord.forge_click(ada, one.post, ids[n]) for n in (0, 1, 2)))
    assert [reply.failed for reply in replies] == [True] * 3
    assert {code for reply in replies for code in reply.interaction.refusals} == {10062}
    await house.discord.until(lambda: not house.store.waiting)
    house.discord.world.answer_within = dt.timedelta(seconds=20)
    monkeypatch.setattr(rounds, "answer", answer)
    assert not (await house.discord.forge_click(ada, one.post, ids[0])).failed
    assert len(await house.store.read(_choices, ada.id)) == 1


async def test_interactions_that_are_cancelled_leave_no_transaction(house: Wired) -> None:
    one = await Round.begin(house)
    people = [house.discord.add_user(f"player {number}") for number in range(40)]
    ids = await crowd.ask(house, people[0], one.post)
    house.discord.patience = 0.5
    clicks = [asyncio.create_task(house.discord.forge_click(who, one.post, ids[0])) for who in people]
    cancelled = 0
    while not all(click.done() for click in clicks):
        for task in asyncio.all_tasks():
            if task.get_name() == "discord.py: on_interaction" and cancelled % 3 != 2:
                task.cancel()
            cancelled += 1
        await asyncio.sleep(0.003)
    await house.discord.until(lambda: not house.store.waiting)
    house.discord.patience = 20.0
    late = house.discord.add_user("late")
    assert not (await house.discord.forge_click(late, one.post, ids[0])).failed
    again = [await house.discord.forge_click(who, one.post, ids[1]) for who in people]
    assert not any(reply.failed for reply in again)
    for who in people:
        assert len(await house.store.read(_choices, who.id)) == 1
