"""Writes a drawing anew, so that it can do nothing but be drawn.

Out of what `svg_tree` understands, the elements and attributes that draw are kept and nothing else: no scripts,
no pictures, no addresses outside the drawing, no way to keep the renderer busy for minutes (`drawing_cost`).
What was left out is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html import escape

from bot.documents import drawing_cost
from bot.documents.svg_tree import FigureError, Node, understand

MAX_CHARACTERS = 400_000
"""The longest drawing known has 40,000."""

_ATTRIBUTE_NAMES = """
    clipPathUnits filterUnits gradientTransform gradientUnits lengthAdjust markerHeight markerUnits markerWidth
    maskContentUnits maskUnits pathLength patternContentUnits patternTransform patternUnits preserveAspectRatio
    primitiveUnits refX refY spreadMethod startOffset stdDeviation tableValues textLength viewBox
"""
_ATTRIBUTES = {name.lower(): name for name in _ATTRIBUTE_NAMES.split()}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FOREIGN_URL = re.compile(r"url\s*\((?!\s*[\"']?\s*#)[^)]*\)?", re.IGNORECASE)
_CSS_IMPORT = re.compile(r"@(?:import|font-face|namespace)\b[^;{}]*(?:;|\{[^}]*\}?)?", re.IGNORECASE)
_LETTERS_OF_MATHEMATICS = re.compile("[\U0001d400-\U0001d7ff]+")
_WITHOUT_GLYPH = re.compile(
    "[\u2705\u2728\u274c\u2b50\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U0001f300-\U0001faff]"
)
"""What neither of the fonts in `figures` has, as far as drawings use it: Chinese and most emoji."""
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_OUTSIDE = "an address outside the drawing"


def clean(svg: str) -> tuple[str, tuple[str, ...]]:
    """`svg` as well-formed XML that only draws, and what was left out, each in a few words.

    Raises `FigureError` for what is no drawing, or is beyond the caps here, in `svg_tree` and in `drawing_cost`.
    """
    if len(svg) > MAX_CHARACTERS:
        raise FigureError(f"The drawing has more than {MAX_CHARACTERS:,} characters.")
    drawing, dropped = understand(svg)
    if drawing is None:
        raise FigureError("There is no <svg> in this.")
    for node in drawing.walk():
        if node.name == "style":
            node.children = [_safe_style("".join(map(str, node.children)), dropped)]
        node.attributes = _safe_attributes(node, dropped)
        node.children = [_plain_letters(child) if isinstance(child, str) else child for child in node.children]
    drawing_cost.check(drawing, dropped)
    _fix_size(drawing)
    drawing.attributes["xmlns"] = "http://www.w3.org/2000/svg"
    parts: list[str] = []
    _write(drawing, parts)
    if missing := sorted({sign for part in parts for sign in _WITHOUT_GLYPH.findall(part)}):
        dropped[f"{', '.join(missing[:10])}{' …' * (len(missing) > 10)}, which no font here has"] += 1
    return "".join(parts), tuple(dropped)


def _safe_style(css: str, dropped: Counter[str]) -> str:
    safe = _FOREIGN_URL.sub("none", _CSS_IMPORT.sub("", css))
    if safe != css:
        dropped[_OUTSIDE] += 1
    return safe


def _safe_attributes(node: Node, dropped: Counter[str]) -> dict[str, str]:
    """The attributes that draw; of two with one name, the first."""
    safe: dict[str, str] = {}
    for written, value in node.attributes.items():
        name = _ATTRIBUTES.get(written.lower(), written)
        if name.lower().startswith("on"):
            dropped["a script"] += 1
        elif name.lower() in ("href", "xlink:href"):
            if value.strip().startswith("#"):
                safe.setdefault("href", value.strip())
            else:
                dropped[_OUTSIDE] += 1
        elif _FOREIGN_URL.search(value):
            dropped[_OUTSIDE] += 1
        elif _NAME.fullmatch(name) and not name.lower().startswith("xml"):
            safe.setdefault(name, value)
    return safe


def _plain_letters(text: str) -> str:
    """Script, bold and double-struck letters as plain ones: fonts seldom have the others."""
    return _LETTERS_OF_MATHEMATICS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def _fix_size(drawing: Node) -> None:
    """Leaves a `viewBox` with sensible numbers, or no size at all: then the renderer goes by what is drawn."""
    attributes = drawing.attributes
    box = [float(number) for number in _NUMBER.findall(attributes.pop("viewBox", ""))]
    sides = [attributes.pop(side, "").strip() for side in ("width", "height")]
    if len(box) != 4 or not _sensible(box):
        numbers = [_NUMBER.match(side) for side in sides if not side.endswith("%")]
        box = [0.0, 0.0, *(float(number[0]) for number in numbers if number)]
    if len(box) == 4 and _sensible(box):
        attributes["viewBox"] = " ".join(f"{number:g}" for number in box)


def _sensible(box: list[float]) -> bool:
    return all(abs(at) < 1e6 for at in box) and all(side > 1e-3 for side in box[2:])


def _write(node: Node, parts: list[str]) -> None:
    name = node.name
    if name == "a":
        name = "tspan" if any(isinstance(child, str) and child.strip() for child in node.children) else "g"
        node.attributes.pop("href", None)
    attributes = "".join(f' {key}="{escape(_NOT_XML.sub("", value))}"' for key, value in node.attributes.items())
    parts.append(f"<{name}{attributes}>")
    for child in node.children:
        if isinstance(child, Node):
            _write(child, parts)
        else:
            parts.append(escape(_NOT_XML.sub("", child), quote=False))
    parts.append(f"</{name}>")
