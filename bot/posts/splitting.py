"""Long text in pieces, at places where a reader would pause; long labels short.

Lengths are in UTF-16 code units, as in bot.posts.limits.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Final

from bot.posts.limits import units
from bot.posts.markdown import WEB_ADDRESS, guard_start, plain, unlinked

_PARAGRAPH: Final = re.compile(r"\n\s*\n")
_SENTENCE: Final = re.compile(r"""\n|(?<=[.!?…])["')\]”’]*\s|(?<=[。！？])["”’」』）]*""")
_WORD: Final = re.compile(r"\s")
_ADDRESS: Final = re.compile(rf"<(?:https?|steam)://[^\s<>]+>|{WEB_ADDRESS.pattern}")
_ATOM: Final = re.compile(rf"{_ADDRESS.pattern}|\\.|.", re.DOTALL)
_JOINER: Final = "\u200d"
# The end of a sentence that is surely one: not "et al. the", "Fig. 3" or "e.g. this".
_SURE_SENTENCE: Final = re.compile(r"(?<=[a-z0-9)%\]][.!?]) (?=[A-Z])")
_ABBREVIATION: Final = re.compile(r"\b(?:al|cf|e\.g|eq|eqs|etc|fig|figs|i\.e|no|resp|sec|vs)\.$", re.IGNORECASE)

_LONG_PARAGRAPH: Final = 420
_SHORT_PARAGRAPH: Final = 200


def split(text: str, limit: int) -> tuple[str, ...]:
    """Escaped markdown in pieces of at most `limit` units (at least 8), none of them empty or cut in an escape.

    It is cut after a paragraph, else a sentence, else a word, else between characters; an address only if
    it is too long for a piece, and is no link then. Put together, the pieces are the text but for the blanks
    at the cuts and the backslash that keeps a piece from beginning as a heading, a quote or a list.
    """
    pieces = []
    rest = text.strip()
    while units(rest) > limit:
        cut = _cut(rest, limit)
        if cut:
            pieces.append(rest[:cut].rstrip())
            rest = guard_start(rest[cut:].lstrip())
        else:
            rest = _ADDRESS.sub(lambda address: unlinked(address[0]), rest, count=1)
    return (*pieces, rest) if rest else tuple(pieces)


def shorten(text: str, limit: int) -> str:
    """A label of at most `limit` units: the text on one line, a longer one cut at a word, with an ellipsis."""
    text = plain(text)
    if units(text) <= limit:
        return text
    room = _prefix(text, limit - 1)
    words = text[: room + 1].rfind(" ")
    cut = words if words > room // 3 else _atom_cut(text, room) or room
    return text[:cut].rstrip(" ,;:–—-") + "…"


def breathe(text: str) -> str:
    """The text with long paragraphs broken at ends of sentences, so that it is no wall; the words stay."""
    return "\n".join(_broken(line) for line in text.split("\n"))


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
    """Where to cut a text that is longer than `limit` units; 0 if an address at its start is longer, too."""
    room = _prefix(text, limit)
    addresses = [
        range(address.start() + 1, address.end())
        for address in itertools.takewhile(lambda address: address.start() <= room, _ADDRESS.finditer(text))
    ]
    for pattern, least in ((_PARAGRAPH, room // 2), (_SENTENCE, room // 3), (_WORD, 0)):
        # What ends a piece are blanks, which are dropped, so they may stand just behind the room.
        cuts = (match.end() for match in pattern.finditer(text, 0, room + 1))
        best = max((cut for cut in cuts if least < len(text[:cut].rstrip()) <= room), default=0)
        if best and not any(best in address for address in addresses):
            return best
    return _atom_cut(text, room)


def _atom_cut(text: str, room: int) -> int:
    """The last place within `room` characters that is between two atoms: characters, escapes, web addresses."""
    best = 0
    for atom in _ATOM.finditer(text):
        place = atom.start()
        if place > room:
            break
        # A mark stays with the character it belongs to, unless they are a heap.
        if unicodedata.combining(text[place]) == 0 and _JOINER not in text[place - 1 : place + 1]:
            best = place
    if best or _ADDRESS.match(text):
        return best
    return _unmarked(text, room)


def _unmarked(text: str, room: int) -> int:
    """The last place within `room` characters of a heap of marks that is not within an escape."""
    escapes = {atom.start() + 1 for atom in _ATOM.finditer(text, 0, room + 1) if atom[0].startswith("\\")}
    return max(room - (room in escapes), 1)
