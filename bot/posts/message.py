"""A composed message: what Discord's Create Message takes, as plain frozen values, without Discord.

`Message.body()` spells it as the API does; bot.outgoing turns it into what discord.py sends. Limits are
checked in bot.posts.limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class ButtonStyle(IntEnum):
    """Discord's button styles."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4
    LINK = 5


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an embed."""

    name: str
    value: str
    inline: bool = False

    def body(self) -> dict[str, Any]:
        """As the API spells it."""
        return {"name": self.name, "value": self.value, "inline": self.inline}


@dataclass(frozen=True, slots=True)
class Embed:
    """An embed. Pictures name a file of the same message (`attachment://NAME` is put in front)."""

    title: str | None = None
    description: str | None = None
    url: str | None = None
    colour: int | None = None
    fields: tuple[Field, ...] = ()
    author: str | None = None
    footer: str | None = None
    thumbnail: str | None = None
    image: str | None = None

    def body(self) -> dict[str, Any]:
        """As the API spells it."""
        body: dict[str, Any] = {}
        if self.author is not None:
            body["author"] = {"name": self.author}
        if self.title is not None:
            body["title"] = self.title
        if self.url is not None:
            body["url"] = self.url
        if self.description is not None:
            body["description"] = self.description
        if self.colour is not None:
            body["color"] = self.colour
        if self.fields:
            body["fields"] = [f.body() for f in self.fields]
        if self.thumbnail is not None:
            body["thumbnail"] = {"url": f"attachment://{self.thumbnail}"}
        if self.image is not None:
            body["image"] = {"url": f"attachment://{self.image}"}
        if self.footer is not None:
            body["footer"] = {"text": self.footer}
        return body


@dataclass(frozen=True, slots=True)
class Button:
    """A button; with `url` instead of `custom_id` it is a link."""

    label: str
    custom_id: str | None = None
    style: ButtonStyle = ButtonStyle.SECONDARY
    url: str | None = None
    emoji: str | None = None
    disabled: bool = False

    def body(self) -> dict[str, Any]:
        """As the API spells it."""
        body: dict[str, Any] = {
            "type": 2,
            "style": int(ButtonStyle.LINK if self.url else self.style),
            "label": self.label,
        }
        if self.url is not None:
            body["url"] = self.url
        else:
            body["custom_id"] = self.custom_id
        if self.emoji is not None:
            body["emoji"] = {"name": self.emoji}
        if self.disabled:
            body["disabled"] = True
        return body


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a menu."""

    label: str
    value: str
    description: str | None = None
    emoji: str | None = None
    default: bool = False

    def body(self) -> dict[str, Any]:
        """As the API spells it."""
        body: dict[str, Any] = {"label": self.label, "value": self.value}
        if self.description is not None:
            body["description"] = self.description
        if self.emoji is not None:
            body["emoji"] = {"name": self.emoji}
        if self.default:
            body["default"] = True
        return body


@dataclass(frozen=True, slots=True)
class Menu:
    """A string select of which one option is picked, or up to `most`; it takes a row of its own."""

    custom_id: str
    options: tuple[Option, ...]
    placeholder: str | None = None
    disabled: bool = False
    least: int = 1
    most: int = 1

    def body(self) -> dict[str, Any]:
        """As the API spells it."""
        body: dict[str, Any] = {
            "type": 3,
            "custom_id": self.custom_id,
            "options": [o.body() for o in self.options],
        }
        if (self.least, self.most) != (1, 1):
            body |= {"min_values": self.least, "max_values": self.most}
        if self.placeholder is not None:
            body["placeholder"] = self.placeholder
        if self.disabled:
            body["disabled"] = True
        return body


@dataclass(frozen=True, slots=True)
class RoleMenu:
    """A select of which one of the server's roles is picked, or none; it takes a row of its own."""

    custom_id: str
    placeholder: str | None = None
    chosen: int | None = None
    """The role that is picked already."""

    def body(self) -> dict[str, Any]:
        """As the API spells it."""
        body: dict[str, Any] = {"type": 6, "custom_id": self.custom_id, "min_values": 0, "max_values": 1}
        if self.placeholder is not None:
            body["placeholder"] = self.placeholder
        if self.chosen is not None:
            body["default_values"] = [{"id": str(self.chosen), "type": "role"}]
        return body


Row = tuple[Button, ...] | Menu | RoleMenu
"""An action row: up to five buttons, or one menu."""


@dataclass(frozen=True, slots=True)
class Input:
    """A line to fill in; `label` 45 characters at most."""

    custom_id: str
    label: str
    value: str = ""
    most: int = 100
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """What Discord calls a modal: up to five lines to fill in; `title` 45 characters at most."""

    custom_id: str
    title: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A picture that goes with a message; `alt` is what a screen reader says (1,024 characters at most)."""

    name: str
    data: bytes = field(repr=False)
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send. It mentions nobody but the roles named in `role_mentions`."""

    content: str | None = None
    embeds: tuple[Embed, ...] = ()
    rows: tuple[Row, ...] = ()
    files: tuple[File, ...] = ()
    role_mentions: tuple[int, ...] = ()
    reply_to: int | None = None
    """A message of the same channel that this one replies to; where that is gone, it stands by itself."""

    def body(self) -> dict[str, Any]:
        """The Create Message body as Discord's API spells it."""
        body: dict[str, Any] = {}
        if self.content is not None:
            body["content"] = self.content
        if self.embeds:
            body["embeds"] = [embed.body() for embed in self.embeds]
        body["allowed_mentions"] = {"parse": [], "roles": [str(role) for role in self.role_mentions]}
        if self.reply_to is not None:
            body["message_reference"] = {"message_id": str(self.reply_to), "fail_if_not_exists": False}
        if self.rows:
            body["components"] = [
                {"type": 1, "components": [b.body() for b in row] if isinstance(row, tuple) else [row.body()]}
                for row in self.rows
            ]
        if self.files:
            body["attachments"] = [
                {"id": str(i), "filename": f.name, **({"description": f.alt} if f.alt else {})}
                for i, f in enumerate(self.files)
            ]
        return body
