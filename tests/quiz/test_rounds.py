"""Playing a round: the first answer counts, nothing tells too much, late answers are practice."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, func, select

from bot.database import Store
from bot.database.sqlite import Writer
from bot.database.tables import answers, players, practice
from bot.library import digests
from bot.quiz import rounds
from bot.quiz.keys import set_key
from bot.quiz.play import Answered, PlayerRound
from bot.quiz.rounds import NotYourServer, RoundNotFound, StaleQuestion
from tests.library.kit import ELSEWHERE, NOW, SERVER, digest, put, question, seed
from tests.quiz.kit import CLOSES, PLAYER, Played, choose, start, summary, truth

TWO = digest((question(1, "One?", answer=1), question(2, "Two?")))


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(seed, SERVER, ELSEWHERE)
    return store


def look(c: Connection, played: Played, now: dt.datetime = NOW, user: int = PLAYER) -> PlayerRound:
    return rounds.look(c, round_id=played.round_id, server_id=SERVER, user_id=user, now=now)


async def test_a_round_is_opened_once_and_keeps_its_closing_time(store: Store) -> None:
    played = await store.write(start, TWO)
    later = CLOSES + dt.timedelta(days=1)
    again = await store.write(
        rounds.open_round, server_id=SERVER, digest_id=played.digest_id, now=later, closes_at=later
    )
    assert again == played.round_id
    assert (await store.read(look, played)).closes_at == CLOSES
    assert await store.read(rounds.find, SERVER, played.digest_id) == played.round_id
    assert await store.read(rounds.find, ELSEWHERE, played.digest_id) is None


async def test_a_player_plays_a_round_from_the_first_question_to_the_score(store: Store) -> None:
    played = await store.write(start, TWO)
    before = await store.read(look, played)
    assert [q.text for q in before.questions] == ["One?", "Two?"]
    assert before.next is before.questions[0]
    first = await store.write(choose, played, played.questions[0], 1)
    assert first.accepted
    assert first.question.own is not None
    assert first.question.own.right is True
    assert first.question.own.key is not None
    assert first.question.own.key.reason == "Because."
    assert first.round.next == first.round.questions[1]
    second = await store.write(choose, played, played.questions[1], 0)
    assert second.question.own is not None
    assert second.question.own.right is None
    assert second.round.next is None
    score = second.round.score
    assert (score.points, score.keyed, score.waiting, score.questions) == (1, 1, 1, 2)
    assert await store.read(look, played) == second.round


async def test_no_key_is_in_what_a_player_sees_before_they_answered(store: Store) -> None:
    played = await store.write(start, digest(tuple(question(n, f"{n}?", answer=1) for n in range(1, 4))))
    result = await store.write(choose, played, played.questions[1], 0)
    for asked in (*(await store.read(look, played)).questions, *result.round.questions):
        assert (asked.own is not None) is (asked.id == played.questions[1])


async def test_the_first_answer_counts_whatever_is_clicked_after(store: Store) -> None:
    played = await store.write(start, TWO)
    await store.write(choose, played, played.questions[0], 1)
    second = await store.write(choose, played, played.questions[0], 0, now=NOW + dt.timedelta(minutes=1))
    assert not second.accepted
    assert second.question.own is not None
    assert (second.question.own.choice, second.question.own.right) == (1, True)
    assert await store.read(summary) == {(SERVER, 0, PLAYER): (1, 1, 1, NOW)}


async def test_the_button_in_a_place_means_the_option_shown_there(store: Store) -> None:
    played = await store.write(start, digest(tuple(question(n, f"{n}?", answer=n % 3) for n in range(1, 10))))
    seen = await store.read(look, played)
    for asked in seen.questions:
        _, _, shown = asked.said("en")
        for place, text in enumerate(shown):
            result: Answered = await store.write(
                rounds.answer,
                round_id=played.round_id,
                question_id=asked.id,
                server_id=SERVER,
                user_id=PLAYER + place,
                name="x",
                shown=place,
                now=NOW,
            )
            assert result.question.own is not None
            assert asked.options[result.question.own.choice] == text
            assert result.question.own.right is (asked.options.index(text) == asked.number % 3)


async def test_answers_after_the_end_are_practice_and_bring_nothing(store: Store) -> None:
    played = await store.write(start, TWO)
    await store.write(choose, played, played.questions[1], 1)
    late = await store.write(choose, played, played.questions[0], 1, now=CLOSES)
    assert late.accepted
    assert late.round.closed
    assert late.question.own is not None
    assert (late.question.own.counts, late.question.own.right) == (False, True)
    assert (late.round.score.points, late.round.score.practice) == (0, 1)
    again = await store.write(choose, played, played.questions[0], 0, now=CLOSES)
    assert not again.accepted
    assert again.question.own is not None
    assert again.question.own.choice == 1
    counted = await store.read(lambda c: c.execute(select(func.count()).select_from(answers)).scalar_one())
    practised = await store.read(lambda c: c.execute(select(func.count()).select_from(practice)).scalar_one())
    assert (counted, practised) == (1, 1)
    assert await store.read(summary) == await store.read(truth)


async def test_a_round_is_due_to_close_from_the_moment_on_that_it_closes_at(store: Store) -> None:
    played = await store.write(start, TWO)
    assert await store.write(rounds.close_due, CLOSES - dt.timedelta(seconds=1), most=9) == ()
    assert await store.write(rounds.close_due, CLOSES, most=9) == (played.round_id,)
    assert await store.write(rounds.close_due, CLOSES, most=9) == ()


async def test_a_round_that_was_closed_early_is_closed(store: Store) -> None:
    played = await store.write(start, TWO)
    assert await store.write(rounds.close, played.round_id, NOW)
    assert not await store.write(rounds.close, played.round_id, NOW)
    assert await store.write(rounds.close_due, CLOSES, most=9) == ()
    result = await store.write(choose, played, played.questions[0], 1)
    assert result.question.own is not None
    assert not result.question.own.counts


async def test_forged_clicks_are_refused_and_leave_nothing(store: Store) -> None:
    played = await store.write(start, TWO)
    other = await store.write(start, digest((question(1, "Other?"),), series="round-up"))
    foreign = await store.write(start, digest((question(1, "Theirs?"),), series="x"), ELSEWHERE)
    with pytest.raises(RoundNotFound):
        await store.write(choose, Played(999, 0, ()), played.questions[0], 0)
    with pytest.raises(NotYourServer):
        await store.write(choose, foreign, foreign.questions[0], 0)
    with pytest.raises(NotYourServer):
        await store.read(rounds.look, round_id=foreign.round_id, server_id=SERVER, user_id=PLAYER, now=NOW)
    for question_id in (other.questions[0], foreign.questions[0], 999):
        with pytest.raises(StaleQuestion):
            await store.write(choose, played, question_id, 0)
    for shown in (-1, 3, 10**9):
        with pytest.raises(StaleQuestion):
            await store.write(
                rounds.answer,
                round_id=played.round_id,
                question_id=played.questions[0],
                server_id=SERVER,
                user_id=PLAYER,
                name="x",
                shown=shown,
                now=NOW,
            )
    assert await store.read(summary) == {}
    assert await store.read(lambda c: c.execute(select(answers)).first()) is None


async def test_a_question_that_was_reworded_is_asked_anew_and_the_old_answer_stays(store: Store) -> None:
    played = await store.write(start, TWO)
    await store.write(choose, played, played.questions[0], 1)
    reworded = digest((question(1, "One, then?", answer=1), question(2, "Two?")))
    await store.write(put, reworded, now=NOW)
    seen = await store.read(look, played)
    assert [(q.text, q.retired, q.own is not None) for q in seen.questions] == [
        ("One?", True, True),
        ("One, then?", False, False),
        ("Two?", False, False),
    ]
    other = await store.read(look, played, user=PLAYER + 1)
    assert [q.text for q in other.questions] == ["One, then?", "Two?"]
    with pytest.raises(StaleQuestion):
        await store.write(choose, played, played.questions[0], 1, user_id=PLAYER + 1)
    assert await store.read(summary) == {(SERVER, 0, PLAYER): (1, 1, 1, NOW)} == await store.read(truth)


async def test_a_digest_that_was_withdrawn_is_played_on(store: Store) -> None:
    played = await store.write(start, TWO)
    await store.write(digests.withdraw, played.digest_id, owner_id=0, now=NOW)
    assert (await store.write(choose, played, played.questions[0], 1)).accepted


async def test_a_round_without_questions_has_nothing_next(store: Store) -> None:
    played = await store.write(start, digest(()))
    seen = await store.read(look, played)
    assert seen.questions == ()
    assert seen.next is None


async def test_a_server_sees_its_own_key_and_no_other_servers(store: Store) -> None:
    played = await store.write(start, TWO)
    theirs = await store.write(start, TWO, ELSEWHERE)
    await store.write(
        set_key,
        question_id=played.questions[0],
        server_id=ELSEWHERE,
        answer=2,
        reason="Ours.",
        set_by=1,
        now=NOW,
    )
    here = await store.write(choose, played, played.questions[0], 1)
    there = await store.write(choose, theirs, played.questions[0], 1, server_id=ELSEWHERE)
    assert here.question.own is not None
    assert there.question.own is not None
    assert (here.question.own.right, there.question.own.right) == (True, False)


async def test_the_name_is_kept_as_last_seen_and_written_only_when_it_changed(store: Store) -> None:
    played = await store.write(start, digest(tuple(question(n, f"{n}?") for n in range(1, 5))))
    at = [NOW + dt.timedelta(minutes=n) for n in range(4)]
    for question_id, name, now in zip(played.questions, ["Ada", "Ada", "Countess", "x" * 200], at, strict=True):
        await store.write(choose, played, question_id, 0, name=name, now=now)
        row = await store.read(lambda c: c.execute(select(players)).one())
        assert (row.name, row.seen_at) == (name[:100], now if name != "Ada" else at[0])


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            statements.append(statement)

    engine = store._writer.engine if isinstance(store._writer, Writer) else store._writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


async def test_a_click_costs_four_statements(store: Store) -> None:
    played = await store.write(start, digest(tuple(question(n, f"{n}?", answer=0) for n in range(1, 10))))
    await store.write(choose, played, played.questions[0], 0)
    with counted(store) as statements:
        await store.write(choose, played, played.questions[1], 0)
    held = store.path is None  # others may write at the same time there
    assert len(statements) == 4 + held


async def test_fifty_clicks_at_once_through_two_stores_are_one_answer(address: str) -> None:
    async with Store.open(address) as one, Store.open(address) as two:
        await one.write(seed)
        played = await one.write(start, TWO)
        results = await asyncio.gather(
            *((one, two)[n % 2].write(choose, played, played.questions[0], n % 3) for n in range(50))
        )
        [first] = [r for r in results if r.accepted]
        assert first.question.own is not None
        assert {r.question.own and r.question.own.choice for r in results} == {first.question.own.choice}
        assert len(await one.read(lambda c: c.execute(select(answers)).all())) == 1
        assert await one.read(summary) == await one.read(truth)


async def test_many_players_and_questions_at_once_with_a_key_changing_in_between(address: str) -> None:
    async with Store.open(address) as one, Store.open(address) as two:
        await one.write(seed)
        played = await one.write(start, digest(tuple(question(n, f"{n}?", answer=0) for n in range(1, 6))))
        clicks = [
            (one, two)[(n + q) % 2].write(choose, played, q, (n + q) % 3, user_id=PLAYER + n % 4)
            for q in played.questions
            for n in range(12)
        ]
        corrections = [
            two.write(set_key, question_id=q, server_id=SERVER, answer=q % 3, reason=None, set_by=1, now=NOW)
            for q in played.questions
        ]
        await asyncio.gather(*clicks[:30], *corrections, *clicks[30:])
        assert len(await one.read(lambda c: c.execute(select(answers)).all())) == 20
        assert await one.read(summary) == await one.read(truth)
