"""HTML and SVG as found in the wild, as tokens and as a tree of elements.

Why not a library: the parsers at hand build every element that an author nests or leaves open (by HTML's rules
a page of 100 kB can ask for millions), and none hands out a drawing as it stands in the source. What is here
is linear in time, keeps memory below ten times the document by caps that hold while it reads, knows the line of
everything, and gets over what hand-made pages get wrong:

- a drawing that breaks off (in a tag, in a comment) ends where its card ends, and not at the next quotation
  mark or comment somewhere in another paper;
- a tag that HTML doesn't know, such as `<think>`, is text that its author forgot to escape.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from bot.documents.source import DocumentError, Source, collapse

MAX_NODES = 30_000
"""Elements and runs of text outside drawings; a bilingual page of three papers has 700."""
MAX_TOKENS = 10 * MAX_NODES
MAX_DEPTH = 100
MAX_TEXT = 200_000
"""Characters in one run of text, or in one tag."""
MAX_ATTRIBUTES = 100

_VOID = "area base br col embed hr img input link meta param source track wbr"
_BLOCKS = """
    address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre section summary table tbody td tfoot th thead
    tr ul
"""
_INLINE = """
    a abbr acronym applet audio b basefont bdi bdo big button canvas caption cite code colgroup data datalist del
    dfn dir em font frame frameset head i iframe ins kbd label legend map mark marquee math menu menuitem meter
    nobr noscript object optgroup option output picture progress q rb rp rt rtc ruby s samp script search select
    slot small span strike strong style sub sup svg template textarea time title tt u var video
