"""A small world to deliver in: a clock to set, a Discord that can be told to misbehave, digests, failpoints."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from bot.database import Store
from bot.database.tables import SHARED, deliveries, digests, servers, steps
from bot.database.tables import bodies as said
from bot.delivery import subscriptions
from bot.delivery.courier import Courier
from bot.delivery.subscriptions import Subscription
from bot.delivery.ticker import Ticker
from bot.delivery.transport import Absent, Blocked, Gone, TryAgain
from bot.library import bodies
from bot.model import Digest, Paper, Section
from bot.posts.message import Message

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
"""A Monday."""
SERVER, OTHER_SERVER = 2**60 + 1, 2**60 + 2
CHANNEL, OTHER_CHANNEL = 2**61 + 1, 2**61 + 2
ADMIN = 2**62
SERIES = "deep-dive"

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


class Clock:
    """Shows the time it is set to."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.time = now

    def now(self) -> dt.datetime:
        """The time it is set to."""
        return self.time

    def forward(self, by: dt.timedelta) -> None:
        """Time passes."""
        self.time += by


class Crash(BaseException):
    """The process is killed here."""


class Failpoints:
    """Counts the places at which the world may have changed, and kills the process at the one it is told."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.at: int | None = None

    def pass_by(self, place: str) -> None:
        """Comes by a place; raises Crash if this is the one."""
        self.passed.append(place)
        if self.at is not None and len(self.passed) == self.at:
            raise Crash(place)


class FailingStore:
    """A store whose every transaction has a failpoint before it and one after it."""

    def __init__(self, store: Store, failpoints: Failpoints) -> None:
        self._store = store
        self._failpoints = failpoints

    async def write(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """As Store.write."""
        self._failpoints.pass_by(f"before {function.__name__}")
        result = await self._store.write(function, *args, **kwargs)
        self._failpoints.pass_by(f"after {function.__name__}")
        return result

    async def read(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """As Store.read."""
        return await self._store.read(function, *args, **kwargs)


@dataclass
class Posted:
    """A message in a channel."""

    id: int
    text: str
    keys: tuple[str, ...]
    at: dt.datetime


@dataclass
class ForumPost:
    """A post in a forum; its messages stand in the channel with its id."""

    id: int
    title: str
    tags: tuple[int, ...]


@dataclass
class FakeDiscord:
    """Discord as the courier sees it: nonces that hold for a while, histories, replies that get lost."""

    clock: Clock
    window: dt.timedelta = 3 * MINUTE
    channels: dict[int, list[Posted]] = field(default_factory=dict)
    unreadable: set[int] = field(default_factory=set)
    threads: dict[int, str] = field(default_factory=dict)
    forum_posts: dict[int, list[ForumPost]] = field(default_factory=dict)
    """By forum."""
    published: set[int] = field(default_factory=set)
    requests: list[tuple[str, int]] = field(default_factory=list)
    failpoints: Failpoints | None = None
    on_request: Callable[[str, int], None] = lambda kind, channel: None
    """Called before a request does its work; may raise."""
    on_reply: Callable[[str, int], None] = lambda kind, channel: None
    """Called after a request has done its work, before the caller hears of it; may raise."""
    hanging: dict[int, asyncio.Event] = field(default_factory=dict)
    """Requests to these channels wait."""
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311
    """How long requests take."""
    _nonces: dict[str, tuple[dt.datetime, int, int]] = field(default_factory=dict)

    async def send(self, channel_id: int, message: Message, *, nonce: str) -> int:
        """As Transport.send."""
        async with self._request("send", channel_id):
            told = self._nonces.get(nonce)
            if told is not None and self.clock.now() - told[0] < self.window:
                if any(posted.id == told[2] for posted in self.channels.get(told[1], ())):
                    return told[2]
                raise Gone("404 10008")
            posted = Posted(self._new_id(), message.content or "", _keys(message), self.clock.now())
            self.channels.setdefault(channel_id, []).append(posted)
            self._nonces[nonce] = self.clock.now(), channel_id, posted.id
            return posted.id

    async def open_post(self, channel_id: int, message: Message, *, title: str, tags: Iterable[int]) -> int:
        """As Transport.open_post: each call makes a post."""
        async with self._request("open_post", channel_id):
            post = ForumPost(self._new_id(), title, tuple(tags))
            self.forum_posts.setdefault(channel_id, []).append(post)
            first = Posted(post.id, message.content or "", _keys(message), self.clock.now())
            self.channels[post.id] = [first]
            return post.id

    async def find(self, channel_id: int, key: str, *, around: dt.datetime) -> int | Absent:
        """As Transport.find."""
        async with self._request("find", channel_id):
            if channel_id in self.unreadable:
                return Absent.UNREADABLE
            places = [channel_id, *(post.id for post in self.forum_posts.get(channel_id, ()))]
            looked = [posted for place in places for posted in self.channels.get(place, ())]
            found = [posted.id for posted in looked if key in posted.keys]
            return found[0] if found else Absent.NOT_FOUND

    async def open_thread(self, channel_id: int, message_id: int, *, name: str) -> int:
        """As Transport.open_thread."""
        async with self._request("open_thread", channel_id):
            self.threads[message_id] = name
            return message_id

    async def publish(self, channel_id: int, message_id: int) -> None:
        """As Transport.publish."""
        async with self._request("publish", channel_id):
            self.published.add(message_id)

    async def edit(self, channel_id: int, message_id: int, message: Message) -> None:
        """As Transport.edit."""
        async with self._request("edit", channel_id):
            self._posted(channel_id, message_id).text = message.content or ""

    async def reword(self, channel_id: int, message_id: int, content: str) -> None:
        """As Transport.reword."""
        async with self._request("reword", channel_id):
            self._posted(channel_id, message_id).text = content

    def _posted(self, channel_id: int, message_id: int) -> Posted:
        for posted in self.channels.get(channel_id, ()):
            if posted.id == message_id:
                return posted
        raise Gone("404 10008")

    def texts(self, channel_id: int = CHANNEL) -> list[str]:
        """What stands in a channel."""
        return [posted.text for posted in self.channels.get(channel_id, ())]

    @contextlib.asynccontextmanager
    async def _request(self, kind: str, channel_id: int) -> Any:
        self.requests.append((kind, channel_id))
        if channel_id in self.hanging:
            await self.hanging[channel_id].wait()
        for _ in range(self.chance.randrange(6)):
            await asyncio.sleep(0)
        if self.failpoints is not None:
            self.failpoints.pass_by(f"before {kind}")
        self.on_request(kind, channel_id)
        yield
        if self.failpoints is not None:
            self.failpoints.pass_by(f"after {kind}")
        self.on_reply(kind, channel_id)

    def _new_id(self) -> int:
        return 1 + sum(len(posted) for posted in self.channels.values())


def _keys(message: Message) -> tuple[str, ...]:
    custom_ids = [
        item.custom_id or "" for row in message.rows for item in (row if isinstance(row, tuple) else (row,))
    ]
    return tuple(part for custom_id in custom_ids for part in custom_id.split(":") if len(part) > 20)


def lost_reply() -> TryAgain:
    """The connection broke after the request had left."""
    return TryAgain("ConnectionResetError: 104", doubtful=True)


def not_reached() -> TryAgain:
    """The request never left."""
    return TryAgain("no route to host", doubtful=False)


def forbidden() -> Blocked:
    """The channel takes no posts."""
    return Blocked("I'm not allowed to post there.")


def digest(date: dt.date, *, series: str = SERIES, length: int = 100) -> Digest:
    """A digest with one paper, whose section has so many characters."""
    text = ("A sentence about what was found. " * (length // 33 + 1))[:length]
    paper = Paper(number=1, title=f"Paper of {date}", sections=(Section("Problem", text),))
    return Digest(date=date, series=series, layout="deep-dive-text", papers=(paper,))


def add_digests(connection: Connection, *added: Digest, owner: int = SHARED) -> list[int]:
    """Puts digests into the library; their ids."""
    ids = []
    for one in added:
        body = bodies.to_body(one)
        values = {
            "owner_id": owner,
            "series": one.series,
            "date": one.date,
            "source": f"{one.series}/{one.date}.txt",
            "layout": one.layout,
            "fingerprint": hashlib.sha256(repr(body).encode()).hexdigest(),
            "papers": len(one.papers),
            "imported_at": NOON,
        }
        ids.append(connection.execute(insert(digests).values(**values).returning(digests.c.id)).scalar_one())
        connection.execute(insert(said).values(digest_id=ids[-1], body=body))
    return ids


def add_servers(connection: Connection, *ids: int) -> None:
    """Writes servers down."""
    for server_id in ids or (SERVER,):
        connection.execute(insert(servers).values(id=server_id, joined_at=NOON))


def subscribe(connection: Connection, /, **given: Any) -> Subscription:
    """A subscription at 09:00 UTC every day, or as given."""
    terms: dict[str, Any] = {
        "server_id": SERVER,
        "channel_id": CHANNEL,
        "series": SERIES,
        "local_time": dt.time(9),
        "zone": "UTC",
        "created_by": ADMIN,
        "now": NOON,
    }
    return subscriptions.create(connection, **(terms | given))


def library(connection: Connection, /, days: int = 5, **more: Any) -> list[int]:
    """Digests of the first days of 2025."""
    first = dt.date(2025, 1, 1)
    return add_digests(connection, *(digest(first + day * DAY, **more) for day in range(days)))


def all_deliveries(connection: Connection) -> list[Row[Any]]:
    """The ledger's deliveries, as they were claimed."""
    return list(connection.execute(select(deliveries).order_by(deliveries.c.id)))


