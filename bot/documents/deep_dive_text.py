"""Reads a deep dive written as plain text.

    2025-02-28 Papers               the heading, with the day

    1/2                             a counter, where the paper has a figure
    Paper 1                         or “Paper: 1”

    Its title                       may go on over several lines
    Published: 2025-02-27
    Link: https://…
    1. 📘 Topic and Domain: …       the sections
    Its title                       once more, where there is a figure, and under it the figure's text
    Q1
    1. The first question?
    An option                       options follow, one a line

A document is read paper by paper, and a paper in three parts: its head with the sections, what stands between
them and the first question, and the questions. Blank lines only matter where lines alone leave it open what is
what: a title or a question on several lines, an option that reads “Paper 2”.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from itertools import pairwise

from bot.documents.deep_dive import (
    COUNTER,
    KNOWN_SECTIONS,
    PAPER_HEADING,
    QUESTION_TAB,
    SERIES,
    links_in,
    names_in,
    paper_field,
    section_label,
    without_number,
)
from bot.documents.reader import DATE, MAX_PAPERS, Notes, Reader, digest_date, unique_numbers
from bot.documents.source import DocumentError, Source, collapse, quote
from bot.model import Digest, Paper, Question, Reading, Section

LAYOUT = "deep-dive-text"
MAX_PART = 500_000
"""Characters of one paper; the longest known has 7,000."""

_TIPS_HEADING = re.compile(r".{0,30}\breading tips\b.{0,10}", re.IGNORECASE)
_HEADING = re.compile(r"\W*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b\W*Papers?\b.*", re.IGNORECASE)
_SWALLOWED = re.compile(r"\bPaper\s?:?\s?\d{1,2}\b.{5,400}?\bPublished:")
"""What programs make of a page whose drawing breaks off."""
_NUMBERED = re.compile(r"\d{1,2}[.)、．]")
_ASKED = re.compile(r"\d{1,2}[.)、．].*[?？]", re.DOTALL)
_SENTENCE_END = tuple("?？.。!！:：…_")
_HEAD_LINES = 5
"""So many lines at most stand between a paper's heading and its date or link."""


@dataclass(slots=True)
class Line:
    """A line that isn't blank, and whether one with nothing on it follows or the document ends."""

    number: int
    text: str
    ends_paragraph: bool


@dataclass(slots=True)
class Part:
    """The lines of one paper without its heading, or those of the reading tips or before the papers."""

    line: int
    number: int | None
    lines: list[Line] = field(default_factory=list)
    characters: int = 0


def recognises(source: Source) -> bool:
    """Whether the document starts with a heading like “2025-02-28 Papers” or has a line like “Paper 1”."""
    first = source.text.lstrip()[:200].split("\n", 1)[0]
    return bool(_HEADING.match(first)) or any(
        PAPER_HEADING.fullmatch(line.strip()) for line in source.text[:20_000].split("\n")
    )


def read(source: Source) -> Reading:
    """Reads a deep dive; raises `DocumentError` for one without a date."""
    notes = Notes()
    preface, parts, tips = _split(_lines(source))
    heading = next((line for line in preface.lines if DATE.search(line.text)), None)
    date = digest_date(source, heading.text if heading else "", heading.number if heading else 1, notes)
    for line in preface.lines:
        if line is not heading:
            notes.passed_over(line.number, line.text)
    numbers = unique_numbers([part.number for part in parts], [part.line for part in parts], notes)
    papers = tuple(_PaperReading(part, number, notes).read() for part, number in zip(parts, numbers, strict=True))
    if not papers:
        notes.warning(1, "There is no paper in this document, so there is nothing to post.")
    said = collapse(" ".join(line.text for line in tips.lines))
    digest = Digest(date, SERIES, LAYOUT, papers, tips=said or None, languages={})
    return Reading(digest, {}, notes.done())


def _lines(source: Source) -> list[Line]:
    texts = [line.strip() for line in source.lines()]
    texts.append("")
    return [
        Line(number, text, not following) for number, (text, following) in enumerate(pairwise(texts), 1) if text
    ]


