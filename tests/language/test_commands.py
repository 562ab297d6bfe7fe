"""Commands in other languages, as Discord is told of them and within its limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from bot.commands.translation import Translator, translated
from bot.language import Catalogue, catalogue
from bot.model import Language
from tests.language.sentences import tree

CHINESE = ("zh-CN", "zh-TW")
NAME = re.compile(r"[-_'\w]{1,32}")
"""Discord's own pattern for names."""
_COMMANDS = (1, 2)
"""The types of options that are commands themselves."""


async def told() -> list[dict[str, Any]]:
    made = tree()
    await made.set_translator(Translator())
    return await translated(made)


def everything(payloads: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for payload in payloads:
        yield payload
        yield from everything(payload.get("options", []))


async def test_all_has_a_chinese_name_and_description_within_discords_limits() -> None:
    for entry in everything(await told()):
        for kind, most in (("name", 32), ("description", 100)):
            localized: Mapping[str, str] = entry[f"{kind}_localizations"]
            assert set(localized) == set(CHINESE), entry["name"]
            assert len(set(localized.values())) == 1
            assert all(1 <= len(text) <= most for text in [entry[kind], *localized.values()])
        for name in [entry["name"], *entry["name_localizations"].values()]:
            assert NAME.fullmatch(name)
            assert name == name.lower()


async def test_no_two_of_one_place_are_called_the_same() -> None:
    payloads = await told()
    for siblings in [payloads, *(entry.get("options", []) for entry in everything(payloads))]:
        names = [entry["name_localizations"]["zh-CN"] for entry in siblings]
        assert len(set(names)) == len(names)


async def test_choices_are_translated_and_keep_their_values() -> None:
    for entry in everything(await told()):
        for choice in entry.get("choices", []):
            localized = choice["name_localizations"]
            assert set(localized) == set(CHINESE)
            assert all(1 <= len(text) <= 100 for text in localized.values())
    (board,) = (entry for entry in await told() if entry["name"] == "leaderboard")
    period = next(option for option in board["options"] if option["name"] == "period")
    week = next(choice for choice in period["choices"] if choice["value"] == "week")
    assert week["name_localizations"]["zh-CN"] == "本周"


async def test_a_changed_catalogue_is_told_to_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    before = await told()
    known = catalogue(Language.CHINESE)
    changed = Catalogue(known.sentences, MappingProxyType({**known.names, "help": "帮帮我"}))
    assert await told() == before
    monkeypatch.setattr("bot.commands.translation.catalogue", lambda _: changed)
    assert await told() != before