def all_steps(connection: Connection) -> list[Row[Any]]:
    """The ledger's steps, as they were planned."""
    return list(connection.execute(select(steps).order_by(steps.c.id)))


def states(connection: Connection) -> list[str]:
    """The state of each step."""
    return [step.state for step in all_steps(connection)]


def courier(store: Any, discord: FakeDiscord, **more: Any) -> Courier:
    """A courier that waits between tries for as long as it can."""
    given: dict[str, Any] = {"jitter": lambda _, most: most}
    return Courier(store, discord.clock, discord, **(given | more))


@dataclass
class Told:
    """What admins were told."""

    sentences: list[tuple[int, int, str]] = field(default_factory=list)
    places: list[int | None] = field(default_factory=list)
    """The channel that each is about, where it isn't the subscription's."""

    async def __call__(
        self, server_id: int, subscription_id: int, sentence: str, channel_id: int | None = None
    ) -> None:
        """Remembers it."""
        self.sentences.append((server_id, subscription_id, sentence))
        self.places.append(channel_id)


@dataclass
class World:
    """Everything together, on one store."""

    store: Store
    clock: Clock
    discord: FakeDiscord
    told: Told
    courier: Courier
    ticker: Ticker

    @classmethod
    def on(cls, store: Store, now: dt.datetime = NOON) -> World:
        """A world in which nothing has happened yet."""
        clock, told = Clock(now), Told()
        discord = FakeDiscord(clock)
        one = courier(store, discord, on_trouble=told)
        return cls(store, clock, discord, told, one, Ticker(store, clock, one))

    async def until(self, moment: dt.datetime) -> None:
        """It is that time; a tick, and everything is sent that can be."""
        self.clock.time = moment
        await self.ticker.tick()
        await self.courier.drain()

    async def patiently(self, step: dt.timedelta = MINUTE, times: int = 10) -> None:
        """Time passes, and everything is sent that can be by then."""
        for _ in range(times):
            self.clock.forward(step)
            await self.courier.drain()


def fails(
    times: int, make: Callable[[], Exception], kind: str = "send", *, where: int | None = None
) -> Callable[[str, int], None]:
    """The first `times` requests of a kind, to a certain channel perhaps, fail."""
    left: Iterator[int] = iter(range(times))

    def fail(what: str, channel: int) -> None:
        if what == kind and where in (None, channel) and next(left, None) is not None:
            raise make()

    return fail
