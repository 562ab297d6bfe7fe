"""A hostile crowd: players who click twice, forge, replay and pry, over the wire, on three servers at once.

In the end every answer that is kept was one's own, first and in time; every board equals a plain recount; and no
reply held a key too early, or anything of another server.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select, update

from bot.database.tables import (
    answers,
    digests,
    exclusions,
    keys,
    practice,
    questions,
    rounds,
    seasons,
    servers,
    strikes,
)
from bot.leaderboard import boards
from bot.leaderboard import seasons as seasons_of
from bot.leaderboard.boards import Board
from bot.leaderboard.periods import Period
from bot.posts.custom_ids import (
    Answer,
    CustomId,
    LeaderboardPage,
    PlayRound,
    PractiseAnswer,
    ReadQuestion,
    ReviewAnswers,
    format_custom_id,
)
from bot.quiz import umpire
from bot.quiz.keys import set_key
from bot.quiz.shuffle import shown_order
from tests.faults.wired import Wired
from tests.wire import Channel, Message, Reply, User

ZONES: Final = ("Pacific/Auckland", "America/St_Johns", "UTC")
DAYS: Final = 3
_BURST: Final = 40
"""Attempts under way at once."""
_RETIRED: Final = 6
"""So many questions are retired at most, counted on each server."""
_REASON: Final = re.compile(r"because-(\d+)-it-is")
"""Every key's reason, with its question: what no reply may hold too early."""

Answered = tuple[int, int, int]
"""Server, player, question."""


@dataclass(frozen=True)
class Asked:
    """A question of a round, as it stands in the database."""

    round_id: int
    digest_id: int
    question_id: int
    options: int
    closed: bool
    retired: bool


@dataclass
class Seat:
    """A server and its people; everything of it carries its name."""

    name: str
    channel: Channel
    zone: ZoneInfo
    players: list[User]
    withheld: bool
    """Verdicts wait for the close."""
    asked: list[Asked] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The server's."""
        assert self.channel.guild is not None
        return self.channel.guild.id


@dataclass
class Attempt:
    """Something that a player does; `custom_id` on a message, with the value picked where it is a menu."""

    kind: str
    seat: Seat
    user: User
    target: Message | Reply
    custom_id: CustomId | str
    value: str | None = None


@dataclass
class Crowd:
    """What came of it."""

    wired: Wired
    chance: random.Random
    seats: list[Seat]
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    first: dict[Answered, set[int]] = field(default_factory=dict)
    """Of each question that a player clicked in time: the options of the burst in which they first did."""
    kept: set[Answered] = field(default_factory=set)
    """What was answered before the present burst."""
    replies: list[tuple[Seat, User, Reply]] = field(default_factory=list)
    """Some private replies, for others to click on."""
    answers: int = 0
    reasons: int = 0
    """Seen in replies, by who may: so a reason would be noticed where it may not be."""

    def report(self, players: int) -> str:
        """For the docs."""
        tried = ", ".join(f"{number} {kind}" for kind, number in sorted(self.counts.items()))
        return (
            f"{players} players on {len(self.seats)} servers; {self.answers} answers kept; tried: {tried}. "
            f"{'; '.join(self.wrong[:5]) or 'All right'}."
        )


async def play(
    wired: Wired, *, players: int, wanted: int, tell: Callable[[str], None] = lambda _: None, seed: int = 1
) -> Crowd:
    """Three days of it, until about so many answers are kept."""
    crowd = Crowd(wired, random.Random(seed), [])  # noqa: S311
    wired.discord.patience = 60.0
    await wired.store.write(_mark_keys)
    for number, zone in enumerate(ZONES):
        channel = await wired.place()
        assert channel.guild is not None
        channel.guild.name = f"house{number}"
        people = [wired.discord.add_user(f"house{number} player{n}") for n in range(number, players, len(ZONES))]
        await wired.subscribe(channel, series="deep-dive")
        await wired.subscribe(channel, series="round-up")
        seat = Seat(f"house{number}", channel, ZoneInfo(zone), people, withheld=number == len(ZONES) - 1)
        await wired.store.write(_set_up, seat)
        crowd.seats.append(seat)
    for day in range(DAYS):
        await wired.tick()
        await _refresh(crowd)
        while crowd.answers < wanted * (day + 1) // DAYS and await _burst(crowd, wanted):
            if crowd.chance.random() < 0.1:
                wired.discord.advance(crowd.chance.randrange(600))
        tell(f"day {day + 1}: {crowd.answers} answers, {crowd.counts.total()} attempts, {len(crowd.wrong)} wrong")
        wired.discord.advance(86_400 - 2 * 3600)
        await asyncio.gather(_burst(crowd, wanted, closing=True), wired.tick())  # rounds close among the clicks
        wired.discord.advance(2 * 3600)
    await _refresh(crowd)
    await _prove(crowd)
    return crowd