def _split(lines: list[Line]) -> tuple[Part, list[Part], Part]:
    """What stands before the first paper, the papers, and the reading tips."""
    preface, tips = Part(1, None), Part(1, None)
    parts: list[Part] = []
    part = preface
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        heading = PAPER_HEADING.fullmatch(line.text)
        if heading and (line.ends_paragraph or _head_follows(lines, index + 1)):
            part = Part(line.number, int(heading[1]))
            parts.append(part)
            if len(parts) > MAX_PAPERS:
                raise DocumentError(
                    f"This is paper {len(parts)}, and {MAX_PAPERS} is the most; split the document.", line.number
                )
        elif COUNTER.fullmatch(line.text) and following and PAPER_HEADING.fullmatch(following.text):
            continue
        elif _TIPS_HEADING.fullmatch(line.text) and line.ends_paragraph:
            part = tips
        else:
            part.lines.append(line)
            part.characters += len(line.text)
            if part.characters > MAX_PART:
                raise DocumentError(
                    f"What starts on line {part.line} has more than {MAX_PART:,} characters by here.", line.number
                )
    return preface, parts, tips


def _head_follows(lines: list[Line], start: int) -> bool:
    """Whether a paper's date or link stands soon after `start`: what stands before that is its heading."""
    for line in lines[start : start + _HEAD_LINES]:
        if PAPER_HEADING.fullmatch(line.text) or QUESTION_TAB.fullmatch(line.text):
            return False
        if paper_field(line.text):
            return True
    return False


