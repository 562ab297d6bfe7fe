"""A server with an admin and two players, the real client, a real database, the shipped documents."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.client import PaperRound
from bot.clock import Clock
from bot.database import Store
from bot.language import Refusal
from bot.leaderboard import standings
from bot.library import seeds
from bot.settings import Settings
from tests.conftest import Fresh
from tests.plans import watched

ROOT = Path(__file__).parents[2]
START = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)
"""A Monday, 07:00 in Berlin."""


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """What the bot keeps its data in: `--database`."""
    return str(request.config.getoption("--database"))


@pytest.fixture(autouse=True)
def plans(database: str) -> Iterator[None]:
    """No click, no tick and no command reads a table from end to end."""
    with watched() if database == "sqlite" else contextlib.nullcontext():
        yield


@dataclass
class HandClock:
    """A clock that moves when it is told to."""

    moment: dt.datetime = START

    def now(self) -> dt.datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += dt.timedelta(**by)


@dataclass
class House:
    """The bot at work, and the people around it."""

    env: simcord.Env
    store: Store
    clock: HandClock
    bot: PaperRound
    guild: simcord.GuildHandle
    papers: simcord.ChannelHandle
    admin: simcord.MemberActor
    ada: simcord.MemberActor
    ben: simcord.MemberActor
    settings: Settings = field(default_factory=Settings)
    foreseen: tuple[type[Exception], ...] = (Refusal,)
    """What commands may fail with."""

    async def tick(self) -> None:
        """What the ticker and the courier do by themselves while the bot runs."""
        await self.bot.ticker.tick()
        await self.bot.courier.drain()
        await self.env.settle()

    async def restart(self) -> None:
        """A new client on the same database."""
        old = self.bot
        self.bot = PaperRound(settings=self.settings, store=self.store, clock=self.clock)
        self.bot.shard_count = 1
        await self.env.restart_bot(self.bot)
        await old.close()

    def posts(self) -> list[discord.Message]:
        """What the bot posted in #papers, in order."""
        return [m for m in self.papers.history() if m.author.id == self.bot.user.id]  # type: ignore[union-attr]


@pytest.fixture(scope="session")
def template(template: Path) -> Path:
    """With the shipped documents in it."""
    path = template.with_name("shipped.sqlite3")
    shutil.copy(template, path)
    with watched():
        asyncio.run(_fill(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def fresh(request: pytest.FixtureRequest, database: str) -> Fresh:
    """Databases for the bot."""
    found: Fresh = request.getfixturevalue(f"on_{database}")
    return found


@pytest.fixture
async def house(address: str, database: str) -> AsyncIterator[House]:
    clock = HandClock()
    settings = Settings(database=address)
    async with Store.open(settings.database_url) as store:
        if database == "postgresql":
            await import_shipped(store, clock)
        bot = PaperRound(settings=settings, store=store, clock=clock)
        env = simcord.Env(bot, shard_count=1, check_errors=False)
        await env.start()
        try:
            guild = env.create_guild(name="Reading room")
            papers = guild.create_text_channel("papers")
            keepers = guild.create_role("keepers", permissions=discord.Permissions(manage_guild=True))
            admin = guild.add_member(env.create_user("admin"), roles=[keepers])
            ada = guild.add_member(env.create_user("ada"))
            ben = guild.add_member(env.create_user("ben"))
            house = House(env, store, clock, bot, guild, papers, admin, ada, ben, settings)
            yield house
            await house.bot.close()
            unexpected = [e for e in env.errors if not isinstance(getattr(e, "original", e), house.foreseen)]
            assert unexpected == []
        finally:
            await env.shutdown()


async def import_shipped(store: Store, clock: Clock) -> None:
    """Reads the shipped documents into a database."""
    await seeds.import_paths(store, [ROOT / "seeds"], clock=clock, recount=standings.recount_for)


async def _fill(url: str) -> None:
    async with Store.open(url) as store:
        await import_shipped(store, HandClock())


def text_of(message: Any) -> str:
    """Everything a message says, in one string."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title, embed.description, embed.author.name, embed.footer.text]
        parts += [text for field in embed.fields for text in (field.name, field.value)]
    return "\n".join(part for part in parts if part)


def labels(message: Any) -> list[str]:
    """The labels of a message's buttons."""
    rows = message.components
    found = []
    for row in rows:
        children = row["components"] if isinstance(row, dict) else row.children
        for child in children:
            label = child.get("label") if isinstance(child, dict) else getattr(child, "label", None)
            if label:
                found.append(label)
    return found