def _mark_keys(connection: Connection) -> None:
    for question_id in connection.execute(select(keys.c.question_id).distinct()).scalars().all():
        marked = update(keys).where(keys.c.question_id == question_id)
        connection.execute(marked.values(reason=f"because-{question_id}-it-is"))


def _set_up(connection: Connection, seat: Seat) -> None:
    values = {"zone": str(seat.zone), "verdicts": "at-close" if seat.withheld else "at-once"}
    connection.execute(update(servers).where(servers.c.id == seat.id).values(**values))


_ASKED = (
    select(rounds, questions.c.id.label("question_id"), questions.c.options, questions.c.retired_at)
    .join(questions, questions.c.digest_id == rounds.c.digest_id)
    .order_by(rounds.c.id, questions.c.id)
)


async def _refresh(crowd: Crowd) -> None:
    """Looks at what is asked, and what was answered."""

    def look(connection: Connection) -> None:
        rows = connection.execute(_ASKED).all()
        for seat in crowd.seats:
            seat.asked = [
                Asked(
                    row.id,
                    row.digest_id,
                    row.question_id,
                    len(row.options),
                    row.closed_at is not None or row.closes_at <= crowd.wired.now,
                    row.retired_at is not None,
                )
                for row in rows
                if row.server_id == seat.id
            ]
        given = set()
        for table in (answers, practice):
            given |= {tuple(row) for row in connection.execute(select(*list(table.c)[:3]))}
        crowd.kept = given
        crowd.answers = connection.execute(select(func.count()).select_from(answers)).scalar_one()

    await crowd.wired.store.read(look)


async def _burst(crowd: Crowd, wanted: int, *, closing: bool = False) -> bool:
    """Many attempts at once, with an admin's act among them; False where nobody has anything left to answer."""
    attempts = [attempt for _ in range(_BURST) for attempt in _attempts(crowd)]
    before = set(crowd.kept)
    act = _act(crowd) if crowd.chance.random() < min(0.3, 40 * _BURST / wanted) else asyncio.sleep(0)
    done: list[Any] = await asyncio.gather(*(_do(crowd, attempt) for attempt in attempts), act)
    for attempt, reply in zip(attempts, done[:-1], strict=True):
        _judge(crowd, attempt, reply, before, closing=closing)
    own = [(*found, reply) for one, reply in zip(attempts, done[:-1], strict=True) if (found := _own(one))]
    for key, choice, _ in own:
        if key not in before:
            crowd.first.setdefault(key, set()).add(choice)
    left = any(
        (seat.id, user.id, asked.question_id) not in crowd.kept
        for seat in crowd.seats
        for user in seat.players
        for asked in seat.asked
        if not asked.closed and not asked.retired
    )
    await _refresh(crowd)
    for key, _, reply in own:
        if key not in crowd.kept and "has changed since it was shown" not in reply.text:
            crowd.wrong.append(f"an answer was acknowledged and isn't there: {key}")
    return left


def _own(attempt: Attempt) -> tuple[Answered, int] | None:
    """The answer and what it chose, where the rules allow it: of this server, to a question that is asked."""
    clicked, seat = attempt.custom_id, attempt.seat
    if not isinstance(clicked, Answer):
        return None
    for asked in seat.asked:
        if (asked.round_id, asked.question_id) == (clicked.round, clicked.question) and not asked.closed:
            if asked.retired or clicked.shown >= asked.options:
                return None
            order = shown_order(seat.id, asked.question_id, asked.options)
            return (seat.id, attempt.user.id, asked.question_id), order[clicked.shown]
    return None


