"""What the bot is in the middle of when it is killed, and what has to hold once it was started again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from bot.database.tables import (
    answers,
    deliveries,
    digests,
    documents,
    figures,
    keys,
    questions,
    rounds,
    state,
    steps,
)
from bot.database.tables import subscriptions as orders
from bot.delivery import claims, weekly
from bot.model import Look
from bot.posts.custom_ids import Answer, parse
from bot.quiz import rounds as quiz
from bot.quiz.shuffle import shown_order
from tests.delivery.world import library
from tests.faults.books import opened
from tests.faults.stage import DAY, HOUR, SERIES, Stage, answer_ids
from tests.wire import Kind, Message

Wrong = Iterable[str]


@dataclass(frozen=True)
class Scene:
    """Something that the bot does in several steps."""

    name: str
    points: re.Pattern[str]
    """The places at which it is worth being killed."""
    done: Callable[[Connection], object]
    """Whether all is done that has to be."""
    wrong: Callable[[Stage, Connection], Wrong]
    """What has to hold beyond the books in the end; a sentence for each thing that doesn't."""
    prepare: Callable[[Stage, Connection], None] | None = None
    """Changes the library's database before the first start; None: it starts with nothing but the seed folder."""
    act: Callable[[Stage], Awaitable[None]] | None = None
    """What people do while it runs; when it was started again they do it once more."""
    kind: Kind = Kind.TEXT


def _nothing_open(connection: Connection) -> bool:
    unfinished = select(deliveries.c.id).where(deliveries.c.finished_at.is_(None))
    return connection.execute(unfinished).first() is None


def _delivered(connection: Connection) -> bool:
    """There is a delivery, and it is finished."""
    return connection.execute(select(deliveries.c.id)).first() is not None and _nothing_open(connection)


def _posted(least: int, most: int) -> Callable[[Stage, Connection], Wrong]:
    def wrong(stage: Stage, connection: Connection) -> Wrong:
        posts = stage.posts
        if not least <= len(posts) <= most:
            yield f"{len(posts)} messages were posted"
        of_steps = select(steps.c.message_id).where(steps.c.kind == "message").order_by(steps.c.part)
        if [post.id for post in posts] != list(connection.execute(of_steps).scalars()):
            yield "what was posted is not the post's messages in their order"
        if (number := connection.execute(select(func.count()).select_from(deliveries)).scalar()) != 1:
            yield f"there are {number} deliveries"
        if (number := connection.execute(select(func.count()).select_from(rounds)).scalar()) != 1:
            yield f"there are {number} rounds"

    return wrong


def _brief(stage: Stage, connection: Connection) -> None:
    stage.write_down(connection)
    stage.subscribe(connection)


_LONG, _LENGTH = "long", 3 * 4_500
"""A series with one digest, whose post takes three messages."""


def _full(stage: Stage, connection: Connection) -> None:
    stage.write_down(connection)
    library(connection, 1, series=_LONG, length=_LENGTH)
    stage.subscribe(connection, series=_LONG, look=Look.FULL, thread=True, publish=True)


def _in_forum(stage: Stage, connection: Connection) -> None:
    stage.write_down(connection)
    library(connection, 1, series=_LONG, length=_LENGTH)
    stage.subscribe(connection, series=_LONG, look=Look.FULL)


def _one_post(stage: Stage, connection: Connection) -> Wrong:
    if (number := len(stage.house.discord.posts(stage.channel))) != 1:
        yield f"the forum has {number} posts"
    yield from _posted(3, 3)(stage, connection)


_STEPS = re.compile(r" (claim_due|begin|take_up|sent|POST /channels/.*)#")

# A click on an answer


async def _click(stage: Stage) -> None:
    """Ada opens the round and answers its first question with A; after a restart, with B."""
    discord, house = stage.house.discord, stage.house
    await house.ready()
    await house.until(_delivered)
    if stage.opened is None or stage.opened.failed:
        stage.opened = await discord.click(stage.ada, stage.posts[0], "Play the round")
        if stage.opened.failed:
            return
        stage.buttons = answer_ids(stage.opened.message)
    place = 1 if house.starts > 1 else 0
    stage.replies.append(await discord.forge_click(stage.ada, stage.opened, stage.buttons[place]))


