"""Reads a round-up: a Markdown table under a heading with the day, a row for each paper.

Over the years the table had three shapes:

    | Title | Authors | Summary | Link |                  the last cell holds “[Read more](address)”
    | Title - read more on [arXiv](…) or [HuggingFace](…) | Authors | Summary |
    | Title (Read more on [arXiv](…) or [HuggingFace](…))| Authors | Summary |

A row starts with `|` and may go on over further lines. A cell may hold a `|` of its own, escaped or not: what is
too much for the title (whose end the links show) and for the authors belongs to the summary. In a formula `\\|`
isn't an escaped `|` but LaTeX's sign for a norm, and stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.documents.reader import DATE, MAX_PAPERS, Notes, Reader, digest_date
from bot.documents.source import MAX_LINE, DocumentError, Source, collapse, quote
from bot.model import Digest, Paper, Reading

LAYOUT = "round-up-table"
SERIES = "round-up"

MAX_CELLS = 1_000

_HEADING = re.compile(r"#{1,6}\s*Papers\b.*", re.IGNORECASE)
_HEADER = re.compile(r"\|\s*Title\s*\|", re.IGNORECASE)
_NUMBERED_HEADER = re.compile(r"\|[^|]{0,20}\|\s*Title\s*\|", re.IGNORECASE)
_RULE = frozenset("|:- \t")
_PIPE = re.compile(r"(?<!\\)\|")
_ESCAPED_PIPE = re.compile(r"(?P<formula>\$[^$]{0,300}\$|\\\(.{0,300}?\\\))|\\\|")
_LINK = re.compile(r"\[([^\[\]]*)\]\(\s*((?:[^()\s]|\([^()\s]*\))*)\s*\)")
_READ_MORE = re.compile(
    rf"\bread\s+more\s+on\s*:?\s*(?P<links>{_LINK.pattern}(?:\s*(?:or|and|,|/)?\s*{_LINK.pattern})*)\s*\)?",
    re.IGNORECASE,
)
_BEFORE_READ_MORE = re.compile(r"\s*[(\-–—]?\s*$")
_URL = re.compile(r"https?://[^\s,;<>\"|]+")
_COLUMNS = {
    "title": "title",
    "author": "authors",
    "authors": "authors",
    "summary": "summary",
    "abstract": "summary",
    "link": "link",
    "links": "link",
    "url": "link",
}
_USUAL_COLUMNS: tuple[str, ...] = ("title", "authors", "summary")


@dataclass(slots=True)
class Row:
    """A row as written, over one line or several."""

    line: int
    texts: list[str] = field(default_factory=list)
    pipes: int = 0
    characters: int = 0

    def add(self, text: str, line: int) -> None:
        """Goes on with a further line."""
        self.texts.append(text)
        self.pipes += len(_PIPE.findall(text))
        self.characters += len(text)
        if self.characters > MAX_LINE:
            raise DocumentError(f"The row from line {self.line} on has more than {MAX_LINE:,} characters.", line)

    def ended(self) -> bool:
        """Whether a pipe ends the row as far as it is read."""
        return self.texts[-1].endswith("|") and not self.texts[-1].endswith("\\|")

    def ends_before(self, text: str, columns: tuple[str, ...]) -> bool:
        """Whether a line that starts with a pipe is a row of its own, and not more of this one."""
        pipes = text.count("|")
        return self.ended() or pipes > len(columns) or self.pipes >= len(columns) == pipes

    def complete(self, columns: tuple[str, ...]) -> bool:
        """Whether the row has ended and has all its cells."""
        return self.ended() and self.pipes > len(columns)

    def inner(self) -> str:
        """The row without the pipes around it."""
        inner = "\n".join(self.texts)[1:]
        return inner[:-1] if self.ended() and inner else inner


def recognises(source: Source) -> bool:
    """Whether a heading “## Papers for …” or a table with a column “Title” stands near the start."""
    head = source.text[:5_000].split("\n")
    return any(_HEADING.match(line.strip()) or _HEADER.match(line.strip()) for line in head)


def read(source: Source) -> Reading:
    """Reads a round-up; raises `DocumentError` for one without a date, with two, or with too many cells."""
    notes = Notes()
    heading, heading_line, columns, rows = _rows(source, notes)
    date = digest_date(source, heading, heading_line, notes)
    papers: list[Paper] = []
    for row in rows:
        if len(papers) == MAX_PAPERS:
            raise DocumentError(f"This is row {MAX_PAPERS + 1}, and {MAX_PAPERS} is the most; split it.", row.line)
        paper = _paper(row, columns, len(papers) + 1, notes)
        if paper:
            papers.append(paper)
    if not papers:
        notes.warning(heading_line, "There is no paper in this table, so there is nothing to post.")
    return Reading(Digest(date, SERIES, LAYOUT, tuple(papers), languages={}), {}, notes.done())


