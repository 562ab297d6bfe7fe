"""Messages as discord.py sends them, and what its errors mean for the courier."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import handle_message_parameters

from bot import outgoing
from bot.delivery.transport import Absent, Blocked, Failure, Gone, Rejected, Shut, TryAgain
from bot.outgoing import DiscordTransport
from bot.posts.message import Button, ButtonStyle, Embed, Field, File, Menu, Message, Option

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)

EVERYTHING = Message(
    content="**Deep dive** <@&7>",
    embeds=(
        Embed(
            title="A paper",
            description="What it is about.",
            url="https://example.org/1",
            colour=0x4F7CFF,
            fields=(Field("Result", "Better", inline=True),),
            author="Somebody",
            footer="A footer",
            thumbnail="one.png",
            image="two.png",
        ),
        Embed(description="More."),
    ),
    rows=(
        Menu("1rp:1:0:key", (Option("1 · A paper", "1", "By somebody", "📄"), Option("Tips", "tips")), "Read…"),
        (
            Button("Play", "1pr:1:key", ButtonStyle.PRIMARY, emoji="🎲"),
            Button("Leaderboard", "1lb:key", disabled=True),
            Button("Paper", url="https://example.org/1"),
        ),
    ),
    files=(File("one.png", b"1", "A figure"), File("two.png", b"2")),
    role_mentions=(7,),
)


def as_sent(message: Message) -> tuple[dict[str, Any], list[str]]:
    """What discord.py makes of it: the body, and the names of the files."""
    given = outgoing.arguments(message)
    with handle_message_parameters(
        **{"previous_allowed_mentions": discord.AllowedMentions.none(), **given}
    ) as made:
        body = discord.utils._from_json(made.multipart[0]["value"]) if made.multipart else dict(made.payload or {})
        return body, [file.filename for file in made.files or ()]


def without_defaults(component: dict[str, Any]) -> dict[str, Any]:
    """A component without what discord.py adds to say the usual."""
    usual = {"disabled": False, "min_values": 1, "max_values": 1, "default": False, "required": True}
    kept = {
        name: value for name, value in component.items() if usual.get(name, ...) != value and value is not None
    }
    for inner in ("components", "options"):
        if inner in kept:
            kept[inner] = [without_defaults(one) for one in kept[inner]]
    if isinstance(kept.get("emoji"), dict):
        kept["emoji"] = {"name": kept["emoji"]["name"]}
    return kept


async def test_discord_py_sends_what_the_message_spells() -> None:
    body, files = as_sent(EVERYTHING)
    wanted = EVERYTHING.body()
    assert body["content"] == wanted["content"]
    assert [str(role) for role in body["allowed_mentions"]["roles"]] == ["7"]
    assert not body["allowed_mentions"]["parse"]
    assert [without_defaults(row) for row in body["components"]] == wanted["components"]
    added = {"type": "rich", "flags": 0}
    assert body["embeds"] == [added | embed for embed in wanted["embeds"]]
    assert files == ["one.png", "two.png"]
    assert [attachment.get("description") for attachment in body["attachments"]] == ["A figure", None]


async def test_nobody_is_mentioned_unless_asked_for() -> None:
    body, _ = as_sent(Message(content="@everyone <@1> <@&2>"))
    assert body["allowed_mentions"]["parse"] == []
    assert not body["allowed_mentions"].get("roles")


async def test_a_change_replaces_all_of_the_old_message() -> None:
    changes = outgoing.changes(Message(content="New"))
    assert {name: changes[name] for name in ("content", "embeds", "attachments", "view")} == {
        "content": "New",
        "embeds": [],
        "attachments": [],
        "view": None,
    }


@pytest.fixture
async def client() -> AsyncIterator[discord.Client]:
    """A client that isn't connected."""
    made = discord.Client(intents=discord.Intents(guilds=True))
    yield made
    await made.close()


def message_body(message_id: int, *, author: int = 1, **more: Any) -> dict[str, Any]:
    user = {"id": str(author), "username": "bot", "discriminator": "0", "avatar": None, "global_name": None}
    body: dict[str, Any] = {
        "id": str(message_id),
        "channel_id": "5",
        "author": user,
        "content": "",
        "timestamp": NOW.isoformat(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "type": 0,
    }
    return body | more


async def test_the_nonce_is_enforced_and_no_view_is_kept(
    client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    async def request(route: Any, **more: Any) -> Any:
        sent.append((route.method, route.path, more["form"][0]["value"]))
        return message_body(99)

    monkeypatch.setattr(client.http, "request", request)
    assert await DiscordTransport(client).send(5, EVERYTHING, nonce="a-nonce") == 99
    ((method, path, payload),) = sent
    assert (method, path) == ("POST", "/channels/{channel_id}/messages")
    body = discord.utils._from_json(payload)
    assert (body["nonce"], body["enforce_nonce"]) == ("a-nonce", True)
    store = client._connection._view_store
    assert not store._views
    assert not store._synced_message_views


def answered(status: int, code: int = 0, headers: dict[str, str] | None = None) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="", headers=headers or {})
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    return kind(response, {"code": code, "message": "words"} if code else "<html>")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (answered(403, 50013), Blocked),
        (answered(403, 50001), Blocked),
        (answered(404, 10003), Shut),
        (answered(400, 160005), Shut),
        (answered(403, 200000), Blocked),
        (answered(400, 50024), Blocked),
        (answered(403, 40001), Blocked),
        (answered(404, 10008), Gone),
        (answered(400, 50035), Rejected),
        (answered(413, 40005), Rejected),
    ],
)
def test_what_discord_refuses(error: Exception, expected: type[Failure]) -> None:
    assert type(outgoing.sort(error)) is expected


