"""The fault matrix: each way in which Discord can misbehave, on each request that the bot makes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select

from bot.database.tables import answers, deliveries, state, steps
from bot.delivery import subscriptions
from bot.model import Look
from tests.faults import books
from tests.faults.stage import answer_ids
from tests.faults.wired import LONG, NO_ANSWER, Wired, client
from tests.wire import (
    Channel,
    Dropped,
    Failed,
    GatewayClosed,
    Kind,
    Late,
    Limited,
    LocalDiscord,
    Permission,
    Reset,
    SessionsForgotten,
    Silent,
)
from tests.wire.faults import Fault, Rule, When

_OFTEN: Final = 7
"""More often than discord.py tries by itself."""


@dataclass(frozen=True)
class Trouble:
    """A way to misbehave."""

    name: str
    fault: Fault
    when: When = "before"
    times: int = 1


def _both(name: str, fault: Fault, times: int = 1) -> tuple[Trouble, Trouble]:
    return Trouble(f"{name} before the work", fault, "before", times), Trouble(
        f"{name} after it", fault, "after", times
    )


TROUBLES: Final = (
    *_both("a late answer,", Late(NO_ANSWER / 3)),
    *_both("never an answer,", Silent()),
    *_both("connection closed", Dropped()),
    *_both("connection closed three times", Dropped(), 3),
    *_both("connection reset", Reset()),
    *_both("500", Failed(500)),
    *_both("502", Failed(502)),
    *_both("502 seven times", Failed(502), _OFTEN),
    *_both("503", Failed(503)),
    *_both("503 seven times", Failed(503), _OFTEN),
    Trouble("429 of the route", Limited(0.5)),
    Trouble("429 of all routes", Limited(0.5, "global")),
    Trouble("429 shared", Limited(0.5, "shared")),
    Trouble("429 seven times", Limited(0.5), times=_OFTEN),
    Trouble("429 for ten minutes", Limited(600)),
    *(Trouble(f"gateway closed with {code}", GatewayClosed(code)) for code in (1000, 1001, 4000, 4007, 4009)),
    Trouble("session forgotten", SessionsForgotten(), "after"),
)

Strike = Callable[[str, str], Rule]
"""Lets the trouble happen to requests of a method to a route."""


@dataclass(frozen=True)
class Request:
    """A request that the bot makes, with how it is made to and what has to hold in the end."""

    name: str
    play: Callable[[Wired, Trouble], Coroutine[Any, Any, tuple[int, list[str]]]]
    """How often the trouble struck, and a sentence for each thing that is wrong."""


def _strike(wired: Wired, trouble: Trouble, method: str, route: str, skip: int = 0) -> Rule:
    return wired.discord.fault(route, method, trouble.fault, times=trouble.times, when=trouble.when, skip=skip)


def _steps(connection: Connection, channel: Channel) -> Sequence[Row[Any]]:
    joined = select(steps).join(deliveries, deliveries.c.id == steps.c.delivery_id)
    return connection.execute(joined.where(deliveries.c.channel_id == channel.id)).all()


async def _settle(wired: Wired, channel: Channel) -> list[str]:
    """Time passes until nothing is left to do in a channel; how the steps ended that were not sent."""
    for _ in range(20):
        await wired.tick()
        rows = await wired.store.read(_steps, channel)
        if rows and not any(row.state in ("planned", "sending") for row in rows):
            return [f"{row.kind} {row.part} is {row.state}: {row.error}" for row in rows if row.state != "sent"]
        wired.discord.advance(130)
    return [f"{row.kind} {row.part} is still {row.state}: {row.error}" for row in rows]


async def _delivery(
    wired: Wired,
    trouble: Trouble,
    method: str,
    route: str,
    *,
    kind: Kind = Kind.NEWS,
    skip: int = 0,
    lost: bool = False,
    **terms: Any,
) -> tuple[int, list[str]]:
    """A delivery with trouble on a request of it. `lost`: its first message's reply is lost before that."""
    channel = await wired.place(kind)
    news = kind is Kind.NEWS
    subscription_id = await wired.subscribe(channel, thread=news, publish=news, **terms)
    if lost:
        first = "messages" if news else "threads"
        wired.discord.fault(f"/channels/{channel.id}/{first}", "POST", Dropped(), when="after")
    guild = channel.guild
    assert guild is not None
    rule = _strike(wired, trouble, method, route.format(channel=channel.id, guild=guild.id), skip)
    wrong = await _settle(wired, channel)
    rule.end()
    posts = wired.posts(channel)
    expected = 3 if terms.get("series") == LONG else 1
    if len(posts) != expected:
        wrong.append(f"{len(posts)} messages were posted")
    if news and posts and posts[0].thread is None:
        wrong.append("there is no thread")
    if news and not all(post.published for post in posts):
        wrong.append("not all is published")
    kept = await wired.store.read(subscriptions.load, subscription_id)
    if kept.paused_at is not None or kept.next_due_at is None or kept.next_due_at <= wired.now:
        wrong.append(f"the subscription is stuck: {kept.pause_reason}")
    await wired.end(subscription_id)
    return rule.hits, wrong


