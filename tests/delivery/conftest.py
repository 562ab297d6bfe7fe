"""A world on each database."""

from __future__ import annotations

import pytest

from bot.database import Store

from .world import World


@pytest.fixture
def world(store: Store) -> World:
    """A world on the test's database."""
    return World.on(store)
