"""What Discord shows of a markdown text: a small reader of its rules, to check what was escaped against.

The rules are those of its clients as they can be seen there; where this reader differs it takes more for
markup than they do, since it tries every rule at every character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
LINE = (
    ("heading", re.compile(r" *#{1,3}\s")),
    ("small print", re.compile(r" *-#\s")),
    ("quote", re.compile(r" *>>> ?| *> ")),
    ("list", re.compile(r" *(?:[-*+]|\d+\.)\s")),
)
ADDRESS = re.compile(r"""(?:https?|steam)://[^\s<]+[^<.,:;"'\]\s]""")
AUTOLINK = re.compile(r"<([^: >]+:/[^ >]+)>")
LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]"
    r"""\(\s*<?((?:\([^)]*\)|[^\s\\()]|\\.)*?)>?(?:\s+['"]([\s\S]*?)['"])?\s*\)"""
)
NESTING = (
    ("bold", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    ("strikethrough", re.compile(r"~~([\s\S]+?)~~(?!_)")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
    ("italics", re.compile(r"_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])")),
    (
        "italics",
        re.compile(
            r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)",
        ),
    ),
)
WHOLE = (
    ("code", re.compile(r"(`+)[\s\S]*?[^`]\1(?!`)")),
    ("mail", re.compile(r"<[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+>")),
    ("telephone", re.compile(r"<(?:(?:tel|sms):\+?|\+)[0-9()\- ./]+>")),
    ("mention", re.compile(r"<@!?\d+>|<@&\d+>|<#\d+>|@everyone|@here|@silent")),
    ("command", re.compile(r"</[\w -]+:\d+>")),
    ("timestamp", re.compile(r"<t:-?\d+(?::[tTdDfFRsS])?>")),
    ("emoji", re.compile(r"<a?:\w+:\d+>|:[\w+-]+:")),
    ("route", re.compile(r"<id:\w+>|<sound:\d+:\d+>|<@\$\d+>|<@time:[^>]*>")),
)
STARTS = set("\\*_~|`<>@:[#-+0123456789hs ")


@dataclass
class Shown:
    """What a reader sees: the text, what was markup in it, and where its links lead."""

    text: str = ""
    markup: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


def show(source: str) -> Shown:
    """What Discord shows of this markdown in the description of an embed."""
    shown = Shown()
    texts: list[str] = []
    _read(source, shown, texts, line_start=True)
    shown.text = "".join(texts)
    return shown


def _read(source: str, shown: Shown, texts: list[str], *, line_start: bool) -> None:
    at, start = 0, line_start
    while at < len(source):
        end = _rule(source, at, shown, texts, start) if source[at] in STARTS else None
        if end is None:
            texts.append(source[at])
            start = source[at] == "\n" or (start and source[at] == " ")
            at += 1
        else:
            at, start = end, False


def _rule(source: str, at: int, shown: Shown, texts: list[str], start: bool) -> int | None:
    """Reads one piece of markup; None where there is none."""
    if start:
        for name, pattern in LINE:
            if found := pattern.match(source, at):
                shown.markup.append(name)
                if name == "list":
                    texts.append(found[0])
                return found.end()
    if found := ESCAPE.match(source, at):
        texts.append(found[1])
        return found.end()
    if found := AUTOLINK.match(source, at):
        texts.append(found[1])
        shown.links.append(found[1])
        return found.end()
    if found := ADDRESS.match(source, at):
        address = _without_bracket(found[0])
        texts.append(address)
        shown.links.append(address)
        return at + len(address)
    if found := LINK.match(source, at):
        if "://" in found[1]:
            raise AssertionError(f"Discord shows a link whose label holds an address as it stands: {found[0]}")
        shown.markup.append("link")
        shown.links.append(found[2])
        _read(found[1], shown, texts, line_start=False)
        return found.end()
    for name, pattern in NESTING:
        if found := pattern.match(source, at):
            shown.markup.append(name)
            _read(found[1], shown, texts, line_start=False)
            return found.end()
    for name, pattern in WHOLE:
        if found := pattern.match(source, at):
            shown.markup.append(name)
            return found.end()
    return None


def _without_bracket(address: str) -> str:
    """An address without closing brackets at its end that it doesn't open itself."""
    opened = 0
    while address.endswith(")"):
        opened = address.find("(", opened) + 1
        if not opened:
            return address[:-1]
        if address.count("(") >= address.count(")"):
            break
    return address


def compact(text: str) -> str:
    """A text without any blanks: what stays the same however it is cut and put together."""
    return "".join(text.split())
