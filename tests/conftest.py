"""Databases to test on, SQLite's and PostgreSQL's: made once with all tables, and each test gets a copy.

On PostgreSQL a copy takes long to make, so one that is done with is emptied and handed on.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from bot.database import Store
from tests import postgresql
from tests.postgresql import Server

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, not by each of the processes that tests start
sys.dont_write_bytecode = False

Fresh = Callable[[], AbstractAsyncContextManager[str]]
"""Makes a database of its own whenever it is entered: the database's URL."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--database`."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="what the journeys' bot keeps its data in; the rooms' tests run on both in any case",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: one more than there are cores, since many tests wait for a process or a clock."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, which stands for the session; where there is none, the test is skipped."""
    try:
        with postgresql.running() as started:
            yield started
    except postgresql.NoServer as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all its tables."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    asyncio.run(_make(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def server_template(server: Server) -> str:
    """The same on PostgreSQL; its name."""
    name = asyncio.run(server.create())
    asyncio.run(_make(server.url(name)))
    return name


@pytest.fixture
def on_sqlite(template: Path, tmp_path: Path) -> Fresh:
    """Databases with all their tables on SQLite."""

    @asynccontextmanager
    async def fresh() -> AsyncIterator[str]:
        name = next(f"{number}.sqlite3" for number in count() if not (tmp_path / f"{number}.sqlite3").exists())
        yield f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path / name)}"

    return fresh


@pytest.fixture(scope="session")
def emptied() -> list[str]:
    """The names of databases on PostgreSQL that tests are done with."""
    return []


@pytest.fixture
def on_postgresql(server: Server, server_template: str, emptied: list[str]) -> Fresh:
    """Databases with all their tables on PostgreSQL."""

    @asynccontextmanager
    async def fresh() -> AsyncIterator[str]:
        name = emptied.pop() if emptied else await server.create(server_template)
        yield server.url(name)
        await server.empty(name)
        emptied.append(name)

    return fresh


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Databases with all their tables, on each of the two: the test runs twice."""
    found: Fresh = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
async def address(fresh: Fresh) -> AsyncIterator[str]:
    """The URL of a database of the test's own, on each of the two."""
    async with fresh() as url:
        yield url


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    """The test's database, open."""
    async with Store.open(address) as opened:
        yield opened


async def _make(url: str) -> None:
    async with Store.open(url):
        pass
