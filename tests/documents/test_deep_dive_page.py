"""A deep dive as an HTML page is read whole: papers, keys, drawings, both languages, tips."""

from __future__ import annotations

import datetime as dt
import pickle

import pytest

from bot.documents import DocumentError
from bot.model import Level, Question, Section
from tests.documents.pages import DRAWING, SECTIONS, card, chunk, messages, only_paper, page, popup, read_text, tab

QUESTION = popup("1. How far do bees count?", ("To three", "To four", "On"), "To four")


def both(english: str, chinese: str) -> str:
    """What stands on a page in two languages."""
    return f'<div data-lang="en">{english}</div><div data-lang="zh" style="display:none">{chinese}</div>'


def test_a_whole_page() -> None:
    sections = "".join(chunk(number, name, f"Text {number}.") for number, name in enumerate(SECTIONS, 1))
    bees = card(1, "Bees: Counting\n  to &amp; fro", sections=sections, drawing=DRAWING, tabs=tab(QUESTION))
    reading = read_text(page(bees, card(2, "Wasps"), card(3, "Ants", drawing=DRAWING)))
    digest = reading.digest
    assert (digest.date, digest.series, digest.layout) == (dt.date(2025, 2, 3), "deep-dive", "deep-dive-page")
    assert [(paper.number, paper.title) for paper in digest.papers] == [
        (1, "Bees: Counting to & fro"),
        (2, "Wasps"),
        (3, "Ants"),
    ]
    first, second, _ = digest.papers
    assert (first.url, first.links, first.published) == ("http://a.org/1", ("http://a.org/1",), "2025-02-01")
    assert first.sections == tuple(Section(name, f"Text {number}.") for number, name in enumerate(SECTIONS, 1))
    assert first.workflow == "Corn in, syrup out"
    assert first.questions == (Question(1, "How far do bees count?", ("To three", "To four", "On"), 1),)
    assert (second.workflow, second.questions, second.figure) == (None, (), None)
    assert reading.drawings == {1: DRAWING, 3: DRAWING}
    assert messages(reading, Level.WARNING) == []


def test_a_reading_crosses_to_another_process() -> None:
    reading = read_text(
        page(card(1, "T", drawing=DRAWING, sections=both(chunk(1, "A", "b"), chunk(1, "甲", "乙"))))
    )
    assert pickle.loads(pickle.dumps(reading)) == reading  # noqa: S301


def test_a_bare_old_page() -> None:
    text = (
        '<html><body><h1>2025-02-03 Papers</h1><div class="paper-card"><h2>Paper: 1</h2>'
        "<p><strong>T</strong></p><p><strong>Published: </strong></p>"
        '<p><strong>Link: </strong><a href="http://a?x=1&amp;y=2">here</a></p>'
        '<div><div class="category-chunk">1.  <strong>📘 Topic:</strong>No space, <i>and</i> tags<br>inside:'
        " 3 &lt; 4 and <b>5</b> < 6</div></div></div></body></html>"
    )
    paper = only_paper(read_text(text))
    assert (paper.title, paper.published, paper.url) == ("T", None, "http://a?x=1&y=2")
    assert paper.sections == (Section("Topic", "No space, and tags inside: 3 < 4 and 5 < 6"),)


@pytest.mark.parametrize(
    ("inner", "section"),
    [
        ("1. <strong>📘 A:</strong> b", ("A", "b")),
        ("1. <strong>📘 A</strong>: b", ("A", "b")),
        ("<b>A：</b>b", ("A", "b")),
        ("<strong>1. 📘 A:</strong> b", ("A", "b")),
        ("1. 📘 A: b", ("A", "b")),
        ("2. <strong>🛠️ A:</strong> <p>b</p><ul><li>c</li><li>d</li></ul>", ("A", "b c d")),
        ("1. <strong>A:</strong> :b", ("A", ":b")),
        (
            "1. <strong>A:</strong> use <think> and </think> around \\(x<y\\)",
            ("A", "use <think> and </think> around \\(x<y\\)"),
        ),
        ("no label at all", ("Section 1", "no label at all")),
        ("1. <strong>A:</strong>", ("A", "")),
    ],
)
def test_sections_in_every_shape(inner: str, section: tuple[str, str]) -> None:
    text = page(card(1, "T", sections=f'<div class="category-chunk">{inner}</div>'))
    assert only_paper(read_text(text)).sections == (Section(*section),)


