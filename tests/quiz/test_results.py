"""What a round came to, and what is told of it: complete, within limits, nobody mentioned, nothing early."""

import asyncio
import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, update

from bot.database import Store
from bot.database.tables import answers, practice, servers
from bot.language import Speech
from bot.leaderboard import standings
from bot.library.keys import Key
from bot.posts.limits import problems
from bot.posts.message import Menu
from bot.quiz import practice as practising
from bot.quiz import results, rounds, umpire
from bot.quiz.keys import set_key
from bot.quiz.longest import Streak
from bot.quiz.play import Verdicts
from bot.quiz.practice import StillOpen
from bot.quiz.results import Asked, Best, RoundResults, Tally
from bot.quiz.results_pages import bar, question_messages, result_messages
from bot.quiz.shuffle import shown_order
from tests.library.kit import DAY, ELSEWHERE, NOW, SERVER, deliver, digest, question, seed
from tests.quiz.kit import CLOSES, PLAYER, Played, choose, start, summary

THREE = digest(tuple(question(n, f"{n}?", answer=1) for n in range(1, 4)))


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(seed, SERVER, ELSEWHERE)
    return store


def loaded(connection: Connection, played: Played) -> RoundResults | None:
    return results.load(connection, server_id=SERVER, digest_id=played.digest_id)


async def test_results_count_what_was_chosen_and_name_the_best_in_order(store: Store) -> None:
    played = await store.write(start, THREE)
    for number, choices in enumerate(([1, 1, 1], [1, 1], [1, 0, 1], [0], [1, 1])):
        for asked, choice in zip(played.questions, choices, strict=False):
            at = NOW + dt.timedelta(minutes=number)
            await store.write(choose, played, asked, choice, user_id=PLAYER + number, name=f"P{number}", now=at)
    assert await store.read(loaded, played) is None
    await store.write(rounds.close, played.round_id, CLOSES)
    found = await store.read(loaded, played)
    assert found is not None
    assert found.tally == Tally(players=5, answered=11, points=9)
    assert [asked.chosen for asked in found.questions] == [(1, 4, 0), (1, 3, 0), (0, 2, 0)]
    assert [best.name for best in found.best] == ["P0", "P1", "P4"]  # two of two is better than two of three


async def test_points_wait_with_the_verdicts_and_come_with_the_close(store: Store) -> None:
    await store.write(lambda c: c.execute(update(servers).values(verdicts="at-close")) and None)
    played = await store.write(start, THREE)
    result = await store.write(choose, played, played.questions[0], 1)
    assert result.round.verdicts is Verdicts.AT_CLOSE
    assert result.question.own is not None
    assert result.question.own.key is None
    assert await store.read(summary) == {(SERVER, 0, PLAYER): (0, 0, 1, None)}
    await store.write(standings.recount, SERVER)
    await store.write(
        set_key, question_id=played.questions[0], server_id=SERVER, answer=1, reason=None, set_by=1, now=NOW
    )
    assert await store.read(summary) == {(SERVER, 0, PLAYER): (0, 0, 1, None)}
    assert (await store.read(results.tally, played.round_id, withheld=True)).share is None
    await store.write(rounds.close, played.round_id, CLOSES)
    assert await store.read(summary) == {(SERVER, 0, PLAYER): (1, 1, 1, NOW)}


async def test_a_close_during_answers_takes_each_either_way_and_never_both(address: str) -> None:
    async with Store.open(address) as one, Store.open(address) as two:
        await one.write(seed)
        played = await one.write(start, THREE)
        clicks = [
            (one, two)[n % 2].write(choose, played, asked, n % 3, user_id=PLAYER + n)
            for n in range(12)
            for asked in played.questions
        ]
        corrected = two.write(
            set_key, question_id=played.questions[0], server_id=SERVER, answer=0, reason=None, set_by=1, now=NOW
        )
        closing = one.write(rounds.close, played.round_id, NOW)
        await asyncio.gather(*clicks[:15], closing, *clicks[15:25], corrected, *clicks[25:])
        counted = await one.read(lambda c: c.execute(select(func.count()).select_from(answers)).scalar_one())
        practised = await one.read(lambda c: c.execute(select(func.count()).select_from(practice)).scalar_one())
        assert counted + practised == 36
        found = await one.read(loaded, played)
        assert found is not None
        assert sum(sum(asked.chosen) for asked in found.questions) == counted
        assert found.tally.points == sum(points for points, *_ in (await one.read(summary)).values())


