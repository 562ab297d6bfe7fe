"""`/digest doctor` says in one page whether all is well here, and how to mend what isn't."""

from __future__ import annotations

import datetime as dt
import sqlite3

import discord
import pytest

from bot.database import StoreError
from bot.delivery.due import wait_for
from bot.delivery.schedule import Slot
from bot.doctor import Verdict, clock
from bot.language import speech
from tests.journeys.conftest import START, House, text_of
from tests.journeys.test_a_day import subscribe


async def said(house: House) -> str:
    result = await house.admin.slash(house.papers, "digest doctor")
    assert result.ephemeral
    assert result.response is not None
    return text_of(result.response)


async def test_all_is_well(house: House) -> None:
    await subscribe(house)
    text = await said(house)
    assert "All is well." in text
    for finding in (
        "The database can be read and written.",
        "Every document was read.",
        "deep-dive: next post <t:",
        "I'm allowed all that I need.",
    ):
        assert finding in text
    assert "❌" not in text
    assert "⚠" not in text


async def test_nothing_subscribed_is_worth_a_look(house: House) -> None:
    text = await said(house)
    assert "It works, but have a look at this." in text
    assert "Start with `/digest subscribe`." in text


async def test_a_permission_that_was_taken_away_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await subscribe(house)
    had = discord.TextChannel.permissions_for

    def has(channel: discord.TextChannel, who: discord.Member, /) -> discord.Permissions:
        return had(channel, who) & ~discord.Permissions(embed_links=True)

    monkeypatch.setattr(discord.TextChannel, "permissions_for", has)
    text = await said(house)
    assert "Something has to be mended." in text
    assert "Give me Embed Links." in text


@pytest.mark.parametrize(
    ("seconds", "verdict", "words"),
    [
        (0, Verdict.OK, "agrees with Discord's."),
        (-5, Verdict.OK, "agrees with Discord's."),
        (12, Verdict.LOOK, "12 s ahead of Discord's. Whoever runs"),
        (-45, Verdict.LOOK, "45 s behind Discord's."),
        (-7200, Verdict.WRONG, "2 h behind Discord's."),
        (40 * 86_400, Verdict.WRONG, "40 d ahead of Discord's."),
    ],
)
def test_a_clock_that_is_off_is_told_with_the_way_to_mend_it(seconds: int, verdict: Verdict, words: str) -> None:
    found = clock.check(START + dt.timedelta(seconds=seconds), START)
    assert found.verdict is verdict
    assert words in found.said(speech("en"))


async def test_a_subscription_that_nobody_deals_with_is_told(house: House) -> None:
    await subscribe(house)
    then = house.clock.now() - dt.timedelta(hours=1)
    await house.store.write(wait_for, 1, Slot(then.date(), then))
    assert "it was due and wasn't dealt with" in await said(house)


async def test_a_database_that_cannot_be_written_is_told_and_a_click_says_what_was_not_kept(house: House) -> None:
    await subscribe(house)
    house.clock.move(hours=2)
    await house.tick()
    opened = await house.ada.click(house.posts()[0], label="Play the round")
    assert opened.response is not None
    if house.store.path is None:
        pytest.skip("a file that another program holds is SQLite's; tests/database has the server's troubles")
    other = sqlite3.connect(house.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answered = await house.ada.click(opened.response.message, label="A")
    told = answered.followups[-1] if answered.followups else answered.response
    assert "so your answer was not kept" in text_of(told)
    assert "The database can't be written right now" in await said(house)
    paused = await house.admin.slash(house.papers, "digest pause")
    assert paused.response is not None
    assert "so nothing was changed" in paused.response.content
    other.execute("ROLLBACK")
    other.close()
    house.foreseen = (StoreError,)
    again = await house.ada.click(opened.response.message, label="A")
    assert again.response is not None
    assert "Question 2 of 9" in text_of(again.response)


def test_the_command_is_for_those_who_manage_the_server(house: House) -> None:
    (group,) = [c for c in house.bot.tree.get_commands() if c.name == "digest"]
    assert isinstance(group, discord.app_commands.Group)
    assert group.get_command("doctor") is not None
    assert group.default_permissions == discord.Permissions(manage_guild=True)
