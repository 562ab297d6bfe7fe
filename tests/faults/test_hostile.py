"""The short form of the hostile crowd."""

from __future__ import annotations

from tests.faults import hostile
from tests.faults.wired import Wired


async def test_a_hostile_crowd_gets_no_point_too_many_and_learns_nothing_too_early(house: Wired) -> None:
    crowd = await hostile.play(house, players=30, wanted=400)
    assert crowd.wrong == []
    assert crowd.answers >= 400
    assert crowd.reasons > 100
    for kind in (
        "double clicks",
        "answers after the close",
        "answers to another server's questions",
        "forged ids",
    ):
        assert crowd.counts[kind] > 5, crowd.counts