_GARBAGE = (
    "",
    "1an",
    "1an:-1:1:1",
    "1an:1:1:1:1",
    "1an:01:1:1",
    "1an:1:1:99999999999999999999",
    "0an:1:1:1",
    "x" * 100,
)


def _attempts(crowd: Crowd) -> Iterator[Attempt]:
    """What a player does next: mostly an answer, else something that they shouldn't."""
    pick, seat = crowd.chance.choice, crowd.chance.choice(crowd.seats)
    user, post = pick(seat.players), pick(_posts(crowd, seat))
    other = pick([one for one in crowd.seats if one is not seat])
    is_open = [a for a in seat.asked if not a.closed and not a.retired]
    over = [a for a in seat.asked if a.closed]
    gone = [a for a in seat.asked if a.retired]
    fresh = [a for a in is_open if (seat.id, user.id, a.question_id) not in crowd.kept] or is_open

    def answer(kind: str, asked: Asked, **more: Any) -> Attempt:
        shown = crowd.chance.randrange(asked.options)
        given: dict[str, Any] = {"custom_id": Answer(asked.round_id, asked.question_id, shown), "target": post}
        return Attempt(kind, seat, user, **(given | more))

    throw = crowd.chance.random()
    if throw < 0.5 and fresh:
        yield answer("answers", pick(fresh))
    elif throw < 0.62 and fresh:
        asked = pick(fresh)
        yield from (answer("double clicks", asked) for _ in range(3))
    elif throw < 0.67 and crowd.kept and is_open:
        yield answer("replayed clicks", pick(is_open))
    elif throw < 0.73 and other.asked:
        yield answer("answers to another server's questions", pick(other.asked))
    elif throw < 0.77 and len(seat.asked) > 1:
        one, two = pick(seat.asked), pick(other.asked or seat.asked)
        yield answer("answers in the wrong round", one, custom_id=Answer(one.round_id, two.question_id + 1000, 0))
    elif throw < 0.82 and over:
        yield answer("answers after the close", pick(over))
    elif throw < 0.85 and gone:
        yield answer("answers to retired questions", pick(gone))
    elif throw < 0.89:
        yield Attempt("forged ids", seat, user, post, pick(_GARBAGE))
    elif throw < 0.93 and fresh and (theirs := [reply for place, _, reply in crowd.replies if place is seat]):
        yield answer("clicks on others' private messages", pick(fresh), target=pick(theirs))
    elif throw < 0.95 and is_open:
        asked = pick(is_open)
        yield answer(
            "practice in open rounds", asked, custom_id=PractiseAnswer(asked.round_id, asked.question_id, 0)
        )
    elif seat.asked and other.asked:
        asked = pick([*seat.asked, *other.asked])
        pry: CustomId = pick(
            [
                PlayRound(asked.digest_id, ""),
                ReviewAnswers(asked.round_id, 0),
                ReadQuestion(asked.digest_id, 0),
                LeaderboardPage("all", crowd.chance.randrange(50)),
            ]
        )
        value = str(asked.question_id) if isinstance(pry, ReadQuestion) else None
        yield Attempt("prying", seat, user, post, pry, value)


def _posts(crowd: Crowd, seat: Seat) -> list[Message]:
    return crowd.wired.posts(seat.channel)


async def _do(crowd: Crowd, attempt: Attempt) -> Reply:
    text = attempt.custom_id if isinstance(attempt.custom_id, str) else format_custom_id(attempt.custom_id)
    values = None if attempt.value is None else [attempt.value]
    reply = await crowd.wired.discord.forge_click(attempt.user, attempt.target, text, values)
    crowd.counts[attempt.kind] += 1
    return reply


