"""The catalogues have every sentence that the bot can say, say the same with it, and nothing else."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest

from bot.language import catalogue
from bot.model import Language
from tests.language.sentences import commands, payloads, said

OTHERS = [language for language in Language if language is not Language.ENGLISH]
NAMES, TEXTS = commands()
SENTENCES = said()


def placeholders(sentence: str) -> set[tuple[str, str]]:
    """The `{names}` of a sentence."""
    return {(name, spec or "") for _, name, spec, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_nothing_else(language: Language) -> None:
    known = catalogue(language)
    wanted = {**SENTENCES, **TEXTS}
    assert {text: place for text, place in wanted.items() if text not in known.sentences} == {}
    assert {name: place for name, place in NAMES.items() if name not in known.names} == {}
    assert [text for text in known.sentences if text not in wanted] == []
    assert [name for name in known.names if name not in NAMES] == []


def test_what_is_found_is_what_is_said() -> None:
    """The search itself: a sentence of each kind."""
    assert {
        "You aren't on it: no answer of yours counts here so far. `/me record` says more.",  # say(…)
        "{number} point",  # say.count(…)
        "There is no such leaderboard any more; `/leaderboard` shows the others.",  # Refusal(…)
        "This round isn't played in this server.",  # what derives from it
        "The results aren't there.",  # kept
        "The bot's clock agrees with Discord's.",  # a check's
        "View Channel",  # a permission's name
    } <= SENTENCES.keys()
    assert "leaderboard" in NAMES
    assert "this week" in TEXTS


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_placeholders(language: Language) -> None:
    wrong = {
        english: text
        for english, text in catalogue(language).sentences.items()
        if english in SENTENCES and placeholders(english) != placeholders(text)
    }
    assert wrong == {}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_translated_by_nothing(language: Language) -> None:
    known = catalogue(language)
    assert all(text.strip() for text in [*known.sentences.values(), *known.names.values()])


@pytest.mark.parametrize("language", OTHERS)
def test_commands_are_mentioned_as_they_are_called(language: Language) -> None:
    """`/digest subscribe` in a sentence is what the reader's client shows for it."""
    known = catalogue(language)
    called = dict(_called("/", payloads(), known.names))
    wrong = {}
    for english, text in known.sentences.items():
        for mentioned in re.findall(r"(?<![\w/.])/[a-z]+(?: [a-z-]+)?", english):
            name = mentioned if mentioned in called else mentioned.partition(" ")[0]
            if name in called and called[name] not in text:
                wrong[english] = (called[name], text)
    assert wrong == {}


def _called(start: str, options: list[dict[str, Any]], names: Any) -> Any:
    for option in options:
        yield start + option["name"], start + names[option["name"]]
        for sub in option.get("options", ()):
            if sub["type"] in (1, 2):
                yield (
                    f"{start}{option['name']} {sub['name']}",
                    f"{start}{names[option['name']]} {names[sub['name']]}",
                )
