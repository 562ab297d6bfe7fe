"""What commands and buttons work with, handed to them instead of being fished out of the client."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import discord
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.clock import Clock
from bot.database import Store, StoreError
from bot.database.tables import players, servers
from bot.language import Speech, speech
from bot.library.desk import Desk
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """The rooms that commands lead to."""

    store: Store
    clock: Clock
    wake: Callable[[], None]
    """Tells the courier that there is something new to send."""
    settings: Settings
    desk: Desk
    """Reads the documents that admins bring."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server's settings."""

    id: int
    zone_name: str | None = None
    """IANA name; None until someone sets it or subscribes a channel."""
    language: str = "en"
    notice_channel_id: int | None = None
    verdicts: str = "at-once"
    """Of rounds that open: a value of bot.quiz.play.Verdicts."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone that its days, weeks and months go by; UTC until someone sets one."""
        return ZoneInfo(self.zone_name or "UTC")

    @property
    def say(self) -> Speech:
        """The language this server speaks."""
        return speech(self.language)


_SERVER = select(servers.c.zone, servers.c.language, servers.c.notice_channel_id, servers.c.verdicts).where(
    servers.c.id == bindparam("server")
)
_LANGUAGE = select(players.c.language).where(
    players.c.server_id == bindparam("server"), players.c.user_id == bindparam("user")
)


def server(connection: Connection, server_id: int) -> Server:
    """The server's settings, the defaults where it was never seen."""
    row = connection.execute(_SERVER, {"server": server_id}).first()
    return Server(server_id, *row) if row else Server(server_id)


def remember_server(
    connection: Connection,
    server_id: int,
    now: dt.datetime,
    settings: Mapping[str, str | int | dt.datetime | None] | None = None,
) -> None:
    """Writes the server down where it is new, and changes the settings given (columns of `servers`)."""
    statement = insert(servers).values(id=server_id, joined_at=now, **(settings or {}))
    if settings:
        statement = statement.on_conflict_do_update(index_elements=[servers.c.id], set_=dict(settings))
    else:
        statement = statement.on_conflict_do_nothing(index_elements=[servers.c.id])
    connection.execute(statement)


@dataclass(frozen=True, slots=True)
class Person:
    """Who clicked or commanded, where, and the language they read."""

    server_id: int
    user_id: int
    name: str
    """As shown in this server; not escaped."""
    language: str
    client: str
    """The language of their client, which shows the commands in it."""

    @property
    def say(self) -> Speech:
        """Their language."""
        return speech(self.language, self.client)


async def recall_language(store: Store, interaction: discord.Interaction) -> None:
    """Has replies.say_to speak the language that the person chose in this server, if they chose one.

    Where the database can't tell now, their client's language does.
    """
    if interaction.guild_id is None or "language" in interaction.extras:
        return
    with contextlib.suppress(StoreError):
        interaction.extras["language"] = await store.read(_chosen, interaction.guild_id, interaction.user.id)


def _chosen(connection: Connection, server_id: int, user_id: int) -> str | None:
    chosen: str | None = connection.execute(_LANGUAGE, {"server": server_id, "user": user_id}).scalar()
    return chosen


def person(connection: Connection, interaction: discord.Interaction) -> Person:
    """Whoever is behind an interaction in a server; their own choice of language counts before their client's."""
    server_id, user = interaction.guild_id or 0, interaction.user
    chosen, client = _chosen(connection, server_id, user.id), interaction.locale.value
    return Person(server_id, user.id, user.display_name, chosen or speech(client).language, client)


_CHOOSE = insert(players)
_CHOOSE = _CHOOSE.on_conflict_do_update(
    index_elements=[players.c.server_id, players.c.user_id],
    set_={name: _CHOOSE.excluded[name] for name in ("name", "language", "seen_at")},
)


def choose_language(
    connection: Connection, interaction: discord.Interaction, language: str | None, now: dt.datetime
) -> Person:
    """Writes down the language that a person reads in this server; None for their client's."""
    user = interaction.user
    row = {"server_id": interaction.guild_id or 0, "user_id": user.id, "name": user.display_name}
    connection.execute(_CHOOSE, {**row, "language": language, "seen_at": now})
    return person(connection, interaction)
