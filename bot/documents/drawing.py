"""Drawings as people and programs made them: what they say, and a copy that can do nothing but be drawn.

An SVG from a page is seldom well-formed XML: `&` and `<` stand in its texts as they are, attributes come twice,
it breaks off in the middle. `clean` writes it anew from what can be understood, with the elements and attributes
that draw and nothing else: no scripts, no pictures, no addresses outside the drawing, no way to make the
renderer work for minutes. What was left out is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from bot.documents import markup
from bot.documents.markup import Kind, tokens, unescape
from bot.documents.source import collapse

MAX_CHARACTERS = 1_000_000
MAX_ELEMENTS = 5_000
"""The largest drawing known has 400."""
MAX_DEPTH = 50
"""The renderer's stack ends at some 300."""
MAX_TEXT = 50_000
MAX_UNFOLDED = 20_000
"""Elements after every reference is followed: `<use>` of a `<use>` of … grows without end."""
MAX_FILTERED = 80
"""Elements with a filter; a shadow under a large one takes the renderer half a second."""
MAX_FILTER_STEPS = 12

_ELEMENT_NAMES = """
    a circle clipPath defs desc ellipse filter g line linearGradient marker mask path pattern polygon polyline
    radialGradient rect stop style svg switch symbol text textPath title tspan use
    feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feMerge feMergeNode feOffset
"""
_ATTRIBUTE_NAMES = """
    clipPathUnits filterUnits gradientTransform gradientUnits lengthAdjust markerHeight markerUnits markerWidth
    maskContentUnits maskUnits pathLength patternContentUnits patternTransform patternUnits preserveAspectRatio
    primitiveUnits refX refY spreadMethod startOffset stdDeviation tableValues textLength viewBox
"""
_ELEMENTS = {name.lower(): name for name in _ELEMENT_NAMES.split()}
_ATTRIBUTES = {name.lower(): name for name in _ATTRIBUTE_NAMES.split()}
"""The names with capitals; programs that know no SVG write them small."""
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
    "feconvolvematrix": "a costly filter",
    "fediffuselighting": "a costly filter",
    "fedisplacementmap": "a costly filter",
    "femorphology": "a costly filter",
    "fespecularlighting": "a costly filter",
    "feturbulence": "a costly filter",
}
_TEXTS = frozenset({"text", "tspan", "textPath", "a", "title", "desc"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOCAL = re.compile(r"url\(\s*[\"']?\s*#([^\"')\s]+)[\"']?\s*\)", re.IGNORECASE)
_ANY_URL = re.compile(r"url\s*\(", re.IGNORECASE)
_FOREIGN_URL = re.compile(r"url\s*\((?!\s*[\"']?\s*#)[^)]*\)?", re.IGNORECASE)
_CSS_IMPORT = re.compile(r"@(?:import|font-face|namespace)\b[^;{}]*(?:;|\{[^}]*\}?)?", re.IGNORECASE)
_CSS_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CSS_WORD = re.compile(r"[\w-]+")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


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
    """Everything that a drawing says, its texts joined by single spaces; styles and scripts left out."""
    root, _ = _understand(svg, drawn_only=False)
    parts: list[str] = []

    def collect(node: Node) -> None:
        for child in node.children:
            if isinstance(child, Node):
                collect(child)
            elif node.name != "style" and (text := collapse(child)):
                parts.append(text)

    collect(root)
    return " ".join(parts)


def clean(svg: str) -> tuple[str, tuple[str, ...]]:
    """`svg` as well-formed XML that only draws, and what was left out, each in a few words.

    Raises `FigureError` for what is no drawing or is beyond the caps above.
    """
    if len(svg) > MAX_CHARACTERS:
        raise FigureError(f"The drawing has more than {MAX_CHARACTERS:,} characters.")
    root, dropped = _understand(svg, drawn_only=True)
    drawing = next((child for child in root.children if isinstance(child, Node) and child.name == "svg"), None)
    if drawing is None:
        raise FigureError("There is no <svg> in this.")
    for node in drawing.walk():
        node.attributes = _safe(node, dropped)
    _check_work(drawing, dropped)
    _fix_size(drawing)
    drawing.attributes["xmlns"] = "http://www.w3.org/2000/svg"
    parts: list[str] = []
    _write(drawing, parts)
    return "".join(parts), tuple(dropped)


def _understand(svg: str, *, drawn_only: bool) -> tuple[Node, Counter[str]]:
    """The elements of a drawing and what was dropped; with `drawn_only`, raises `FigureError` beyond the caps."""
    root = Node("#root")
    stack = [root]
    dropped: Counter[str] = Counter()
    skipping: list[str] = []
    literal: set[str] = set()
    elements = characters = 0
    for kind, written, start, stop in tokens(svg, drawing=True):
        name = written.lower().removeprefix("svg:")
        top = stack[-1]
        in_text = top.name in _TEXTS or not drawn_only
        if kind is Kind.RAW:
            if name == "style":
                css = re.sub(r"<!\[CDATA\[|\]\]>|<!--|-->", "", svg[start:stop])
                top.children.append(Node("style", {}, [unescape(css)]))
            elif name == "script":
                dropped[_DROPPED[name]] += 1
            elif in_text:
                top.children.append(svg[start:stop])
        elif kind is Kind.TEXT:
            if in_text and not (skipping and drawn_only):
                text = unescape(svg[start:stop])
                characters += len(text)
                top.children.append(text)
        elif drawn_only and name in _DROPPED:
            if kind is Kind.START:
                dropped[_DROPPED[name]] += 1
                if not svg.endswith("/>", start, stop) and name not in markup.VOID:
                    skipping.append(name)
            elif name in skipping:
                del skipping[skipping.index(name) :]
        elif skipping and drawn_only:
            continue
        elif name in _ELEMENTS:
            if kind is Kind.START:
                elements += 1
                node = Node(_ELEMENTS[name], markup.attributes(svg[start:stop]))
                top.children.append(node)
                if not svg.endswith("/>", start, stop):
                    stack.append(node)
            else:
                _close(stack, _ELEMENTS[name])
        elif (
            in_text
            and name not in markup.KNOWN
            and _NAME.fullmatch(name)
            and (kind is Kind.START or name in literal)
        ):
            literal.add(name)
            top.children.append(svg[start:stop])
        elif in_text and kind is Kind.START:
            top.children.append(" ")
        if drawn_only:
            if elements > MAX_ELEMENTS or characters > MAX_TEXT:
                raise FigureError(
                    f"The drawing has more than {MAX_ELEMENTS:,} elements or {MAX_TEXT:,} characters of text."
                )
            if len(stack) > MAX_DEPTH:
                raise FigureError(f"The drawing's elements are nested more than {MAX_DEPTH} deep.")
        elif len(stack) > markup.MAX_DEPTH:
            stack.pop()
    return root, dropped


def _close(stack: list[Node], name: str) -> None:
    for index in range(len(stack) - 1, 0, -1):
        if stack[index].name == name:
            del stack[index:]
            return


def _safe(node: Node, dropped: Counter[str]) -> dict[str, str]:
    """The attributes that draw; a style sheet is cleaned on the way."""
    if node.name == "style":
        css = _CSS_IMPORT.sub("", str(node.children[0]) if node.children else "")
        if css != "".join(map(str, node.children)) or _FOREIGN_URL.search(css):
            dropped["an address outside the drawing"] += 1
        node.children = [_FOREIGN_URL.sub("none", css)]
        return {}
    safe: dict[str, str] = {}
    for written, value in node.attributes.items():
        name = _ATTRIBUTES.get(written.lower(), written)
        if name.lower().startswith("on"):
            dropped["a script"] += 1
        elif name.lower() in ("href", "xlink:href"):
            if value.strip().startswith("#"):
                safe.setdefault("href", value.strip())
            elif node.name != "a":
                dropped["an address outside the drawing"] += 1
        elif _ANY_URL.search(value) and _FOREIGN_URL.search(value):
            dropped["an address outside the drawing"] += 1
        elif _NAME.fullmatch(name) and not name.lower().startswith("xml"):
            safe.setdefault(name, value)
    return safe


def _check_work(drawing: Node, dropped: Counter[str]) -> None:
    """Refuses a drawing that unfolds to too much, and takes the filters out of one with too many."""
    styled = _styled(drawing)
    targets = {node.attributes["id"]: node for node in reversed(list(drawing.walk())) if "id" in node.attributes}
    weights: dict[str, int] = {}

    def weight(node: Node, trail: tuple[str, ...]) -> int:
        total = 0
        for part in node.walk():
            total += 1
            for attribute, target in _references(part, styled):
                if target in trail or target not in targets:
                    continue
                if len(trail) > MAX_DEPTH:
                    raise FigureError(f"The drawing's references are nested more than {MAX_DEPTH} deep.")
                if target not in weights:
                    weights[target] = weight(targets[target], (*trail, target))
                corners = len(part.attributes.get("d") or part.attributes.get("points") or "") // 4
                total += weights[target] * (corners + 1 if attribute.startswith("marker") else 1)
            if total > MAX_UNFOLDED:
                raise FigureError(f"The drawing unfolds to more than {MAX_UNFOLDED:,} elements.")
        return total

    weight(drawing, ())
    filters = {name for name, node in targets.items() if node.name == "filter"}
    filtered = sum(any(target in filters for _, target in _references(node, styled)) for node in drawing.walk())
    steps = max((sum(1 for _ in targets[name].walk()) - 1 for name in filters), default=0)
    if filtered > MAX_FILTERED or steps > MAX_FILTER_STEPS:
        dropped["filters, because there are too many"] += 1
        for node in drawing.walk():
            node.children = [
                child for child in node.children if not isinstance(child, Node) or child.name != "filter"
            ]


def _styled(drawing: Node) -> dict[str, set[str]]:
    """What the style sheets refer to, by every word of the selectors: more than there is, never less."""
    styled: dict[str, set[str]] = {}
    for node in drawing.walk():
        for child in node.children if node.name == "style" else ():
            for rule in _CSS_RULE.finditer(str(child)):
                for target in _LOCAL.findall(rule[2]):
                    for word in _CSS_WORD.findall(rule[1]):
                        styled.setdefault(word, set()).add(target)
    return styled


def _references(node: Node, styled: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    """What an element refers to: the attribute, and the target's id."""
    for name, value in node.attributes.items():
        if name == "href":
            yield name, value[1:]
        elif "(" in value:
            for target in _LOCAL.findall(value):
                yield name, target
    if styled:
        for word in (node.name, node.attributes.get("id", ""), *node.attributes.get("class", "").split()):
            for target in styled.get(word, ()):
                yield "style", target


def _fix_size(drawing: Node) -> None:
    """Leaves a `viewBox` with sensible numbers, or no size at all: then the renderer goes by what is drawn."""
    attributes = drawing.attributes
    box = [float(number) for number in _NUMBER.findall(attributes.pop("viewBox", ""))]
    sides = [_NUMBER.match(attributes.pop(side, "").strip()) for side in ("width", "height")]
    percent = any(side is None or side.string.endswith("%") for side in sides)
    if len(box) != 4 or not all(1e-3 < side < 1e6 for side in box[2:]) or not all(abs(at) < 1e6 for at in box):
        box = [0, 0, *(float(side[0]) for side in sides if side)] if not percent else []
    if len(box) == 4 and all(1e-3 < side < 1e6 for side in box[2:]):
        attributes["viewBox"] = " ".join(f"{number:g}" for number in box)


def _write(node: Node, parts: list[str]) -> None:
    name = "g" if node.name == "a" and node.attributes.pop("href", "") is not None else node.name
    written = "".join(f' {key}="{escape(_NOT_XML.sub("", value))}"' for key, value in node.attributes.items())
    parts.append(f"<{name}{written}>")
    for child in node.children:
        if isinstance(child, Node):
            _write(child, parts)
        else:
            parts.append(escape(_NOT_XML.sub("", child), quote=False))
    parts.append(f"</{name}>")
