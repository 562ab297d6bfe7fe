"""Crowds: hundreds of clicks at once over the wire. Discord takes an acknowledgement for three seconds."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.database.tables import answers
from tests.faults.stage import answer_ids
from tests.faults.wired import Wired
from tests.wire import Channel, Message, Reply, User


@dataclass
class Round:
    """A round that is open in a channel."""

    channel: Channel
    post: Message
    subscription: int

    @classmethod
    async def begin(cls, wired: Wired) -> Round:
        """In a server of its own."""
        channel = await wired.place()
        subscription = await wired.subscribe(channel)
        await wired.tick()
        (post,) = wired.posts(channel)
        return cls(channel, post, subscription)


async def in_time(wired: Wired, number: int) -> list[str]:
    """Crowds of this size under Discord's own rule; what is wrong. Needs a machine with nothing else to do."""
    wired.discord.world.answer_within = dt.timedelta(seconds=3)
    return [*await different(wired, number), *await the_same(wired, number)]


async def different(wired: Wired, players: int) -> list[str]:
    """So many players open the round at once and then answer at once; what is wrong."""
    one = await Round.begin(wired)
    people = [wired.discord.add_user(f"player {number}") for number in range(players)]
    opened = await asyncio.gather(*(wired.discord.click(who, one.post, "Play the round") for who in people))
    wrong = _unanswered("opening the round", opened)
    boards = [answer_ids(reply.message) for reply in opened if not reply.failed]
    clicks = [
        wired.discord.forge_click(who, one.post, boards[0][number % len(boards[0])])
        for number, who in enumerate(people)
    ]
    wrong += _unanswered("an answer", await asyncio.gather(*clicks))
    kept = await wired.store.read(_answered)
    for who in people:
        if kept[who.id] != 1:
            wrong.append(f"{who.name} has {kept[who.id]} answers")
    await wired.end(one.subscription)
    return wrong


async def the_same(wired: Wired, clicks: int) -> list[str]:
    """One player clicks every option so many times at once; what is wrong."""
    one = await Round.begin(wired)
    ada = wired.discord.add_user("ada")
    opened = await wired.discord.click(ada, one.post, "Play the round")
    ids = answer_ids(opened.message)
    replies = await asyncio.gather(
        *(wired.discord.forge_click(ada, one.post, ids[number % len(ids)]) for number in range(clicks))
    )
    wrong = _unanswered("an answer", replies)
    if (number := (await wired.store.read(_answered))[ada.id]) != 1:
        wrong.append(f"{number} answers were kept")
    verdicts = {reply.interaction.id for reply in replies if not reply.failed}
    if len(verdicts) != clicks:
        wrong.append(f"{len(verdicts)} of {clicks} clicks were answered")
    await wired.end(one.subscription)
    return wrong


def _unanswered(what: str, replies: list[Reply]) -> list[str]:
    late = [reply for reply in replies if reply.failed or reply.interaction.refusals]
    return [f"{what}: {len(late)} of {len(replies)} were not acknowledged in time"] if late else []


def _answered(connection: Connection) -> Counter[int]:
    return Counter(connection.execute(select(answers.c.user_id)).scalars())


async def ask(wired: Wired, who: User, post: Message) -> list[str]:
    """The custom_ids of the question that a player is asked."""
    return answer_ids((await wired.discord.click(who, post, "Play the round")).message)
