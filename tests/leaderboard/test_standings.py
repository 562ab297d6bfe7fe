"""Standings: always what a plain recount says, in the right order, and each player's own place."""

import datetime as dt
import random
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from bot.database import Store
from bot.database.tables import answers, questions
from bot.database.tables import standings as table
from bot.leaderboard import boards, places, seasons, standings
from bot.leaderboard.boards import Board, StandingsPage
from bot.leaderboard.periods import Period, bounds
from bot.leaderboard.places import ALL_TIME, Place, Standing
from bot.quiz import played as records
from bot.quiz import umpire
from bot.quiz.keys import set_key
from tests.library.kit import ELSEWHERE, NOW, SERVER, digest, put, question, seed
from tests.quiz.kit import CLOSES, Played, choose, start, summary, truth


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(seed, SERVER, ELSEWHERE)
    return store


def page(c: Connection, /, period: Period = Period.ALL, **more: Any) -> StandingsPage:
    values: dict[str, Any] = {"server_id": SERVER, "zone": dt.UTC, "now": NOW, "page": 0, "user_id": 1, **more}
    return boards.page(c, board=Board(period), **values)


def ranked(c: Connection, since: dt.datetime | None = None, until: dt.datetime | None = None) -> list[Any]:
    """(user, points, answered) of SERVER's players, best first, from nothing but the answers and their keys."""
    with c.begin_nested() as half:
        if since is not None and until is not None:
            c.execute(answers.delete().where((answers.c.answered_at < since) | (answers.c.answered_at >= until)))
        rows = [
            (-points, -(points / keyed), at, user, keyed)
            for (server, season, user), (points, keyed, _, at) in truth(c).items()
            if server == SERVER and season == 0 and keyed
        ]
        half.rollback()
    never = dt.datetime.max.replace(tzinfo=dt.UTC)
    rows.sort(key=lambda row: (row[0], row[1], row[2] or never, row[3]))
    return [(row[3], -row[0], row[4]) for row in rows]


