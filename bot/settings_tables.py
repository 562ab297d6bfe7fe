"""The tables of settings that say how the bot works; bot.settings loads them, and has the one on Discord."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import NoDecode


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting may be, as the end of the sentence "it must be …"."""

    what: str


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def none_if_empty(value: object) -> object:
    """What isn't set, however it is written."""
    return None if value == "" else value


def _ids(value: object) -> object:
    return [part for part in re.split(r"[\[\],\s]+", value) if part] if isinstance(value, str) else value


class Table(BaseModel):
    """A table of settings: frozen, and without keys that aren't known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Delivery(Table):
    """How digests are sent."""

    tick_seconds: Annotated[float, Field(ge=1, le=300), Allowed("a number of seconds from 1 to 300")] = 15
    """How often the database is asked what is due."""
    sends_per_second: Annotated[
        float, Field(ge=0.1, le=50), Allowed("a number from 0.1 to 50, Discord's own limit for a bot")
    ] = 49
    """In no second more; what is left of Discord's 50 is for what the bot does there besides sending."""
    drain_seconds: Annotated[float, Field(ge=0, le=600), Allowed("a number of seconds from 0 to 600")] = 20
    """How long a message that is being sent at shutdown may still take."""


class Uploads(Table):
    """What admins may bring into their own server's library with /digest import."""

    enabled: Annotated[bool, Allowed("true or false")] = True
    max_megabytes: Annotated[float, Field(ge=0.1, le=10), Allowed("a number of megabytes from 0.1 to 10")] = 2
    """Of one document; its side file may have 1 MB at most."""
    documents: Annotated[int, Field(ge=1, le=10_000), Allowed("a whole number from 1 to 10000")] = 100
    """How many a server may have."""
    per_day: Annotated[int, Field(ge=1, le=10_000), Allowed("a whole number from 1 to 10000")] = 20
    """How many times a server may try in 24 hours."""


class Keys(Table):
    """Who sets the right answers."""

    trusted_servers: Annotated[
        tuple[Annotated[int, Field(gt=0, lt=2**63)], ...],
        NoDecode,
        BeforeValidator(_ids),
        Allowed("a list of servers' ids"),
    ] = ()
    """Their admins may set a key for all servers."""


class Privacy(Table):
    """How long data is kept that nobody needs any more."""

    keep_days_after_leaving: Annotated[
        int, Field(ge=0, le=3650), Allowed("a whole number of days from 0 to 3650")
    ] = 30
    """A server's data is removed so many days after the bot left it."""


class Backup(Table):
    """Copies of the database, made while the bot runs."""

    folder: Annotated[Path | None, BeforeValidator(none_if_empty), Allowed("a folder's path")] = None
    """None: `backups` beside the database."""
    every_hours: Annotated[float, Field(ge=0, le=8760), Allowed("0 (never) to 8760 hours")] = 0
    keep: Annotated[int, Field(ge=1, le=10_000), Allowed("a whole number from 1 to 10000")] = 14
    """How many stay in the folder."""


class Health(Table):
    """Where the machine that looks after the bot can ask how it is."""

    host: Annotated[str, Allowed("an address of this machine, such as 127.0.0.1 or 0.0.0.0")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535), Allowed("0 (nowhere) to 65535")] = 0


class Log(Table):
    """What is logged, and how it looks."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(_lower),
        Allowed("debug, info, warning or error"),
    ] = "info"
    format: Annotated[
        Literal["text", "json"], BeforeValidator(_lower), Allowed("text (for people) or json (a line each)")
    ] = "text"