def test_two_languages_are_kept_apart() -> None:
    questions = tab(
        popup("1. How many?", ("One", "Two"), "Two", language="en"),
        popup("1. 多少？", ("一", "二"), "二", language="zh"),
    )
    tips = (
        '<div class="daily-tips-section"><h2 class="tips-heading"><span data-lang="en">Tips</span></h2>'
        '<div class="tips-content" data-lang="en">Start with the bees.</div>'
        '<div class="tips-content" data-lang="zh">先看蜜蜂。</div></div>'
    )
    sections = both(
        chunk(1, "Topic and Domain", "Bees."), chunk(1, "主题与领域", "蜜蜂。") + chunk(2, "问题", "无。")
    )
    reading = read_text(page(card(1, "Bees", sections=sections, tabs=questions, drawing=DRAWING), tips))
    digest = reading.digest
    assert only_paper(reading).sections == (Section("Topic and Domain", "Bees."),)
    assert only_paper(reading).questions == (Question(1, "How many?", ("One", "Two"), 1),)
    assert digest.tips == "Start with the bees."
    assert list(digest.languages) == ["zh"]
    chinese = digest.languages["zh"]
    assert chinese.tips == "先看蜜蜂。"
    assert chinese.papers[0].title == "Bees"
    assert chinese.papers[0].sections == (Section("主题与领域", "蜜蜂。"), Section("问题", "无。"))
    assert chinese.papers[0].questions == (Question(1, "多少？", ("一", "二"), 1),)
    assert messages(reading) == []


def test_a_paper_that_is_not_translated_stands_in_english() -> None:
    first = card(1, "A", sections=both(chunk(1, "X", "y"), chunk(1, "甲", "乙")))
    reading = read_text(page(first, card(2, "B", sections=chunk(1, "X", "z"))))
    assert reading.digest.languages["zh"].papers[1].sections == (Section("X", "z"),)
    assert any("Paper 2 has no sections in zh" in message for message in messages(reading))


def test_a_page_may_have_more_languages_but_not_any_number() -> None:
    codes = ("de", "fr", "zh-CN", "it", "pt_BR", "ru", "x1", "")
    words = "".join(f'<div data-lang="{code}">{chunk(1, "A", f"In {code}.")}</div>' for code in codes)
    reading = read_text(page(card(1, "T", sections=words)))
    assert list(reading.digest.languages) == ["de", "fr", "it", "pt", "ru"]
    assert [section.text for section in only_paper(reading).sections] == ["In x1.", "In ."]
    assert [message for message in messages(reading, Level.WARNING) if "zh are left out" in message]


@pytest.mark.parametrize(
    ("chinese", "why"),
    [
        (popup("1. 多少？", ("一", "二", "三"), "二", language="zh"), "it has 3 options and the English one 2"),
        (popup("1. 多少？", ("二", "一"), "二", language="zh"), "its right answer stands in another place"),
    ],
)
def test_a_question_that_does_not_match_its_translation_stands_in_english_alone(chinese: str, why: str) -> None:
    english = popup("1. How many?", ("One", "Two"), "Two", language="en")
    second = tab(
        popup("2. Where?", ("In", "Out"), "In", language="en"),
        popup("2. 哪里？", ("内", "外"), "内", language="zh"),
    )
    reading = read_text(page(card(1, "T", tabs=tab(english, chinese) + second)))
    assert [question.number for question in only_paper(reading).questions] == [1, 2]
    assert [question.number for question in reading.digest.languages["zh"].papers[0].questions] == [2]
    assert [message for message in messages(reading) if "is left out: " + why in message]


def test_a_key_marked_in_one_language_only_is_the_english_one() -> None:
    both_popups = tab(
        popup("1. How many?", ("One", "Two"), "Two", language="en"),
        popup("1. 多少？", ("一", "二"), "", language="zh"),
    )
    reading = read_text(page(card(1, "T", tabs=both_popups)))
    assert reading.digest.languages["zh"].papers[0].questions == (Question(1, "多少？", ("一", "二"), 1),)


BROKEN = {
    "between tags": '<svg viewBox="0 0 9 9"><text>In</text><rect x="1"/>',
    "in a tag": '<svg viewBox="0 0 9 9"><text>In</text><rect x="1" fil',
    "in an attribute": '<svg viewBox="0 0 9 9"><text>In</text><rect x="1" fill="r',
    "in a comment": '<svg viewBox="0 0 9 9"><text>In</text><!-- later: <rect x="1"',
    "in a style": '<svg viewBox="0 0 9 9"><text>In</text><style>.a { fill: ',
}


@pytest.mark.parametrize("drawing", BROKEN.values(), ids=BROKEN.keys())
def test_a_drawing_that_breaks_off_swallows_nothing(drawing: str) -> None:
    whole = card(2, "Wasps", sections=chunk(1, "A", "b"), drawing=DRAWING, tabs=tab(QUESTION))
    reading = read_text(page(card(1, "Bees", drawing=drawing, tabs=tab(QUESTION)), "<!-- next -->", whole))
    bees, wasps = reading.digest.papers
    assert (bees.title, len(bees.questions), bees.workflow) == ("Bees", 1, "In")
    assert (wasps.title, len(wasps.questions), wasps.workflow) == ("Wasps", 1, "Corn in, syrup out")
    assert [message for message in messages(reading, Level.WARNING) if "breaks off here" in message]


