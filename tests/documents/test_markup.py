"""Tokens of pages and drawings, right and wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.documents.markup import Kind, attributes, parse, tokens, unescape
from bot.documents.source import decode

if TYPE_CHECKING:
    from bot.documents.markup import Page


def seen(text: str, *, drawing: bool = False) -> list[tuple[str, str]]:
    """The tokens by kind, each as written."""
    return [(kind.name, text[start:stop]) for kind, _, start, stop in tokens(text, drawing=drawing)]


def parsed(text: str) -> Page:
    """The tree of a page."""
    return parse(decode(text.encode(), "a.html"))


def test_every_character_of_plain_text_and_tags_is_in_a_token() -> None:
    text = "a <b>c</b> < d & e > f <br/> 1<2"
    assert "".join(written for _, written in seen(text)) == text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("<!-- a --> b", ["TEXT"]),
        ("<!--> b", ["TEXT"]),
        ("<!---> b", ["TEXT"]),
        ("<!doctype html><p>", ["START"]),
        ("<?xml version='1.0'?><p>", ["START"]),
        ("<style>a<b></style>c", ["RAW", "TEXT"]),
        ("<SCRIPT>'</scrip>'</script >", ["RAW"]),
        ("<title>a", ["LOST"]),
        ("a <!-- b", ["TEXT", "LOST"]),
        ("<p title='a>b' class=c>d", ["START", "TEXT"]),
        ('<p title="a>d', ["START", "TEXT"]),
        ("<p title=it's>d", ["START", "TEXT"]),
        ("<p class='a'<b>", ["START", "START"]),
        ("x<y and y>z", ["TEXT"]),
        ("x<y and <b>z</b>", ["TEXT", "TEXT", "START", "TEXT", "END"]),
        ("\\(a<b\\) and </p>", ["TEXT", "END"]),
        ("where a <b and c</p>", ["TEXT", "END"]),
        ("where a <b and c> d</p>", ["TEXT", "END"]),
        ("<input disabled><b ><p\n>", ["START", "START", "START"]),
        ("a <p", ["TEXT"]),
        ("</ p>a", ["TEXT"]),
    ],
)
def test_tags_in_every_shape(text: str, kinds: list[str]) -> None:
    found = [kind for kind, _ in seen(text)]
    assert [kind for at, kind in enumerate(found) if kind != "TEXT" or found[at - 1 : at] != ["TEXT"]] == [
        kind for at, kind in enumerate(kinds) if kind != "TEXT" or kinds[at - 1 : at] != ["TEXT"]
    ]


def test_drawings_are_one_token_in_a_page() -> None:
    drawing = "<svg><svg></svg><foreignObject><div>a</div></foreignObject></svg>"
    assert seen(f"<div>{drawing}</div>") == [("START", "<div>"), ("DRAWING", drawing), ("END", "</div>")]
    assert seen("<svg/>a") == [("DRAWING", "<svg/>"), ("TEXT", "a")]


def test_a_drawing_knows_character_data() -> None:
    assert seen("<svg><![CDATA[a<b>]]></svg>", drawing=True)[1] == ("RAW", "a<b>")


def test_attributes_as_browsers_take_them() -> None:
    assert attributes("<p a=1 B='2 3' c=\"4&amp;5\" d a=9 e = f />") == {
        "a": "1",
        "B": "2 3",
        "c": "4&5",
        "d": "",
        "e": "f",
    }
    assert attributes('<a href="?a=1&copy=2&amp;b=3">') == {"href": "?a=1&copy=2&b=3"}
    assert attributes('<p say="a "b" c">')["say"] == "a "


def test_references_that_make_no_sense_stay() -> None:
    assert unescape("&lt;&#8804;&nonsense; & &#" + "9" * 5_000 + ";").startswith(("<≤&nonsense; & ", "&lt;"))


def test_the_tree_mends_what_authors_forget() -> None:
    page = parsed("<title>T &amp; U</title><div><p>a<p>b<strong>c</div>d<ul><li>e<li>f</ul></b></section>g<br>h")
    assert page.title == "T & U"
    assert page.root.text() == "a bc d e f g h"
    assert [element.name for element in page.root.elements()] == [
        "div",
        "p",
        "p",
        "strong",
        "ul",
        "li",
        "li",
        "br",
    ]


def test_unknown_tags_are_text_and_stray_end_tags_are_not() -> None:
    assert parsed("<p>a <think>b</think> </nothing> <x-y>c</x-y></p>").root.text() == "a <think>b</think> c"


def test_positions_are_those_of_the_source() -> None:
    text = "<!-- a\nb -->\n<style>\n</style>\n<p class='q'>\n&amp;<svg>\n</svg></p>"
    (paragraph,) = parsed(text).root.elements(css_class="q")
    assert text[paragraph.start :].startswith("<p")
    assert [text[node.start] for node in paragraph.children] == ["\n", "<"]


def test_tokens_are_named() -> None:
    assert [(token.kind, token.name) for token in tokens("<P></P>")] == [(Kind.START, "P"), (Kind.END, "P")]
