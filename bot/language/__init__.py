"""Speaks to people: every sentence a Discord user sees is said through here, in their language.

The English sentence, as it stands in the code, is the key of its translations. A sentence without a
translation is said in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.model import Language


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, spoken: call it with an English sentence (str.format style) and what to put in it."""

    language: Language = Language.ENGLISH
    sentences: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __call__(self, sentence: str, /, **values: object) -> str:
        """The sentence in this language, its `{names}` replaced by `values`.

        Values are put in as they are: what comes from documents or people is escaped by the caller
        (bot.posts.markdown.escape).
        """
        return self.sentences.get(sentence, sentence).format(**values)

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """`one` or `many` by `number`, which the sentence can name as `{number}`."""
        return self(one if number == 1 else many, number=number, **values)


class Refusal(Exception):
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


def speech(language: str | None) -> Speech:
    """The speech for a language tag such as `en`, `zh` or Discord's `en-US`, `zh-CN`; English if unknown."""
    return Speech()
