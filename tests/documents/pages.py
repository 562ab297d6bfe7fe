"""Writes small documents for the tests."""

from __future__ import annotations

from bot.documents import read
from bot.model import Level, Paper, Reading

SECTIONS = ("Topic and Domain", "Previous Research and New Ideas", "Problem", "Methods", "Results and Evaluation")
DRAWING = '<svg viewBox="0 0 200 100"><text x="10" y="50">Corn in, syrup out</text></svg>'


def read_text(text: str, name: str = "a.txt", **beside: bytes | str | None) -> Reading:
    """Reads a document given as text."""
    return read(text.encode(), name, **beside)  # type: ignore[arg-type]


def only_paper(reading: Reading) -> Paper:
    """The one paper of a reading."""
    (paper,) = reading.digest.papers
    return paper


def messages(reading: Reading, level: Level | None = None) -> list[str]:
    """What the notes say, each with its line."""
    return [f"{note.line}: {note.message}" for note in reading.notes if level in (None, note.level)]


def chunk(number: int, name: str, text: str) -> str:
    """A section of a page."""
    return f'<div class="category-chunk">{number}.  <strong>📘 {name}:</strong> {text}</div>'


def popup(question: str, options: tuple[str, ...], answer: str | None, *, language: str = "") -> str:
    """A question of a page, written as programs write it: nothing is escaped."""
    marked = "" if answer is None else f' data-answer="{answer}"'
    spoken = f' data-lang="{language}"' if language else ""
    choices = "".join(f'<div class="quiz-choice" data-value="{option}">{option}</div>' for option in options)
    return (
        f'<div class="quiz-popup"{marked}{spoken}>\n'
        f'<div class="quiz-question">{question}</div>\n'
        f'<div class="quiz-choices">{choices}</div>\n<div class="quiz-feedback"></div>\n</div>'
    )


def tab(*popups: str) -> str:
    """One question's popups, one for each language."""
    return f'<div class="quiz-tab" title="Open">Q1\n{"".join(popups)}</div>'


def card(number: int, title: str, *, sections: str = "", drawing: str = "", tabs: str = "") -> str:
    """One paper of a page."""
    figure = f'<div class="paper-card flowchart-card">\n<h2>{title}</h2>\n{drawing}\n</div>' if drawing else ""
    return (
        f'<div class="paper-container">\n<div class="card-deck">\n<div class="card-counter">1/2</div>\n'
        f'<div class="paper-card active">\n<h2 style="color: red;">Paper {number}</h2>\n'
        f"<p><strong>{title}</strong></p>\n<p><strong>Published: </strong>2025-02-0{number}</p>\n"
        f'<p><strong>Link: </strong><a href="http://a.org/{number}" target="_blank">http://a.org/{number}</a></p>\n'
        f'<div>{sections}</div>\n</div>\n{figure}\n</div>\n<div class="quiz-tabs">{tabs}</div>\n</div>\n'
    )


def page(*parts: str, heading: str = "2025-02-03 Papers") -> str:
    """A page around its papers."""
    return (
        f"\n<!DOCTYPE html>\n<html><head><title>{heading}</title>\n"
        "<style>.paper-card { color: red }</style></head>\n"
        f"<body>\n<h1>{heading}</h1>\n{''.join(parts)}\n<script>let x = '<div class=\"paper-card\">';</script>\n"
        "</body></html>\n"
    )