@pytest.mark.parametrize("luck", range(6))
async def test_whatever_happens_the_summary_equals_the_recount_and_boards_the_plain_order(
    store: Store, luck: int
) -> None:
    chance = random.Random(luck)  # noqa: S311

    def random_digest(series: str) -> Any:
        words = chance.sample(["One?", "Two?", "Three?", "Four?", "Five?"], 3)
        return digest(
            tuple(question(n, text, answer=chance.choice([None, 0, 1, 2])) for n, text in enumerate(words, 1)),
            series=series,
        )

    def happen(c: Connection) -> None:
        rounds: dict[tuple[int, str], Played] = {}
        asked: set[int] = set()
        for step in range(150):
            now = NOW - dt.timedelta(hours=step * 9 % 2000, seconds=chance.randrange(3))
            act, series = chance.random(), chance.choice("abc")
            server = chance.choice([SERVER, SERVER, ELSEWHERE])
            if chance.random() < 0.025:  # at whatever time: clocks are set back
                last = seasons.current(c, server)
                after, moment = last.number if last else 0, now + dt.timedelta(hours=chance.randrange(-1500, 100))
                seasons.start(c, server_id=server, after=after, name=None, started_by=1, now=moment)
            if act < 0.12 or (server, series) not in rounds:
                rounds[server, series] = start(c, random_digest(series), server)
                asked.update(rounds[server, series].questions)
            elif act < 0.2:  # the document changes: questions are retired or come back, keys change
                put(c, random_digest(series), now=now)
            elif act < 0.35:
                set_key(
                    c,
                    question_id=chance.choice(sorted(asked)),
                    server_id=chance.choice([SERVER, ELSEWHERE, None]),
                    answer=chance.choice([None, 0, 1, 2]),
                    reason=None,
                    set_by=1,
                    now=now,
                )
            elif act < 0.42:
                change = chance.choice([umpire.exclude, umpire.include, umpire.include])
                change(c, server_id=server, user_id=chance.randrange(12), by=1, now=now)
            elif act < 0.5:
                user = chance.randrange(12)
                if given := umpire.given(c, server_id=server, user_id=user):
                    which = chance.choice(given)
                    (umpire.unstrike if which.struck else umpire.strike)(
                        c, server_id=server, user_id=user, question_id=which.question_id, by=1, now=now
                    )
            else:
                played = rounds[server, series]
                late = CLOSES if chance.random() < 0.1 else now
                open_now = [q for q in played.questions if not retired(c, q)]
                if open_now:
                    choose(
                        c,
                        played,
                        chance.choice(open_now),
                        chance.randrange(3),
                        user_id=chance.randrange(12),
                        server_id=server,
                        now=late,
                    )
            assert summary(c) == truth(c), f"after step {step}"

    await store.write(happen)
    kept = await store.read(summary)
    assert any(points for (_, season, _), (points, *_) in kept.items() if season)
    for server in (SERVER, ELSEWHERE):
        await store.write(standings.recount, server)
    assert await store.read(summary) == kept

    def boards(c: Connection) -> None:
        zone = dt.timezone(dt.timedelta(hours=-7))
        for period in Period:
            for now in (NOW, NOW - dt.timedelta(days=30)):
                span = bounds(period, zone, now)
                expected = ranked(c, *span) if span else ranked(c)
                found = []
                for number in range(max(1, -(-len(expected) // 4))):
                    board = page(c, period, zone=zone, now=now, page=number, size=4, user_id=number)
                    assert (board.page, board.players) == (number, len(expected))
                    assert board.pages == max(1, -(-len(expected) // 4))
                    found += [(row.user_id, row.points, row.answered) for row in board.rows]
                    assert [row.place for row in board.rows] == list(
                        range(number * 4 + 1, number * 4 + 1 + len(board.rows))
                    )
                    own = [place for place, row in enumerate(expected, 1) if row[0] == number]
                    assert (board.own.place if board.own else None) == (own[0] if own else None)
                    beyond = page(c, period, zone=zone, now=now, page=99, size=4, user_id=number)
                    assert beyond.page == beyond.pages - 1
                assert found == expected
        for place, (user, points, keyed) in enumerate(ranked(c), 1):
            mine = places.place(c, server_id=SERVER, user_id=user)
            assert mine == Place(Standing(place, user, "Ada", points, keyed), len(ranked(c)))

    await store.write(boards)


async def test_seasons_and_series_are_the_plain_order_of_their_own_answers(store: Store) -> None:
    chance = random.Random(5)  # noqa: S311

    def play(c: Connection) -> dict[tuple[str, int], dict[int, list[int]]]:
        """Points and answers by series ("" for all), season (0 for all) and user."""
        plain: dict[tuple[str, int], dict[int, list[int]]] = {}
        asked = tuple(question(n, f"{n}?", answer=0) for n in range(1, 6))
        by_series = {name: start(c, digest(asked, series=name)) for name in "ab"}
        for season in range(3):
            now = NOW + dt.timedelta(hours=season)
            if season:
                seasons.start(c, server_id=SERVER, after=season - 1, name=None, started_by=1, now=now)
                again = seasons.start(c, server_id=SERVER, after=season - 1, name=None, started_by=1, now=now)
                assert again.number == season
            for name, played in by_series.items():
                for user in range(6):
                    given = played.questions[season] if user else played.questions[0]
                    choice = chance.randrange(2)
                    if not choose(c, played, given, choice, user_id=user, now=now).accepted:
                        continue
                    for where in {(name, season), ("", season), (name, 0), ("", 0)}:
                        mine = plain.setdefault(where, {}).setdefault(user, [0, 0])
                        mine[0] += choice == 0
                        mine[1] += 1
        return plain

    def check(c: Connection, plain: dict[tuple[str, int], dict[int, list[int]]]) -> None:
        ids = {name: digest_id for digest_id, name in records.series(c, SERVER)}
        for (name, number), expected in plain.items():
            season = seasons.find(c, SERVER, number) if number else None
            board = Board(Period.ALL, season, name or None, ids.get(name, 0))
            found = boards.page(c, server_id=SERVER, board=board, zone=dt.UTC, now=NOW, page=0, user_id=3, size=50)
            assert {row.user_id: [row.points, row.answered] for row in found.rows} == expected
            assert found.players == len(expected)
            around = boards.page(
                c, server_id=SERVER, board=board, zone=dt.UTC, now=NOW, page=None, user_id=3, size=2
            )
            assert around.own in around.rows
            assert around.own == found.own

    plain = await store.write(play)
    await store.read(check, plain)


async def test_a_record_is_what_the_summary_says(store: Store) -> None:
    played = await store.write(start, digest(tuple(question(n, f"{n}?", answer=0) for n in range(1, 5))))
    for place, asked in enumerate(played.questions):
        await store.write(choose, played, asked, place % 2, user_id=1, now=NOW - dt.timedelta(weeks=place * 3))
    which: dict[str, Any] = {"server_id": SERVER, "user_id": 1, "zone": dt.UTC, "now": NOW}
    before = await store.read(records.record, **which)
    assert (before.points, before.answered, before.struck, before.streaks.rounds) == (2, 4, 0, 1)
    assert [week.points for week in before.weeks] == [0, 1, 0, 0, 0, 0, 0, 1]
    assert before.place == await store.read(places.place, server_id=SERVER, user_id=1)
    strike: dict[str, Any] = {
        "server_id": SERVER,
        "user_id": 1,
        "question_id": played.questions[0],
        "by": 2,
        "now": NOW,
    }
    assert await store.write(umpire.strike, **strike)
    assert not await store.write(umpire.strike, **strike)
    after = await store.read(records.record, **which)
    assert (after.points, after.answered, after.struck, after.streaks.rounds) == (1, 3, 1, 1)
    assert await store.write(umpire.unstrike, **strike)
    assert await store.read(records.record, **which) == before


def retired(c: Connection, question_id: int) -> bool:
    return c.execute(select(questions.c.retired_at).where(questions.c.id == question_id)).scalar_one() is not None


async def test_ties_go_to_the_better_accuracy_then_to_who_was_there_first(store: Store) -> None:
    def row(user: int, points: int, answered: int, minutes: int | None) -> dict[str, Any]:
        at = None if minutes is None else NOW + dt.timedelta(minutes=minutes)
        return {
            "server_id": SERVER,
            "user_id": user,
            "points": points,
            "answered": answered,
            "rounds": 1,
            "scored_at": at,
        }

    rows = [
        row(1, 0, 1, None),
        row(2, 0, 9, None),
        row(3, 2, 4, 1),
        row(4, 2, 3, 9),
        row(5, 2, 3, 8),
        row(6, 2, 3, 8),
        row(7, 3, 30, 99),
        row(8, 0, 0, None),
        row(9, 0, 5, None),
    ]
    await store.write(lambda c: c.execute(insert(table), random.Random(1).sample(rows, len(rows))))  # noqa: S311
    board = await store.read(page)
    assert [s.user_id for s in board.rows] == [7, 5, 6, 4, 3, 1, 2, 9]
    for place, user in enumerate([7, 5, 6, 4, 3, 1, 2, 9], 1):
        found = await store.read(places.place, server_id=SERVER, user_id=user)
        assert found is not None
        assert (found.standing.place, found.players) == (place, 8)
    assert await store.read(places.place, server_id=SERVER, user_id=8) is None  # nothing of theirs is keyed yet
    assert await store.read(places.place, server_id=ELSEWHERE, user_id=7) is None


@pytest.mark.parametrize("luck", range(8))
async def test_every_page_and_every_way_to_it_is_the_plain_order(store: Store, luck: int) -> None:
    chance = random.Random(luck)  # noqa: S311
    rows: list[dict[str, Any]] = []
    for user in chance.sample(range(100), chance.choice([1, 9, 40])):
        points = chance.choice([0, 0, 1, 2])
        answered = points + chance.randrange(3)
        row: dict[str, Any] = {
            "server_id": SERVER,
            "user_id": user,
            "season": ALL_TIME,
            "points": points,
            "answered": answered,
            "rounds": 1,
            "scored_at": NOW + dt.timedelta(minutes=chance.randrange(3)) if points else None,
        }
        rows += [row, {**row, "server_id": ELSEWHERE}, {**row, "season": 1, "answered": answered + 9}]
    await store.write(lambda c: c.execute(insert(table), rows))
    plain = [row for row in rows if row["server_id"] == SERVER and not row["season"] and row["answered"]]
    plain.sort(key=lambda r: (-r["points"], r["points"] and r["answered"], r["scored_at"] or NOW, r["user_id"]))
    order = [(place, row["user_id"], row["points"], row["answered"]) for place, row in enumerate(plain, 1)]

    def check(c: Connection, size: int) -> None:
        pages = [tuple(order[start : start + size]) for start in range(0, len(order), size)] or [()]
        for user in range(100):
            own = next((line for line in order if line[1] == user), None)
            theirs = next((number for number, lines in enumerate(pages) if own in lines), 0)
            for asked in (None, theirs, chance.randrange(len(pages))):
                found = page(c, page=asked, user_id=user, size=size)
                number = theirs if asked is None else asked
                lines = [(row.place, row.user_id, row.points, row.answered) for row in found.rows]
                assert (found.page, tuple(lines)) == (number, pages[number])
                assert (found.pages, found.players) == (len(pages), len(order))
                mine = found.own and (found.own.place, found.own.user_id, found.own.points, found.own.answered)
                assert mine == own

    for size in (1, 3, 10):
        await store.read(check, size)


async def test_a_period_goes_by_the_time_of_the_answer_in_the_servers_zone(store: Store) -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    midnight = dt.datetime(2026, 3, 2, tzinfo=tokyo)  # a Monday
    given = digest(tuple(question(n, f"{n}?", answer=0) for n in range(1, 4)))
    played = await store.write(start, given)
    second = dt.timedelta(seconds=1)
    for asked, at in zip(played.questions, (midnight - second, midnight, midnight + second), strict=True):
        await store.write(choose, played, asked, 0, user_id=1, now=at)
    for period, points in ((Period.TODAY, 2), (Period.WEEK, 2), (Period.MONTH, 3), (Period.ALL, 3)):
        board = await store.read(page, period, zone=tokyo, now=midnight + second)
        assert [s.points for s in board.rows] == [points]
    yesterday = await store.read(page, Period.TODAY, zone=tokyo, now=midnight - second)
    assert [s.points for s in yesterday.rows] == [1]


async def test_names_are_as_last_seen_in_this_server(store: Store) -> None:
    played = await store.write(start, digest((question(1, "1?", answer=0), question(2, "2?", answer=0))))
    theirs = await store.write(start, digest((question(1, "1?", answer=0),), series="x"), ELSEWHERE)
    await store.write(choose, played, played.questions[0], 0, user_id=1, name="Ada")
    await store.write(choose, played, played.questions[1], 0, user_id=1, name="Countess")
    await store.write(choose, theirs, theirs.questions[0], 0, user_id=1, name="Secret", server_id=ELSEWHERE)
    for period in Period:
        board = await store.read(page, period)
        assert [s.name for s in board.rows] == ["Countess"]
        assert board.own == board.rows[0]


async def test_an_empty_board_has_one_page_and_nobody(store: Store) -> None:
    for period in Period:
        assert await store.read(page, period, page=7) == StandingsPage(Board(period), 0, 1, 0, (), None)