def test_cards_may_be_nested_by_forgotten_end_tags() -> None:
    text = page(card(1, "A", tabs=tab(QUESTION)), card(2, "B", tabs=tab(QUESTION))).replace(
        "</div>\n</div>", "</div>"
    )
    assert [(paper.title, len(paper.questions)) for paper in read_text(text).digest.papers] == [("A", 1), ("B", 1)]


def test_a_figure_that_is_no_drawing_gives_its_text() -> None:
    reading = read_text(page(card(1, "T", drawing='<pre class="mermaid">In --> Out</pre><img src="x.png">')))
    assert only_paper(reading).workflow == "In --> Out"
    assert [message for message in messages(reading) if "A picture isn't taken over" in message]


def test_a_heading_may_say_more_than_the_number() -> None:
    reading = read_text(page(card(2, "T")).replace("Paper 2</h2>", "Paper 2: the best</h2>"))
    assert (only_paper(reading).number, only_paper(reading).title) == (2, "T")
    assert [message for message in messages(reading) if "Passed over: “the best”" in message]


def test_a_second_drawing_is_noted() -> None:
    other = DRAWING.replace("Corn in", "Bees in")
    reading = read_text(page(card(1, "T", drawing=DRAWING + other + DRAWING)))
    assert reading.drawings == {1: DRAWING}
    assert only_paper(reading).workflow == "Corn in, syrup out Bees in, syrup out"
    assert [message for message in messages(reading) if "second drawing" in message]


def test_a_code_fence_around_a_drawing_is_no_text_of_it() -> None:
    reading = read_text(page(card(1, "T", drawing=f"```svg\n{DRAWING}\n```")))
    assert only_paper(reading).workflow == "Corn in, syrup out"


def test_the_heading_over_a_figure_stands_in_for_a_title() -> None:
    reading = read_text(page(card(1, "T", drawing=DRAWING)).replace("<p><strong>T</strong></p>", ""))
    assert (only_paper(reading).title, only_paper(reading).workflow) == ("T", "Corn in, syrup out")
    assert [message for message in messages(reading) if "figure's heading gives the title: “T”" in message]


def test_a_heading_that_is_never_closed_swallows_nothing() -> None:
    sections = chunk(1, "A", "b")
    reading = read_text(page(card(1, "T", sections=sections)).replace("Paper 1</h2>", "Paper 1"))
    paper = only_paper(reading)
    assert (paper.number, paper.title, paper.url) == (1, "T", "http://a.org/1")
    assert paper.sections == (Section("A", "b"),)


def test_links_and_pictures_inside_a_text_are_noted() -> None:
    text = 'see <a href="http://b.org/2">this</a>, <a href="http://b.org/3">http://b.org/3</a><img src="y.png">'
    reading = read_text(page(card(1, "T", sections=chunk(1, "A", text))))
    assert only_paper(reading).sections == (Section("A", "see this, http://b.org/3"),)
    passed = [message.split(": ", 1)[1] for message in messages(reading)]
    assert passed == ["Passed over: “http://b.org/2”.", "Passed over: “y.png”."]


def test_nothing_vanishes_without_a_note() -> None:
    reading = read_text(
        page('<section class="takeaways"><p>My own view</p></section>', card(1, "T"), "<p>Bye</p>")
    )
    assert [message for message in messages(reading, Level.WARNING) if "“My own view”" in message]
    assert [message for message in messages(reading, Level.WARNING) if "“Bye”" in message]


def test_a_comment_that_swallows_the_rest_is_noted() -> None:
    reading = read_text(page(card(1, "T"), "<!-- never closed", card(2, "U")).replace("-->", ""))
    assert [paper.title for paper in reading.digest.papers] == ["T"]
    assert [message for message in messages(reading) if "comment that starts here is never closed" in message]


def test_a_page_without_papers_is_a_digest_with_a_note() -> None:
    reading = read_text(page())
    assert reading.digest.papers == ()
    assert [message for message in messages(reading) if "nothing to post" in message]


def test_the_page_title_stands_in_for_a_heading() -> None:
    assert read_text(page(card(1, "T")).replace("<h1>2025-02-03 Papers</h1>", "")).digest.date == dt.date(
        2025, 2, 3
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html><body><p>Hello</p></body></html>", "neither papers nor a heading"),
        (page(heading="2025-02-31 Papers"), "isn't in the calendar"),
        ("<html>" + "<div>" * 101, "nested more than 100 deep"),
        ("<html>" + "<p>x</p>" * 30_000, "more than 30,000 parts"),
        ("<html><p>" + "x " * 150_000, "more than 200,000 characters"),
        (page(*(card(1, "T") for _ in range(501))), "500 is the most"),
    ],
)
def test_what_is_no_digest_is_refused(text: str, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        read_text(text)
