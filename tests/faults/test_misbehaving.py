"""Discord misbehaves: the short form of the fault matrix, and what it has found before."""

from __future__ import annotations

import pytest

from tests.faults import misbehaving
from tests.faults.misbehaving import REQUESTS, TROUBLES
from tests.faults.wired import Wired

_HARD = ("never an answer, after it", "connection reset before the work", "503 after it", "session forgotten")


@pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning")
async def test_whatever_discord_does_with_a_request_it_ends_well_and_nothing_is_there_twice(house: Wired) -> None:
    troubles = [trouble for trouble in TROUBLES if trouble.name in _HARD]
    assert len(troubles) == len(_HARD)
    outcomes = await misbehaving.matrix(house, REQUESTS, troubles)
    assert [outcome for outcome in outcomes if outcome.wrong] == []
    assert len(outcomes) == len(REQUESTS) * len(_HARD) + 1