"""
_RAW = "iframe noembed noframes script style textarea title xmp"
VOID, BLOCKS, INLINE = (frozenset(names.split()) for names in (_VOID, _BLOCKS, _INLINE))
KNOWN = VOID | BLOCKS | INLINE
RAW = frozenset(_RAW.split())
"""Elements whose content is text whatever it looks like."""
DRAWING_RAW = frozenset({"script", "style"})

_OPENING = re.compile(
    r"""<(?: (?P<close>/?) (?P<name>[a-zA-Z][\w:.-]*+) (?=[\s/>]|$)
           | (?P<other>!--|!\[CDATA\[|[!?/]) )""",
    re.VERBOSE,
)
_TAG_REST = re.compile(
    r"""(?: [^<>"'=]++
          | =\s*+ (?: "[^"]*+" | '[^']*+' | [^\s<>"'][^\s<>]*+ | (?=[<>]) )
          | ["'] )*+
        (?: > | (?=<) )""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s/>="'][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?""")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_DRAWING_PART = re.compile(r"""<(?:(/?)(svg|div)(?=[\s/>]))[^>]*+""", re.IGNORECASE)
_DRAWING_ENDED = re.compile(r"</svg\s*>$", re.IGNORECASE)
_PAGE_PARTS = ("paper-", "quiz-", "card-")
_PATIENCE = 20
"""Tags whose quotation marks don't pair up, after which quotation marks are no longer minded."""


class Kind(Enum):
    """What a token is."""

    START = auto()
    END = auto()
    TEXT = auto()
    RAW = auto()
    """The content of an element like `<style>`, without its tags."""
    DRAWING = auto()
    """A whole `<svg>`, in a page."""
    LOST = auto()
    """The rest of the document, swallowed by a comment or an element like `<script>` that nobody closed."""


class Token(NamedTuple):
    """A piece of markup between two offsets; `name` is a tag's name as written, or what swallowed the rest."""

    kind: Kind
    name: str
    start: int
    stop: int


def tokens(text: str, *, drawing: bool = False) -> Iterator[Token]:
    """The tokens of a page, or of a drawing, in order. Comments and declarations are passed over."""
    raw = DRAWING_RAW if drawing else RAW
    done = search = unpaired = 0
    while opening := _OPENING.search(text, search):
        start, other = opening.start(), opening["other"]
        name = opening["name"] or ""
        cdata = drawing and other == "![CDATA["
        if other == "!--" or cdata:
            end = text.find("]]>" if cdata else "-->", start + (9 if cdata else 2))
            stop = end + 3
        elif name and (rest := _TAG_REST.match(text, opening.end()) if unpaired < _PATIENCE else None):
            end = stop = rest.end()
            if not drawing and _is_prose(name.lower(), text[opening.end() : stop]):
                search = opening.end()
                continue
        else:
            unpaired += bool(name)
            end = text.find(">", opening.end())
            stop = end + 1
        if end == -1 and name and not drawing:  # the page breaks off in a tag
            break
        if start > done:
            yield Token(Kind.TEXT, "", done, start)
        if end == -1:
            if not name:
                yield Token(Kind.LOST, "comment", start, len(text))
            return
        done = search = stop
        if cdata:
            yield Token(Kind.RAW, "", start + 9, end)
        elif name and opening["close"]:
            yield Token(Kind.END, name, start, stop)
        elif name.lower() == "svg" and not drawing:
            done = search = _drawing_end(text, start, stop)
            yield Token(Kind.DRAWING, name, start, done)
        elif name.lower() in raw:
            closing = re.compile(rf"</{name.lower()}(?=[\s/>])", re.IGNORECASE).search(text, stop)
            if not closing:
                yield Token(Kind.LOST, name.lower(), start, len(text))
                return
            yield Token(Kind.RAW, name.lower(), stop, closing.start())
            done = search = text.find(">", closing.end()) + 1 or len(text)
        elif name:
            yield Token(Kind.START, name, start, stop)
    if done < len(text):
        yield Token(Kind.TEXT, "", done, len(text))


def _is_prose(name: str, rest: str) -> bool:
    """Whether what looks like a tag is rather “x <y and z” or “if a <b and c> d”: words, and no attribute."""
    bare = "=" not in rest and rest.strip("> \t\n/") != ""
    if rest.endswith(">"):
        return bare and len(name) == 1
    return bare or name not in KNOWN


def _drawing_end(text: str, start: int, stop: int) -> int:
    """Where the drawing that opens at `start` ends: after its end tag, or where its card goes on without one."""
    if text.endswith("/>", start, stop):
        return stop
    drawings, blocks = 1, 0
    for part in _DRAWING_PART.finditer(text, stop):
        closes, name = part[1], part[2].lower()
        if name == "svg":
            drawings += -1 if closes else 1
            if not drawings:
                return text.find(">", part.start()) + 1 or len(text)
        elif closes:
            blocks -= 1
            if blocks < 0:
                return part.start()
        elif attributes(part[0]).get("class", "").startswith(_PAGE_PARTS):
            return part.start()
        else:
            blocks += 1
    return len(text)


def unescape(text: str) -> str:
    """`text` with HTML's character references resolved; ones that make no sense stay as they are."""
    try:
        return html.unescape(text)
    except ValueError:  # a number of thousands of digits
        return text


def attributes(tag: str) -> dict[str, str]:
    """A start tag's attributes, the first of each name, names as written, `MAX_ATTRIBUTES` at most."""
    found: dict[str, str] = {}
    name_end = re.match(r"<[^\s/>]*", tag)
    for match in _ATTRIBUTE.finditer(tag, name_end.end() if name_end else 0):
        value = match[2] or match[3] or match[4] or ""
        found.setdefault(match[1], _REFERENCE.sub(lambda reference: unescape(reference[0]), value))
        if len(found) == MAX_ATTRIBUTES:
            break
    return found


@dataclass(slots=True, eq=False)
class Text:
    """A run of text, references resolved."""

    text: str
    start: int


@dataclass(slots=True, eq=False)
class Drawing:
    """An `<svg>` as it stands in the source."""

    source: str
    start: int

    def complete(self) -> bool:
        """Whether it ends with its end tag, or is a single tag."""
        return bool(_DRAWING_ENDED.search(self.source)) or self.source.count("<") == 1


@dataclass(slots=True, eq=False)
class Element:
    """An element, its start tag as written and its offset in the source."""

    name: str
    tag: str
    start: int
    parent: Element | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | Text | Drawing] = field(default_factory=list)

    def has_class(self, name: str) -> bool:
        """Whether `name` is one of the element's classes."""
        return name in self.attributes.get("class", "").split()

    def walk(self) -> Iterator[Element | Text | Drawing]:
        """Everything inside the element, in document order."""
        for child in self.children:
            yield child
            if isinstance(child, Element):
                yield from child.walk()

    def elements(self, *, name: str | None = None, css_class: str | None = None) -> Iterator[Element]:
        """The elements inside this one with this name or this class, in document order."""
        for node in self.walk():
            if isinstance(node, Element) and (
                node.name == name if name else css_class is None or node.has_class(css_class)
            ):
                yield node

    def text(self, *, without: Element | None = None) -> str:
        """The text inside, whitespace collapsed; a block or a line break counts as a space."""

        def collect(element: Element) -> None:
            space = " " if element.name in BLOCKS or element.name in VOID else ""
            parts.append(space)
            for child in element.children:
                if isinstance(child, Text):
                    parts.append(child.text)
                elif isinstance(child, Element) and child is not without:
                    collect(child)
            parts.append(space)

        parts: list[str] = []
        collect(self)
        return collapse("".join(parts))


@dataclass(frozen=True, slots=True)
class Page:
    """A page as a tree, its `<title>`, and what swallowed its end and from where, if anything did."""

    root: Element
    title: str
    lost: tuple[str, int] | None


def parse(source: Source) -> Page:
    """The tree of a page. Raises `DocumentError` for one that is nested too deep or has too many parts."""
    text = source.text
    root = Element("#page", "", 0)
    open_elements = [root]
    title, lost, nodes = "", None, 0
    guessed: set[str] = set()

    def add(node: Element | Text | Drawing) -> None:
        nonlocal nodes
        nodes += 1
        if nodes > MAX_NODES:
            raise DocumentError(
                f"The page has more than {MAX_NODES:,} parts up to here; split it.", source.line(node.start)
            )
        open_elements[-1].children.append(node)

    for count, (kind, written, start, stop) in enumerate(tokens(text)):
        name = written.lower()
        if count > MAX_TOKENS:
            raise DocumentError(f"The page has more than {MAX_TOKENS:,} tags up to here.", source.line(start))
        if kind in (Kind.TEXT, Kind.START) and stop - start > MAX_TEXT:
            raise DocumentError(
                f"There are more than {MAX_TEXT:,} characters here without an end; split them.", source.line(start)
            )
        if kind is Kind.TEXT:
            add(Text(unescape(text[start:stop]), start))
        elif kind is Kind.RAW:
            title = title or (collapse(unescape(text[start:stop][:1000])) if name == "title" else "")
        elif kind is Kind.DRAWING:
            add(Drawing(text[start:stop], start))
        elif kind is Kind.LOST:
            lost = (name, start)
        elif name not in KNOWN and re.fullmatch(r"[a-z][a-z0-9_]*", name):
            if kind is Kind.START:
                guessed.add(name)
            if name in guessed:
                add(Text(text[start:stop], start))
        elif kind is Kind.END:
            _close(open_elements, name)
        else:
            _make_room(open_elements, name)
            tag = text[start:stop]
            element = Element(name, tag, start, open_elements[-1], attributes(tag))
            add(element)
            if name not in VOID:
                open_elements.append(element)
            if len(open_elements) > MAX_DEPTH:
                raise DocumentError(
                    f"Elements are nested more than {MAX_DEPTH} deep here; close them.", source.line(start)
                )
    return Page(root, title, lost)


def _close(open_elements: list[Element], name: str) -> None:
    """Close the innermost open `name`; only a block's end tag reaches out of the block it stands in."""
    for index in range(len(open_elements) - 1, 0, -1):
        if open_elements[index].name == name:
            del open_elements[index:]
            return
        if name not in BLOCKS and open_elements[index].name in BLOCKS:
            return


def _make_room(open_elements: list[Element], name: str) -> None:
    """Close what the start of `name` ends: a paragraph by any block, an item or a cell by the next one."""
    innermost = open_elements[-1].name
    if (innermost == "p" and name in BLOCKS) or (
        innermost == name and name in {"li", "dd", "dt", "td", "th", "tr"}
    ):
        open_elements.pop()