def _clicked(stage: Stage, connection: Connection) -> Wrong:
    rows = connection.execute(select(answers)).all()
    clicked = parse(stage.buttons[0])
    assert isinstance(clicked, Answer)
    if [row.question_id for row in rows] != [clicked.question]:
        yield f"the answers are {[tuple(row) for row in rows]}"
        return
    order = shown_order(stage.guild.id, clicked.question, len(stage.buttons))
    a_was_said = len(stage.replies) > 1 and not stage.replies[0].failed
    if rows[0].choice not in (order[:1] if a_was_said else order[:2]):
        yield "the first answer isn't the one that counts"
    if stage.replies[-1].failed:
        yield "the click after the restart was not answered"
    yield from _posted(1, 1)(stage, connection)


# The end of a round


def _due_to_close(stage: Stage, connection: Connection) -> None:
    stage.write_down(connection, verdicts="at-close")
    now = stage.house.discord.clock.now()
    digest = connection.execute(select(digests.c.id).where(digests.c.series == SERIES).limit(1)).scalar_one()
    asked = connection.execute(select(questions.c.id).where(questions.c.digest_id == digest)).scalars().all()
    place: dict[str, Any] = {"server_id": stage.guild.id, "now": now - DAY}
    round_id = quiz.open_round(connection, **place, digest_id=digest, closes_at=now - HOUR)
    for player in range(3):
        for number, question in enumerate(asked[: 4 + player]):
            shown = (number + player) % 3
            who: dict[str, Any] = {"user_id": 1000 + player, "name": f"player {player}"}
            quiz.answer(connection, **place, **who, round_id=round_id, question_id=question, shown=shown)


def _closed(connection: Connection) -> bool:
    is_open = select(rounds.c.id).where(rounds.c.closed_at.is_(None))
    return connection.execute(is_open).first() is None and _nothing_open(connection)


def _counted(_: Stage, connection: Connection) -> Wrong:
    if connection.execute(select(func.count()).select_from(answers)).scalar() != 4 + 5 + 6:
        yield "answers were lost"


# Results, and the standings of the week


def _due_to_tell(stage: Stage, connection: Connection) -> None:
    """It is a Tuesday; a digest was posted the week before and played, its round is due to close."""
    discord = stage.house.discord
    today = discord.clock.now().date()
    tuesday = today + (8 - today.weekday()) * DAY
    noon = dt.datetime.combine(tuesday, dt.time(12), dt.UTC)
    stage.house.pass_time((noon - discord.clock.now()).total_seconds())
    then = noon - 6 * DAY
    place: dict[str, Any] = {"server_id": stage.guild.id}
    stage.write_down(connection)
    weekly.choose(connection, stage.guild.id, stage.channel.id, then)
    stage.subscribe(connection)
    subscription = connection.execute(update(orders).values(paused_at=noon).returning(orders.c.id)).scalar_one()
    claim = claims.claim_now(connection, subscription, **place, now=then)
    nonce = connection.execute(select(steps.c.nonce)).scalar_one()
    post = Message(discord.world.ids.next(), stage.channel, discord.world.bot, then, "A digest", nonce=nonce)
    discord.world.put(post)
    sent = {"state": "sent", "channel_id": stage.channel.id, "message_id": post.id}
    connection.execute(update(steps).values(**sent))
    connection.execute(update(deliveries).values(finished_at=then))
    which = {**place, "now": then}
    round_id = quiz.open_round(connection, **which, digest_id=claim.digest_id, closes_at=noon - HOUR)
    asked = select(questions.c.id).where(questions.c.digest_id == claim.digest_id).limit(1)
    click = {**which, "round_id": round_id, "question_id": connection.execute(asked).scalar_one(), "shown": 0}
    quiz.answer(connection, **click, user_id=1000, name="ada")


def _told(connection: Connection) -> bool:
    planned = select(steps.c.id).where(steps.c.kind == "standings")
    return _closed(connection) and connection.execute(planned).first() is not None


