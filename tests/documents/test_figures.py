"""Drawings as found become PNGs: mended, harmless, readable, of sensible size."""

from __future__ import annotations

import hashlib
import pickle
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import pytest

from bot.documents import figures
from bot.documents.drawing import clean
from bot.documents.figures import FigureError, draw
from bot.documents.svg_tree import drawing_text
from bot.model import Level
from tests.documents.pages import DRAWING, card, only_paper, page, read_text

BOX = '<rect width="90" height="40" fill="#336699"/>'


def svg(inner: str, attributes: str = 'viewBox="0 0 200 100"') -> str:
    """A drawing around `inner`."""
    return f"<svg {attributes}>{inner}</svg>"


def pixels(png: bytes) -> bytes:
    """The decompressed rows of a PNG, filters left in: equal for equal pictures."""
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    return zlib.decompress(data)


def picture(inner: str) -> bytes:
    """What a drawing looks like."""
    return pixels(draw(svg(inner))[0].png)


def test_a_figure_knows_its_size_and_its_name() -> None:
    figure, dropped = draw(DRAWING)
    assert (figure.width, figure.height, dropped) == (1000, 500, ())
    assert struct.unpack_from(">II", figure.png, 16) == (1000, 500)
    assert figure.sha == hashlib.sha256(figure.png).hexdigest()
    assert len(figure.png) < figures.LIGHT


@pytest.mark.parametrize("text", ["Corn", "x → y ✓ ≤ π Σ ∈ ₕ ᴿ", "Größe", "модель"])
def test_text_shows_without_fonts_of_the_machine(text: str) -> None:
    shown = picture(f'<text y="50">{text}</text>')
    assert shown != picture("")
    assert shown != picture(f'<text y="50">{"�" * len(text)}</text>')


@pytest.mark.parametrize("sign", "→✓θ≤∈ₕ")
def test_signs_of_mathematics_are_no_boxes(sign: str) -> None:
    assert picture(f'<text y="50">{sign}</text>') != picture('<text y="50">\ue123</text>')


def test_letters_no_font_has_are_drawn_plain_and_others_are_said() -> None:
    assert picture('<text y="50">𝒟</text>') == picture('<text y="50">D</text>')
    assert draw(svg('<text y="50">中 🔥</text>'))[1] == (
        "Left out of the drawing: 中, 🔥, which no font here has.",
    )


def test_the_ground_is_white() -> None:
    assert set(picture('<rect width="0" height="0"/>')) <= {0, 1, 2, 3, 4, 255}


MENDED = {
    "unescaped": svg('<text y="9">R&D, a < b, c > d &nbsp; "e"</text>'),
    "twice the same": svg('<rect x="1" x="2"/>', 'viewBox="0 0 9 9" xmlns="a" xmlns="b" viewBox="1"'),
    "no quotes": "<svg viewBox='0 0 9 9'><rect width=9 height=9 fill=red></rect></svg>",
    "breaks off in a tag": '<svg viewBox="0 0 9 9"><g><text>a</text><rect width="9',
    "breaks off in a comment": '<svg viewBox="0 0 9 9"><g><text>a</text><!-- <rect',
    "breaks off in a style": '<svg viewBox="0 0 9 9"><rect width="9" height="9"/><style>.a {',
    "ends twice": svg("</g></rect><rect/></text>"),
    "html inside": svg("<text>a<br>b<b>c</b><sub>2</sub><p>d</text>"),
    "unknown tags inside": svg("<text><think>a</think></text>"),
    "controls": svg("<text>a\x01\x0b\x1fb￾c</text>"),
    "prefixes": '<svg:svg viewBox="0 0 9 9" xmlns:svg="s"><svg:rect a:b="c:d" width="9" height="9"/></svg:svg>',
    "small letters": svg('<lineargradient id="g" gradientunits="userSpaceOnUse"/>', 'viewbox="0 0 9 9"'),
    "cdata": svg("<style><![CDATA[ rect { fill: red } ]]></style><text><![CDATA[a<b]]></text>"),
    "doctype": '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]>' + svg("<text>&a;</text>"),
    "odd values": svg('<rect width="50%" height="calc(1px + 2px)" fill_opacity="x" d="é"/>'),
}


@pytest.mark.parametrize("drawing", MENDED.values(), ids=MENDED.keys())
def test_what_is_no_xml_becomes_xml_and_a_figure(drawing: str) -> None:
    ET.fromstring(clean(drawing)[0])  # noqa: S314
    assert draw(drawing)[0].width >= figures.THINNEST


def test_mended_text_says_what_the_source_says() -> None:
    assert drawing_text(MENDED["unescaped"]) == 'R&D, a < b, c > d "e"'
    assert drawing_text(MENDED["unknown tags inside"]) == "<think>a</think>"
    assert drawing_text(svg("<title>a</title><text>b<tspan>c</tspan></text><!-- d --><style>e</style>")) == "a b c"
    assert drawing_text(MENDED["cdata"]) == "a<b"


