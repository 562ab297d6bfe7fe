"""What a drawing would cost to render, and how it is kept from costing minutes.

A few lines of SVG can keep a renderer busy for ever: a `<use>` of a `<use>`, a pattern with a tile as large as a
city, a thousand shadows, a layer for each of a thousand half-transparent boxes. What is beyond the caps here is
refused; patterns, shadows and other filters, which a figure can do without, are taken out instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.documents.svg_tree import MAX_DEPTH, FigureError, Node

MAX_UNFOLDED = 20_000
"""Elements after every reference is followed."""
MAX_LAYERS = 100
"""Elements that are drawn on a layer of their own; one as large as the figure takes 15 ms to 90 ms."""
MAX_MARKERS = 300
"""Arrow heads and the like; each is a layer, though mostly a small one."""
MAX_GEOMETRY = 100_000
"""Characters of paths and polygons; a tangled one of so many takes 5 s."""
MAX_FILTERED = 50
"""Elements with a filter; a shadow of something as large as the figure takes 300 ms."""
MAX_FILTER_STEPS = 12
MAX_FILTER_SHARE = 300
"""How far a filter may reach, in percent of what it is on."""

_LOCAL = re.compile(r"url\(\s*[\"']?\s*#([^\"')\s]+)[\"']?\s*\)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_WORD = re.compile(r"[\w-]+")
_LAYER = re.compile(r"(?:^|[;\s])(?:opacity|mask|clip-path|mix-blend-mode|isolation)\s*:")
_FILTER = re.compile(r"(?:^|(?<=[;\s{]))(?:backdrop-)?filter\s*:[^;}]*;?")
_SHARE = re.compile(r"(?P<number>[+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(?P<percent>%?)")
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
    _take_out_patterns(drawing, dropped)
    styles = _Styles(drawing)
    targets = {node.attributes["id"]: node for node in reversed(list(drawing.walk())) if "id" in node.attributes}
    layers = filtered = geometry = markers = 0
    for node in drawing.walk():
        style = styles.of(node)
        layers += bool(_LAYER.search(style)) or not _LAYER_ATTRIBUTES.isdisjoint(node.attributes)
        filtered += bool(_FILTER.search(style)) or "filter" in node.attributes
        markers += sum(_times(node, name) for name, _ in _references(node, styles) if name.startswith("marker"))
        geometry += len(node.attributes.get("d", "")) + len(node.attributes.get("points", ""))
    if layers > MAX_LAYERS:
        raise FigureError(f"The drawing has more than {MAX_LAYERS} half-transparent, masked or clipped parts.")
    if markers > MAX_MARKERS:
        raise FigureError(f"The drawing has more than {MAX_MARKERS} arrow heads or other markers.")
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
    if any(_reaches_far(node) for node in filters):
        return "a filter that reaches far beyond what it is on"
    return None


def _reaches_far(node: Node) -> bool:
    """Whether a filter's region isn't told in percent of what it is on, or is many times as large."""
    attributes = {name.lower(): value for name, value in node.attributes.items()}
    region = [attributes.get(name, "0%") for name in ("x", "y", "width", "height")]
    shares = [_SHARE.fullmatch(value.strip()) for value in region]
    in_place = attributes.get("filterunits", "objectBoundingBox") == "objectBoundingBox"
    return not in_place or any(
        share is None or abs(float(share["number"])) * (1 if share["percent"] else 100) > MAX_FILTER_SHARE
        for share in shares
    )


def _take_out_patterns(drawing: Node, dropped: Counter[str]) -> None:
    """What they would fill stays empty."""
    for node in drawing.walk():
        kept = [child for child in node.children if not isinstance(child, Node) or child.name != "pattern"]
        if len(kept) < len(node.children):
            dropped["a pattern"] += len(node.children) - len(kept)
            node.children = kept


def _times(node: Node, name: str) -> int:
    """How often at most an element shows a marker: at each corner, or at its beginning or end."""
    corners = len(node.attributes.get("d") or node.attributes.get("points") or "") // 2
    return 1 if name in ("marker-start", "marker-end") else corners + 1


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
                total += weights[target] * (_times(part, name) if name.startswith("marker") else 1)
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