def _each_once(stage: Stage, connection: Connection) -> Wrong:
    of_steps = select(steps.c.kind, steps.c.message_id).where(
        steps.c.kind.in_(("message", "results", "standings"))
    )
    there = {row.message_id: row.kind for row in connection.execute(of_steps)}
    if sorted(there.values()) != ["message", "results", "standings"]:
        yield f"the steps are {there}"
    if [post.id for post in stage.posts] != sorted(there):
        yield f"{len(stage.posts)} messages are there"


# The first start: the tables, the library, the commands


def _all_read(connection: Connection) -> bool:
    return bool(
        connection.execute(select(func.count()).select_from(documents)).scalar() == 5
        and connection.execute(select(state.c.name).where(state.c.name == "commands")).first()
    )


_LIBRARY = (
    select(digests.c.series, digests.c.date, digests.c.fingerprint, digests.c.papers, digests.c.withdrawn_at),
    select(questions.c.text, questions.c.options, questions.c.retired_at),
    select(keys.c.origin, keys.c.answer, keys.c.reason),
    select(figures.c.sha),
    select(documents.c.path, documents.c.fingerprint, documents.c.problem),
)


def _read_whole(stage: Stage, connection: Connection) -> Wrong:
    def everything(connection: Connection) -> list[list[str]]:
        return [sorted(str(tuple(row)) for row in connection.execute(query)) for query in _LIBRARY]

    with opened(stage.house.folder.parent / LIBRARY) as whole:
        if everything(connection) != everything(whole):
            yield "the library isn't what an import without interruption makes"
    if not stage.house.discord.world.commands:
        yield "Discord doesn't know the commands"


LIBRARY: Final = Path("library.sqlite3")
"""The database with the shipped documents, in the folder that holds the houses."""

# An admin's command


async def _command(stage: Stage) -> None:
    """An admin subscribes the channel and has a digest posted; after a restart she does what nobody confirmed."""
    discord, house = stage.house.discord, stage.house
    await house.ready()
    place = (stage.admin, stage.channel)
    done = [reply for reply in stage.replies if not reply.failed]
    if not done:
        reply = await discord.command(*place, "digest subscribe", series=SERIES, time="09:00", zone="UTC")
        stage.replies.append(reply)
        if reply.failed:
            return
    with opened(house.database) as connection:
        asked = connection.execute(select(deliveries.c.id)).first()
    wanted = "digest post-now" if asked is None else "digest status"
    stage.replies.append(await discord.command(*place, wanted))


def _subscribed(stage: Stage, connection: Connection) -> Wrong:
    if (number := connection.execute(select(func.count()).select_from(orders)).scalar()) != 1:
        yield f"there are {number} subscriptions"
    if stage.replies[-1].failed:
        yield "the command after the restart was not answered"
    yield from _posted(1, 1)(stage, connection)


def _empty(stage: Stage, connection: Connection) -> None:
    stage.write_down(connection)


_ANSWER = re.compile(r" (answer|POST /interactions/.*)#")
_COMMAND = re.compile(r" (create|claim.*|post|POST /interactions/.*)#")
_CLOSING = re.compile(r" (close.*|correct.*|plan.*|begin|sent|POST /channels/.*)#")
_START = re.compile(r" (make#|keep#|keep_several#1$|_remember#|PUT .*#)")
"""How many documents are kept in one transaction depends on the machine, so only the first one is a point."""

SCENES: Final = (
    Scene("a post of one message", _STEPS, _delivered, _posted(1, 1), _brief),
    Scene(
        "a post of several messages, thread, publishing", _STEPS, _delivered, _posted(3, 3), _full, kind=Kind.NEWS
    ),
    Scene("a post in a forum", _STEPS, _delivered, _one_post, _in_forum, kind=Kind.FORUM),
    Scene("a click on an answer", _ANSWER, _delivered, _clicked, _brief, _click),
    Scene("a round's end", _CLOSING, _closed, _counted, _due_to_close),
    Scene("results, and the standings of the week", _CLOSING, _told, _each_once, _due_to_tell),
    Scene("the first start: tables, documents, commands", _START, _all_read, _read_whole),
    Scene("subscribing and posting now", _COMMAND, _delivered, _subscribed, _empty, _command),
)