def test_small_letters_are_set_right() -> None:
    xml, _ = clean(MENDED["small letters"])
    assert 'viewBox="0 0 9 9"' in xml
    assert '<linearGradient id="g" gradientUnits="userSpaceOnUse">' in xml


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 200 100"', (1000, 500)),
        ('width="100%" viewBox="0 0 200 100"', (1000, 500)),
        ('width="200" height="100"', (1000, 500)),
        ('width="200px" height="100px" viewBox="0 0 50 50"', (1000, 1000)),
        ('width="100%" height="auto"', (1000, 445)),
        ('viewBox="0 0 0 0"', (1000, 445)),
        ('viewBox="0 0 nan 1e400" width="200" height="100"', (1000, 500)),
        ('viewBox="0 0 100 1000"', (160, 1600)),
        ("", (1000, 445)),
    ],
)
def test_sizes_missing_and_odd(attributes: str, size: tuple[int, int]) -> None:
    figure, _ = draw(svg(BOX, attributes))
    assert (figure.width, figure.height) == size


def test_a_heavy_figure_is_drawn_smaller() -> None:
    dots = "".join(
        f'<circle cx="{at * 37 % 1000}" cy="{at * 91 % 800}" r="{at % 9}" fill="#{at * 7919 % 4096:03x}"/>'
        for at in range(2_900)
    )
    figure, _ = draw(svg(dots, 'viewBox="0 0 1000 800"'))
    assert figure.width in figures.WIDTHS[1:]


DOES_NOTHING = {
    "script": ("<script>alert(1)</script>", "a script"),
    "event": (f'<g onload="alert(1)">{BOX}</g>', "a script"),
    "picture": ('<image width="99" height="99" href="data:image/png;base64,aaaa"/>', "a picture"),
    "address": ('<image width="99" height="99" xlink:href="http://a.org/b.png"/>', "a picture"),
    "other file": ('<use href="other.svg#a"/>', "an address outside the drawing"),
    "link": (f'<a href="javascript:alert(1)">{BOX}</a>', "an address outside the drawing"),
    "fill": ('<rect width="9" height="9" fill="url(http://a.org/#b)"/>', "an address outside the drawing"),
    "import": ("<style>@import url(http://a.org/b.css);</style>", "an address outside the drawing"),
    "font": ("<style>@font-face { font-family: x; src: url(x.ttf) }</style>", "an address outside the drawing"),
    "css": (
        '<rect width="9" height="9" style="fill: url( \'http://a.org\' )"/>',
        "an address outside the drawing",
    ),
    "html": ("<foreignObject><div onclick='x'><p>Hi</p></div></foreignObject>", "HTML inside the drawing"),
    "animation": ('<rect width="9" height="9"><animate attributeName="x"/></rect>', "an animation"),
    "turbulence": (
        '<filter id="f"><feTurbulence numOctaves="99999"/></filter><rect width="9" height="9" filter="url(#f)"/>',
        "a filter that isn't rendered here",
    ),
}


@pytest.mark.parametrize(("inner", "what"), DOES_NOTHING.values(), ids=DOES_NOTHING.keys())
def test_what_is_left_out_does_nothing_and_is_said(inner: str, what: str) -> None:
    xml, dropped = clean(svg(BOX + inner))
    assert dropped == (what,)
    assert not re.search(r"script|http://(?!www\.w3\.org)|javascript|onload|onclick|import|\.ttf|data:|image", xml)
    assert draw(svg(BOX + inner))[1] == (f"Left out of the drawing: {what}.",)


def test_a_part_whose_filter_is_gone_is_still_drawn() -> None:
    many = (
        '<filter id="f"><feGaussianBlur stdDeviation="1"/></filter>'
        + BOX.replace("/>", ' filter="url(#f)"/>') * 60
    )
    assert draw(svg(many))[1] == (
        "Left out of the drawing: shadows or other filters on 60 parts, which are too many.",
    )
    assert picture(many) == picture(BOX) == picture(BOX.replace("/>", ' filter="url(#gone)"/>'))


def uses(depth: int, each: int) -> str:
    """A drawing whose references unfold to `each` to the power of `depth` elements."""
    inner = '<rect id="u0" width="5" height="5"/>'
    for level in range(1, depth):
        inner += f'<g id="u{level}">' + f'<use href="#u{level - 1}"/>' * each + "</g>"
    return svg(f"<defs>{inner}</defs><use xlink:href='#u{depth - 1}'/>")