def _delivering(name: str, method: str, route: str, **more: Any) -> Request:
    return Request(name, lambda wired, trouble: _delivery(wired, trouble, method, route, **more))


async def _click(wired: Wired, trouble: Trouble) -> tuple[int, list[str]]:
    """An answer whose acknowledgement is in trouble; then the player clicks again."""
    channel = await wired.place()
    subscription_id = await wired.subscribe(channel)
    await wired.tick()
    ada = wired.discord.add_user("ada")
    opened = await wired.discord.click(ada, wired.posts(channel)[0], "Play the round")
    ids = answer_ids(opened.message)
    rule = _strike(wired, trouble, "POST", "/interactions/*/callback")
    first = await wired.discord.forge_click(ada, opened, ids[0])
    rule.end()
    await wired.discord.until(lambda: wired.discord.gateway.connected)
    wrong = await _clicks_are_answered(wired, channel)
    second = await wired.discord.forge_click(ada, opened, ids[1])
    if second.failed:
        wrong.append("the second click was not answered")
    rows = [row for row in await wired.store.read(_answers) if row.user_id == ada.id]
    if len(rows) != 1:
        wrong.append(f"there are {len(rows)} answers")
    del first
    await wired.end(subscription_id)
    return rule.hits, wrong


async def _clicks_are_answered(wired: Wired, channel: Channel) -> list[str]:
    """Waits until the bot is back for people; what is wrong where it doesn't come back."""
    post = wired.posts(channel)[0]
    passer_by = wired.discord.add_user("passer-by")
    for _ in range(5):
        if not (await wired.discord.forge_click(passer_by, post, "1lb:")).failed:
            return []
    return ["the bot answers nobody any more"]