async def test_practice_reveals_nothing_of_a_round_that_is_open(store: Store) -> None:
    played = await store.write(start, THREE)
    click = {"round_id": played.round_id, "question_id": played.questions[0], "server_id": SERVER}
    click |= {"user_id": PLAYER, "shown": 0}
    with pytest.raises(StillOpen):
        await store.write(practising.answer, **click, name="Ada", now=NOW)
    await store.write(deliver, played.digest_id, 1)

    async def following(server_id: int, now: dt.datetime, *channels: int) -> practising.Exercise | None:
        who = {"server_id": server_id, "user_id": PLAYER}
        return await store.read(practising.following, **who, channels=channels, now=now)

    assert await following(SERVER, NOW, 1) is None
    assert await following(ELSEWHERE, CLOSES, 1) is None
    assert await following(SERVER, CLOSES, 2) is None
    exercise = await following(SERVER, CLOSES, 1, 2)
    assert exercise is not None
    assert exercise.left == 3
    assert exercise.question.own is None
    answered = await store.write(practising.answer, **click, name="Ada", now=CLOSES)
    assert answered.question.own is not None
    assert answered.question.own.key is not None
    assert not answered.question.own.counts
    assert await store.read(summary) == {}


TEXT = st.text(st.characters(codec="utf-8"), max_size=900)


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    options = tuple(draw(st.lists(TEXT, min_size=1, max_size=6)))
    keyed = draw(st.booleans())
    return Asked(
        id=draw(st.integers(1, 2**53)),
        number=draw(st.integers(1, 99)),
        title=draw(TEXT),
        text=draw(TEXT),
        options=options,
        order=shown_order(1, draw(st.integers(1, 9)), len(options)),
        translations={},
        made=draw(st.booleans()),
        chosen=tuple(draw(st.integers(0, 99)) for _ in options),
        key=Key(draw(st.integers(0, len(options) - 1)), draw(st.none() | TEXT)) if keyed else None,
    )


@given(
    questions=st.lists(asked(), max_size=24, unique_by=lambda one: one.id),
    names=st.lists(st.text(max_size=100), max_size=3),
    tally=st.builds(Tally, players=st.integers(1, 999), answered=st.integers(0, 99), points=st.integers(0, 99)),
)
def test_whatever_was_asked_and_whoever_played_results_meet_the_limits(
    questions: list[Asked], names: list[str], tally: Tally
) -> None:
    best = tuple(Best(name, 2, 3) for name in names)
    streaks = tuple(Streak(name, 5) for name in names)
    found = RoundResults(7, 3, "deep-dive", DAY, tally, tuple(questions), best, streaks)
    messages = result_messages(found, say=Speech(), language="en", keys=lambda part: f"key-{part}", reply_to=2**60)
    full = [question_messages(found, one, say=Speech(), language="en") for one in questions]
    for message in (*messages, *itertools.chain(*full)):
        assert problems(message.body()) == []
        assert message.body()["allowed_mentions"] == {"parse": [], "roles": []}
    assert all(f"key-{index}" in str(message.body()["components"]) for index, message in enumerate(messages))
    assert [message.reply_to for message in messages] == [2**60, *[None] * (len(messages) - 1)]
    menus = [row for message in messages for row in message.rows if isinstance(row, Menu)]
    assert [option.value for menu in menus for option in menu.options] == [str(one.id) for one in questions]


WORDS = st.text("abcdefg ", min_size=1, max_size=900)


@given(
    st.lists(
        st.builds(
            Asked,
            id=st.integers(1, 2**53),
            number=st.integers(1, 99),
            title=WORDS,
            text=WORDS,
            options=st.tuples(WORDS, WORDS, WORDS, WORDS),
            order=st.permutations(range(4)).map(tuple),
            translations=st.just({}),
            made=st.booleans(),
            chosen=st.tuples(*[st.integers(0, 10_000)] * 4),
            key=st.builds(Key, st.integers(0, 3), WORDS),
        ),
        min_size=1,
        max_size=10,
        unique_by=lambda one: one.id,
    )
)
def test_ten_questions_of_any_length_are_one_message(questions: list[Asked]) -> None:
    best = tuple(Best("x" * 32, 999, 999) for _ in range(3))
    streaks = tuple(Streak("x" * 32, 999) for _ in range(3))
    found = RoundResults(7, 3, "deep-dive", DAY, Tally(9, 9, 9), tuple(questions), best, streaks)
    messages = result_messages(found, say=Speech(), language="en", keys=lambda part: f"key-{part}")
    assert len(messages) == 1


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_bar_is_five_long_and_shows_anyone(number: int, more: int) -> None:
    drawn = bar(number, number + more)
    assert len(drawn) == 5
    assert ("█" in drawn) == (number > 0)


async def test_a_struck_answer_brings_nothing_and_who_is_excluded_is_no_best(store: Store) -> None:
    def check(c: Connection) -> None:
        played = start(c, digest((question(1, "1?", answer=0), question(2, "2?", answer=0))))
        for user, name in ((1, "Ada"), (2, "Ben")):
            for asked in played.questions:
                choose(c, played, asked, 0, user_id=user, name=name)
        umpire.strike(c, server_id=SERVER, user_id=1, question_id=played.questions[0], by=9, now=NOW)
        umpire.exclude(c, server_id=SERVER, user_id=2, by=9, now=NOW)
        rounds.close(c, played.round_id, CLOSES)
        found = results.load(c, server_id=SERVER, digest_id=played.digest_id)
        assert found is not None
        assert [(best.name, best.points, best.answered) for best in found.best] == [("Ada", 1, 1)]

    await store.write(check)
