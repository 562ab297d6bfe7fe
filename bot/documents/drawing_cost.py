"""What a drawing would cost to render, and how it is kept from costing minutes.

A few lines of SVG can keep a renderer busy for ever: a `<use>` of a `<use>`, patterns in patterns, a thousand
shadows, a layer for each of a thousand half-transparent boxes. What is beyond the caps here is refused; shadows
and other filters, which a figure can do without, are taken out instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.documents.svg_tree import MAX_DEPTH, FigureError, Node

MAX_UNFOLDED = 20_000
"""Elements after every reference is followed."""
MAX_LAYERS = 300
"""Elements that are drawn on a layer of their own; one as large as the figure takes 15 ms."""
MAX_GEOMETRY = 100_000
"""Characters of paths and polygons; a tangled one of so many takes 5 s."""
MAX_FILTERED = 50
"""Elements with a filter; a shadow of something as large as the figure takes 300 ms."""
MAX_FILTER_STEPS = 12

_LOCAL = re.compile(r"url\(\s*[\"']?\s*#([^\"')\s]+)[\"']?\s*\)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_WORD = re.compile(r"[\w-]+")
_LAYER = re.compile(r"(?:^|[;\s])(?:opacity|mask|clip-path|mix-blend-mode|isolation)\s*:")
_FILTER = re.compile(r"(?:^|(?<=[;\s{]))(?:backdrop-)?filter\s*:[^;}]*;?")
_LAYER_ATTRIBUTES = frozenset({"opacity", "mask", "clip-path", "mix-blend-mode", "isolation"})


class _Styles:
    """The declarations that style sheets may give an element: by any word of a selector, so never too few."""

    def __init__(self, drawing: Node) -> None:
        self.by_word: dict[str, list[str]] = {}
        for node in drawing.walk():
            for child in node.children if node.name == "style" else ():
                for selectors, declarations in _RULE.findall(str(child)):
                    for word in set(_WORD.findall(selectors)):
                        self.by_word.setdefault(word, []).append(declarations)
        if sum(map(len, self.by_word.values())) > 1_000:
            raise FigureError("The drawing's style sheet has more than 1,000 rules.")

    def of(self, node: Node) -> str:
        """All declarations for an element, its own `style` included."""
        style = node.attributes.get("style", "")
        if self.by_word:
            words = (node.name, node.attributes.get("id", ""), *node.attributes.get("class", "").split()[:20])
            style = ";".join([style, *(rule for word in words for rule in self.by_word.get(word, ()))])
        return style


def check(drawing: Node, dropped: Counter[str]) -> None:
    """Takes filters out of a drawing that has too many or unsafe ones, and says so in `dropped`.

    Raises `FigureError` for a drawing that would still cost too much.
    """
    styles = _Styles(drawing)
    targets = {node.attributes["id"]: node for node in reversed(list(drawing.walk())) if "id" in node.attributes}
    layers = filtered = geometry = 0
    for node in drawing.walk():
        style = styles.of(node)
        layers += bool(_LAYER.search(style)) or not _LAYER_ATTRIBUTES.isdisjoint(node.attributes)
        filtered += bool(_FILTER.search(style)) or "filter" in node.attributes
        geometry += len(node.attributes.get("d", "")) + len(node.attributes.get("points", ""))
    if layers > MAX_LAYERS:
        raise FigureError(f"The drawing has more than {MAX_LAYERS} half-transparent, masked or clipped parts.")
    if geometry > MAX_GEOMETRY:
        raise FigureError(f"The drawing's paths have more than {MAX_GEOMETRY:,} characters.")
    if filtered and (why := _why_not_filter(drawing, filtered)):
        dropped[why] += 1
        _take_out_filters(drawing)
        styles = _Styles(drawing)
    _take_out_dangling(drawing, targets)
    _unfold(drawing, targets, styles)


def _why_not_filter(drawing: Node, filtered: int) -> str | None:
    filters = [node for node in drawing.walk() if node.name == "filter"]
    steps = [sum(1 for _ in node.walk()) - 1 for node in filters]
    if filtered > MAX_FILTERED or any(count > MAX_FILTER_STEPS for count in steps):
        return f"shadows or other filters on {filtered} parts, which are too many"
    if not all(steps) or any(node.name == "feUnknown" for node in drawing.walk()):
        return "a filter that isn't rendered here"
    return None


def _take_out_filters(drawing: Node) -> None:
    for node in drawing.walk():
        node.attributes.pop("filter", None)
        if "style" in node.attributes:
            node.attributes["style"] = _FILTER.sub("", node.attributes["style"])
        if node.name == "style":
            node.children = [_FILTER.sub("", str(child)) for child in node.children]
        node.children = [child for child in node.children if not isinstance(child, Node) or child.name != "filter"]


def _take_out_dangling(drawing: Node, targets: dict[str, Node]) -> None:
    """A part whose filter, mask or clip isn't there is drawn without, as browsers do, and not left out."""
    for node in drawing.walk():
        for name in ("filter", "mask", "clip-path"):
            if any(target not in targets for target in _LOCAL.findall(node.attributes.get(name, ""))):
                del node.attributes[name]


def _unfold(drawing: Node, targets: dict[str, Node], styles: _Styles) -> None:
    """Counts the elements that are there once every reference is followed; a reference to itself isn't."""
    weights: dict[str, int] = {}

    def weight(node: Node, trail: tuple[str, ...]) -> int:
        total = 0
        for part in node.walk():
            total += 1
            for name, target in _references(part, styles):
                if target in trail or target not in targets:
                    continue
                if len(trail) > MAX_DEPTH:
                    raise FigureError(f"The drawing's references are nested more than {MAX_DEPTH} deep.")
                if target not in weights:
                    weights[target] = weight(targets[target], (*trail, target))
                corners = len(part.attributes.get("d") or part.attributes.get("points") or "") // 4
                total += weights[target] * (corners + 1 if name.startswith("marker") else 1)
            if total > MAX_UNFOLDED:
                raise FigureError(f"The drawing unfolds to more than {MAX_UNFOLDED:,} elements.")
        return total

    weight(drawing, ())


def _references(node: Node, styles: _Styles) -> Iterator[tuple[str, str]]:
    """What an element refers to: the attribute, and the target's id."""
    for name, value in node.attributes.items():
        if name == "href":
            yield name, value[1:]
        elif name != "style" and "(" in value:
            for target in _LOCAL.findall(value):
                yield name, target
    for declaration in styles.of(node).split(";"):
        if "(" in declaration:
            for target in _LOCAL.findall(declaration):
                yield declaration.split(":", 1)[0].strip(), target
