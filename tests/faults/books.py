"""The books after whatever happened: the ledger against itself, and against what stands in Discord."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, func, select, text

from bot.database.tables import answers, deliveries, digests, questions, rounds, servers, standings, steps
from bot.leaderboard.standings import recount
from tests.wire import Channel, Kind, LocalDiscord, Message


@contextlib.contextmanager
def opened(path: Path, *, keep: bool = False) -> Iterator[Connection]:
    """A database beside whoever has it open; what is written is kept only where that is said."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN"))
    try:
        with engine.connect() as connection:
            yield connection
            (connection.commit if keep else connection.rollback)()
    finally:
        engine.dispose()


def problems(path: Path, discord: LocalDiscord) -> list[str]:
    """Everything that is wrong, a sentence each; the bot has stopped, or at least has nothing to do."""
    with opened(path) as connection:
        return [
            *_damage(connection),
            *ledger_problems(connection, discord),
            *_answers(connection),
            *_standings(connection),
            *(str(violation) for violation in discord.violations),
        ]


def ledger_problems(connection: Connection, discord: LocalDiscord) -> list[str]:
    """What is wrong with deliveries and their rounds, on either kind of database."""
    return [
        *_half_done(connection),
        *_not_in_discord(connection, discord),
        *_not_in_the_ledger(connection, discord),
        *_rounds(connection),
    ]


def _damage(connection: Connection) -> Iterator[str]:
    for row in connection.execute(text("PRAGMA integrity_check")):
        if row[0] != "ok":
            yield f"the file is damaged: {row[0]}"
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"a row points nowhere: {tuple(row)}"


def _half_done(connection: Connection) -> Iterator[str]:
    for row in connection.execute(select(steps).where(steps.c.state.in_(("planned", "sending")))):
        yield f"step {row.id} ({row.kind} {row.part}) is still {row.state}"
    for row in connection.execute(select(deliveries.c.id).where(deliveries.c.finished_at.is_(None))):
        yield f"delivery {row.id} isn't finished"
    bare = ~select(steps.c.id).where(steps.c.delivery_id == deliveries.c.id).exists()
    for row in connection.execute(select(deliveries.c.id).where(bare, deliveries.c.kind != "skipped")):
        yield f"delivery {row.id} has no steps"


def _not_in_discord(connection: Connection, discord: LocalDiscord) -> Iterator[str]:
    """What the ledger says was done has to be there."""
    posted: dict[int, Message] = {}
    sent = select(steps).where(steps.c.state == "sent").order_by(steps.c.kind, steps.c.part)
    rows = connection.execute(sent).all()
    parts: dict[tuple[int, int], Message] = {}
    for row in rows:
        if row.kind not in ("message", "results", "standings") or row.message_id is None:
            continue
        channel = discord.world.channels.get(row.channel_id)
        message = channel.messages.get(row.message_id) if channel is not None else None
        if message is None:
            yield f"step {row.id}: its message isn't in the channel"
            continue
        if not _carries(message, row.nonce):
            yield f"step {row.id}: its message is another one's"
        if row.message_id in posted:
            yield f"step {row.id}: its message is counted twice"
        posted[row.message_id] = message
        if row.kind == "message":
            parts[row.delivery_id, row.part] = message
    for row in rows:
        about = parts.get((row.delivery_id, row.part))
        if row.kind == "thread" and about is not None and about.thread is None:
            yield f"step {row.id}: there is no thread"
        if row.kind == "publish" and about is not None and not about.published:
            yield f"step {row.id}: the message isn't published"


def _carries(message: Message, nonce: str) -> bool:
    """Whether a message is a step's; the first of a forum post, which has no nonce, shows it by its buttons."""
    return message.nonce == nonce or any(nonce in str(part.get("custom_id")) for part in message.controls)


def _place(channel: Channel) -> Channel:
    """The channel, or the forum that a post is in."""
    parent = channel.parent
    return parent if parent is not None and parent.kind is Kind.FORUM else channel


def posts(discord: LocalDiscord) -> list[Message]:
    """What the bot posted by itself in servers' channels and in forums' posts."""
    return [
        message
        for channel in discord.world.channels.values()
        if channel.kind is not Kind.DM and not _place(channel).is_thread
        for message in channel.messages.values()
        if message.author is discord.world.bot and message.interaction is None
    ]


def _not_in_the_ledger(connection: Connection, discord: LocalDiscord) -> Iterator[str]:
    """Every post where digests are posted is one step's, and no step has two."""
    theirs = set(connection.execute(select(deliveries.c.channel_id)).scalars())
    nonces = {row.nonce: row.state for row in connection.execute(select(steps.c.nonce, steps.c.state))}
    posted = [m for m in posts(discord) if _place(m.channel).id in theirs]
    keys = (m.nonce or next((n for n in nonces if _carries(m, n)), None) for m in posted)
    for nonce, number in Counter(keys).items():
        if nonce not in nonces:
            yield f"a post is nobody's: {nonce}"
        elif number > 1:
            yield f"a message is there {number} times"
        elif nonces[str(nonce)] not in ("sent", "unknown"):
            yield f"a post is there whose step is {nonces[str(nonce)]}"


def _rounds(connection: Connection) -> Iterator[str]:
    started = (
        select(deliveries.c.id)
        .join(steps, steps.c.delivery_id == deliveries.c.id)
        .join(digests, digests.c.id == deliveries.c.digest_id)
        .where(steps.c.kind == "message", steps.c.state == "sent")
        .where(~select(rounds.c.id).where(rounds.c.digest_id == deliveries.c.digest_id).exists())
    )
    for row in connection.execute(started):
        yield f"delivery {row.id} was posted and has no round"
    for row in connection.execute(select(rounds).where(rounds.c.closes_at <= rounds.c.opened_at)):
        yield f"round {row.id} closes before it opens"


def _answers(connection: Connection) -> Iterator[str]:
    strays = (
        select(func.count())
        .select_from(answers.join(rounds, rounds.c.id == answers.c.round_id))
        .join(questions, questions.c.id == answers.c.question_id)
        .where((questions.c.digest_id != rounds.c.digest_id) | (rounds.c.server_id != answers.c.server_id))
    )
    if number := connection.execute(strays).scalar():
        yield f"{number} answers are in a round that isn't theirs"


def _standings(connection: Connection) -> Iterator[str]:
    def summary(server_id: int) -> list[Any]:
        rows = (
            select(standings)
            .where(standings.c.server_id == server_id)
            .order_by(standings.c.season, standings.c.user_id)
        )
        return [tuple(row) for row in connection.execute(rows) if row.points or row.answered or row.rounds]

    for server_id in connection.execute(select(servers.c.id)).scalars().all():
        kept = summary(server_id)
        recount(connection, server_id)
        if kept != (counted := summary(server_id)):
            yield f"server {server_id}: standings {kept}, counted anew {counted}"
