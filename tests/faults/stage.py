"""Where a scene is played: a server with a channel and people in it, and the bot's house."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert

from bot.clock import SystemClock
from bot.database import Store
from bot.database.tables import servers
from bot.delivery import subscriptions
from bot.leaderboard import standings
from bot.library import seeds
from bot.posts.custom_ids import Answer, parse
from tests.faults.process import SEEDS, House
from tests.wire import Channel, Guild, Kind, Message, Reply, User

SERIES: Final = "deep-dive"
HOUR: Final = dt.timedelta(hours=1)
DAY: Final = dt.timedelta(days=1)


async def make_library(path: Path) -> Path:
    """A database with the shipped documents in it, to be copied."""
    async with Store.open(f"sqlite+aiosqlite:///{path}") as store:
        await fill(store)
    return path


async def fill(store: Store) -> None:
    """Reads the shipped documents into a database."""
    await seeds.import_paths(store, [SEEDS], clock=SystemClock(), recount=standings.recount_for, roots=[SEEDS])


@dataclass
class Stage:
    """What a scene needs, and what is remembered from before the process was killed."""

    house: House
    guild: Guild
    channel: Channel
    admin: User
    ada: User
    opened: Reply | None = None
    """The player's round as she has it before her."""
    buttons: list[str] = field(default_factory=list)
    """The custom_ids of the first question's options, as they are shown."""
    replies: list[Reply] = field(default_factory=list)
    """What came of what people did that changes something, in order."""

    @classmethod
    def set(cls, house: House, kind: Kind) -> Stage:
        """An empty one."""
        discord = house.discord
        guild = discord.add_guild("Lab")
        channel = discord.add_channel(guild, "papers", kind)
        return cls(house, guild, channel, discord.admin_of(guild), discord.add_user("ada"))

    @property
    def posts(self) -> list[Message]:
        """What the bot posted in the channel, or in a forum's posts, by itself."""
        discord = self.house.discord
        places = [self.channel, *discord.posts(self.channel)]
        found = [message for place in places for message in place.messages.values()]
        return [m for m in found if m.author is discord.world.bot and m.interaction is None]

    def write_down(self, connection: Connection, **more: Any) -> None:
        """Writes the server down."""
        now = self.house.discord.clock.now() - DAY
        connection.execute(insert(servers).values(id=self.guild.id, joined_at=now, zone="UTC", **more))

    def subscribe(self, connection: Connection, **more: Any) -> None:
        """Subscribes the channel; it has been due for an hour."""
        now = self.house.discord.clock.now()
        terms: dict[str, Any] = {"series": SERIES, "zone": "UTC", "created_by": self.admin.id}
        subscriptions.create(
            connection,
            forum=self.channel.kind is Kind.FORUM,
            server_id=self.guild.id,
            channel_id=self.channel.id,
            local_time=(now - HOUR).time().replace(second=0, microsecond=0),
            now=now - 2 * HOUR,
            **(terms | more),
        )


def answer_ids(message: Message) -> list[str]:
    """The custom_ids of the options of the question that a message asks."""
    ids = [str(control.get("custom_id", "")) for control in message.controls]
    return [one for one in ids if isinstance(parse(one), Answer)]
