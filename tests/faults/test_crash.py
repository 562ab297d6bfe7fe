"""Killed in the middle and started again: the short form of the crash matrix, with the points that hurt most."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.faults import crash
from tests.faults.scenes import LIBRARY, SCENES, Scene

_, _FULL, _FORUM, _CLICK, _, _TOLD, _START, _ = SCENES


@pytest.fixture
def folder(tmp_path: Path, shipped: Path) -> Path:
    """With the library in it."""
    shutil.copy(shipped, tmp_path / LIBRARY)
    return tmp_path


async def test_killed_where_it_hurts_most_nothing_is_lost_nor_there_twice(folder: Path) -> None:
    room = asyncio.Semaphore(2)

    async def one(scene: Scene, point: str, gap: float) -> crash.Outcome:
        async with room:
            return await crash.live(scene, folder, (point,), gap)

    outcomes = await asyncio.gather(
        one(_FULL, "after POST /channels/*/messages#2", crash.LATE),
        one(_FORUM, "after POST /channels/*/threads#1", crash.LATE),
        one(_CLICK, "after POST /interactions/*/*/callback#2", crash.SOON),
        one(_TOLD, "inside plan_due#1", crash.SOON),
        one(_TOLD, "after POST /channels/*/messages#2", crash.LATE),
        one(_START, "inside keep#3", crash.SOON),
    )
    for outcome in outcomes:
        assert not outcome.wrong, outcome
