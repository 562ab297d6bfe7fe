"""What a post shows, and what stands under it."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest

from bot.language import Speech
from bot.model import Digest, Look, Paper, Section
from bot.posts import compose
from bot.posts.custom_ids import Leaderboard, PlayRound, ReadPaper, parse
from bot.posts.limits import units
from bot.posts.message import Button, ButtonStyle, Menu, Message

from .discord_markdown import show
from .examples import deep_dive, round_up
from .strategies import figure


def post(digest: Digest, look: Look = Look.BRIEF, language: str = "en", **more: Any) -> tuple[Message, ...]:
    return compose(digest, digest_id=17, look=look, say=Speech(), language=language, keys="key{}".format, **more)


def menus(message: Message) -> list[Menu]:
    return [row for row in message.rows if isinstance(row, Menu)]


def buttons(message: Message) -> list[Button]:
    return [button for row in message.rows if isinstance(row, tuple) for button in row]


def _with(*papers: Paper, tips: str | None = None) -> Digest:
    """A deep dive with just these papers."""
    return dataclasses.replace(deep_dive(), papers=papers, tips=tips, languages=MappingProxyType({}))


ONE = deep_dive(1).papers[0]


def test_a_brief_deep_dive_is_one_message_with_an_embed_per_paper() -> None:
    (message,) = post(deep_dive())
    assert message.content == "**Deep dive** · Tue 29 Apr 2025 · 3 papers"
    assert [embed.url for embed in message.embeds] == [f"http://arxiv.org/pdf/2504.{n}" for n in (1, 2, 3)]
    assert message.embeds[0].title == r"Paper 1 on \*attention\*"
    assert message.embeds[0].description == (
        "**Problem** Problem of paper 1.\n\n**Result** Results and Evaluation of paper 1."
    )
    assert [embed.thumbnail for embed in message.embeds] == ["paper-1.png", "paper-2.png", "paper-3.png"]
    assert [file.name for file in message.files] == ["paper-1.png", "paper-2.png", "paper-3.png"]
    assert message.files[0].alt == "Workflow figure of Paper 1 on *attention*: Input 1 → model → output"


def test_under_it_are_the_menu_and_one_row_of_buttons() -> None:
    (message,) = post(deep_dive())
    (menu,) = menus(message)
    assert parse(menu.custom_id) == ReadPaper(17, 0, "key0")
    assert [(option.label, option.value) for option in menu.options] == [
        *((f"{n} · Paper {n} on *attention*", str(n)) for n in (1, 2, 3)),
        ("Reading tips", "tips"),
    ]
    play, leaderboard = buttons(message)
    assert parse(play.custom_id or "") == PlayRound(17, "key0")
    assert play.style is ButtonStyle.PRIMARY
    assert parse(leaderboard.custom_id or "") == Leaderboard("key0")


def test_there_is_a_round_to_play_only_where_there_are_questions_or_the_caller_says_so() -> None:
    assert [button.label for button in buttons(post(round_up())[-1])] == ["Leaderboard"]
    assert [button.label for button in buttons(post(round_up(), playable=True)[-1])] == [
        "Play the round",
        "Leaderboard",
    ]
    assert [button.label for button in buttons(post(deep_dive(), playable=False)[-1])] == ["Leaderboard"]


def test_the_role_is_mentioned_once_and_nobody_else() -> None:
    messages = post(round_up(120), role=42)
    assert messages[0].content == "**Round-up** · Tue 11 Feb 2025 · 120 papers · <@&42>"
    assert messages[0].role_mentions == (42,)
    assert all(message.role_mentions == () and "<@" not in (message.content or "") for message in messages[1:])


def test_a_brief_paper_without_problem_and_result_shows_its_first_sections() -> None:
    sections = (Section("Methods", "m"), Section("Result", "r"), Section("Topic", "t"), Section("Idea", "i"))
    for own, description in (
        (sections, "**Methods** m\n\n**Result** r"),
        (sections[2:], "**Topic** t\n\n**Idea** i"),
        (sections[:1], "**Methods** m"),
        ((Section("", "only text"), Section("Problem", " ")), "only text"),
    ):
        (message,) = post(_with(dataclasses.replace(ONE, sections=own)))
        assert message.embeds[0].description == description


def test_a_paper_without_sections_shows_title_link_and_date() -> None:
    (message,) = post(
        _with(ONE, dataclasses.replace(ONE, number=2, url="http://a.bc/2", sections=(), title="Bare"))
    )
    assert (message.embeds[1].title, message.embeds[1].url) == ("Bare", "http://a.bc/2")
    assert message.embeds[1].description == "Published 2025-04-23"


def test_a_long_brief_post_does_without_blank_lines() -> None:
    sections = (Section("Problem", "p " * 400), Section("Result", "r " * 400))
    (message,) = post(_with(dataclasses.replace(ONE, sections=sections)))
    assert "\n\n" not in (message.embeds[0].description or "")


def test_a_full_deep_dive_shows_all_sections_and_large_figures() -> None:
    (message,) = post(deep_dive(), Look.FULL)
    first = message.embeds[0]
    assert first.image == "paper-1.png"
    assert first.thumbnail is None
    assert show(first.description or "").text == "\n\n".join(
        ["Published 2025-04-23", *(f"{section.name}\n{section.text}" for section in ONE.sections)]
    )
    assert (message.embeds[3].title, message.embeds[3].description) == ("Reading tips", "Start with paper 2.")


def test_a_full_post_has_its_reading_tips_in_the_menu_only_for_readers_of_another_language() -> None:
    (message,) = post(deep_dive(), Look.FULL)
    assert [option.value for option in menus(message)[0].options] == ["1", "2", "3", "tips"]
    (message,) = post(_with(ONE, tips="Start with paper 2."), Look.FULL)
    assert [option.value for option in menus(message)[0].options] == ["1"]


def test_reading_tips_in_another_language_alone_are_shown_in_that() -> None:
    (message,) = post(deep_dive(tips=None), Look.FULL)
    assert (message.embeds[3].title, message.embeds[3].description) == ("Reading tips", "先读第二篇。")


def test_a_full_deep_dive_that_is_too_long_goes_on_without_repeating_a_link() -> None:
    long = tuple(Section(name, "Words of a sentence. " * 80) for name in ("A", "B", "C"))
    papers = [dataclasses.replace(ONE, number=n, url=f"http://a.bc/{n}", sections=long) for n in (1, 2)]
    first, second = post(_with(*papers), Look.FULL)
    assert [embed.url for embed in (*first.embeds, *second.embeds)].count("http://a.bc/2") == 1
    assert first.embeds[-1].image == "paper-1.png"
    assert [[option.value for option in menus(message)[0].options] for message in (first, second)] == [
        ["1"],
        ["2"],
    ]
    assert second.content == "**Deep dive** · Tue 29 Apr 2025 · part 2 of 2"
    assert buttons(first) == []
    assert [parse(menus(message)[0].custom_id) for message in (first, second)] == [
        ReadPaper(17, 0, "key0"),
        ReadPaper(17, 0, "key1"),
    ]


def test_a_paper_too_long_for_a_message_goes_on_in_the_next() -> None:
    long = tuple(Section(str(n), f"{n} " * 1_500) for n in range(6))
    messages = post(_with(dataclasses.replace(ONE, sections=long)), Look.FULL)
    assert len(messages) == 4
    assert [embed.title for message in messages for embed in message.embeds if embed.title] == [
        r"Paper 1 on \*attention\*"
    ]
    assert [embed.image for message in messages for embed in message.embeds if embed.image] == ["paper-1.png"]
    assert messages[-1].embeds[-1].image == "paper-1.png"
    assert all(menus(message)[0].options[0].value == "1" for message in messages)


def test_a_post_that_fits_one_message_is_one() -> None:
    # 5,900 characters in two papers: more than an embed's description holds, less than a message does.
    entries = (Section("A", "x " * 725), Section("B", "y " * 725))
    papers = [dataclasses.replace(ONE, number=n, url=f"http://a.bc/{n}", sections=entries) for n in (1, 2)]
    (message,) = post(_with(*papers), Look.FULL)
    assert sum(units(embed.description or "") for embed in message.embeds) > 5_800


def test_a_round_up_is_a_numbered_list_of_linked_titles() -> None:
    (message,) = post(round_up())
    (embed,) = message.embeds
    lines = (embed.description or "").split("\n")
    assert lines[1] == r"2. [Title 2 \[with brackets\]](https://arxiv.org/abs/2502.2)"
    assert len(lines) == 21
    assert message.content == "**Round-up** · Tue 11 Feb 2025 · 21 papers"


def test_a_round_up_keeps_every_title_whole_over_several_messages() -> None:
    digest = round_up(60, "Title {number} " + "long " * 40)
    messages = post(digest)
    assert len(messages) == 3
    shown = "\n".join(show(embed.description or "").text for message in messages for embed in message.embeds)
    assert all(f"{paper.number}. {paper.title.strip()}" in shown for paper in digest.papers)
    values = [[option.value for menu in menus(message) for option in menu.options] for message in messages]
    assert [value for message in values for value in message] == [str(n) for n in range(1, 61)]


def test_menus_hold_25_and_a_message_four_of_them() -> None:
    messages = post(round_up(120, "T{number}"))
    assert [[len(menu.options) for menu in menus(message)] for message in messages] == [[25, 25, 25, 25], [20]]
    first = menus(messages[0])
    assert [menu.placeholder for menu in first[:2]] == [
        "Read a paper in full: 1 to 25…",
        "Read a paper in full: 26 to 50…",
    ]
    assert [parse(menu.custom_id) for menu in first] == [ReadPaper(17, part, "key0") for part in range(4)]
    assert len(messages[-1].rows) == 2


def test_reading_tips_that_do_not_fit_a_full_post_are_in_its_menu() -> None:
    (message,) = post(_with(ONE, tips="tip. " * 1_200), Look.FULL)
    assert [option.value for option in menus(message)[0].options] == ["1", "tips"]
    assert [embed.title for embed in message.embeds] == [r"Paper 1 on \*attention\*"]


def test_reading_tips_are_in_the_last_menu_and_count_towards_its_options() -> None:
    digest = dataclasses.replace(round_up(100, "T{number}"), tips="Start with 3.")
    messages = post(digest)
    assert [sum(len(menu.options) for menu in menus(message)) for message in messages] == [99, 2]
    values = [option.value for message in messages for menu in menus(message) for option in menu.options]
    assert values == [*(str(n) for n in range(1, 101)), "tips"]
    (message,) = post(dataclasses.replace(digest, papers=digest.papers[:99]))
    assert [len(menu.options) for menu in menus(message)] == [25, 25, 25, 25]


def test_numbers_that_skip_are_not_counted_by_discord() -> None:
    digest = round_up(3)
    digest = dataclasses.replace(digest, papers=digest.papers[1:])
    (message,) = post(digest)
    assert show(message.embeds[0].description or "").text.split("\n")[0] == "2 · Title 2 [with brackets]"


def test_a_menus_label_is_cut_at_a_word_and_the_list_has_the_title_whole() -> None:
    title = "An exceedingly long title that goes on and on for much longer than a label of a menu could ever be"
    (message,) = post(round_up(1, title))
    assert menus(message)[0].options[0].label.endswith("a menu could ever…")
    assert title in show(message.embeds[0].description or "").text


@pytest.mark.parametrize("title", ["x" * 257, "See http://a.bc/d for this"])
def test_a_title_that_an_embeds_title_cannot_hold_stands_in_the_text(title: str) -> None:
    (message,) = post(_with(dataclasses.replace(ONE, title=title)))
    shown = show(message.embeds[0].description or "")
    assert message.embeds[0].title is None
    assert title in shown.text
    assert ONE.url in shown.links


def test_two_papers_with_the_same_link_do_not_share_it_as_embeds() -> None:
    (message,) = post(_with(ONE, dataclasses.replace(ONE, number=2)))
    assert [embed.url for embed in message.embeds] == [ONE.url, None]
    assert ONE.url in show(message.embeds[1].description or "").links


def test_a_paper_without_a_title_or_with_an_unsafe_link_is_named_and_not_linked() -> None:
    (message,) = post(_with(dataclasses.replace(ONE, title=" \u200b", url="javascript:alert(1)")))
    assert (message.embeds[0].title, message.embeds[0].url) == ("Paper 1", None)


def test_large_figures_are_spread_over_messages_and_huge_ones_left_out() -> None:
    papers = [
        dataclasses.replace(ONE, number=n, url=f"http://a.bc/{n}", figure=figure(size))
        for n, size in enumerate((6_000_000, 6_000_000, 12_000_000), 1)
    ]
    messages = post(_with(*papers))
    assert [[file.name for file in message.files] for message in messages] == [["paper-1.png"], ["paper-2.png"]]


def test_a_post_is_in_the_subscriptions_language_and_in_english_where_there_is_no_other() -> None:
    (message,) = post(deep_dive(), language="zh")
    first, second, _ = message.embeds
    assert (first.title, first.description) == ("论文一", "**Problem** 难。\n\n**Result** 好。")
    assert (first.url, first.thumbnail) == (ONE.url, "paper-1.png")
    assert second.title == r"Paper 2 on \*attention\*"
    assert menus(message)[0].options[0].label == "1 · 论文一"


def test_a_digest_without_papers_is_no_post() -> None:
    for look, languages in ((Look.BRIEF, {}), (Look.FULL, deep_dive().languages)):
        assert post(dataclasses.replace(deep_dive(), papers=(), languages=languages), look) == ()


def test_another_series_is_laid_out_by_what_its_papers_hold() -> None:
    (message,) = post(dataclasses.replace(deep_dive(), series="my_robots & co."))
    assert message.content == "**My robots & co.** · Tue 29 Apr 2025 · 3 papers"
    assert len(message.embeds) == 3
    (message,) = post(dataclasses.replace(round_up(3), series="**"))
    assert message.content == r"**\*\*** · Tue 11 Feb 2025 · 3 papers"
    assert len(message.embeds) == 1


def test_what_is_shown_does_not_depend_on_the_keys() -> None:
    digest = round_up(120)
    composed = [
        compose(digest, digest_id=17, look=Look.BRIEF, say=Speech(), language="en", keys=keys)
        for keys in (lambda _: "", lambda _: "k" * 25)
    ]
    assert all(
        [(message.content, message.embeds) for message in one]
        == [(message.content, message.embeds) for message in other]
        for one, other in pairwise(composed)
    )
