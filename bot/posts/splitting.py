"""Long text in pieces, at places where a reader would pause; long labels short.

Lengths are in UTF-16 code units, as in bot.posts.limits.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bot.posts.limits import units
from bot.posts.markdown import WEB_ADDRESS, escape, guard_start, plain

_PARAGRAPH: Final = re.compile(r"\n\s*\n")
_SENTENCE: Final = re.compile(r"""\n|(?<=[.!?…])["')\]”’]*\s|(?<=[。！？])["”’」』）]*""")
_WORD: Final = re.compile(r"\s")
_ATOM: Final = re.compile(rf"{WEB_ADDRESS.pattern}|\\.|.", re.DOTALL)
_JOINER: Final = "\u200d"
# The end of a sentence that is surely one: not "et al. the", "Fig. 3" or "e.g. this".
_SURE_SENTENCE: Final = re.compile(r"(?<=[a-z0-9)%\]][.!?]) (?=[A-Z])")
_ABBREVIATION: Final = re.compile(r"\b(?:al|cf|e\.g|eq|eqs|etc|fig|figs|i\.e|no|resp|sec|vs)\.$", re.IGNORECASE)

_LONG_PARAGRAPH: Final = 420
_SHORT_PARAGRAPH: Final = 200


def split(text: str, limit: int) -> tuple[str, ...]:
    """Escaped markdown in pieces of at most `limit` units (at least 8), none of them empty or cut in an escape.

    It is cut after a paragraph, else a sentence, else a word, else between characters; an address is cut
    only if it fills a piece alone. Put together, the pieces are the text but for the blanks at the cuts and
    the backslash that keeps a piece from beginning as a heading, a quote or a list.
    """
    pieces = []
    rest = text.strip()
    while units(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = guard_start(_resume(rest, cut).lstrip())
    return (*pieces, rest) if rest else tuple(pieces)


def shorten(text: str, limit: int) -> str:
    """A label of at most `limit` units: the text on one line, a longer one cut at a word, with an ellipsis."""
    text = plain(text)
    if units(text) <= limit:
        return text
    room = _prefix(text, limit - 1)
    words = text[: room + 1].rfind(" ")
    cut = words if words > room // 3 else _atom_cut(text, room)
    return text[:cut].rstrip(" ,;:–—-") + "…"


def breathe(text: str) -> str:
    """The text with long paragraphs broken at ends of sentences, so that it is no wall; the words stay."""
    return "\n".join(_broken(line) for line in text.split("\n"))


def _resume(text: str, cut: int) -> str:
    """What follows a cut; where that is within an address, its rest is no address any more and gets escaped."""
    for address in WEB_ADDRESS.finditer(text):
        if address.start() < cut < address.end():
            return escape(text[cut : address.end()]) + text[address.end() :]
        if address.start() >= cut:
            break
    return text[cut:]


def _broken(line: str) -> str:
    if units(line) <= _LONG_PARAGRAPH:
        return line
    paragraphs = [""]
    for sentence in _sentences(line):
        if units(paragraphs[-1]) >= _SHORT_PARAGRAPH:
            paragraphs.append(sentence)
        else:
            paragraphs[-1] = f"{paragraphs[-1]} {sentence}".lstrip()
    return "\n\n".join(paragraphs)


def _sentences(line: str) -> list[str]:
    sentences, start = [], 0
    for end in _SURE_SENTENCE.finditer(line):
        if not _ABBREVIATION.search(line[start : end.start()]):
            sentences.append(line[start : end.start()])
            start = end.end()
    return [*sentences, line[start:]]


def _prefix(text: str, limit: int) -> int:
    """How many characters of a text fit into `limit` units."""
    end = min(len(text), limit)
    while (over := units(text[:end]) - limit) > 0:
        end -= (over + 1) // 2
    return end


def _cut(text: str, limit: int) -> int:
    """Where to cut a text that is longer than `limit` units; never 0."""
    room = _prefix(text, limit)
    # A cut may fall just behind the room, on blanks that are dropped.
    for pattern, least in ((_PARAGRAPH, room // 2), (_SENTENCE, room // 3), (_WORD, 0)):
        cuts = [
            match.start() if pattern is not _SENTENCE else match.end()
            for match in pattern.finditer(text, 0, room + 1)
        ]
        best = max((cut for cut in cuts if least < len(text[:cut].rstrip()) <= room), default=0)
        if best:
            return best
    return _atom_cut(text, room)


def _atom_cut(text: str, room: int) -> int:
    """The last place within `room` characters that is between two atoms: characters, escapes, web addresses."""
    best, end = 0, 0
    for atom in _ATOM.finditer(text):
        if atom.start() > room:
            break
        end = atom.start()
        if end and unicodedata.combining(text[end]) == 0 and _JOINER not in text[end - 1 : end + 1]:
            best = end
    # Nothing but one long address, or one long heap of marks: cut it as it comes.
    return best or max(room, 1)
