"""Papers of digests that a server has had, found again and opened."""

from __future__ import annotations

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
