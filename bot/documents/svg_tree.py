"""SVG as people and programs wrote it, understood as far as it goes: its elements, and what it says.

An SVG from a page is seldom well-formed XML: `&` and `<` stand in its texts as they are, attributes come twice,
HTML stands between, it breaks off in the middle.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO

from bot.documents import markup
from bot.documents.markup import Kind, tokens, unescape
from bot.documents.source import collapse

MAX_ELEMENTS = 3_000
"""The largest drawing known has 400."""
MAX_DEPTH = 50
"""The renderer's stack ends at some 300."""
MAX_TEXT = 20_000
"""Characters; the longest known has 3,000."""

_ELEMENT_NAMES = """
    a circle clipPath defs desc ellipse filter g line linearGradient marker mask path pattern polygon polyline
    radialGradient rect stop style svg switch symbol text textPath title tspan use
    feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feMerge feMergeNode feOffset
"""
_ELEMENTS = {name.lower(): name for name in _ELEMENT_NAMES.split()}
"""The elements that draw, under their names in small letters: programs that know no SVG write them so."""
_DROPPED = {
    "script": "a script",
    "foreignobject": "HTML inside the drawing",
    "image": "a picture",
    "img": "a picture",
    "feimage": "a picture",
    "iframe": "a frame",
    "object": "an embedded object",
    "embed": "an embedded object",
    "audio": "sound",
    "video": "a film",
    "animate": "an animation",
    "animatemotion": "an animation",
    "animatetransform": "an animation",
    "set": "an animation",
}
_TEXTS = frozenset({"text", "tspan", "textPath", "a", "title", "desc"})
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_CSS_WRAPPING = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->")


class FigureError(Exception):
    """A drawing that can't become a figure: why, in one sentence."""


@dataclass(slots=True, eq=False)
class Node:
    """An element of a drawing."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This element and all inside it; the order doesn't matter."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(child for child in node.children if isinstance(child, Node))


def drawing_text(svg: str) -> str:
    """Everything that a drawing says, its texts joined by single spaces; styles and scripts left out.

    What comes after `MAX_TEXT` characters is left out too: a drawing with more isn't rendered either.
    """
    said = StringIO()
    guessed: set[str] = set()
    for kind, name, start, stop in tokens(svg, drawing=True):
        if said.tell() > MAX_TEXT:
            break
        if kind is Kind.RAW and name:
            continue
        if kind is Kind.TEXT:
            said.write(unescape(svg[start:stop][:MAX_TEXT]))
        elif kind is Kind.RAW or _is_text(name, kind, guessed):
            said.write(svg[start:stop][:MAX_TEXT])
        else:
            said.write(" ")
    return collapse(said.getvalue()[:MAX_TEXT])


def understand(svg: str) -> tuple[Node | None, Counter[str]]:
    """The first `<svg>` with its elements, if there is one, and what was dropped, each in a few words.

    Raises `FigureError` beyond the caps above.
    """
    root = Node("#root")
    stack = [root]
    dropped: Counter[str] = Counter()
    skipping: list[str] = []
    guessed: set[str] = set()
    elements = characters = 0
    for kind, written, start, stop in tokens(svg, drawing=True):
        name = written.lower().removeprefix("svg:")
        top = stack[-1]
        empty = svg.endswith("/>", start, stop)
        if kind is Kind.RAW and name == "script":
            dropped[_DROPPED[name]] += 1
        elif kind is Kind.RAW and name == "style":
            top.children.append(Node(name, {}, [unescape(_CSS_WRAPPING.sub("", svg[start:stop]))]))
        elif name in _DROPPED:
            if kind is Kind.START:
                dropped[_DROPPED[name]] += 1
                if not empty and name not in markup.VOID:
                    skipping.append(name)
            elif name in skipping:
                del skipping[skipping.index(name) :]
        elif skipping:
            continue
        elif kind is Kind.START and (name in _ELEMENTS or name.startswith("fe")):
            elements += 1
            node = Node(_ELEMENTS.get(name, "feUnknown"), markup.attributes(svg[start:stop]))
            top.children.append(node)
            if not empty and node.name != "feUnknown":
                stack.append(node)
        elif name in _ELEMENTS:
            _close(stack, _ELEMENTS[name])
        elif top.name in _TEXTS:
            text = svg[start:stop]
            if kind is Kind.TEXT:
                text = unescape(text)
            elif kind is not Kind.RAW and not _is_text(name, kind, guessed):
                text = " "  # some HTML, such as <br>
            characters += len(text)
            top.children.append(text)
        if elements > MAX_ELEMENTS or characters > MAX_TEXT:
            raise FigureError(f"The drawing has more than {MAX_ELEMENTS:,} elements or {MAX_TEXT:,} letters.")
        if len(stack) > MAX_DEPTH:
            raise FigureError(f"The drawing's elements are nested more than {MAX_DEPTH} deep.")
    drawings = (child for child in root.children if isinstance(child, Node) and child.name == "svg")
    return next(drawings, None), dropped


def _is_text(name: str, kind: Kind, guessed: set[str]) -> bool:
    """Whether a tag is one that neither HTML nor SVG knows: text that its author forgot to escape."""
    name = name.lower()
    known = name in markup.KNOWN or name in _ELEMENTS or name in _DROPPED or name.startswith("fe")
    if kind is Kind.START and not known and _WORD.fullmatch(name):
        guessed.add(name)
    return name in guessed


def _close(stack: list[Node], name: str) -> None:
    for index in range(len(stack) - 1, 0, -1):
        if stack[index].name == name:
            del stack[index:]
            return