class _PaperReading:
    """Reads one paper; each step takes its lines off the front."""

    def __init__(self, part: Part, number: int, notes: Notes) -> None:
        self.part = part
        self.number = number
        self.notes = notes
        self.lines = part.lines
        self.tabs = _question_tabs(part.lines)
        self.at = 0

    def read(self) -> Paper:
        title = self._title()
        fields = self._fields()
        sections = self._sections(title)
        workflow = self._workflow(title)
        questions = self._questions()
        links = links_in(fields.get("link", ""))
        if not links:
            self.notes.warning(self.part.line, f"Paper {self.number} has no link.")
        if not sections:
            self.notes.info(self.part.line, f"Paper {self.number} has no sections.")
        return Paper(
            number=self.number,
            title=title,
            url=links[0] if links else None,
            links=links,
            published=fields.get("published") or None,
            authors=names_in(fields.get("author", "")),
            sections=sections,
            workflow=workflow,
            questions=questions,
        )

    def _next(self) -> Line | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def _title(self) -> str:
        parts: list[str] = []
        while (line := self._next()) and self.at not in self.tabs:
            if (parts and _NUMBERED.match(line.text)) or paper_field(line.text, title_missing=not parts):
                break
            parts.append(line.text)
            self.at += 1
            if line.ends_paragraph:
                break
        if parts:
            return collapse(" ".join(parts))
        self.notes.warning(self.part.line, f"Paper {self.number} has no title; its number stands in.")
        return f"Paper {self.number}"

    def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        while (line := self._next()) and self.at not in self.tabs:
            found = paper_field(line.text)
            if found is None:
                if not self._head_goes_on():
                    break
                self.notes.passed_over(line.number, line.text)
                self.at += 1
                continue
            name, value = found
            if name in fields:
                fields[name] += f" {value}"
            else:
                fields[name] = value
            if not value:
                self.notes.info(line.number, f"Paper {self.number} has nothing after {quote(line.text)}.")
            self.at += 1
        return fields

    def _head_goes_on(self) -> bool:
        """Whether the line at hand has no place in a head, but what follows soon does."""
        here, *later = self.lines[self.at : self.at + _HEAD_LINES]
        return not _is_known_section(here) and any(
            paper_field(line.text) or _is_known_section(line)
            for line in itertools.takewhile(lambda line: not QUESTION_TAB.fullmatch(line.text), later)
        )

    def _sections(self, title: str) -> tuple[Section, ...]:
        """Numbered lines, numbers rising, and the sections that every paper has, whatever their numbers.

        A line that is neither goes on with the section before it, but for the title, which starts the figure.
        """
        sections: list[Section] = []
        last = 0
        for index in range(self.at, len(self.lines)):
            line = self.lines[index]
            label = section_label(line.text)
            if index in self.tabs:
                break
            if label.number is not None and label.number > last and (label.name or label.number == last + 1):
                last = label.number
                if label.name is None:
                    self.notes.warning(line.number, f"Section {last} has no name: {quote(line.text)}.")
                sections.append(Section(label.name or f"Section {last}", label.text))
            elif _is_known_section(line):
                last += 1
                self.notes.info(line.number, f"This section is counted as number {last}: {quote(line.text)}.")
                sections.append(Section(label.name or f"Section {last}", label.text))
            elif sections and not self.lines[index - 1].ends_paragraph and collapse(line.text) != title:
                sections[-1] = Section(sections[-1].name, f"{sections[-1].text} {collapse(line.text)}")
            else:
                break
            self.at = index + 1
        return tuple(sections)

    def _workflow(self, title: str) -> str | None:
        """What stands between the sections and the questions, without the title once more."""
        texts: list[str] = []
        first = self._next()
        while (line := self._next()) and self.at not in self.tabs:
            texts.append(collapse(line.text))
            self.at += 1
            if swallowed := _SWALLOWED.search(line.text):
                self.notes.warning(
                    line.number,
                    f"There seems to be another paper in the text of this figure: {quote(swallowed[0])}.",
                )
            elif _ASKED.fullmatch(line.text):
                self.notes.warning(
                    line.number,
                    f"There seems to be a question in the text of this figure: {quote(line.text)};"
                    " a line such as “Q1” starts one.",
                )
        for count in range(1, len(texts) + 1):
            head = " ".join(texts[:count])
            if head == title:
                return " ".join(texts[count:]) or None
            if len(head) > len(title):
                break
        if first and texts:
            self.notes.info(first.number, f"Taken for the text of the figure: {quote(texts[0])}.")
        return " ".join(texts) or None

    def _questions(self) -> tuple[Question, ...]:
        questions: list[Question] = []
        while tab := self._next():
            self.at += 1
            block: list[Line] = []
            while (line := self._next()) and self.at not in self.tabs:
                self.at += 1
                if len(block) > 2 and block[-1].ends_paragraph and not block[0].ends_paragraph:
                    self.notes.passed_over(line.number, line.text)
                else:
                    block.append(line)
            if not block:
                self.notes.warning(tab.number, f"There is no question under {quote(tab.text)}.")
                continue
            text, *options = self._whole_question([collapse(line.text) for line in block], block[0].number)
            if len(options) < 2:
                self.notes.warning(tab.number, f"{quote(text)} has fewer than two options.")
            questions.append(Question(len(questions) + 1, without_number(text), tuple(options)))
        return tuple(questions)

    def _whole_question(self, texts: list[str], line: int) -> list[str]:
        """The question and its options; a question that goes on over lines is put together.

        That is seen by a question mark that its first line lacks and a line after it has, as long as three
        options are left.
        """
        if texts[0].endswith(_SENTENCE_END):
            return texts
        for last in range(1, len(texts) - 3):
            if texts[last].endswith(_SENTENCE_END):
                if texts[last].endswith(("?", "？")):
                    whole = " ".join(texts[: last + 1])
                    self.notes.info(line, f"Taken for one question: {quote(whole, 120)}.")
                    return [whole, *texts[last + 1 :]]
                break
        return texts


def _is_known_section(line: Line) -> bool:
    """Whether a section that every paper has starts here, with a number or an ornament before its name."""
    return not line.text[0].isalpha() and section_label(line.text).name in KNOWN_SECTIONS


def _question_tabs(lines: list[Line]) -> set[int]:
    """Where the lines like “Q1” are that start a question, and aren't options (the third quarter is “Q3” too)."""
    tabs: set[int] = set()
    last, expected = -4, 1
    for index, line in enumerate(lines):
        if tab := QUESTION_TAB.fullmatch(line.text):
            before_question = index + 1 < len(lines) and _NUMBERED.match(lines[index + 1].text)
            if before_question or (int(tab[1]) == expected and index - last > 3):
                tabs.add(index)
                last, expected = index, int(tab[1]) + 1
    return tabs


READER = Reader(LAYOUT, SERIES, recognises, read)
