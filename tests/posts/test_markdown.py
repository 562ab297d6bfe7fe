"""Text shows as it was written, pings nobody, and links where it may."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings

from bot.posts.markdown import bold, clean, escape, escape_line, linked, plain, visible, web_link

from .discord_markdown import compact, show
from .strategies import MARKUP, long_texts, short_texts, titles, urls


@settings(max_examples=400, deadline=None)
@given(short_texts(12) | long_texts(300))
@example("https://a.bc/c<@1>")
@example("[http://a.bc/c]")
@example("<https://a.bc/c_d>")
@example("<\n[a](http://b.cd)\n<@1>")
def test_escaped_text_shows_as_it_was_written(text: str) -> None:
    shown = show(escape(text))
    assert shown.markup == []
    if visible(clean(text)):
        assert compact(shown.text) == compact(clean(text))


@pytest.mark.parametrize("text", MARKUP)
def test_each_piece_of_markup_shows_as_it_was_written(text: str) -> None:
    for around in ("{}", "x{}", "{}x", "x {} x", "x\n{}\nx", "({})", '"{}"', "*{}*", "<{}>", "[{}]({})"):
        written = around.replace("{}", text)
        shown = show(escape(written))
        assert shown.markup == []
        if visible(clean(written)):
            assert compact(shown.text) == compact(clean(written))


@pytest.mark.parametrize(
    "text",
    [
        "<@1>",
        "<@!1>",
        "<@&1>",
        "<#1>",
        "</cmd:1>",
        "<t:0:R>",
        "<:e:1>",
        "<a:e:1>",
        "<id:customize>",
        "@everyone",
        "@here",
    ],
)
def test_a_mention_is_no_mention_any_more(text: str) -> None:
    assert show(text).markup
    assert escape(text) == f"\\{text}" or text == "<id:customize>" or ":" in text
    assert show(escape(text)).text == text


def test_web_addresses_stay_clickable_and_whole() -> None:
    text = "see https://a.bc/x_y_*z*, (http://c.de/e) and <https://f.g/h_i_>; http://j.k/l<@1>"
    shown = show(escape(text))
    assert shown.text == text
    assert shown.links == ["https://a.bc/x_y_*z*", "http://c.de/e", "https://f.g/h_i_", "http://j.k/l"]


def test_latex_is_left_readable() -> None:
    text = r"the loss $\mathcal{L}_{t} = \frac{1}{N} \sum_i \|x_i\|^2$ with 5% < 10%"
    assert show(escape(text)).text == text
    assert "\\mathcal{L}" in escape(text)


def test_what_cannot_be_seen_is_dropped() -> None:
    assert escape("\u200b \ufeff\n") == "" == plain("\x00\u200b")
    assert plain("  a\n\tb\u202ec\r\n ") == "a bc"
    assert clean("a\r\nb\x85c\ud800") == "a\nb\nc\ufffd"


def test_bold_is_bold_and_shows_what_was_written() -> None:
    shown = show(bold("a * b_"))
    assert (shown.text, shown.markup) == ("a * b_", ["bold"])
    assert show(bold("a\\")).text == "a\\"
    assert bold(" ") == ""
    assert show(bold("see http://a.bc/c")).links == ["http://a.bc/c"]


@settings(max_examples=300, deadline=None)
@given(titles, urls)
def test_a_linked_title_shows_whole_and_leads_to_its_link(title: str, url: str) -> None:
    markdown, target = linked(title, url, "Link"), web_link(url)
    shown = show(markdown)
    assert compact(plain(title)) in compact(shown.text)
    if target is not None and plain(title):
        assert target in shown.links
        assert shown.markup == ["link"]
    else:
        assert "link" not in shown.markup


@pytest.mark.parametrize("title", ["A [b] c", "[x](y) z", "a \\ b", "One *two* `three`"])
def test_a_title_with_markup_is_still_the_links_label(title: str) -> None:
    markdown = linked(title, "https://a.bc/c", "Link")
    assert markdown == f"[{escape_line(title)}](https://a.bc/c)"
    assert show(markdown).text == title


@pytest.mark.parametrize("title", ["[a", "a]", "[[a]]", "a http://b.cd d"])
def test_a_title_that_cannot_be_a_label_stands_beside_its_link(title: str) -> None:
    shown = show(linked(title, "https://a.bc/c", "Link"))
    assert shown.text == f"{title} · Link"
    assert "https://a.bc/c" in shown.links


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("http://arxiv.org/pdf/2504.16656", "http://arxiv.org/pdf/2504.16656"),
        ("https://a.bc/c?d=e&f=%20#g~h_i", "https://a.bc/c?d=e&f=%20#g~h_i"),
        ("HTTPS://ArXiv.org/Abs/1", "https://arxiv.org/Abs/1"),
        ("https://en.wikipedia.org/wiki/A_(b)", "https://en.wikipedia.org/wiki/A_%28b%29"),
        ("https://a.bc/é*", "https://a.bc/%C3%A9%2A"),
        ("https://a.bc/50%", "https://a.bc/50%25"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://a.bc:8080/c", "https://a.bc:8080/c"),
        *[
            (url, None)
            for url in (
                *(
                    "javascript:alert(1)",
                    "ftp://a.bc/c",
                    "https://a b/c",
                    "https://a.bc/c d",
                    "https://",
                    "a.bc/c",
                    "",
                ),
                *(
                    "https://user@a.b/",
                    "https://a.bc:0/",
                    "https://a.bc:99999/",
                    "https://a.bc\\@c.de/",
                    "https://localhost/",
                ),
                *(
                    "https://a.bc/" + "x" * 2_048,
                    "https://[::1",
                    "https://a..bc/",
                    "https://a.bc/\u202ec",
                    "https://-.b/",
                ),
            )
        ],
        (None, None),
    ],
)
def test_only_web_addresses_are_links(url: str | None, link: str | None) -> None:
    assert web_link(url) == link
