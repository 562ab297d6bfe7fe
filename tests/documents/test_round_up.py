"""A round-up is read whole, in each of its three shapes."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.documents import DocumentError
from bot.model import Level
from tests.documents.pages import messages, only_paper, read_text

HEAD = "\n\n## Papers for 2025-02-03\n\n| Title | Authors | Summary |\n|-------|---------|---------|\n"
HEAD_WITH_LINK = "## Papers for 2025-02-03\n\n| Title | Authors | Summary | Link |\n|---|---|---|---|\n"
LINKED = "[arXiv](https://a/1) or [HuggingFace](https://hf.co/1)"
ADDRESSES = ("https://a/1", "https://hf.co/1")


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (f"{HEAD}| Bees Count (Read more on {LINKED})| Ann B., cy_d | They do. |\n", ADDRESSES),
        (f"{HEAD}| Bees Count - read more on {LINKED} | Ann B., cy_d | They do.  |\n", ADDRESSES),
        (f"{HEAD_WITH_LINK}| Bees Count | Ann B., cy_d | They do. | [Read more](https://a/1) |\n", ADDRESSES[:1]),
    ],
    ids=["in brackets", "after a dash", "in a column"],
)
def test_the_three_shapes(text: str, links: tuple[str, ...]) -> None:
    reading = read_text(text, "a.md")
    digest, paper = reading.digest, only_paper(reading)
    assert (digest.date, digest.series, digest.layout) == (dt.date(2025, 2, 3), "round-up", "round-up-table")
    assert (paper.number, paper.title, paper.url, paper.links) == (1, "Bees Count", links[0], links)
    assert (paper.authors, paper.summary) == (("Ann B.", "cy_d"), "They do.")
    assert messages(reading) == []


def row(title: str, authors: str = "A, B", summary: str = "S.") -> str:
    """A row in the commonest shape."""
    return f"| {title} (Read more on {LINKED})| {authors} | {summary} |\n"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("A  wrapped\n  title\nover three lines", "A wrapped title over three lines"),
        ("P(x | y) in a title", "P(x | y) in a title"),
        ("Escaped \\| pipe", "Escaped | pipe"),
        ("Brackets (again) - and dashes -", "Brackets (again) - and dashes -"),
        ("[Re] Read more books, *fast*", "[Re] Read more books, *fast*"),
        ("100% of `code` & <b>", "100% of `code` & <b>"),
    ],
)
def test_titles_as_written(written: str, title: str) -> None:
    paper = only_paper(read_text(HEAD + row(written)))
    assert (paper.title, paper.authors, paper.summary) == (title, ("A", "B"), "S.")


@pytest.mark.parametrize(
    ("written", "summary"),
    [
        ("p(a|b) and p(b|a).", "p(a|b) and p(b|a)."),
        ("A \\| B", "A | B"),
        ("Read more on [our site](https://x.org) | soon.", "Read more on [our site](https://x.org) | soon."),
        ("Over\n  two lines", "Over two lines"),
        ("$|x|$|", "$|x|$|"),
        ("$\\|x\\|_2$ and \\(\\|y\\|\\), a\\|b", "$\\|x\\|_2$ and \\(\\|y\\|\\), a|b"),
    ],
)
def test_summaries_as_written(written: str, summary: str) -> None:
    paper = only_paper(read_text(HEAD + row("T", summary=written)))
    assert (paper.title, paper.authors, paper.summary, len(paper.links)) == ("T", ("A", "B"), summary, 2)


def test_a_pipe_too_many_is_noted() -> None:
    assert messages(read_text(HEAD + row("T", summary="p(a|b)"))) == [
        "7: This row has 1 more cells than the table; they are taken for its summary."
    ]


@pytest.mark.parametrize(
    ("written", "authors"), [("", ()), (" , A,, B ,", ("A", "B")), ("Ann\nB., Cy", ("Ann B.", "Cy"))]
)
def test_authors(written: str, authors: tuple[str, ...]) -> None:
    assert only_paper(read_text(HEAD + row("T", authors=written))).authors == authors


def test_links_may_hold_brackets() -> None:
    text = f"{HEAD}| T (Read more on [arXiv](https://a.org/x_(y)))| A | S |\n"
    assert only_paper(read_text(text)).links == ("https://a.org/x_(y)",)


def test_many_rows_and_windows_line_ends() -> None:
    rows = "".join(row(f"Paper\n  number {number}") for number in range(1, 60))
    digest = read_text((HEAD + rows).replace("\n", "\r\n")).digest
    assert [(paper.number, paper.title) for paper in digest.papers] == [
        (number, f"Paper number {number}") for number in range(1, 60)
    ]


def test_a_day_without_papers_is_a_digest_with_a_note() -> None:
    reading = read_text(HEAD)
    assert reading.digest.papers == ()
    assert messages(reading) == ["3: There is no paper in this table, so there is nothing to post."]


def test_a_row_that_stops_early_keeps_what_it_has() -> None:
    reading = read_text(HEAD + "| Only a title (Read more on [arXiv](https://a.org))\n\n" + row("Next"))
    first, second = reading.digest.papers
    assert (first.title, first.url, first.authors, first.summary) == ("Only a title", "https://a.org", (), None)
    assert second.title == "Next"
    assert "7: This row has 1 cells, and the table 3." in messages(reading)


@pytest.mark.parametrize("cells", [("T",), ("T", "A"), ("T", "A", "S")])
def test_rows_with_cells_missing_stay_apart(cells: tuple[str, ...]) -> None:
    for end in ("|", ""):
        if end or len(cells) == 3:
            rows = f"| {' | '.join(cells)} {end}\n" * 4
            assert [paper.title for paper in read_text(HEAD + rows).digest.papers] == ["T"] * 4


def test_a_row_that_may_be_broken_off_is_noted() -> None:
    reading = read_text(HEAD + row("T") + "| U | A | A summary that")
    assert "8: No “|” ends this row, so its last cell may be broken off." in messages(reading)


def test_a_row_may_go_on_with_a_pipe() -> None:
    for rows in ("| T\n| A | S |\n", "| T | A | p(a\n|b) |\n"):
        assert [paper.title for paper in read_text(HEAD + rows).digest.papers] == ["T"]


def test_rows_may_be_counted() -> None:
    header = "| # | Title | Authors | Summary |\n|--|--|--|--|\n"
    reading = read_text(f"## Papers for 2025-02-03\n{header}| 1 | T | A | S |\n")
    paper = only_paper(reading)
    assert (paper.title, paper.authors, paper.summary) == ("T", ("A",), "S")


def test_columns_in_another_order_or_unknown() -> None:
    header = "| Title | Votes | Abstract | Author | URL |\n|--|--|--|--|--|\n"
    reading = read_text(f"## Papers for 2025-02-03\n{header}| T | 7 | S | A | https://a.org |\n")
    paper = only_paper(reading)
    assert (paper.title, paper.summary, paper.authors, paper.url) == ("T", "S", ("A",), "https://a.org")
    assert messages(reading) == [
        "2: The column “votes” isn't known here; its cells are passed over.",
        "4: Passed over: “7”.",
    ]


def test_a_table_without_a_header() -> None:
    reading = read_text("## Papers for 2025-02-03\n" + row("T"))
    assert only_paper(reading).title == "T"
    assert messages(reading, Level.WARNING) == [
        "2: The table has no header; its columns are taken for title, authors, summary."
    ]


def test_words_around_the_table_are_noted() -> None:
    reading = read_text("Hello\n" + HEAD + row("T") + "\nGoodbye\n")
    assert messages(reading) == ["1: Passed over: “Hello”.", "10: Passed over: “Goodbye”."]


def test_empty_rows_and_missing_titles_are_noted() -> None:
    reading = read_text(HEAD + "| | | |\n| | A | S |\n")
    assert only_paper(reading).title == "Paper 1"
    assert messages(reading) == [
        "7: This row is empty.",
        "8: Paper 1 has no title; its number stands in.",
        "8: Paper 1 has no link.",
    ]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEAD.replace("2025-02-03", "2025-02-29"), 3, "isn't in the calendar"),
        (HEAD.replace("for 2025-02-03", ""), 3, "There is no date"),
        (HEAD + row("T") + HEAD.replace("03", "04"), 10, "another day"),
        (HEAD + "|a" * 1_001 + "|\n", 7, "1,000 cells"),
        (HEAD + row("T") * 501, 507, "500 is the most"),
        (HEAD + "| a\n" + ("b" * 1_000 + "\n") * 300, 207, "200,000 characters"),
    ],
)
def test_what_is_no_round_up_is_refused(text: str, line: int, says: str) -> None:
    with pytest.raises(DocumentError, match=says) as error:
        read_text(text)
    assert error.value.line == line
