"""What both layouts of a deep dive share: how papers, sections and questions are written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.documents.source import collapse

SERIES = "deep-dive"

PAPER_HEADING = re.compile(r"Paper\s*[:：#]?\s*(\d{1,6})\s*[:：.]?", re.IGNORECASE)
COUNTER = re.compile(r"\d{1,3}\s*/\s*\d{1,3}")
"""The “1/2” that pages show over a card with a figure."""
QUESTION_TAB = re.compile(r"Q\s*(\d{1,3})\s*[:：.]?", re.IGNORECASE)

_FIELD = re.compile(r"(Published|Links?|Authors?)\s*[:：]\s*(.*)", re.IGNORECASE | re.DOTALL)
_TITLE_LIKE = re.compile(r"Links?\s*[:：]\s*(?!www\.)[^/]+|Published\s*[:：]\s*(?!.*\d{4})[^/]+", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,3}[.)、．](?:\s+|(?=\D))")
_SECTION = re.compile(r"(\d{1,2})[.)、．]\s*(.*)", re.DOTALL)
_NAME_END = re.compile(r"[:：]")
_ORNAMENT = re.compile(r"^[\W_]+")
_URL = re.compile(r"https?://[^\s,;<>\"]+")
_MARKDOWN_LINK = re.compile(r"\[[^\[\]]*\]\((https?://\S+)\)")

MAX_SECTION_NAME = 80
KNOWN_SECTIONS = (
    "Topic and Domain",
    "Previous Research and New Ideas",
    "Problem",
    "Methods",
    "Results and Evaluation",
)


def paper_field(text: str, *, title_missing: bool = False) -> tuple[str, str] | None:
    """A line such as “Published: 2025-02-28” as (`published`, `link` or `author`, value), or None.

    While the title is missing, a line like “LINK: Learning to …” is none: a title may start like a field.
    """
    text = text.strip()
    found = _FIELD.fullmatch(text)
    if found is None or (title_missing and _TITLE_LIKE.fullmatch(text)):
        return None
    return found[1].lower().removesuffix("s"), found[2].strip()


def links_in(text: str) -> tuple[str, ...]:
    """The addresses in the value of a “Link:” line, or the whole value where none looks like one."""
    if link := _MARKDOWN_LINK.fullmatch(text):
        return (link[1],)
    return tuple(_URL.findall(text)) if len(_URL.findall(text)) > 1 else (text,) if text else ()


def names_in(text: str) -> tuple[str, ...]:
    """Authors, written with commas between them."""
    return tuple(name for part in text.split(",") if (name := collapse(part)))


def without_number(text: str) -> str:
    """A question without its leading “1. ”."""
    return _NUMBER.sub("", text, count=1) if _NUMBER.match(text) else text


@dataclass(frozen=True, slots=True)
class Label:
    """What stands at the head of a section: its number, its name, and the text after the name."""

    number: int | None
    name: str | None
    text: str


def section_name(text: str) -> str:
    """A section's name without the ornament before it and the colon after it."""
    return _ORNAMENT.sub("", collapse(text).rstrip(":： "))


def section_label(text: str) -> Label:
    """Takes “1. 📘 Topic and Domain: text” apart; the name is None where there is no colon after a short name."""
    numbered = _SECTION.match(text)
    number, rest = (int(numbered[1]), numbered[2]) if numbered else (None, text.strip())
    colon = _NAME_END.search(rest, 0, MAX_SECTION_NAME)
    if colon and (name := section_name(rest[: colon.start()])):
        return Label(number, name, collapse(rest[colon.end() :]))
    bare = _ORNAMENT.sub("", rest)
    for known in KNOWN_SECTIONS if bare != rest else ():  # an ornament, a name, and the colon forgotten
        if bare.startswith(f"{known} "):
            return Label(number, known, collapse(bare[len(known) :]))
    return Label(number, None, collapse(rest))
