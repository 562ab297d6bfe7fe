"""Long text is cut where a reader would pause, and nothing of it is lost."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.posts.limits import units
from bot.posts.markdown import clean, escape, visible
from bot.posts.splitting import breathe, shorten, split

from .discord_markdown import compact, show
from .strategies import long_texts, short_texts, texts


@settings(max_examples=400, deadline=None)
@given(short_texts(20) | long_texts(600), st.integers(8, 200))
@example("1. " * 30, 8)
@example("http://a.bc/" + "_*" * 100, 50)
@example("\U0001d53d" * 50, 9)
def test_the_pieces_are_the_text(text: str, limit: int) -> None:
    pieces = split(escape(text), limit)
    assert all(piece.strip() and units(piece) <= limit for piece in pieces)
    if visible(clean(text)):
        shown = "".join(show(piece).text for piece in pieces)
        assert compact(shown) == compact(clean(text))
    else:
        assert pieces == ()


def test_no_piece_begins_or_ends_as_markup() -> None:
    text = "* 1. # > - `a` **b** 2024. ~~c~~ ||d|| <@1> \\" * 20
    for limit in range(8, 60):
        assert all(show(piece).markup == [] for piece in split(escape(text), limit))


def test_a_paragraph_ends_a_piece_before_a_sentence_and_a_sentence_before_a_word() -> None:
    first, second = "One sentence. Two sentences.", "Three words here."
    assert split(f"{first}\n\n{second}", 35) == (first, second)
    assert split(f"{first} {second}", 35) == (first, second)
    assert split("one two three four", 9) == ("one two", "three", "four")
    assert split("结果很好。方法也好。", 8) == ("结果很好。", "方法也好。")


def test_an_escape_a_character_and_an_address_stay_in_one_piece() -> None:
    assert split(r"\*\*\*\*\*", 9) == (r"\*\*\*\*", r"\*")
    assert split("a\U0001d53d" * 4, 8) == ("a\U0001d53da\U0001d53da", "\U0001d53da\U0001d53d")
    assert split("xxxxxxxe\u0301y", 8) == ("xxxxxxx", "e\u0301y")
    assert split("https://a.bc/结果。好", 14) == ("https:\\//a.bc/", "结果。好")
    assert split("见 https://a.bc/结果。好 x", 18) == ("见", "https://a.bc/结果。好", "x")
    assert split("see https://a.bc/defgh now", 20) == ("see", "https://a.bc/defgh", "now")


def test_a_piece_does_not_begin_as_a_list_or_a_heading() -> None:
    assert split("shown in table 1. results", 16) == ("shown in table", r"1\. results")
    assert split("we like the C # language", 14) == ("we like the C", r"\# language")


def test_what_fits_is_one_piece_and_nothing_is_none() -> None:
    assert split(" text ", 8) == ("text",)
    assert split(" \n ", 8) == ()


@given(texts, st.integers(10, 100))
def test_a_label_fits_and_begins_as_the_text_does(text: str, limit: int) -> None:
    label = shorten(text, limit)
    assert units(label) <= limit
    assert " ".join(clean(text).split()).startswith(label.removesuffix("…"))


def test_a_label_is_cut_at_a_word() -> None:
    assert shorten("1 · Self-Play on Zero-Sum Games", 20) == "1 · Self-Play on…"
    assert shorten("1 · Games,  in   order", 12) == "1 · Games…"
    assert shorten("x" * 30, 10) == "x" * 9 + "…"
    assert shorten("two words", 9) == "two words"
    assert shorten("\U0001d53d" * 9, 9) == "\U0001d53d" * 4 + "…"


@given(texts)
def test_room_to_breathe_changes_no_word(text: str) -> None:
    assert breathe(text).split() == text.split()


def test_a_wall_of_text_becomes_paragraphs_at_ends_of_sentences() -> None:
    sentence = (
        "The authors of this work, Smith et al. Report it in Fig. 3 at 8.6% for e.g. Poker, and it holds up well."
    )
    paragraphs = breathe(" ".join([sentence] * 8)).split("\n\n")
    assert len(paragraphs) == 4
    assert all(paragraph == f"{sentence} {sentence}" for paragraph in paragraphs)
    assert breathe(sentence) == sentence
