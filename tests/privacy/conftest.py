"""A database with two servers in it."""

from __future__ import annotations

import pytest

from bot.database import Store
from tests.library.kit import ELSEWHERE, SERVER, seed


@pytest.fixture
async def store(store: Store) -> Store:
    """A database with two servers."""
    await store.write(seed, SERVER, ELSEWHERE)
    return store
