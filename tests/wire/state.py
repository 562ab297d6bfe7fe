"""What there is in the local Discord, as plain objects that tests may read."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

Json = dict[str, Any]

EPHEMERAL: Final = 1 << 6
LOADING: Final = 1 << 7
CROSSPOSTED: Final = 1 << 0
HAS_THREAD: Final = 1 << 5
COMPONENTS_V2: Final = 1 << 15


class Kind(IntEnum):
    """The kinds of channel, by Discord's numbers."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    NEWS = 5
    NEWS_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15
    MEDIA = 16


THREADS: Final = frozenset({Kind.NEWS_THREAD, Kind.PUBLIC_THREAD, Kind.PRIVATE_THREAD})


@dataclass(slots=True, eq=False)
class User:
    """Somebody: a person or the bot itself."""

    id: int
    name: str
    display_name: str | None = None
    bot: bool = False
    locale: str = "en-US"
    takes_messages: bool = True
    """Whether the bot may write to them directly."""


@dataclass(slots=True, eq=False)
class Role:
    """A role of a guild; the one with the guild's id is everyone's."""

    id: int
    name: str
    permissions: int = 0
    position: int = 0
    managed: bool = False
    mentionable: bool = False


@dataclass(slots=True)
class Overwrite:
    """What a channel allows and denies a role or a member beyond the guild."""

    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Member:
    """A user in a guild."""

    user: User
    roles: set[int] = field(default_factory=set)
    nick: str | None = None


@dataclass(slots=True, eq=False)
class Channel:
    """A channel of a guild, a thread (then `parent` is its channel), or a direct message channel."""

    id: int
    kind: Kind
    name: str
    guild: Guild | None = None
    parent: Channel | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    tags: list[Json] = field(default_factory=list)
    recipient: User | None = None
    owner_id: int | None = None
    applied_tags: list[int] = field(default_factory=list)
    needs_tag: bool = False
    """Of a forum: each post has to have a tag."""
    archived: bool = False
    archived_at: dt.datetime | None = None
    """When it was last archived or opened again; None: as it was made."""
    locked: bool = False
    auto_archive: int = 1440

    @property
    def is_thread(self) -> bool:
        """Whether it hangs from another channel."""
        return self.kind in THREADS


@dataclass(slots=True, eq=False)
class Guild:
    """A server."""

    id: int
    name: str
    owner: User
    bot_role: Role
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    joined: bool = True
    """Whether the bot is in it."""
    available: bool = True
    """Not during an outage."""

    @property
    def channel(self) -> Channel:
        """Its first text channel."""
        return next(channel for channel in self.channels.values() if channel.kind is Kind.TEXT)


@dataclass(slots=True, eq=False)
class Attachment:
    """An uploaded file."""

    id: int
    filename: str
    data: bytes
    content_type: str
    description: str | None = None


@dataclass(slots=True, eq=False)
class Message:
    """A message as it stands now."""

    id: int
    channel: Channel
    author: User
    created: dt.datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    edited: dt.datetime | None = None
    reference: Json | None = None
    thread: Channel | None = None
    interaction: Interaction | None = None
    """The interaction that it answers."""
    deleted: bool = False
    edits: int = 0
    pings: list[str] = field(default_factory=list)
    """Whom it pinged, as the content spells them: `<@user>`, `<@&role>`, `@everyone`."""

    @property
    def ephemeral(self) -> bool:
        """Whether only the one who acted sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def published(self) -> bool:
        """Whether it was crossposted."""
        return bool(self.flags & CROSSPOSTED)

    @property
    def loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self.flags & LOADING)

    @property
    def text(self) -> str:
        """Everything in it that can be read, joined by line feeds."""
        return "\n".join(part for part in self._texts() if part)

    def _texts(self) -> Iterator[str]:
        yield self.content
        for embed in self.embeds:
            yield embed.get("author", {}).get("name", "")
            yield embed.get("title", "")
            yield embed.get("description", "")
            for part in embed.get("fields", ()):
                yield part["name"]
                yield part["value"]
            yield embed.get("footer", {}).get("text", "")
        for component in walk(self.components):
            yield component.get("content", "")

    @property
    def controls(self) -> list[Json]:
        """Its buttons and menus in reading order."""
        return [component for component in walk(self.components) if "custom_id" in component or "url" in component]

    def control(self, name: str) -> Json:
        """The button or menu with this custom_id, label or placeholder. Raises LookupError if it isn't there."""
        for component in self.controls:
            if name in (component.get("custom_id"), component.get("label"), component.get("placeholder")):
                return component
        there = [component.get("label") or component.get("custom_id") for component in self.controls]
        raise LookupError(f"no control {name!r} on the message; there are {there}")

    def file(self, name: str) -> Attachment:
        """The attachment of this name. Raises LookupError if it isn't there."""
        for attachment in self.attachments:
            if attachment.filename == name:
                return attachment
        raise LookupError(f"no file {name!r}; there are {[a.filename for a in self.attachments]}")


def walk(components: list[Json]) -> Iterator[Json]:
    """Components and everything inside them, in order."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        if "component" in component:
            yield from walk([component["component"]])
        if "accessory" in component:
            yield from walk([component["accessory"]])


class Deed(IntEnum):
    """The kinds of interaction, by Discord's numbers."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Response(IntEnum):
    """The kinds of first response, by Discord's numbers."""

    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """Something a user did and what the bot made of it."""

    id: int
    token: str
    deed: Deed
    user: User
    channel: Channel
    created: dt.datetime
    source: Message | None = None
    """The message whose button or menu was used."""
    opener: Interaction | None = None
    """The interaction that opened the modal."""
    response: Response | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None
    modal: Json | None = None
    refusals: list[int] = field(default_factory=list)
    """The codes of what was answered to responses that came too late or twice."""
    sent_at: float = 0.0
    """By the monotonic clock, as `answered_at`."""
    answered_at: float | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first response, accepted or refused."""
