"""A player's data: counted, handed out, and forgotten everywhere without leaving a trace of them."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import Connection, insert, select

from bot.database import Store
from bot.database.tables import answers, audit, forgotten, metadata, players, practice, rounds, standings
from bot.leaderboard import seasons
from bot.leaderboard import standings as board
from bot.privacy import players as privacy
from bot.quiz import results
from bot.quiz import rounds as play
from tests.library.kit import ELSEWHERE, NOW, SERVER, digest, question
from tests.quiz.kit import CLOSES, PLAYER, choose, start

BEN = PLAYER + 1
TWO = digest((question(1, "One?", answer=1), question(2, "Two?", answer=1)))


def everything(connection: Connection) -> str:
    """All that stands in the database, as text."""
    found = []
    for table in metadata.sorted_tables:
        found += [str(tuple(row)) for row in connection.execute(select(table))]
    return "\n".join(found)


async def test_nothing_is_kept_about_who_never_played(store: Store) -> None:
    def check(connection: Connection) -> None:
        assert privacy.kept(connection, server_id=SERVER, user_id=PLAYER) == privacy.Kept(None, 0, 0)
        taken = privacy.export(connection, server_id=SERVER, user_id=PLAYER, now=NOW)
        assert taken["name"] is None
        assert taken["answers"] == []

    await store.read(check)


async def test_the_export_has_all_of_this_server_and_nothing_of_another(store: Store) -> None:
    def check(connection: Connection) -> None:
        here = start(connection, TWO)
        there = start(connection, TWO, ELSEWHERE)
        choose(connection, here, here.questions[0], 1)
        choose(connection, there, there.questions[1], 1, server_id=ELSEWHERE, name="Ada elsewhere")
        choose(connection, here, here.questions[1], 0, now=CLOSES + dt.timedelta(hours=1))
        assert privacy.kept(connection, server_id=SERVER, user_id=PLAYER) == privacy.Kept("Ada", 1, 1)
        taken = privacy.export(connection, server_id=SERVER, user_id=PLAYER, now=NOW)
        text = json.dumps(taken)
        assert "elsewhere" not in text
        assert taken["user"] == str(PLAYER)
        assert [len(taken[name]) for name in ("answers", "practice", "standings")] == [1, 1, 1]
        assert taken["answers"][0]["at"] == NOW.isoformat()
        assert set(taken["answers"][0]) == {"series", "date", "paper", "question", "answer", "at"}

    await store.write(check)


async def test_forgetting_leaves_no_trace_and_every_total(store: Store) -> None:
    def check(connection: Connection) -> None:
        played = start(connection, TWO)
        there = start(connection, TWO, ELSEWHERE)
        for asked in played.questions[:2]:
            choose(connection, played, asked, 1)
            choose(connection, played, asked, 1, user_id=BEN, name="Ben")
        choose(connection, there, there.questions[0], 1, server_id=ELSEWHERE)
        act = {"server_id": SERVER, "user_id": PLAYER, "act": "strike", "details": {"player": PLAYER}, "at": NOW}
        connection.execute(insert(audit), act)
        seasons.start(connection, server_id=SERVER, after=0, name=None, started_by=PLAYER, now=CLOSES)
        before = results.tally(connection, played.round_id)
        gone = privacy.forget(connection, PLAYER, NOW)
        assert gone == privacy.Forgotten(answers=3, practice=0, servers=2)
        assert str(PLAYER) not in everything(connection)
        assert "Ada" not in everything(connection)
        assert results.tally(connection, played.round_id) == before
        assert [row.act for row in connection.execute(select(audit).order_by(audit.c.id))] == [
            "strike",
            "season",
            "forget-me",
        ]
        assert [tuple(row) for row in connection.execute(select(standings.c.user_id, standings.c.points))] == [
            (BEN, 2)
        ]
        kept = connection.execute(select(standings)).all()
        for server_id in (SERVER, ELSEWHERE):
            board.recount(connection, server_id)
        assert connection.execute(select(standings)).all() == kept

    await store.write(check)


async def test_who_was_forgotten_does_not_score_again_in_a_round_they_had_begun(store: Store) -> None:
    def check(connection: Connection) -> None:
        played = start(connection, TWO)
        choose(connection, played, played.questions[0], 0)
        privacy.forget(connection, PLAYER, NOW)
        again = choose(connection, played, played.questions[0], 1)
        assert again.accepted
        assert again.question.own is not None
        assert not again.question.own.counts
        other = choose(connection, played, played.questions[0], 1, user_id=BEN)
        assert other.question.own is not None
        assert other.question.own.counts
        assert connection.execute(select(practice.c.user_id)).scalars().all() == [PLAYER]
        assert PLAYER not in connection.execute(select(standings.c.user_id)).scalars().all()

    await store.write(check)


async def test_a_round_that_was_not_begun_or_is_over_is_not_remembered(store: Store) -> None:
    def check(connection: Connection) -> None:
        played = start(connection, TWO)
        choose(connection, played, played.questions[0], 1)
        play.close(connection, played.round_id, CLOSES)
        privacy.forget(connection, PLAYER, CLOSES)
        assert connection.execute(select(forgotten)).all() == []
        assert connection.execute(select(players)).all() == []
        assert len(connection.execute(select(answers)).all()) == 1
        assert len(connection.execute(select(rounds)).all()) == 1

    await store.write(check)


@pytest.mark.parametrize("times", [1, 2])
async def test_forgetting_again_changes_nothing(store: Store, times: int) -> None:
    def check(connection: Connection) -> None:
        played = start(connection, TWO)
        choose(connection, played, played.questions[0], 1)
        for _ in range(times):
            privacy.forget(connection, PLAYER, NOW)
        assert len(connection.execute(select(answers)).all()) == 1
        assert len(connection.execute(select(forgotten)).all()) == 1

    await store.write(check)
