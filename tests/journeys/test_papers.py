"""Papers of digests that a server has had, found again and opened."""

from __future__ import annotations

import discord

from bot.commands.papers import page
from bot.language import Speech
from bot.library.searching import Found
from bot.posts.custom_ids import FoundPapers, OpenFound, format_custom_id, to_word
from bot.posts.limits import problems
from tests.journeys.conftest import House, text_of
from tests.journeys.test_round import open_round
from tests.journeys.test_standing import say
from tests.library.kit import DAY


async def test_a_paper_is_found_by_a_word_and_opens_in_full_for_one_person(house: House) -> None:
    assert "had no such paper" in text_of(await say(house, house.ada, "papers search", words="token"))
    await open_round(house)
    found = await say(house, house.ada, "papers search", words="SHUFFLE token")
    assert "Token-Shuffle" in text_of(found)
    assert "Deep dive · Tue 29 Apr 2025" in text_of(found)
    (menu,) = (part for row in found.components for part in row["components"])
    opened = await house.ada.select(found.message, [menu["options"][0]["value"]])
    assert opened.ephemeral
    assert "Results and Evaluation" in text_of(opened.response)
    assert "had no such paper" in text_of(await say(house, house.ada, "papers search", words="%" * 45))
    assert "too long to search" in text_of(await say(house, house.ada, "papers search", words="词" * 16))


async def test_who_does_not_see_the_channel_is_not_shown_what_was_posted_there(house: House) -> None:
    inner = house.guild.create_role("inner")
    cleo = house.guild.add_member(house.env.create_user("cleo"), roles=[inner])
    everyone, me = house.guild.default_role, house.guild.me
    assert me is not None
    hidden = house.guild.create_text_channel(
        "hidden",
        overwrites={
            everyone: discord.PermissionOverwrite(view_channel=False),
            inner: discord.PermissionOverwrite(view_channel=True),
            me: discord.PermissionOverwrite(view_channel=True),
            house.admin: discord.PermissionOverwrite(view_channel=True),
        },
    )
    values = {"series": "deep-dive", "time": "09:00", "zone": "Europe/Berlin"}
    await say(house, house.admin, "digest subscribe", channel=hidden, **values)
    house.clock.move(hours=2)
    await house.tick()
    assert len(hidden.history()) == 1
    for player, sees in ((house.ada, False), (cleo, True)):
        today = text_of(await say(house, player, "today"))
        assert ("29 Apr 2025" in today) is sees
        assert ("in a channel that you see" in today) is not sees
        assert ("Token-Shuffle" in text_of(await say(house, player, "papers search", words="token"))) is sees
    house.clock.move(days=1)
    await house.tick()
    for player, sees in ((house.ada, False), (cleo, True)):
        assert ("Practice" in text_of(await say(house, player, "quiz practice"))) is sees
    await say(house, house.admin, "digest subscribe", **values)
    house.clock.move(days=1)
    await house.tick()
    assert "29 Apr 2025" in text_of(await say(house, house.ada, "today"))
    assert "18 Aug 2025" not in text_of(await say(house, house.ada, "today"))
    house.clock.move(days=1)


def test_pages_fit_whatever_papers_are_called() -> None:
    say = Speech()
    found = tuple(Found(1, "*" * 90, DAY, number, "*@`_" * 200) for number in range(1, 9))
    words = "*" * 45
    message = page(words, found, 1, 20, say=say)
    assert problems(message.body()) == []
    assert [button["custom_id"] for button in message.body()["components"][1]["components"]] == [
        format_custom_id(FoundPapers(to_word(words), number)) for number in (0, 2)
    ]
    assert message.body()["components"][0]["components"][0]["custom_id"] == format_custom_id(OpenFound(1))
    assert problems(page("x", found[:1], 0, 1, say=say).body()) == []