async def _act(crowd: Crowd) -> None:
    """An admin's act, or a document's, while everybody clicks."""
    seat, store, now = crowd.chance.choice(crowd.seats), crowd.wired.store, crowd.wired.now
    user = crowd.chance.choice(seat.players)
    by: dict[str, Any] = {"server_id": seat.id, "by": 1, "now": now}
    answered = [key for key in crowd.kept if key[0] == seat.id]
    throw = crowd.chance.random()
    if throw < 0.4 and seat.asked:
        asked = crowd.chance.choice(seat.asked)
        what: dict[str, Any] = {"question_id": asked.question_id, "server_id": seat.id, "set_by": 1, "now": now}
        reason = f"because-{asked.question_id}-it-is"
        await store.write(set_key, **what, answer=crowd.chance.randrange(asked.options), reason=reason)
        crowd.counts["keys changed"] += 1
    elif throw < 0.6 and answered:
        _, player, question = crowd.chance.choice(sorted(answered))
        strike = umpire.strike if crowd.chance.random() < 0.7 else umpire.unstrike
        try:
            await store.write(strike, **by, user_id=player, question_id=question)
            crowd.counts["answers struck or not"] += 1
        except umpire.NoSuchAnswer:
            pass  # it was practice
    elif throw < 0.75:
        exclude = umpire.exclude if crowd.chance.random() < 0.6 else umpire.include
        await store.write(exclude, **by, user_id=user.id)
        crowd.counts["players excluded or not"] += 1
    elif throw < 0.85:
        current = await store.read(seasons_of.current, seat.id)
        after: dict[str, Any] = {
            "server_id": seat.id,
            "after": current.number if current else 0,
            "name": None,
            "started_by": 1,
        }
        await store.write(seasons_of.start, **after, now=now)
        crowd.counts["seasons begun"] += 1
    elif seat.asked and sum(a.retired for one in crowd.seats for a in one.asked) < _RETIRED:
        asked = crowd.chance.choice(seat.asked)
        retire = update(questions).where(questions.c.id == asked.question_id).values(retired_at=now)
        await store.write(lambda c: c.execute(retire) and None)
        crowd.counts["questions retired"] += 1


def _judge(crowd: Crowd, attempt: Attempt, reply: Reply, before: set[Answered], *, closing: bool) -> None:
    """Whether a reply came, in private, with nothing in it that its reader may not know."""
    what, clicked, seat = f"{attempt.kind} by {attempt.user.name}", attempt.custom_id, attempt.seat
    if reply.failed or reply.interaction.refusals:
        crowd.wrong.append(f"{what}: no answer")
        return
    if not reply.ephemeral:
        crowd.wrong.append(f"{what}: everybody sees the reply")
    messages = [reply.message, *reply.followups]
    text = "\n".join(f"{m.text} {json.dumps(m.components)}" for m in messages)
    for other in crowd.seats:
        if other is not seat and other.name in text:
            crowd.wrong.append(f"{what}: something of {other.name} is in the reply")
    here = {asked.question_id: asked for asked in seat.asked}
    for question in {int(found[1]) for found in _REASON.finditer(text)}:
        asked = here.get(question)
        over = asked is not None and (asked.closed or closing)
        if isinstance(clicked, Answer | PractiseAnswer):
            may = question == clicked.question and (over or not seat.withheld)
        elif isinstance(clicked, ReviewAnswers):
            may = (seat.id, attempt.user.id, question) in before and (over or not seat.withheld)
        else:
            may = isinstance(clicked, ReadQuestion) and over
        crowd.reasons += may
        if not may or asked is None:
            crowd.wrong.append(f"{what}: the key of question {question} is in the reply")
    if len(crowd.replies) < 200 or crowd.chance.random() < 0.01:
        crowd.replies = [*crowd.replies[-199:], (seat, attempt.user, reply)]


# The recount: nothing of the bot's code is in it but its tables


_ORIGINS: Final = ("admin", "operator", "side-file", "document")


@dataclass(frozen=True)
class Given:
    """An answer and what it is worth."""

    user: int
    at: dt.datetime
    series: str
    right: bool | None
    """None: it counts for nothing."""


