"""Reads a deep dive written as an HTML page.

A page is a series of cards, and its reader goes through them in document order, wherever they are nested:

- `.paper-card`: a paper's heading, title, date and link, and its sections, each a `.category-chunk`;
- `.flowchart-card`: the figure of the paper before it, as inline SVG;
- `.quiz-popup`: a question of the paper before it, its right answer in `data-answer`;
- `.daily-tips-section`: the reading tips of the day.

Sections, questions and tips may come once for each language, told apart by `data-lang`; without it they are
English. What is in none of these is noted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

from bot.documents import markup, quiz_popup
from bot.documents.deep_dive import (
    COUNTER,
    PAPER_HEADING,
    QUESTION_TAB,
    SERIES,
    links_in,
    names_in,
    paper_field,
    section_label,
    section_name,
)
from bot.documents.markup import Drawing, Element, Page, Text
from bot.documents.quiz_popup import Popup
from bot.documents.reader import DATE, MAX_PAPERS, Notes, Reader, digest_date, unique_numbers
from bot.documents.source import DocumentError, Source, collapse, quote
from bot.documents.svg_tree import MAX_TEXT, drawing_text
from bot.model import Digest, Language, Paper, Reading, Section, Translation

LAYOUT = "deep-dive-page"
MAX_LANGUAGES = 5
"""Beside English."""

_BEGINNING = re.compile(r"<(?:!doctype\s+html|html|head|body|div|h1|meta|!--|\?xml)", re.IGNORECASE)
_LINES = markup.INLINE - {"span"} | {"h2", "h3", "h4", "p"}
_OTHER_PARTS = ("paper-card", "quiz-popup", "daily-tips-section", "card-counter")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?![a-z])")
_NUMBER_ALONE = re.compile(r"(?:\d{1,2}[.)、．]?)?")
_NUMBER_BEFORE = re.compile(r"\d{1,2}[.)、．]\s*")
_CODE_FENCE = re.compile(r"```\w*")


def recognises(source: Source) -> bool:
    """Whether the document starts like an HTML page."""
    return bool(_BEGINNING.match(source.text.lstrip()[:200]))


@dataclass(slots=True)
class Card:
    """A paper as found in the page, its languages side by side."""

    start: int
    number: int | None = None
    titles: dict[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    published: str | None = None
    authors: tuple[str, ...] = ()
    sections: defaultdict[str, list[Section]] = field(default_factory=lambda: defaultdict(list))
    drawing: Drawing | None = None
    workflow: list[str] = field(default_factory=list)
    popups: list[Popup] = field(default_factory=list)


def read(source: Source) -> Reading:
    """Reads a page; raises `DocumentError` for one that is no digest or is beyond the caps of `markup`."""
    page = markup.parse(source)
    return _PageReading(source, page).read()


class _PageReading:
    def __init__(self, source: Source, page: Page) -> None:
        self.source = source
        self.page = page
        self.notes = Notes()
        self.cards: list[Card] = []
        self.tips: defaultdict[str, list[str]] = defaultdict(list)

    def read(self) -> Reading:
        heading, line = self._heading()
        self._visit(self.page.root)
        if not self.cards and not DATE.search(heading):
            raise DocumentError(
                "This page has neither papers nor a heading such as “2025-02-28 Papers”, so it is no digest.", 1
            )
        date = digest_date(self.source, heading, line, self.notes)
        if self.page.lost:
            what, start = self.page.lost
            self.notes.warning(
                self._line(start), f"The {what} that starts here is never closed: nothing after it is read."
            )
        if not self.cards:
            self.notes.warning(line, "There is no paper on this page, so there is nothing to post.")
        numbers = unique_numbers(
            [card.number for card in self.cards], [self._line(card.start) for card in self.cards], self.notes
        )
        papers, drawings = [], {}
        for card, number in zip(self.cards, numbers, strict=True):
            papers.append(self._paper(card, number))
            if card.drawing:
                drawings[number] = card.drawing.source
        languages = {
            language: Translation(
                tuple(
                    self._translated(card, paper, language) for card, paper in zip(self.cards, papers, strict=True)
                ),
                tips=collapse(" ".join(self.tips[language])) or None,
            )
            for language in self._languages()
        }
        tips = collapse(" ".join(self.tips[Language.ENGLISH])) or None
        digest = Digest(date, SERIES, LAYOUT, tuple(papers), tips=tips, languages=languages)
        return Reading(digest, drawings, self.notes.done())

    def _line(self, offset: int) -> int:
        return self.source.line(offset)

    def _heading(self) -> tuple[str, int]:
        """The first `<h1>` with a date, else the page's title."""
        headings = list(self.page.root.elements(name="h1"))
        for element in headings:
            if DATE.search(element.text()):
                return element.text(), self._line(element.start)
        return self.page.title, self._line(headings[0].start) if headings else 1

    def _visit(self, element: Element) -> None:
        """Goes through the page in document order and hands every part to what reads it."""
        for child in element.children:
            if isinstance(child, Element):
                self._visit_element(child)
            elif isinstance(child, Drawing):
                self._drawing(child)
            elif not child.text.isspace():
                self._stray(child.start, child.text)

    def _visit_element(self, element: Element) -> None:
        if element.has_class("flowchart-card"):
            self._figure(element)
        elif element.has_class("paper-card"):
            self._card(element)
        elif element.has_class("quiz-popup"):
            self._popup(element)
        elif element.has_class("daily-tips-section"):
            self._tips(element)
        elif element.name == "h1" and DATE.search(element.text()):
            pass
        elif element.name == "button" or element.has_class("card-counter"):
            pass  # they work the page, and say nothing
        else:
            self._visit(element)

    def _stray(self, start: int, text: str) -> None:
        text = collapse(text)
        if not (QUESTION_TAB.fullmatch(text) or COUNTER.fullmatch(text)):
            self.notes.passed_over(self._line(start), text)

    # --- a paper's card

    def _card(self, element: Element) -> None:
        if len(self.cards) == MAX_PAPERS:
            raise DocumentError(
                f"This is paper {MAX_PAPERS + 1}, and {MAX_PAPERS} is the most; split the page.",
                self._line(element.start),
            )
        self.cards.append(Card(element.start))
        self._card_content(element)

    def _card_content(self, element: Element) -> None:
        card = self.cards[-1]
        for child in element.children:
            if isinstance(child, Drawing):
                self._drawing(child)
            elif isinstance(child, Text):
                if not child.text.isspace():
                    self._card_text(card, child.start, collapse(child.text), None)
            elif child.has_class("category-chunk"):
                self._section(card, child)
            elif any(child.has_class(name) for name in _OTHER_PARTS):
                self._visit_element(child)
            elif child.name in _LINES and not any(
                isinstance(node, Element) and node.name in markup.BLOCKS for node in child.walk()
            ):
                self._card_text(card, child.start, child.text(), child)
            else:
                self._card_content(child)

    def _card_text(self, card: Card, start: int, text: str, element: Element | None) -> None:
        """A line of a card: its heading, one of its fields, or else its title."""
        if not text:
            return
        language = _language(element) if element else Language.ENGLISH
        heading, found = PAPER_HEADING.fullmatch(text), paper_field(text, title_missing=not card.titles)
        anchors = [element, *element.elements(name="a")] if element else []
        addresses = tuple(filter(None, (anchor.attributes.get("href", "").strip() for anchor in anchors)))
        if heading and card.number is None:
            card.number = int(heading[1])
        elif element and element.name == "h2" and card.number is None and (heading := PAPER_HEADING.match(text)):
            card.number = int(heading[1])
            self.notes.passed_over(self._line(start), text[heading.end() :])
        elif found and found[0] == "link":
            card.links += addresses or links_in(found[1])
        elif found and found[0] == "published" and not card.published:
            card.published = found[1] or None
        elif found and found[0] == "author":
            card.authors += names_in(found[1])
        elif language not in card.titles:
            card.titles[language] = text
        else:
            self._stray(start, text)

    def _section(self, card: Card, chunk: Element) -> None:
        """A section: its number, its name in `<strong>`, its text; without `<strong>` the name ends at a colon."""
        sections = card.sections[_language(chunk)]
        strong = next((child for child in chunk.children if isinstance(child, Element)), None)
        before = collapse("".join(child.text for child in chunk.children[:1] if isinstance(child, Text)))
        if strong and strong.name in ("strong", "b") and _NUMBER_ALONE.fullmatch(before):
            name = section_name(_NUMBER_BEFORE.sub("", strong.text()))
            text = chunk.text(without=strong).removeprefix(before).lstrip()
            if not strong.text().endswith((":", "：")):
                text = text.lstrip(":： ")
        else:
            label = section_label(chunk.text())
            name, text = label.name or "", label.text
        if not name:
            name = f"Section {len(sections) + 1}"
            self.notes.warning(self._line(chunk.start), f"This section has no name: {quote(text)}.")
        sections.append(Section(name, text))
        self._targets(chunk, text)

    def _targets(self, element: Element, text: str) -> None:
        """Notes what a text of which only the words are taken shows or leads to besides."""
        for node in element.elements():
            target = node.attributes.get("src" if node.name == "img" else "href", "").strip()
            if node.name in ("a", "img") and target and target not in text:
                self.notes.passed_over(self._line(node.start), target)

    # --- its figure

    def _figure(self, element: Element) -> None:
        """A card with a figure: its heading repeats the title, other text in it goes to the workflow."""
        card = self.cards[-1] if self.cards else None
        for child in element.children:
            if isinstance(child, Drawing):
                self._drawing(child)
            elif isinstance(child, Text):
                text = collapse(child.text)
                if card and text and not _CODE_FENCE.fullmatch(text):
                    card.workflow.append(text)
            elif child.name in ("h2", "h3") and card and child.text() in ("", *card.titles.values()):
                continue
            elif child.name in ("h2", "h3") and card and not card.titles:
                card.titles[_language(child)] = child.text()
                self.notes.info(
                    self._line(child.start), f"The figure's heading gives the title: {quote(child.text())}."
                )
            elif child.name == "img":
                self.notes.warning(self._line(child.start), f"A picture isn't taken over: {quote(child.tag)}.")
            elif child.has_class("paper-card") or child.has_class("quiz-popup"):
                self._visit_element(child)
            elif any(isinstance(node, Drawing) for node in child.walk()):
                self._figure(child)
            elif card and (text := child.text()):
                card.workflow.append(text)

    def _drawing(self, drawing: Drawing) -> None:
        line = self._line(drawing.start)
        if not self.cards:
            self.notes.info(line, "A drawing before the first paper isn't taken over.")
        else:
            card, text = self.cards[-1], drawing_text(drawing.source)
            if text and text not in card.workflow:
                card.workflow.append(text)
            if card.drawing:
                self.notes.warning(line, "This paper has a second drawing, of which only the text is taken over.")
                return
            card.drawing = drawing
            if len(text) > MAX_TEXT // 2:
                self.notes.warning(
                    line, f"This drawing says very much; what goes beyond {MAX_TEXT:,} letters isn't taken."
                )
            if not drawing.complete():
                last = self._line(drawing.start + len(drawing.source.rstrip()))
                self.notes.warning(
                    last, f"The drawing from line {line} on breaks off here; it is taken as far as it goes."
                )

    # --- questions and tips

    def _popup(self, element: Element) -> None:
        if not self.cards:
            self.notes.passed_over(self._line(element.start), element.text())
            return
        popup = quiz_popup.read(element, _language(element), self.source, self.notes)
        if popup:
            self.cards[-1].popups.append(popup)

    def _tips(self, element: Element) -> None:
        contents = list(element.elements(css_class="tips-content")) or [element]
        for content in contents:
            if text := content.text():
                self.tips[_language(content)].append(text)
                self._targets(content, text)

    # --- the model

    def _languages(self) -> list[str]:
        found = set(self.tips)
        for card in self.cards:
            found.update(card.titles, card.sections, (popup.language for popup in card.popups))
        languages = sorted(found - {Language.ENGLISH.value})
        if len(languages) > MAX_LANGUAGES:
            left_out = ", ".join(languages[MAX_LANGUAGES:][:10])
            self.notes.warning(
                1, f"The page has {len(languages)} languages beside English; {left_out} are left out."
            )
        return languages[:MAX_LANGUAGES]

    def _paper(self, card: Card, number: int) -> Paper:
        line = self._line(card.start)
        title = card.titles.get(Language.ENGLISH) or next(iter(card.titles.values()), "")
        if not title:
            self.notes.warning(line, f"Paper {number} has no title; its number stands in.")
        if not card.links:
            self.notes.warning(line, f"Paper {number} has no link.")
        sections = tuple(card.sections[Language.ENGLISH])
        if not sections:
            self.notes.info(line, f"Paper {number} has no sections.")
        return Paper(
            number=number,
            title=title or f"Paper {number}",
            url=card.links[0] if card.links else None,
            links=card.links,
            published=card.published,
            authors=card.authors,
            sections=sections,
            workflow=" ".join(card.workflow) or None,
            questions=quiz_popup.questions(card.popups, Language.ENGLISH),
        )

    def _translated(self, card: Card, paper: Paper, language: str) -> Paper:
        sections = tuple(card.sections[language])
        if paper.sections and not sections:
            line = self._line(card.start)
            self.notes.info(
                line, f"Paper {paper.number} has no sections in {language}; the English ones stand in."
            )
        return replace(
            paper,
            title=card.titles.get(language, paper.title),
            sections=sections or paper.sections,
            questions=quiz_popup.translated(card.popups, Language.ENGLISH, language, self.notes),
        )


def _language(element: Element) -> str:
    """The language of an element, by the nearest `data-lang`; English where none says."""
    nearest: Element | None = element
    while nearest:
        if said := _LANGUAGE.match(nearest.attributes.get("data-lang", "").strip().lower()):
            return said[0]
        nearest = nearest.parent
    return Language.ENGLISH.value


READER = Reader(LAYOUT, SERIES, recognises, read)
