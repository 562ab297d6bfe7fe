"""The reference documents, where they are, are read without loss: checked against their sources."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from bot.documents import figures, read
from bot.model import Level, Reading

SHARED = Path(__file__).parents[2].parent / "shared"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference documents are not here")

PAGES = sorted(SHARED.glob("samples/deep-dive-pages/*.html"))
TABLES = sorted(SHARED.glob("samples/round-up/*.md"))
SEEDS = sorted(SHARED.glob("seed-documents/*.txt"))
SWALLOWED = "2025-05-06"
"""The day whose text lost a paper, because its page has a drawing that breaks off in a comment."""


def named(path: Path) -> str:
    """A test's name."""
    return path.stem


def reading_of(path: Path) -> Reading:
    """A document read from disk."""
    return read(path.read_bytes(), path.name)


def words(text: str) -> str:
    """`text` with its whitespace collapsed."""
    return " ".join(text.split())


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_and_its_text_say_the_same(path: Path) -> None:
    page = reading_of(path).digest
    text = reading_of(SHARED / "samples/deep-dive-text" / f"{path.stem}.txt").digest
    numbers = [paper.number for paper in text.papers]
    assert numbers == ([1, 3] if path.stem == SWALLOWED else [paper.number for paper in page.papers])
    for paper in text.papers:
        twin = page.paper(paper.number)
        assert twin is not None
        assert (twin.title, twin.url, twin.links, twin.published) == (
            paper.title,
            paper.url,
            paper.links,
            paper.published,
        )
        assert twin.sections == paper.sections
        if path.stem != SWALLOWED or paper.number == 3:
            assert twin.workflow == paper.workflow
            assert [(asked.text, asked.options) for asked in twin.questions] == [
                (asked.text, asked.options) for asked in paper.questions
            ]


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_has_every_question_and_key_that_its_source_has(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    popups = re.findall(
        r'<div class="quiz-popup" data-answer="([^"]*)"( data-lang="zh")?.*?'
        r'<div class="quiz-question">\d+\. (.*?)</div>\s*'
        r'<div class="quiz-choices">(.*?)</div>\s*<div class="quiz-feedback">',
        source,
        re.DOTALL,
    )
    digest = reading_of(path).digest
    for language, papers in (("", digest.papers), *((" zh", found.papers) for found in digest.languages.values())):
        expected = [
            (words(html.unescape(text)), html.unescape(answer))
            for answer, marked, text, _ in popups
            if bool(marked) == bool(language)
        ]
        asked = [question for paper in papers for question in paper.questions]
        assert [question.text for question in asked] == [text for text, _ in expected]
        for question, (_, answer) in zip(asked, expected, strict=True):
            assert (question.options[question.answer] if question.answer is not None else "") == answer
    chunks = len(re.findall('<div class="category-chunk">', source))
    translated = [paper for found in digest.languages.values() for paper in found.papers]
    assert chunks == sum(len(paper.sections) for paper in (*digest.papers, *translated))
    assert len(re.findall(r"<h2[^>]*>Paper:? \d+</h2>", source)) == len(digest.papers)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_drawing_of_a_page_becomes_a_figure(path: Path) -> None:
    reading = figures.draw_all(reading_of(path))
    drawn = [paper for paper in reading.digest.papers if paper.figure]
    assert len(drawn) == path.read_text(encoding="utf-8").count("<svg")
    for paper in drawn:
        assert paper.figure is not None
        assert 640 <= paper.figure.width <= 1000
        assert 5_000 < len(paper.figure.png) <= figures.LIGHT
    assert not [note for note in reading.notes if "figure" in note.message]


@pytest.mark.parametrize("path", [*TABLES, *(path for path in SEEDS if "| Title" in path.read_text())], ids=named)
def test_nothing_of_a_table_is_left_over(path: Path) -> None:
    source = path.read_text(encoding="utf-8").strip()
    rows = [words(row) for row in re.split(r"\n(?=\|)", source) if row.startswith("|")][2:]
    papers = reading_of(path).digest.papers
    assert len(papers) == len(rows)
    for paper, row in zip(papers, rows, strict=True):
        rest = row
        for part in (paper.title, *paper.links, *paper.authors, paper.summary or ""):
            assert part in rest
            rest = rest.replace(part, "", 1)
        assert re.sub(r"[\s|(),\[\]-]|read more( on)?|arxiv|huggingface|or", "", rest, flags=re.IGNORECASE) == ""


@pytest.mark.parametrize("path", [path for path in SEEDS if "| Title" not in path.read_text()], ids=named)
def test_nothing_of_a_text_is_left_over(path: Path) -> None:
    reading = reading_of(path)
    rest = words(path.read_text(encoding="utf-8"))
    for paper in reading.digest.papers:
        parts = [
            paper.title,
            paper.title,
            f"Published: {paper.published}",
            f"Link: {paper.url}",
            paper.workflow or "",
        ]
        parts += [f"{section.name}: {section.text}" for section in paper.sections]
        parts += [part for question in paper.questions for part in (question.text, *question.options)]
        for part in sorted(parts, key=len, reverse=True):
            assert part in rest
            rest = rest.replace(part, "", 1)
    left = re.sub(r"\d{4}-\d\d-\d\d Papers|1/2|Paper \d|Q\d|\d\.|[📘💡❓🛠️📊\s]", "", rest)
    assert left == ""
    assert (len(reading.digest.papers), reading.notes) == (3, ())


def test_the_seed_documents_hold_what_is_known_of_them() -> None:
    digests = [reading_of(path).digest for path in SEEDS]
    papers = {
        series: [len(digest.papers) for digest in digests if digest.series == series]
        for series in ("deep-dive", "round-up")
    }
    assert {series: sum(counts) for series, counts in papers.items()} == {"deep-dive": 9, "round-up": 36}
    questions = [question for digest in digests for paper in digest.papers for question in paper.questions]
    assert (len(questions), {len(question.options) for question in questions}) == (27, {3})


@pytest.mark.parametrize("path", [path for path in (*PAGES, *TABLES, *SEEDS) if path.stem != SWALLOWED], ids=named)
def test_only_missing_keys_and_papers_need_a_look(path: Path) -> None:
    warnings = [note.message for note in reading_of(path).notes if note.level is not Level.INFO]
    assert all("no answer is marked" in message or "There is no paper" in message for message in warnings)
