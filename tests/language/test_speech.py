"""Which language is spoken, and how dates, lists and kept sentences are said in it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from bot.delivery.schedule import Weekdays
from bot.language import Refusal, Speech, Words, catalogue, speech
from bot.model import Language
from bot.posts.style import date_in_words

ZH = speech("zh")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *(("zh", "zh"), ("zh-CN", "zh"), ("zh-TW", "zh"), ("zh_Hans", "zh"), ("ZH-cn", "zh")),
        *(("en-US", "en"), ("en", "en"), ("de", "en"), ("zhx", "en"), ("", "en"), (None, "en")),
    ],
)
def test_a_tags_language(tag: str | None, language: str) -> None:
    assert speech(tag).language is Language(language)


def test_what_isnt_translated_is_said_in_english() -> None:
    assert ZH("Nobody translated {this}.", this="it") == "Nobody translated it."


def test_dates_and_weekdays_in_chinese() -> None:
    assert date_in_words(dt.date(2025, 4, 29), ZH) == "2025年4月29日 周二"
    assert Weekdays.of(range(7)).text(ZH) == "每天"
    assert Weekdays.of(range(5)).text(ZH) == "周一至周五"
    assert Weekdays.of((0, 2, 3, 4)).text(ZH) == "周一、周三至周五"
    assert Weekdays.of((5, 6)).text(ZH) == "周六、周日"
    assert Weekdays.of((5, 6)).text(Speech()) == "Sat, Sun"


def test_counts_in_chinese() -> None:
    assert [ZH.count("{number} paper", "{number} papers", n) for n in (0, 1, 2)] == [
        *("0 篇论文", "1 篇论文", "2 篇论文"),
    ]


def test_a_kept_sentence_is_said_as_it_is_where_nobody_knows_it() -> None:
    assert ZH.kept("Discord answered 500 (0): {oops}") == "Discord answered 500 (0): {oops}"
    assert "结果" in ZH.kept("The results aren't there.")


def test_words_within_a_sentence_are_said_in_its_language() -> None:
    refusal = Refusal("Give me {permissions}.", permissions=Words(("View Channel", "Send Messages"), bold=True))
    assert str(refusal) == "Give me **View Channel**, **Send Messages**."
    assert refusal.said(ZH) == "请给我：**查看频道**、**发送消息**。"


def test_commands_are_named_as_the_client_shows_them() -> None:
    sentence = "Nothing is subscribed in this server. Start with `/digest subscribe`."
    assert "/速递 订阅" in ZH(sentence)
    assert "/digest subscribe" in speech("zh", "en-US")(sentence)
    assert "速递" not in speech("zh", "en-US")(sentence)
    assert speech("en", "zh-CN")(sentence) == "Nothing is subscribed in this server. Start with `/速递 订阅`."
    assert speech("en", "en-GB")(sentence) == sentence
    assert speech("zh", "zh-TW")(sentence) == ZH(sentence)


def test_no_sentence_keeps_a_command_of_another_client() -> None:
    """Whatever follows a slash is a command that the client has."""
    names = catalogue(Language.CHINESE).names
    sentences = catalogue(Language.CHINESE).sentences
    chinese, english = speech("zh", "en"), speech("en", "zh")
    for sentence in sentences:
        assert not re.search(r"/[\u4e00-\u9fff]", chinese.sentences[sentence]), sentence
        left = re.findall(r"(?<![\w.])/([a-z-]+)", english.sentences.get(sentence, sentence))
        assert not set(left) & set(names), sentence
