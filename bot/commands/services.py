"""What commands and buttons work with, handed to them instead of being fished out of the client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from bot.clock import Clock
from bot.database import Store
from bot.database.tables import servers
from bot.language import Speech, speech


@dataclass(frozen=True, slots=True)
class Services:
    """The rooms that commands lead to."""

    store: Store
    clock: Clock
    wake: Callable[[], None]
    """Tells the courier that there is something new to send."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server's settings."""

    id: int
    zone: str | None = None
    """IANA name; None until someone sets it or subscribes a channel."""
    language: str = "en"
    notice_channel_id: int | None = None

    @property
    def say(self) -> Speech:
        """The language this server speaks."""
        return speech(self.language)


_SERVER = select(servers.c.zone, servers.c.language, servers.c.notice_channel_id)


def server(connection: Connection, server_id: int) -> Server:
    """The server's settings, the defaults where it was never seen."""
    row = connection.execute(_SERVER.where(servers.c.id == server_id)).first()
    return Server(server_id, *row) if row else Server(server_id)


def remember_server(connection: Connection, server_id: int, clock: Clock, **settings: str | int | None) -> None:
    """Writes the server down where it is new, and changes the settings given (columns of `servers`)."""
    statement = insert(servers).values(id=server_id, joined_at=clock.now(), **settings)
    if settings:
        statement = statement.on_conflict_do_update(index_elements=[servers.c.id], set_=settings)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=[servers.c.id])
    connection.execute(statement)
