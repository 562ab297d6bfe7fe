"""Speaks to people: every sentence a Discord user sees is said through here, in their language.

The English sentence, as it stands in the code, is the key of its translations, which stand in one catalogue a
language beside this file (`zh.toml`). A sentence without a translation is said in English.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot.model import Language


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, spoken: call it with an English sentence (str.format style) and what to put in it."""

    language: Language = Language.ENGLISH
    sentences: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __call__(self, sentence: str, /, **values: object) -> str:
        """The sentence in this language, its `{names}` replaced by `values`.

        Values are put in as they are: what comes from documents or people is escaped by the caller
        (bot.posts.markdown.escape); Words are said in this language.
        """
        said = {name: value.said(self) if isinstance(value, Words) else value for name, value in values.items()}
        return self.sentences.get(sentence, sentence).format(**said)

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """`one` or `many` by `number`, which the sentence can name as `{number}`."""
        return self(one if number == 1 else many, number=number, **values)

    def kept(self, sentence: str) -> str:
        """A sentence that was kept in English, in the database, with nothing to put in it; any other as it is."""
        return self.sentences.get(sentence, sentence)


@dataclass(frozen=True, slots=True)
class Words:
    """Words for a sentence's placeholder that are to be said in its language too, such as names of permissions."""

    words: tuple[str, ...]
    bold: bool = False

    def __str__(self) -> str:
        """In English."""
        return self.said(Speech())

    def said(self, say: Speech) -> str:
        """In a language, with its commas."""
        said = (say.kept(word) for word in self.words)
        return say(", ").join(f"**{word}**" if self.bold else word for word in said)


class Refusal(Exception):  # noqa: N818  # what is said, not what broke
    """What a person asked for can't be done, or not so: one sentence for them, said in their language.

    Rooms derive their own narrow errors from it; they are answered in one place, by whoever talks to the person.
    """

    def __init__(self, sentence: str, /, **values: object) -> None:
        """`sentence` with `{names}` for `values`, as Speech takes them."""
        super().__init__(sentence.format(**values))
        self.sentence = sentence
        self.values = values

    def said(self, say: Speech) -> str:
        """The sentence in the person's language."""
        return say(self.sentence, **self.values)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that is translated into one language."""

    sentences: Mapping[str, str]
    """By the English sentence; also what describes commands, their options and choices."""
    names: Mapping[str, str]
    """Of commands and their options, as Discord takes them: 32 characters at most, small letters, no spaces."""


@functools.cache
def catalogue(language: Language) -> Catalogue:
    """The catalogue of a language, read once; English has an empty one."""
    if language is Language.ENGLISH:
        return Catalogue(MappingProxyType({}), MappingProxyType({}))
    read = tomllib.loads(Path(__file__).with_name(f"{language.value}.toml").read_text(encoding="utf-8"))
    return Catalogue(MappingProxyType(read["sentences"]), MappingProxyType(read["names"]))


_COMMAND: Final = re.compile(r"/([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
"""A command in an English sentence, or one word of one and what comes after it."""


@functools.cache
def _speech(language: Language, client: Language) -> Speech:
    sentences = catalogue(language).sentences
    if client is not language:
        sentences = MappingProxyType({**sentences, **_renamed(language, client)})
    return Speech(language, sentences)


def _renamed(language: Language, client: Language) -> dict[str, str]:
    """The sentences that name commands, in a language, with those named as a client in another one has them."""
    found = {}
    for other in {language, client} - {Language.ENGLISH}:
        known = catalogue(other)
        for english, said in known.sentences.items():
            text = said if language is other else english
            for command, named in _commands(english, said, known.names):
                text = text.replace(*((named, command) if language is other else (command, named)))
            found[english] = text
    return found


def _commands(english: str, said: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The commands that an English sentence and its translation name, as each does."""
    for match in _COMMAND.finditer(english):
        for words in (match[0].split(" "), match[0].split(" ")[:1]):
            command = " ".join(words)
            named = "/" + " ".join(names.get(word.removeprefix("/"), "?") for word in words)
            if named in said:
                yield command, named
                break


def speech(language: str | None, client: str | None = None) -> Speech:
    """The speech for a language tag such as `en`, `zh` or Discord's `en-US`, `zh-CN`; English if unknown.

    Commands are named as a `client` in that language (a tag too) shows them; in the same if it isn't said.
    """
    spoken = _known(language)
    return _speech(spoken, spoken if client is None else _known(client))


@functools.lru_cache(maxsize=100)
def _known(tag: str | None) -> Language:
    primary = (tag or "").replace("_", "-").partition("-")[0].casefold()
    return next((known for known in Language if known.value == primary), Language.ENGLISH)