REFUSED = {
    "nothing": ("", "There is no <svg>"),
    "no drawing": ("<p>Hello</p>", "There is no <svg>"),
    "long": (svg("x" * 400_001), "400,000 characters"),
    "many elements": (svg(BOX * 3_001), "3,000 elements"),
    "much text": (svg(f"<text>{'word ' * 5_000}</text>"), "20,000 letters"),
    "deep": (svg("<g>" * 51), "nested more than 50 deep"),
    "unfolding": (uses(10, 10), "unfolds to more than 20,000"),
    "chain": (uses(60, 1), "references are nested more than 50 deep"),
    "markers": (
        svg(f'<marker id="m">{BOX}</marker><path d="{"h1v1" * 100}" marker-mid="url(#m)"/>' * 3),
        "300 arrow heads",
    ),
    "paths": (svg(f'<path d="{"L9 9" * 30_000}"/>'), "100,000 characters"),
    "layers": (svg('<g opacity="0.5"><rect/></g>' * 101), "half-transparent"),
    "tall": (svg(BOX, 'viewBox="0 0 1 100000"'), "too long and thin"),
    "thin": (svg('<rect width="100000000" height="1"/>', ""), "too long and thin"),
    "endless": (svg('<path stroke="red" stroke-width="1e30" d="M0 0L1e30 1e30"/>'), "can't be rendered"),
}


@pytest.mark.parametrize(("drawing", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_be_no_figure_or_keep_the_machine_busy_is_refused(drawing: str, says: str) -> None:
    with pytest.raises(FigureError, match=says):
        draw(drawing)


@pytest.mark.parametrize(
    "inner",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<pattern id="p"><rect fill="url(#p)"/></pattern><rect width="9" height="9" fill="url(#p)"/>',
        '<mask id="m"><rect mask="url(#m)"/></mask><rect width="9" height="9" mask="url(#m)"/>',
        '<clipPath id="c" clip-path="url(#c)"><rect/></clipPath><rect width="9" height="9" clip-path="url(#c)"/>',
        '<marker id="m"><path d="M0 0L1 1" marker-end="url(#m)"/></marker><path d="L9 9" marker-mid="url(#m)"/>',
        '<linearGradient id="g" href="#g"/><rect width="9" height="9" fill="url(#g)"/>',
    ],
)
def test_circles_of_references_end(inner: str) -> None:
    figure, messages = figures.attempt(svg(BOX + inner))
    assert figure is not None or "can't be rendered" in messages[0]


VAST = '<filter id="f" {}><feGaussianBlur stdDeviation="2"/></filter><g filter="url(#f)">' + BOX + "</g>"


@pytest.mark.parametrize(
    ("inner", "note"),
    [
        (VAST.format('x="-2000%" width="9000%"'), "a filter that reaches far"),
        (VAST.format('width="900"'), "a filter that reaches far"),
        (VAST.format('filterUnits="userSpaceOnUse" width="9"'), "a filter that reaches far"),
        ('<pattern id="p" width="900000" height="900000">' + BOX + '</pattern><g fill="url(#p)"/>', "a pattern"),
    ],
)
def test_what_could_cost_minutes_or_gigabytes_is_left_out_and_said(inner: str, note: str) -> None:
    figure, messages = figures.attempt(svg(BOX + inner))
    assert figure is not None
    assert messages[0].startswith(f"Left out of the drawing: {note}")


def test_an_ordinary_shadow_stays() -> None:
    shadow = VAST.format('x="-20%" y="-20%" width="140%" height="1.4"')
    assert figures.attempt(svg(shadow))[1] == ()


def test_a_reading_gets_its_figures_and_notes() -> None:
    bad, scripted = svg("<g>" * 60), svg(BOX + "<script>1</script>")
    both = '<div data-lang="zh"><div class="category-chunk">1. <strong>甲:</strong> 乙</div></div>'
    papers = [
        card(1, "A", drawing=DRAWING, sections=both),
        card(2, "B", drawing=bad),
        card(3, "C", drawing=scripted),
    ]
    reading = figures.draw_all(read_text(page(*papers)))
    first, second, third = reading.digest.papers
    assert first.figure == draw(DRAWING)[0]
    assert second.figure is None
    assert third.figure is not None
    assert reading.digest.languages["zh"].papers[0].figure == first.figure
    assert [(note.level, note.message) for note in reading.notes if "figure of" in note.message] == [
        (Level.WARNING, "The figure of paper 2: The drawing's elements are nested more than 50 deep."),
        (Level.INFO, "The figure of paper 3: Left out of the drawing: a script."),
    ]


def test_figures_cross_to_another_process_and_back() -> None:
    figure, messages = pickle.loads(pickle.dumps(figures.attempt(DRAWING)))  # noqa: S301
    reading = figures.attach(read_text(page(card(1, "A", drawing=DRAWING))), {1: (figure, messages)})
    assert only_paper(reading).figure == figure
