"""A key that is set or corrected counts at once wherever it counts, and is written down."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from bot.database import Store
from bot.database.tables import audit
from bot.library.keys import Key, Origin
from bot.quiz.keys import KeyChange, NoSuchOption, QuestionNotFound, set_key
from tests.library.kit import ELSEWHERE, NOW, SERVER, digest, question, seed
from tests.quiz.kit import PLAYER, choose, start, summary, truth

LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(seed, SERVER, ELSEWHERE)
    return store


async def correct(
    store: Store, question_id: int, server_id: int | None, answer: int | None, **more: Any
) -> KeyChange:
    values = {"reason": "Said so.", "set_by": 5, "now": LATER, **more}
    return await store.write(set_key, question_id=question_id, server_id=server_id, answer=answer, **values)


async def test_a_key_that_comes_later_brings_the_points_at_the_time_of_the_answer(store: Store) -> None:
    played = await store.write(start, digest((question(1, "One?"), question(2, "Two?"))))
    await store.write(choose, played, played.questions[0], 2)
    await store.write(choose, played, played.questions[0], 1, user_id=PLAYER + 1)
    assert (await store.read(summary))[SERVER, 0, PLAYER] == (0, 0, 1, None)
    change = await correct(store, played.questions[0], SERVER, 2)
    assert change == KeyChange(played.questions[0], None, Key(2, "Said so.", Origin.ADMIN), players=2)
    assert await store.read(summary) == {
        (SERVER, 0, PLAYER): (1, 1, 1, NOW),
        (SERVER, 0, PLAYER + 1): (0, 1, 1, None),
    }
    moved = await correct(store, played.questions[0], SERVER, 1)
    assert moved.before == Key(2, "Said so.", Origin.ADMIN)
    assert await store.read(summary) == {
        (SERVER, 0, PLAYER): (0, 1, 1, None),
        (SERVER, 0, PLAYER + 1): (1, 1, 1, NOW),
    }
    gone = await correct(store, played.questions[0], SERVER, None)
    assert gone.after is None
    assert await store.read(summary) == await store.read(truth)
    acts = await store.read(lambda c: c.execute(select(audit)).all())
    assert [(a.server_id, a.user_id, a.act, a.details["from"], a.details["to"], a.at) for a in acts] == [
        (SERVER, 5, "key", None, 2, LATER),
        (SERVER, 5, "key", 2, 1, LATER),
        (SERVER, 5, "key", 1, None, LATER),
    ]


async def test_a_servers_key_counts_there_alone_and_the_operators_everywhere_else(store: Store) -> None:
    given = digest((question(1, "One?", answer=0),))
    here = await store.write(start, given)
    there = await store.write(start, given, ELSEWHERE)
    [asked] = here.questions
    for played, server in ((here, SERVER), (there, ELSEWHERE)):
        for choice in range(3):
            await store.write(choose, played, asked, choice, user_id=choice, server_id=server)

    async def scores() -> dict[tuple[int, int], int]:
        kept = await store.read(summary)
        return {(server, user): points for (server, _, user), (points, *_) in kept.items() if points}

    assert await scores() == {(SERVER, 0): 1, (ELSEWHERE, 0): 1}
    await correct(store, asked, SERVER, 1)
    assert await scores() == {(SERVER, 1): 1, (ELSEWHERE, 0): 1}
    operators = await correct(store, asked, None, 2)
    assert (operators.before, operators.after) == (Key(0, "Because."), Key(2, "Said so.", Origin.OPERATOR))
    assert await scores() == {(SERVER, 1): 1, (ELSEWHERE, 2): 1}
    back = await correct(store, asked, SERVER, None)
    assert back.after == operators.after
    assert await scores() == {(SERVER, 2): 1, (ELSEWHERE, 2): 1}
    await correct(store, asked, None, None)
    assert await scores() == {(SERVER, 0): 1, (ELSEWHERE, 0): 1}


async def test_another_reason_alone_rebuilds_nothing(store: Store) -> None:
    played = await store.write(start, digest((question(1, "One?"),)))
    await store.write(choose, played, played.questions[0], 2)
    await correct(store, played.questions[0], SERVER, 2)
    again = await correct(store, played.questions[0], SERVER, 2, reason="Better said.")
    assert again.players == 0
    assert again.after == Key(2, "Better said.", Origin.ADMIN)


async def test_what_is_not_there_cannot_be_keyed_and_other_servers_questions_are_not_there(store: Store) -> None:
    own = await store.write(start, digest((question(1, "Theirs?"),)), ELSEWHERE, owner_id=ELSEWHERE)
    for server, question_id in ((SERVER, own.questions[0]), (SERVER, 999), (None, 999)):
        with pytest.raises(QuestionNotFound):
            await correct(store, question_id, server, 0)
    for answer in (-1, 3):
        with pytest.raises(NoSuchOption, match="3 options"):
            await correct(store, own.questions[0], ELSEWHERE, answer)
    assert (await correct(store, own.questions[0], ELSEWHERE, 0)).after is not None
    assert (await correct(store, own.questions[0], None, 0)).after is not None
    assert await store.read(lambda c: len(c.execute(select(audit)).all())) == 2
