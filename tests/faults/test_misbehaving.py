"""Discord misbehaves: the short form of the fault matrix, and what it has found before."""

from __future__ import annotations

import logging

import pytest

from tests.faults import misbehaving
from tests.faults.crowd import Round
from tests.faults.misbehaving import REQUESTS, TROUBLES
from tests.faults.wired import Wired
from tests.wire import Reset

_HARD = ("never an answer, after it", "connection reset before the work", "503 after it", "session forgotten")


@pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning")
async def test_whatever_discord_does_with_a_request_it_ends_well_and_nothing_is_there_twice(house: Wired) -> None:
    troubles = [trouble for trouble in TROUBLES if trouble.name in _HARD]
    assert len(troubles) == len(_HARD)
    outcomes = await misbehaving.matrix(house, REQUESTS, troubles)
    assert [outcome for outcome in outcomes if outcome.wrong] == []
    assert len(outcomes) == len(REQUESTS) * len(_HARD) + 1


async def test_answers_that_never_reach_discord_are_lines_without_traces(
    house: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    one = await Round.begin(house)
    ada = house.discord.add_user("ada")
    caplog.clear()
    house.discord.fault("/interactions/*/*/callback", "POST", Reset(), times=None)
    house.discord.patience = 0.5
    lost = await house.discord.click(ada, one.post, "Play the round")
    assert lost.failed

    def said() -> list[logging.LogRecord]:
        return [record for record in caplog.records if record.name.startswith(("bot", "discord.client"))]

    await house.discord.until(lambda: len(said()) >= 2)  # the answer, and the sentence that it failed
    house.discord.no_faults()
    house.discord.patience = 3
    assert not (await house.discord.click(ada, one.post, "Play the round")).failed
    assert [record.levelname for record in said()] == ["WARNING", "WARNING"]
    assert [record.exc_info for record in said()] == [None, None]
    assert said()[0].__dict__["command"] == "PlayRound"
