"""A migrated database that each test gets a copy of."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import Store

from .world import World


def url(path: Path) -> str:
    """A SQLite database in this file."""
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all its tables."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"

    async def make() -> None:
        async with Store.open(url(path)):
            pass

    asyncio.run(make())
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Path:
    """A database file of the test's own."""
    return Path(shutil.copy(template, tmp_path / "test.sqlite3"))


@pytest.fixture
async def store(database: Path) -> AsyncIterator[Store]:
    """The test's database, open."""
    async with Store.open(url(database)) as opened:
        yield opened


@pytest.fixture
def world(store: Store) -> World:
    """A world on the test's database."""
    return World.on(store)
