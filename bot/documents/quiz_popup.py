"""Reads the questions of a page: each is a popup with its text, its choices and, in an attribute, the right one.

The page compares `data-answer` with the `data-value` of the choice that was clicked, so that is what decides
here too. Authors forgot to escape quotation marks in both: then an attribute breaks off at the first one, and
its rest is looked for in the tag as written.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.documents.deep_dive import without_number
from bot.documents.markup import Element, Text
from bot.documents.reader import Notes
from bot.documents.source import Source, collapse, quote
from bot.model import Question

_PARTS = ("quiz-question", "quiz-choices", "quiz-choice", "quiz-feedback")
_ANSWER_AS_WRITTEN = re.compile(r"""\bdata-answer\s*=\s*(["'])(.*)\1""", re.DOTALL)
_TAG_ENDED = re.compile(r"""["']>$""")
_NEXT_ATTRIBUTE = re.compile(r"""["']\s+(?:data-lang|class|style|id)\s*=.*$""", re.DOTALL)


@dataclass(slots=True)
class Popup:
    """A question in one language, and the tab it belongs to (the languages of one question share it)."""

    line: int
    language: str
    tab: Element | None
    text: str
    options: tuple[str, ...]
    answer: int | None
    reason: str | None = None


def read(popup: Element, language: str, source: Source, notes: Notes) -> Popup | None:
    """Reads a popup; None, with a note, for one without a question."""
    line = source.line(popup.start)
    question = next(popup.elements(css_class="quiz-question"), None)
    text = without_number(question.text()) if question else ""
    choices = list(popup.elements(css_class="quiz-choice"))
    if not text:
        notes.warning(line, f"There is no question in this popup: {quote(popup.text())}.")
        return None
    options = tuple(_option(choice) for choice in choices)
    if len(options) < 2:
        notes.warning(line, f"{quote(text)} has fewer than two options.")
    for child in popup.children:
        stray = collapse(child.text) if isinstance(child, Text) else ""
        if isinstance(child, Element) and not any(child.has_class(part) for part in _PARTS):
            stray = child.text()
        if stray:
            notes.passed_over(source.line(child.start), stray)
    feedback = next(popup.elements(css_class="quiz-feedback"), None)
    return Popup(
        line=line,
        language=language,
        tab=_tab(popup),
        text=text,
        options=options,
        answer=_answer(popup, choices, options, lambda message: notes.warning(line, f"{quote(text)}: {message}")),
        reason=(feedback.text() if feedback else "") or None,
    )


def _option(choice: Element) -> str:
    """A choice's text. Where a tag broke off at a `>` in its own attribute, the rest of the tag isn't the text."""
    text = choice.text()
    if '">' in text and not _TAG_ENDED.search(choice.tag):
        text = text.rpartition('">')[2].strip()
    return text or collapse(choice.attributes.get("data-value", ""))


def _tab(popup: Element) -> Element | None:
    element = popup.parent
    while element and not element.has_class("quiz-tab"):
        element = element.parent
    return element


def plain(text: str) -> str:
    """`text` for comparing: character references resolved, quotation marks, case and a final stop left out."""
    text = unicodedata.normalize("NFKC", html.unescape(text)) if len(text) < 5_000 else text
    return collapse(re.sub(r"[\"'“”‘’`«»]", "", text)).casefold().rstrip(".。 ")


def only(found: Sequence[int]) -> int | None:
    """The one place that was found, or None when there were none or several."""
    return found[0] if len(found) == 1 else None


def _answer(
    popup: Element, choices: list[Element], options: tuple[str, ...], note: Callable[[str], None]
) -> int | None:
    """The place of the right option, or None with a note of why there is no key."""
    marked = popup.attributes.get("data-answer")
    if marked is None or not marked.strip():
        note("no answer is marked, so the question has no key.")
        return None
    values = [collapse(choice.attributes.get("data-value", "")) for choice in choices]
    wanted = collapse(marked)
    exact = only([place for place, option in enumerate(options) if option == wanted])
    if exact is None:
        exact = only([place for place, value in enumerate(values) if value == wanted])
    if exact is not None:
        return exact
    as_written = _ANSWER_AS_WRITTEN.search(popup.tag)
    whole = plain(_NEXT_ATTRIBUTE.sub("", as_written[2])) if as_written else ""
    guesses = (
        [place for place, option in enumerate(options) if plain(option) == plain(wanted)],
        [place for place, option in enumerate(options) if whole and plain(option) == whole],
        [
            place
            for place, option in enumerate(options)
            if plain(wanted) and plain(option).startswith(plain(wanted))
        ],
    )
    for guess in guesses:
        place = only(guess)
        if place is not None:
            note(f"the marked answer {quote(marked)} is taken for {chr(65 + place)}, {quote(options[place])}.")
            return place
    note(f"the marked answer {quote(marked)} is none of the options, so the question has no key.")
    return None


def questions(popups: Sequence[Popup], language: str) -> tuple[Question, ...]:
    """A paper's questions in a language, counted from 1."""
    own = [popup for popup in popups if popup.language == language]
    return tuple(
        Question(number, popup.text, popup.options, popup.answer, popup.reason)
        for number, popup in enumerate(own, 1)
    )


def translated(popups: Sequence[Popup], english: str, language: str, notes: Notes) -> tuple[Question, ...]:
    """A paper's questions in another language that match the English ones option by option; notes the others."""
    originals = [popup for popup in popups if popup.language == english]
    numbers = {id(popup.tab): number for number, popup in enumerate(originals, 1) if popup.tab}
    found: dict[int, Question] = {}
    for place, popup in enumerate((popup for popup in popups if popup.language == language), 1):
        number = numbers.get(id(popup.tab), 0) if popup.tab else place
        original = originals[number - 1] if 0 < number <= len(originals) else None
        if original is None or number in found:
            why = "there is no English question beside it"
        elif len(popup.options) != len(original.options):
            why = f"it has {len(popup.options)} options and the English one {len(original.options)}"
        elif None not in (popup.answer, original.answer) and popup.answer != original.answer:
            why = "its right answer stands in another place than in English"
        else:
            found[number] = Question(number, popup.text, popup.options, original.answer, popup.reason)
            continue
        notes.warning(popup.line, f"{quote(popup.text)} ({language}) is left out: {why}.")
    return tuple(found[number] for number in sorted(found))
