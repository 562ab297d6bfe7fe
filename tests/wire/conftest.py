"""An open local Discord, and a bot that is connected to it."""

from collections.abc import AsyncIterator

import pytest

from . import LocalDiscord, running
from .probe import Probe


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as server:
        yield server


@pytest.fixture
async def probe(discord: LocalDiscord) -> AsyncIterator[Probe]:
    """Connected, with one guild."""
    discord.add_guild("Lab")
    client = Probe()
    async with running(client, discord):
        yield client
