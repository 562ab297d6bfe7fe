"""A page in two languages, from its file to posts, rounds and refusals: each reader in theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import simcord.interactions

from bot.leaderboard import standings
from bot.library import seeds
from tests.documents.pages import card, chunk, page, popup, tab
from tests.journeys.conftest import House, labels, text_of
from tests.journeys.test_a_day import answer_ids, subscribe


def both(english: str, chinese: str) -> str:
    """What stands on a page in two languages."""
    return f'<div data-lang="en">{english}</div><div data-lang="zh">{chinese}</div>'


PAGE = page(
    card(
        1,
        "Bees that count",
        sections=both(chunk(1, "Problem", "Can a bee count?"), chunk(1, "问题", "蜜蜂会数数吗？")),
        tabs=tab(
            popup("1. How far do bees count?", ("To two", "To four", "To nine"), "To four", language="en"),
            popup("1. 蜜蜂能数到几？", ("到二", "到四", "到九"), "到四", language="zh"),
        ),
    ),
    '<div class="daily-tips-section"><div class="tips-content" data-lang="en">Start with the bees.</div>'
    '<div class="tips-content" data-lang="zh">先看蜜蜂。</div></div>',
    heading="2026-02-28 Papers",
)


@pytest.fixture
async def garden(house: House, tmp_path: Path) -> House:
    """A house whose library has the page, in the series `bees`."""
    folder = tmp_path / "seeds" / "bees"
    folder.mkdir(parents=True)
    (folder / "2026-02-28.html").write_text(PAGE, encoding="utf-8")
    root = tmp_path / "seeds"
    await seeds.import_paths(house.store, [root], clock=house.clock, recount=standings.recount_for, roots=[root])
    return house


def speak(monkeypatch: pytest.MonkeyPatch, locale: str) -> None:
    """From now on everybody's client is in this language."""
    made = simcord.interactions.base_payload

    def payload(*given: Any, **more: Any) -> tuple[Any, dict[str, Any]]:
        record, sent = made(*given, **more)
        return record, {**sent, "locale": locale}

    monkeypatch.setattr(simcord.interactions, "base_payload", payload)


async def post(house: House, language: str) -> Any:
    await subscribe(house, "bees", language=language)
    house.clock.move(hours=2)
    await house.tick()
    return house.posts()[-1]


async def test_a_post_comes_in_the_subscriptions_language(garden: House) -> None:
    said = text_of(await post(garden, "zh"))
    assert "2026年2月28日 周六" in said
    assert "1 篇论文" in said
    assert "蜜蜂会数数吗？" in said
    assert "Can a bee count?" not in said
    assert labels(garden.posts()[0]) == ["开始答题", "排行榜"]


async def test_what_only_the_player_sees_comes_in_the_language_they_chose(garden: House) -> None:
    chinese = await post(garden, "zh")
    opened = await garden.ada.click(chinese, label="开始答题")
    assert opened.response is not None
    assert "How far do bees count?" in text_of(opened.response)
    assert "Question 1 of 1" in text_of(opened.response)

    await garden.ben.slash(garden.papers, "me language", language="zh")
    opened = await garden.ben.click(chinese, label="开始答题")
    assert opened.response is not None
    assert "蜜蜂能数到几？" in text_of(opened.response)
    assert "第 1/1 题" in text_of(opened.response)
    order = [line.partition("  ")[2] for line in text_of(opened.response).splitlines() if line.startswith("**")]
    await garden.ben.click(opened.response.message, custom_id=answer_ids(opened.response)[order[1:].index("到四")])
    assert "✅ 答对了" in text_of(opened.response)
    assert "到四" in text_of(opened.response)

    read = await garden.ben.select(chinese, ["1"])
    assert read.response is not None
    assert "蜜蜂会数数吗？" in text_of(read.response)
    read = await garden.ada.select(chinese, ["tips"])
    assert read.response is not None
    assert "Start with the bees." in text_of(read.response)


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW"])
async def test_without_a_choice_the_clients_language_counts(
    garden: House, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    english = await post(garden, "en")
    assert labels(english) == ["Play the round", "Leaderboard"]
    speak(monkeypatch, locale)
    opened = await garden.ada.click(english, label="Play the round")
    assert opened.response is not None
    assert "蜜蜂能数到几？" in text_of(opened.response)
    board = await garden.ada.slash(garden.papers, "leaderboard")
    assert board.response is not None
    assert "排行榜 · 总榜" in text_of(board.response)
    await garden.ada.slash(garden.papers, "me language", language="en")
    opened = await garden.ada.click(english, label="Play the round")
    assert opened.response is not None
    assert "How far do bees count?" in text_of(opened.response)


async def test_refusals_come_in_the_persons_language_too(garden: House) -> None:
    await garden.admin.slash(garden.papers, "me language", language="zh")
    refused = await garden.admin.slash(garden.papers, "digest status")
    assert refused.response is not None
    assert "没有订阅" in text_of(refused.response)
    refused = await garden.admin.slash(garden.papers, "digest subscribe", series="bees", time="25:00", zone="UTC")
    assert refused.response is not None
    assert "“25:00”不是时间" in text_of(refused.response)


async def test_a_document_without_chinese_is_shown_as_it_is(house: House) -> None:
    await subscribe(house, language="zh")
    house.clock.move(hours=2)
    await house.tick()
    said = text_of(house.posts()[0])
    assert "深度解读" in said
    assert "2025年4月29日 周二" in said
    assert "Token-Shuffle" in said


async def test_troubles_are_told_in_the_servers_language_and_shown_in_the_admins(house: House) -> None:
    notices = house.guild.create_text_channel("notices")
    await house.admin.slash(house.papers, "digest settings", language="zh", notice_channel=notices)
    await subscribe(house)
    house.env.inject_error("POST", f"/channels/{house.papers.id}/messages", status=403, code=50013)
    house.clock.move(hours=2)
    await house.tick()
    assert ["没有权限" in text_of(message) for message in notices.history()] == [True]
    status = await house.admin.slash(house.papers, "digest status")
    assert status.response is not None
    assert "not allowed to post" in text_of(status.response)
    await house.admin.slash(house.papers, "me language", language="zh")
    status = await house.admin.slash(house.papers, "digest status")
    assert status.response is not None
    assert "没有权限" in text_of(status.response)


async def test_commands_are_named_as_the_client_has_them_whatever_language_was_chosen(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.ada.slash(house.papers, "me language", language="zh")
    nothing = await house.ada.slash(house.papers, "today")
    assert "/digest subscribe" in text_of(nothing.response)
    assert "管理员" in text_of(nothing.response)
    speak(monkeypatch, "zh-CN")
    nothing = await house.ada.slash(house.papers, "today")
    assert "/速递 订阅" in text_of(nothing.response)