def given(connection: Connection, server_id: int) -> list[Given]:
    """A server's answers, of players who aren't excluded."""

    def rows(table: Any) -> list[Any]:
        return list(connection.execute(select(table)).all())

    right: dict[int, tuple[tuple[int, int], int]] = {}
    for key in rows(keys):
        if key.owner_id in (0, server_id):
            rank = (0 if key.owner_id == server_id else 1, _ORIGINS.index(key.origin))
            right[key.question_id] = min(right.get(key.question_id, ((9, 9), 0)), (rank, key.answer))
    held = {row.id: row for row in rows(rounds)}
    series = {row.id: row.series for row in connection.execute(select(digests.c.id, digests.c.series))}
    struck = {(row.server_id, row.user_id, row.question_id) for row in rows(strikes)}
    off = {row.user_id for row in rows(exclusions) if row.server_id == server_id}
    found = []
    for row in rows(answers):
        if row.server_id != server_id or row.user_id in off:
            continue
        its = held[row.round_id]
        told = its.verdicts == "at-once" or its.closed_at is not None
        counts = told and row.question_id in right and (server_id, row.user_id, row.question_id) not in struck
        verdict = row.choice == right[row.question_id][1] if counts else None
        found.append(Given(row.user_id, row.answered_at, series[its.digest_id], verdict))
    return found


def ranked(counted: list[Given]) -> list[tuple[int, int, int]]:
    """Players from the first place on, each with points and answers that count."""
    players: dict[int, list[Given]] = {}
    for one in counted:
        if one.right is not None:
            players.setdefault(one.user, []).append(one)
    lines = []
    for user, theirs in players.items():
        scored = [one.at for one in theirs if one.right]
        accuracy = len(scored) / len(theirs)
        lines.append((-len(scored), -accuracy, max(scored).timestamp() if scored else 0.0, user, len(theirs)))
    return [(user, -points, number) for points, _, _, user, number in sorted(lines)]


def _within(period: Period, zone: ZoneInfo, now: dt.datetime) -> Callable[[dt.datetime], bool]:
    def label(moment: dt.datetime) -> Any:
        day = moment.astimezone(zone).date()
        return {
            Period.TODAY: day,
            Period.WEEK: day.isocalendar()[:2],
            Period.MONTH: (day.year, day.month),
            Period.ALL: None,
        }[period]

    return lambda moment: label(moment) == label(now)


async def _prove(crowd: Crowd) -> None:
    """Every answer that is kept was given, first and in time; every board is what a recount says."""

    def prove(connection: Connection) -> None:
        for row in connection.execute(select(answers)):
            if row.choice not in crowd.first.get((row.server_id, row.user_id, row.question_id), set()):
                crowd.wrong.append(f"nobody gave this answer first, and in time: {tuple(row)}")
        for seat in crowd.seats:
            _prove_boards(crowd, seat, connection)

    await crowd.wired.store.read(prove)


def _prove_boards(crowd: Crowd, seat: Seat, connection: Connection) -> None:
    now, counted = crowd.wired.now, given(connection, seat.id)
    began = select(seasons.c.number, seasons.c.started_at).where(seasons.c.server_id == seat.id)
    starts = connection.execute(began.order_by(seasons.c.number)).all()
    spans = {row.number: row.started_at for row in starts}
    for period, number, series in product(Period, (0, *spans), (None, "deep-dive", "round-up")):
        season = seasons_of.find(connection, seat.id, number) if number else None
        board = Board(period, season, series, 1 if series else 0)
        which: dict[str, Any] = {"server_id": seat.id, "zone": seat.zone, "now": now, "page": 0, "user_id": 0}
        page = boards.page(connection, board=board, **which, size=10_000)
        within, until = _within(period, seat.zone, now), spans.get(number + 1)
        expected = ranked(
            [
                one
                for one in counted
                if within(one.at)
                and (series is None or one.series == series)
                and (not number or spans[number] <= one.at)
                and (not number or until is None or one.at < until)
            ]
        )
        if [(row.user_id, row.points, row.answered) for row in page.rows] != expected:
            crowd.wrong.append(f"{seat.name}: the board {period} {number} {series} isn't what a recount says")