def _answers(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(select(answers)).all()


async def _read(wired: Wired, trouble: Trouble) -> tuple[int, list[str]]:
    """A long paper read in several private messages, with trouble on the second; then it is read again."""
    channel = await wired.place()
    subscription_id = await wired.subscribe(channel, series=LONG)
    await wired.tick()
    ada, post = wired.discord.add_user("ada"), wired.posts(channel)[0]
    menu = next(control["custom_id"] for control in post.controls if control["type"] == 3)
    rule = _strike(wired, trouble, "POST", "/webhooks/*")
    reply = await wired.discord.forge_click(ada, post, menu, ["1"])
    wrong = ["it was not answered"] if reply.failed else []
    if isinstance(trouble.fault, (Silent, Dropped, Reset, Limited)) or trouble.times > 1:
        await asyncio.sleep(NO_ANSWER + 0.3)
    else:
        await wired.discord.until(lambda: reply.followups)
    rule.end()
    wrong += await _clicks_are_answered(wired, channel)
    again = await wired.discord.forge_click(ada, post, menu, ["1"])
    await wired.discord.until(lambda: len(again.followups) == 2)
    await wired.end(subscription_id)
    return rule.hits, wrong


def _telling(name: str, method: str, template: str) -> Request:
    async def play(wired: Wired, trouble: Trouble) -> tuple[int, list[str]]:
        """A channel that takes no posts: whoever subscribed is told, and only once."""
        channel = await wired.place()
        assert channel.guild is not None
        subscription_id = await wired.subscribe(channel)
        wired.discord.deny(channel, Permission.SEND_MESSAGES)
        direct = wired.discord.direct(channel.guild.owner)
        rule = _strike(wired, trouble, method, template.format(direct=direct.id))
        for _ in range(4):
            await wired.tick()
            wired.discord.advance(130)
        rule.end()
        wrong = []
        number = len(direct.messages)
        if number != 1 and not (number == 0 and trouble.times == _OFTEN):  # then `/digest status` has to do
            wrong.append(f"the admin was told {number} times")
        kept = await wired.store.read(subscriptions.load, subscription_id)
        if kept.paused_at is None or not kept.pause_reason:
            wrong.append("the subscription isn't paused with its reason")
        await wired.end(subscription_id)
        return rule.hits, wrong

    return Request(name, play)


async def _sync(wired: Wired, trouble: Trouble) -> tuple[int, list[str]]:
    """A start at which Discord should hear of new commands; a bot of its own, beside the other."""
    async with LocalDiscord(limit_rates=False, check_schema=False) as discord:
        guild = discord.add_guild("Elsewhere")
        path = "/applications/*/commands"
        await wired.store.write(_forget_commands)
        rule = discord.fault(path, "PUT", trouble.fault, times=trouble.times, when=trouble.when)
        async with client(discord, wired.store, wired.settings) as bot:
            await bot.start_background()
            await discord.until(lambda: discord.gateway.connected and discord.world.commands, 60)
            await discord.until(lambda: rule.hits)
            rule.end()
            reply = await discord.command(discord.add_user("ada"), guild.channel, "leaderboard")
            wrong = ["a command was not answered"] if reply.failed else []
            waiting = bot._syncing
            if waiting is not None:
                await waiting
        async with client(discord, wired.store, wired.settings) as bot:
            if bot._unsynced:
                wrong.append("Discord was told again")
        if discord.requests["PUT /applications/{application_id}/commands"] < 1 or not discord.world.commands:
            wrong.append("Discord doesn't know the commands")
    return rule.hits, wrong


def _forget_commands(connection: Connection) -> None:
    connection.execute(delete(state).where(state.c.name == "commands"))


_MESSAGES: Final = "/channels/{channel}/messages"

REQUESTS: Final = (
    _delivering("message", "POST", _MESSAGES),
    _delivering("a post's second message", "POST", _MESSAGES, skip=1, series=LONG, look=Look.FULL),
    _delivering("thread", "POST", f"{_MESSAGES}/*/threads"),
    _delivering("publishing", "POST", f"{_MESSAGES}/*/crosspost"),
    _delivering("history", "GET", _MESSAGES, lost=True),
    _delivering("forum post", "POST", "/channels/{channel}/threads", kind=Kind.FORUM),
    _delivering("a forum's open posts", "GET", "/guilds/{guild}/threads/active", kind=Kind.FORUM, lost=True),
    Request("a click's acknowledgement", _click),
    Request("a private follow-up", _read),
    _telling("opening a direct channel", "POST", "/users/@me/channels"),
    Request("telling of the commands", _sync),
    _telling("a direct message", "POST", "/channels/{direct}/messages"),
)


@dataclass(frozen=True)
class Outcome:
    """What trouble with a request came to."""

    request: str
    trouble: str
    hits: int
    wrong: tuple[str, ...]


async def play(wired: Wired, request: Request, trouble: Trouble) -> Outcome:
    """One cell of the matrix."""
    wired.discord.patience = 3.0
    try:
        async with asyncio.timeout(60):
            hits, wrong = await request.play(wired, trouble)
    except Exception as error:  # noqa: BLE001  # it is a cell of the table, the others are played all the same
        hits, wrong = 0, [f"{type(error).__name__}: {error}"]
    wired.discord.no_faults()
    await wired.discord.until(lambda: wired.discord.gateway.connected)
    if not hits and not wrong:
        wrong = ["the trouble never came"]
    return Outcome(request.name, trouble.name, hits, tuple(wrong))


async def matrix(
    wired: Wired,
    requests: Iterable[Request] = REQUESTS,
    troubles: Iterable[Trouble] = TROUBLES,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Each trouble with each request, and the books in the end."""
    outcomes = []
    for request in requests:
        for trouble in troubles:
            outcome = await play(wired, request, trouble)
            outcomes.append(outcome)
            tell(f"{request.name}, {trouble.name}: {'; '.join(outcome.wrong) or 'right'}")
    path = wired.store.path
    assert path is not None
    found = books.problems(path, wired.discord)
    outcomes.append(Outcome("all", "the books in the end", 0, tuple(found)))
    return outcomes


def table(outcomes: Sequence[Outcome]) -> str:
    """The matrix in Markdown: a row for each trouble, a column for each request."""
    requests = list(dict.fromkeys(outcome.request for outcome in outcomes if outcome.request != "all"))
    found = {(outcome.request, outcome.trouble): outcome for outcome in outcomes}
    lines = ["| | " + " | ".join(requests) + " |", "|---|" + "---|" * len(requests)]
    for trouble in dict.fromkeys(outcome.trouble for outcome in outcomes if outcome.request != "all"):
        cells = [found[request, trouble] for request in requests]
        lines.append(f"| {trouble} | " + " | ".join("; ".join(c.wrong) or "right" for c in cells) + " |")
    books_right = "; ".join(outcomes[-1].wrong) or "right"
    return "\n".join([*lines, "", f"The books after all of it: {books_right}."])
