"""A database with two servers in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import Store
from tests.library.kit import ELSEWHERE, SERVER, seed, url


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A database with two servers."""
    async with Store.open(url(tmp_path)) as opened:
        await opened.write(seed, SERVER, ELSEWHERE)
        yield opened