@pytest.mark.parametrize(
    ("error", "doubtful", "after"),
    [
        (answered(500), True, None),
        (answered(503), True, None),
        (answered(408), True, None),
        (ConnectionResetError(104, "reset"), True, None),
        (TimeoutError(), True, None),
        (aiohttp.ServerDisconnectedError(), True, None),
        (aiohttp.ClientPayloadError(), True, None),
        (
            aiohttp.ClientConnectorError(SimpleNamespace(host="h", port=1, ssl=None), OSError("down")),  # type: ignore[arg-type]
            False,
            None,
        ),
        (discord.RateLimited(61.5), False, 61.5),
        (answered(429, headers={"Retry-After": "7"}), False, 7),
        (answered(400, 20028, headers={"Retry-After": "9"}), False, 9),
        (answered(401), False, 300),
        (answered(403), False, 300),
        (answered(404), False, 300),
    ],
)
def test_what_passes(error: Exception, doubtful: bool, after: float | None) -> None:
    failure = outgoing.sort(error)
    assert isinstance(failure, TryAgain)
    assert (failure.doubtful, failure.after) == (doubtful, after)


class Channel:
    """A channel whose history is this."""

    def __init__(self, messages: list[Any], *, readable: bool = True, error: Exception | None = None) -> None:
        self._messages, self._error = messages, error
        self.guild = SimpleNamespace(me=object())
        self._permissions = discord.Permissions(view_channel=True, read_message_history=readable)

    def permissions_for(self, _: object) -> discord.Permissions:
        return self._permissions

    async def history(self, *, limit: int) -> AsyncIterator[Any]:
        if self._error is not None:
            raise self._error
        for message in self._messages[:limit]:
            yield message


def posted(
    number: int, *, key: str = "", author: int = 1, age: dt.timedelta = dt.timedelta(0), footer: str = ""
) -> Any:
    row = SimpleNamespace(children=[SimpleNamespace(custom_id=f"1pr:1:{key}"), SimpleNamespace(url="x")])
    return SimpleNamespace(
        id=number,
        author=SimpleNamespace(id=author),
        components=[row] if key else [],
        embeds=[SimpleNamespace(footer=SimpleNamespace(text=footer or None))],
        created_at=NOW - age,
    )


async def find(channel: Channel, key: str = "the-key") -> int | Absent:
    client: Any = SimpleNamespace(user=SimpleNamespace(id=1), get_channel=lambda _: channel)
    return await DiscordTransport(client).find(5, key, around=NOW)


async def test_our_own_message_is_found_by_its_key() -> None:
    others = [posted(1, key="another"), posted(2, key="the-key", author=2)]
    assert await find(Channel([*others, posted(3, key="the-key")])) == 3
    assert await find(Channel([*others, posted(4, footer="Results · the-key")])) == 4
    assert await find(Channel(others)) is Absent.NOT_FOUND
    assert await find(Channel([])) is Absent.NOT_FOUND


async def test_it_is_found_even_if_our_clock_was_hours_ahead() -> None:
    old = dt.timedelta(hours=5)
    assert await find(Channel([posted(1), posted(2, key="the-key", age=old)])) == 2


async def test_it_is_not_looked_for_in_all_of_a_long_history() -> None:
    old = [posted(n, age=dt.timedelta(days=1)) for n in range(300)]
    assert await find(Channel([*old, posted(999, key="the-key")])) is Absent.NOT_FOUND


async def test_a_channel_too_busy_to_search_says_that_nobody_knows() -> None:
    assert await find(Channel([posted(n) for n in range(3_000)])) is Absent.UNREADABLE


async def test_a_history_that_cannot_be_read_says_so() -> None:
    assert await find(Channel([posted(1, key="the-key")], readable=False)) is Absent.UNREADABLE
    assert await find(Channel([], error=answered(403, 50001))) is Absent.UNREADABLE
    with pytest.raises(TryAgain):
        await find(Channel([], error=answered(503)))


class Acting:
    """A channel whose messages answer every act with an error."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def get_partial_message(self, message_id: int) -> Any:
        async def act(**_: object) -> Any:
            if self._error is not None:
                raise self._error
            return SimpleNamespace(id=message_id)

        return SimpleNamespace(create_thread=act, publish=act)


def acting(error: Exception | None = None) -> DiscordTransport:
    channel = Acting(error)
    client: Any = SimpleNamespace(
        get_channel=lambda _: channel, get_partial_messageable=lambda _: channel, user=None
    )
    return DiscordTransport(client)


async def test_what_is_done_already_counts_as_done() -> None:
    assert await acting().open_thread(5, 8, name="Day") == 8
    assert await acting(answered(400, 160004)).open_thread(5, 8, name="Day") == 8
    await acting().publish(5, 8)
    await acting(answered(400, 40033)).publish(5, 8)
    with pytest.raises(Blocked):
        await acting(answered(403, 50013)).open_thread(5, 8, name="Day")
    with pytest.raises(Blocked):
        await acting(answered(403, 50013)).publish(5, 8)
