"""Whatever comes in, a reader reads it or refuses it in one sentence, within ten times its size in memory."""

from __future__ import annotations

import tracemalloc
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.documents import DocumentError, read
from bot.documents.drawing import clean
from bot.documents.figures import FigureError
from bot.documents.source import MAX_BYTES
from bot.model import Reading
from tests.documents.pages import DRAWING, SECTIONS, card, chunk, page, popup, tab

QUIZ = tab(
    popup("1. How far?", ("To three", 'To "four"', "On"), 'To "four"', language="en"),
    popup("1. 多远？", ("三", "四", "五"), "四", language="zh"),
)
ENGLISH = "".join(chunk(at, name, "B.") for at, name in enumerate(SECTIONS, 1))
PAGE = page(
    card(1, "Bees", sections=ENGLISH, drawing=DRAWING, tabs=QUIZ),
    card(2, "Wasps & ants", tabs=QUIZ + QUIZ),
    '<div class="daily-tips-section"><div class="tips-content" data-lang="zh">先看蜜蜂。</div></div>',
)
TEXT = (
    "2025-02-03 Papers\n\n1/2\n\nPaper 1\n\nBees\n\nPublished: 2025-02-01\n\nLink: http://a.org/1\n\n"
    "1. 📘 Topic and Domain: Bees.\n2. ❓ Problem:None.\n\nBees\n\nIn → out\n"
    "Q1\n1. How far?\nTo three\nTo four\nPaper 2\n\nWasps\n"
)
TABLE = (
    "\n\n## Papers for 2025-02-03\n\n| Title | Authors | Summary |\n|---|---|---|\n"
    "| Bees\n  wrapped (Read more on [arXiv](https://a/1) or [HF](https://h/1))| A, B | p(a|b). |\n"
    "| Wasps - read more on [arXiv](https://a/2) | | S |\n"
)
SIDE = "[[papers]]\nnumber = 1\n[[papers.questions]]\nnumber = 1\nanswer = 'B'\nreason = '''So.'''\n"
PIECES = [
    *(
        "<div>",
        "</div>",
        "<p>",
        "<b",
        "<svg>",
        "</svg>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<script>",
        "</script>",
    ),
    *(
        '"',
        "'",
        ">",
        "<",
        "=",
        "&",
        "&#",
        "&amp;",
        "|",
        "\\|",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\ufeff",
        "￾",
        "\x0b",
        "🐝",
    ),
    *(
        "Paper 1\n\n",
        "Paper 2\n",
        "Q1\n",
        "1. ",
        "1/2\n",
        "Link:",
        "Published:",
        "## Papers for 2025-02-04\n",
        "|---|\n",
    ),
    *(
        'class="paper-card"',
        'class="quiz-popup" data-answer="',
        'data-lang="zh"',
        "(Read more on [a](b)",
        "[[papers]]\n",
    ),
]


def reads_or_refuses(data: bytes, side: bytes | None = None) -> Reading | None:
    """The reading, if there is one; its drawings are cleaned too. Anything but a refusal is a failure."""
    try:
        reading = read(data, "a.html", side=side)
    except DocumentError:
        return None
    for drawing in reading.drawings.values():
        with suppress(FigureError):
            clean(drawing)
    for note in reading.notes:
        assert "\n" not in note.message
        assert note.line is None or note.line >= 1
    return reading


@st.composite
def mutations(draw: st.DrawFn, original: str) -> str:
    """`original` with pieces cut out, put in, repeated and moved about."""
    text = original
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.sampled_from([0, 1, 5, 40, 400])))
        piece = draw(st.sampled_from(PIECES) | st.text(max_size=5))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:start] + text[stop:]
            case 1:
                text = text[:start] + piece + text[start:]
            case 2:
                text = text[:start] + piece * draw(st.integers(1, 30)) + text[stop:]
            case _:
                text = text[:start] + text[start:stop] * 2 + text[stop:]
    return text


HARD = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@HARD
@given(st.binary(max_size=2_000))
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf")
@example(b"<html><svg")
@example(b"|")
def test_any_bytes(data: bytes) -> None:
    reads_or_refuses(data)


