"""A library of the shipped documents, and a client on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.stage import make_library
from tests.faults.wired import Wired, wired


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the shipped documents, to be copied."""
    path = tmp_path_factory.mktemp("shipped") / "library.sqlite3"
    return asyncio.run(make_library(path))


@pytest.fixture
async def house(shipped: Path, tmp_path: Path) -> AsyncIterator[Wired]:
    """The client on the wire."""
    async with wired(tmp_path, shipped) as opened:
        yield opened