def _rows(source: Source, notes: Notes) -> tuple[str, int, tuple[str, ...], list[Row]]:
    """The heading, its line, the table's columns, and its rows without the header."""
    heading, heading_line = "", 1
    columns, has_header = _USUAL_COLUMNS, False
    rows: list[Row] = []
    row: Row | None = None  # the one that may go on
    for number, line in enumerate(source.lines(), 1):
        text = line.strip()
        if text.count("|") > MAX_CELLS:
            raise DocumentError(
                f"This row has more than {MAX_CELLS:,} cells; a round-up has three or four.", number
            )
        if not text:
            row = row if row and not row.complete(columns) else None
        elif text.startswith("|"):
            if set(text) <= _RULE and "-" in text:
                row = None
            elif _HEADER.match(text) or (not rows and _NUMBERED_HEADER.match(text)):
                columns, has_header, row = _header(text, number, notes), True, None
            else:
                if row is None or row.ends_before(text, columns):
                    row = Row(number)
                    rows.append(row)
                row.add(text, number)
        elif _HEADING.match(text):
            if DATE.search(heading) and DATE.search(text) and text != heading:
                raise DocumentError("Here starts another day; put each day into a document of its own.", number)
            heading, heading_line, row = text, number, None
        elif row and (text.endswith("|") or not row.complete(columns)):
            row.add(text, number)
        else:
            notes.passed_over(number, text)
    for row in rows:
        if not row.ended():
            notes.info(row.line, "No “|” ends this row, so its last cell may be broken off.")
    if rows and not has_header:
        notes.warning(rows[0].line, f"The table has no header; its columns are taken for {', '.join(columns)}.")
    return heading, heading_line, columns, rows


def _header(text: str, line: int, notes: Notes) -> tuple[str, ...]:
    names = [collapse(cell).lower() for cell in text.strip("|").split("|")]
    for name in names:
        if name not in _COLUMNS:
            notes.warning(line, f"The column {quote(name)} isn't known here; its cells are passed over.")
    return tuple(_COLUMNS.get(name, name) for name in names)


def _paper(row: Row, columns: tuple[str, ...], number: int, notes: Notes) -> Paper | None:
    cells = _cells(row, columns, notes)
    title, links = _title(cells.get("title", ""), row.line, notes)
    links += _links(cells.get("link", ""), row.line, notes)
    authors = tuple(name for part in cells.get("authors", "").split(",") if (name := collapse(part)))
    summary = cells.get("summary") or None
    if not (title or links or authors or summary):
        notes.warning(row.line, "This row is empty.")
        return None
    if not title:
        notes.warning(row.line, f"Paper {number} has no title; its number stands in.")
    if not links:
        notes.warning(row.line, f"Paper {number} has no link.")
    if not summary:
        notes.warning(row.line, f"Paper {number} has no summary.")
    return Paper(
        number=number,
        title=title or f"Paper {number}",
        url=links[0] if links else None,
        links=links,
        authors=authors,
        summary=summary,
    )


def _cells(row: Row, columns: tuple[str, ...], notes: Notes) -> dict[str, str]:
    """A row's cells by column. What is too much for the columns belongs to the title, or to the summary."""
    inner = row.inner()
    cuts = [pipe.start() for pipe in _PIPE.finditer(inner)]
    spare = len(cuts) - (len(columns) - 1)
    if spare < 0:
        notes.warning(row.line, f"This row has {len(cuts) + 1} cells, and the table {len(columns)}.")
    widest = columns.index("summary") if "summary" in columns else len(columns) - 1
    more = _READ_MORE.search(inner)
    in_title = sum(cut < more.start() for cut in cuts) if more and columns[0] == "title" else 0
    pieces = dict.fromkeys(range(len(columns)), 1)
    if 0 < in_title <= spare:
        pieces[0] += in_title
        spare -= in_title
    if spare > 0:
        pieces[widest] += spare
        notes.info(
            row.line, f"This row has {spare} more cells than the table; they are taken for its {columns[widest]}."
        )
    bounds = [-1, *cuts, len(inner)]
    cells, at = {}, 0
    for place, name in enumerate(columns):
        end = min(at + pieces[place], len(bounds) - 1)
        cell = inner[bounds[at] + 1 : bounds[end]] if at < len(bounds) - 1 else ""
        cells[name] = collapse(_ESCAPED_PIPE.sub(lambda found: found["formula"] or "|", cell))
        at = end
    for name, cell in cells.items():
        if name not in _COLUMNS.values() and cell:
            notes.passed_over(row.line, cell)
    return cells


def _title(cell: str, line: int, notes: Notes) -> tuple[str, tuple[str, ...]]:
    """The title and the links that stand in its cell."""
    more = _READ_MORE.search(cell)
    if more:
        if rest := cell[more.end() :].strip():
            notes.passed_over(line, rest)
        title = _BEFORE_READ_MORE.sub("", cell[: more.start()], count=1)
        return title, tuple(link[2] for link in _LINK.finditer(more["links"]) if link[2])
    link = _LINK.fullmatch(cell)
    return (collapse(link[1]), (link[2],)) if link and link[2] else (cell, ())


def _links(cell: str, line: int, notes: Notes) -> tuple[str, ...]:
    links = tuple(link[2] for link in _LINK.finditer(cell) if link[2]) or tuple(_URL.findall(cell))
    if cell and not links:
        notes.passed_over(line, cell)
    return links


READER = Reader(LAYOUT, SERIES, recognises, read)