@HARD
@given(
    st.sampled_from(["<html>", "<html><h1>2025-02-03 Papers</h1>", TEXT[:19], TABLE[:88]]), st.text(max_size=300)
)
def test_any_text_after_a_good_beginning(beginning: str, text: str) -> None:
    reads_or_refuses((beginning + text).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("original", [PAGE, TEXT, TABLE], ids=["page", "text", "table"])
@HARD
@given(st.data())
def test_any_change_to_a_good_document(original: str, data: st.DataObject) -> None:
    reads_or_refuses(data.draw(mutations(original)).encode("utf-8", "surrogatepass"))


@HARD
@given(mutations(SIDE) | st.text(max_size=200), st.binary(max_size=50))
def test_any_side_file(side: str, more: bytes) -> None:
    for data in (side.encode("utf-8", "surrogatepass"), more):
        assert reads_or_refuses(TEXT.encode(), data) is not None


@HARD
@given(mutations(f'{DRAWING}<svg><defs><g id="a"/></defs><use href="#a"/><style>.a{{b:url(#c)}}</style></svg>'))
def test_any_drawing(drawing: str) -> None:
    with suppress(FigureError):
        xml, _ = clean(drawing)
        ET.fromstring(xml)  # noqa: S314
        assert "<script" not in xml


def filled(beginning: str, piece: str, size: int) -> bytes:
    """`beginning` and then `piece` again and again."""
    start, body = beginning.encode(), piece.encode()
    return start + body * ((size - len(start)) // len(body))


HEADED = "<!DOCTYPE html><h1>2025-02-03 Papers</h1>"
IN_CARD = HEADED + '<div class="paper-card"><p><strong>T</strong></p></div>'
IN_TABLE = TABLE[: TABLE.index("| Bees")]
IN_PAPER = TEXT[: TEXT.index("1. 📘")]
WORKING_SET = 8_000_000
"""What reading may take however small the document is: the caps on a page's parts allow that much."""
BOMBS = {
    "nested divs": (HEADED, "<div>"),
    "nested formatting": (HEADED, "<b><i>"),
    "elements": (HEADED, "<b></b>"),
    "end tags": (HEADED, "</b></div>"),
    "comments": (HEADED, "<!---->"),
    "open comments": (HEADED, "<!--"),
    "open quotes": (HEADED, "<p x='\"> "),
    "tags in quotes": (HEADED, '<p x=">" '),
    "attributes": (HEADED + "<div ", "ab "),
    "open tags": (HEADED, "<p "),
    "scripts": (HEADED, "<ScRiPt></script>"),
    "entities": (HEADED, '<!DOCTYPE x [<!ENTITY a "&b;&b;">]>&a;'),
    "references": (HEADED, "&amp;ab"),
    "unknown tags": (HEADED, "<ab></ab>"),
    "drawings": (HEADED, "<svg></svg>"),
    "broken drawings": (HEADED, "<svg></div>"),
    "a large drawing": (IN_CARD + "<svg>", "<text>ab</text>"),
    "questions": (IN_CARD, popup("1. A?", ("b", "c"), "c")),
    "columns": (IN_TABLE, "|a"),
    "wide rows": (IN_TABLE, "|a" * 900 + "|\n"),
    "rows": (IN_TABLE, f"| {'ab ' * 100} | b | c |\n"),
    "one endless row": (IN_TABLE + "| a\n", "ab " * 100 + "\n"),
    "links": (IN_TABLE, f"| {'[a](b' * 60} |\n"),
    "one line": (IN_PAPER, "ab "),
    "lines": (IN_PAPER, "ab " * 100 + "\n"),
    "blank lines": (IN_PAPER, "\n"),
    "papers": ("2025-02-03 Papers\n\n", "Paper 1\n\nT\n\n" + "ab " * 100 + "\n"),
    "bees": (IN_PAPER + "🐝", "ab " * 100 + "\r\n"),
    "zeros": (IN_PAPER, "\0"),
    "spaces": ("", " "),
}


@pytest.mark.parametrize(("beginning", "piece"), BOMBS.values(), ids=BOMBS.keys())
def test_the_same_thing_again_and_again(beginning: str, piece: str) -> None:
    reads_or_refuses(filled(beginning, piece, 500_000))


@pytest.mark.parametrize(("beginning", "piece"), BOMBS.values(), ids=BOMBS.keys())
def test_no_document_takes_ten_times_its_size_in_memory(beginning: str, piece: str) -> None:
    data = filled(beginning, piece, 50_000)
    assert peak(lambda: reads_or_refuses(data)) < WORKING_SET + 10 * len(data)


@pytest.mark.parametrize("name", ["nested divs", "columns", "one line", "bees", "a large drawing"])
def test_the_largest_documents_keep_to_it_too(name: str) -> None:
    data = filled(*BOMBS[name], MAX_BYTES)
    assert peak(lambda: reads_or_refuses(data)) < 10 * len(data)


def peak(do: Callable[[], object]) -> int:
    """The most memory in bytes that was allocated at once while doing something."""
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("questions", "options", "said"),
    [
        (1, 101, "Question 1 of paper 1 has 101 options, and 100 are the most"),
        (1_001, 2, "The document asks 1,001 questions, and 1,000 are the most"),
        (1_000, 2, None),
        (1, 100, None),
    ],
)
def test_no_document_asks_more_than_can_be_played(questions: int, options: int, said: str | None) -> None:
    text = TEXT[: TEXT.index("Q1")] + "".join(
        f"Q{number % 10}\n1. How far?\n" + "".join(f"To {option}\n" for option in range(options)) + "\n"
        for number in range(1, questions + 1)
    )
    if said is None:
        asked = read(text.encode(), "a.txt").digest.papers[0].questions
        assert (len(asked), len(asked[0].options)) == (questions, options)
    else:
        with pytest.raises(DocumentError, match=said):
            read(text.encode(), "a.txt")
