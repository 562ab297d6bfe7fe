"""Words of titles and summaries: which tell something, which are forms of one another, which are masked. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

MASK: Final = "▒▒▒"

_WORD: Final = re.compile(r"[^\W_]+")
_GRAM: Final = 5
"""A word of the text that shares so many letters in a row with a title's word is masked."""
_CJK: Final = re.compile("[\u3040-\u9fff\uac00-\ud7a3]")
_CJK_GRAM: Final = 2
_LONGEST_ACRONYM: Final = 12
_JOINED: Final = 4
"""So many words written apart are tried as one word."""


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EMPTY: Final = _listed(
    "a an and are as at be been but by can do does for from had has have how if in into is it its may no "
    "not of on or our out so such than that the their them then there these they this those to up was we "
    "were what when where which while who why will with you your i s t d ll m re ve"
)
"""Words that tell nothing in a title, and stay in a text."""
_PLAIN: Final = _listed(
    "also both each other more most paper papers work study article authors author introduce present "
    "propose new novel method approach framework model result show demonstrate using use used via based "
    "through between across over under within without primary main key objective methodology finding "
    "principal implication practitioner ai research goal aim achieve improve improvement performance "
    "evaluate experiment state art significant significantly existing enable provide offer address "
    "challenge task data dataset benchmark training train large language llm llms system one two three "
    "several various different specific specifically include including high higher low lower better best "
    "first by to which that"
)
"""Words that stand in summaries of all papers alike."""
_ENDINGS: Final = (
    *("ization", "isation", "ational", "ations", "ation", "ically", "ments", "ment", "ness", "ities", "ings"),
    *("ity", "ive", "ing", "ies", "ion", "ers", "ors", "ed", "er", "or", "ly", "al", "ic", "es", "s", "e", "y"),
)


@lru_cache(maxsize=8_192)
def folded(text: str) -> str:
    """A text without case, accents and the shape of its characters."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """What a word has in common with its other forms, roughly; at least three letters of it."""
    for _ in range(2):
        ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 3), None)
        if ending is None:
            break
        word = word.removesuffix(ending)
    return word


_PLAIN_STEMS: Final = frozenset(stem(word) for word in _PLAIN)


def telling(text: str) -> frozenset[str]:
    """The stems of the words of a text that tell what it is about; numbers don't."""
    return frozenset(filter(None, map(_told, _WORD.findall(text))))


@lru_cache(maxsize=8_192)
def _told(written: str) -> str:
    """The stem of a word as it is written, if it tells what a text is about, else nothing."""
    word = folded(written)
    if word in _EMPTY or word.isdigit() or len(word) < 2:
        return ""
    found = stem(word)
    return "" if found in _PLAIN_STEMS else found


def masked(text: str, titles: Sequence[str]) -> str:
    """The text with every word masked that could be read out of one of these titles.

    That is: a title's word, in whatever case, number or form; a word that shares five letters in a row with one;
    words written together or apart that are a title's, with or without hyphens; an abbreviation that a title's
    words spell. Words that tell nothing, such as `of` and `the`, stay. Masks beside each other become one.
    """
    matches = list(_WORD.finditer(text))
    told = _Telltales(titles)
    hidden = {place for place, match in enumerate(matches) if told.by(match[0])}
    tokens = [folded(match[0]) for match in matches]
    for start in range(len(tokens)):
        joined = tokens[start]
        for end in range(start + 1, min(start + _JOINED, len(tokens))):
            joined += tokens[end]
            if joined in told.whole:
                hidden.update(range(start, end + 1))
    pieces, at = [], 0
    for place, match in enumerate(matches):
        pieces.append(text[at : match.start()])
        pieces.append(MASK if place in hidden else match[0])
        at = match.end()
    return _merged("".join([*pieces, text[at:]]))


class _Telltales:
    """What could be read out of some titles."""

    def __init__(self, titles: Sequence[str]) -> None:
        self._words: set[str] = set()
        self._grams: set[str] = set()
        self._letters: list[tuple[set[str], str]] = []
        """Of each title, how its words begin and all of it."""
        self.whole: set[str] = set()
        """Words, and what stands side by side in a title written as one."""
        for title in titles:
            runs = list(map(_parts, title.split()))
            every = [word for run in runs for word in run]
            words = {word for word in every if word not in _EMPTY}
            joined = {"".join(every[a:b]) for a in range(len(every)) for b in range(a + 2, a + _JOINED + 1)}
            self.whole |= {w for w in {*joined, *words, *("".join(run) for run in runs)} if len(w) >= 4}
            self._words |= words
            for word in words | {"".join(word for word in run if word not in _EMPTY) for run in runs}:
                self._grams |= _grams(word)
            self._letters.append(({word[0] for word in every}, "".join(every)))
        self._stems = {stem(word) for word in self._words}

    def by(self, written: str) -> bool:
        """Whether a word of the text could be one of a title's, or short for some of them."""
        word = folded(written)
        if word in _EMPTY and not (written.isupper() and len(written) > 1):
            return False
        if word in self._words or word in self.whole or (len(word) > 2 and stem(word) in self._stems):
            return True
        if not self._grams.isdisjoint(_grams(word)):
            return True
        if any(word[:end] in self._words for end in range(4, len(word))):
            return True
        return _abbreviates(written) and any(
            word[:1] in starts and _spells(word, letters) for starts, letters in self._letters
        )


def _spells(word: str, title: str) -> bool:
    """Whether the letters of an abbreviation stand in a title in this order."""
    letters = iter(title)
    bare = word.removesuffix("s") if len(word) > 2 else word
    return all(letter in letters for letter in bare if not letter.isdigit())


def _abbreviates(written: str) -> bool:
    """Whether a word looks like an abbreviation or a name made of one: two capitals, or a capital within."""
    capitals = sum(character.isupper() for character in written)
    return len(written) <= _LONGEST_ACRONYM and (capitals >= 2 or any(c.isupper() for c in written[1:]))


@lru_cache(maxsize=8_192)
def _parts(run: str) -> tuple[str, ...]:
    """The words that are written without a blank between them, folded."""
    return tuple(folded(word) for word in _WORD.findall(run))


@lru_cache(maxsize=8_192)
def _grams(word: str) -> frozenset[str]:
    """All runs of five letters in a word; of two where it is written without blanks between words."""
    size = _CJK_GRAM if _CJK.search(word) else _GRAM
    return frozenset(word[start : start + size] for start in range(len(word) - size + 1))


_BRACKETED: Final = re.compile(rf"\s*\(\s*{MASK}(?:[\s,;/&-]*{MASK})*\s*\)")
_BESIDE: Final = re.compile(rf"{MASK}(?:[\s\-‐‑–/+_.:&]*{MASK})+")


def _merged(text: str) -> str:
    """Masks beside each other as one, so that their number says nothing of a title's words."""
    text = _BESIDE.sub(MASK, text)
    text = re.sub(rf"{MASK}{_BRACKETED.pattern}", MASK, text)
    return _BESIDE.sub(MASK, text)
