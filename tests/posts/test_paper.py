"""What a menu opens privately."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

import pytest

from bot.language import Speech
from bot.model import Digest, Paper, Section, Translation
from bot.posts import open_choice, paper_in_full, tips
from bot.posts.message import Embed

from .discord_markdown import show
from .examples import deep_dive, round_up

SAY = Speech()
ONE = deep_dive(1).papers[0]


def opened(paper: Paper) -> tuple[Embed, ...]:
    digest = dataclasses.replace(deep_dive(), papers=(paper,), languages=MappingProxyType({}))
    (message,) = paper_in_full(digest, paper.number, say=SAY, language="en")
    return message.embeds


def test_a_deep_dives_paper_shows_everything_and_its_figure_large() -> None:
    (message,) = paper_in_full(deep_dive(), 2, say=SAY, language="en")
    (embed,) = message.embeds
    assert (embed.title, embed.url) == (r"Paper 2 on \*attention\*", "http://arxiv.org/pdf/2504.2")
    assert embed.description == "\n\n".join(
        ["Published 2025-04-23", *(f"**{s.name}**\n{s.text}" for s in deep_dive().papers[1].sections)]
    )
    assert embed.image == message.files[0].name == "paper-2.png"
    assert embed.footer == "In the figure: Input 2 → model → output"
    assert message.rows == ()


def test_the_steps_of_a_long_workflow_stand_below_each_other() -> None:
    (embed,) = opened(dataclasses.replace(ONE, workflow="an image and a text → " * 5 + "the model"))
    assert embed.footer == "In the figure: " + "an image and a text\n→ " * 5 + "the model"


def test_a_paper_without_a_figure_shows_the_workflow_by_itself() -> None:
    first, second = opened(dataclasses.replace(ONE, figure=None, sections=()))
    assert first.description == "Published 2025-04-23"
    assert second.description == "**Workflow**\nInput 1 → model → output"
    assert all((embed.image, embed.footer) == (None, None) for embed in (first, second))


def test_a_workflow_too_long_for_small_print_follows_the_figure() -> None:
    first, second = opened(dataclasses.replace(ONE, workflow="step " * 500))
    assert (first.image, first.footer) == ("paper-1.png", None)
    assert "**Workflow**\nstep step" in (second.description or "")


def test_a_round_ups_paper_shows_authors_links_and_summary() -> None:
    (message,) = paper_in_full(round_up(), 3, say=SAY, language="en")
    (embed,) = message.embeds
    shown = show(embed.description or "")
    assert shown.text == "By Ada Lovelace, a_lan*\nhttps://huggingface.co/papers/2502.3\n\nSummary 3."
    assert shown.links == ["https://huggingface.co/papers/2502.3"]
    assert embed.url == "https://arxiv.org/abs/2502.3"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a.bc/d e", "https://a.bc/(d)", "HTTPS://A.bc"])
def test_a_link_that_is_not_the_titles_exactly_is_shown_as_written(url: str) -> None:
    assert url in show(opened(dataclasses.replace(ONE, url=url, links=(url,)))[0].description or "").text


def test_what_a_translation_leaves_out_is_shown_in_english() -> None:
    (message,) = paper_in_full(deep_dive(), 1, say=SAY, language="zh")
    (embed,) = message.embeds
    assert (embed.title, embed.url) == ("论文一", ONE.url)
    assert embed.description == "Published 2025-04-23\n\n**问题**\n难。\n\n**结果与评估**\n好。"
    assert (embed.image, embed.footer) == ("paper-1.png", "In the figure: Input 1 → model → output")
    (message,) = paper_in_full(deep_dive(), 2, say=SAY, language="zh")
    assert message.embeds[0].title == r"Paper 2 on \*attention\*"


def test_a_translated_title_alone_leaves_the_rest_in_english() -> None:
    chinese = Translation((Paper(1, "题目", links=("https://a.bc/1",)),))
    digest = dataclasses.replace(round_up(1), languages=MappingProxyType({"zh": chinese}))
    (message,) = paper_in_full(digest, 1, say=SAY, language="zh")
    assert message.embeds[0].title == "题目"
    shown = show(message.embeds[0].description or "")
    assert shown.text == "By Ada Lovelace, a_lan*\nhttps://a.bc/1\n\nSummary 1."


def test_a_long_paper_takes_as_few_messages_as_it_can() -> None:
    entries = tuple(Section(str(n), "Words of a sentence. " * 85) for n in range(3))
    messages = paper_in_full(_only(entries), 1, say=SAY, language="en")
    assert [len(message.embeds) for message in messages] == [2]
    messages = paper_in_full(_only(entries * 3), 1, say=SAY, language="en")
    assert [len(message.embeds) for message in messages] == [2, 2, 2]
    assert [embed.title for message in messages for embed in message.embeds[:1]] == [
        r"Paper 1 on \*attention\*",
        None,
        None,
    ]


def _only(entries: tuple[Section, ...]) -> Digest:
    return dataclasses.replace(deep_dive(), papers=(dataclasses.replace(ONE, sections=entries),))


def test_the_alt_text_is_cut_at_a_word() -> None:
    digest = dataclasses.replace(deep_dive(), papers=(dataclasses.replace(ONE, workflow="workflow " * 200),))
    alt = paper_in_full(digest, 1, say=SAY, language="en")[0].files[0].alt or ""
    assert 1_000 < len(alt) <= 1_024
    assert alt.endswith("workflow…")


def test_tips_are_in_the_readers_language() -> None:
    assert [m.embeds[0].description for m in tips(deep_dive(), say=SAY, language="en")] == ["Start with paper 2."]
    assert [m.embeds[0].description for m in tips(deep_dive(), say=SAY, language="zh")] == ["先读第二篇。"]
    assert tips(round_up(), say=SAY, language="en") == ()


def test_a_choice_opens_what_its_value_says_and_nothing_else() -> None:
    digest = deep_dive()
    assert open_choice(digest, "2", say=SAY, language="en") == paper_in_full(digest, 2, say=SAY, language="en")
    assert open_choice(digest, "tips", say=SAY, language="en") == tips(digest, say=SAY, language="en")
    for value in ("", "0", "4", "-1", "02", "2 ", "٢", "9" * 5_000, "tip", "x"):
        assert open_choice(digest, value, say=SAY, language="en") == ()
