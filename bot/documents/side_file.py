"""The side file: a TOML file beside a document that says what the document's layout can't.

    series = "deep-dive"                # where the digest belongs, unless its folder says
    [[papers]]
    number = 1
    figure = '''<svg …>…</svg>'''       # a drawing of its workflow
    [[papers.questions]]
    number = 1
    text = "Which …?"                   # optional: the key counts only while the question reads so
    answer = "B"                        # the option's letter, or its text
    reason = "Because …"                # one sentence, shown with the verdict

`merge` lays it over a reading: a mistake in it is a note that names the side file and its line, and the document
goes in all the same. `with_key` writes a key into one and leaves everything else as its author wrote it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

from bot.documents.quiz_popup import plain
from bot.documents.reader import Notes
from bot.documents.source import DocumentError, collapse, decode, quote
from bot.model import Level, Paper, Question, Reading

MAX_BYTES = 1024 * 1024
MAX_WRONG_KEYS = 20

_SERIES = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_TABLE = re.compile(r"^\s*\[\[\s*(papers(?:\s*\.\s*questions)?)\s*\]\]", re.MULTILINE)
_LONG_STRING = re.compile(r"'''.*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"", re.DOTALL)

_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'")
_DEEP_KEY = re.compile(r"(?<![\w-])(?:[\w-]+[ \t]*\.[ \t]*){30}")
"""A dotted key, once strings are out of the way: with some ten thousand parts one takes minutes to read."""

_TOP_KEYS = {"series": str, "papers": list}
_PAPER_KEYS = {"number": int, "figure": str, "questions": list}
_QUESTION_KEYS = {"number": int, "text": str, "answer": str, "reason": str}


class SideFileError(Exception):
    """A side file that can't be written to, because it can't be read: why, in one sentence."""


def merge(reading: Reading, data: bytes, name: str) -> Reading:
    """`reading` with what the side file `name` gives or corrects: series, drawings, keys and reasons.

    Never raises: what is wrong in the side file is a note, and what is right in it counts.
    """
    return _Merge(reading, name).run(data)


class _Merge:
    """Goes through a side file, notes its mistakes, collects its changes and applies them at the end."""

    def __init__(self, reading: Reading, name: str) -> None:
        self.reading = reading
        self.name = name
        self.lines = _Lines("")
        self.notes = Notes()
        self.series = reading.digest.series
        self.drawings = dict(reading.drawings)
        self.keys: dict[tuple[int, int], dict[str, Any]] = {}

    def run(self, data: bytes) -> Reading:
        content = self._content(data)
        self._check(content, _TOP_KEYS, "a side file", None)
        if series := content.get("series"):
            self._series(series)
        for place, table in enumerate(_tables(content.get("papers"))):
            self._paper(place, table)
        digest = replace(
            self.reading.digest,
            series=self.series,
            papers=self._keyed(self.reading.digest.papers),
            languages={
                language: replace(translation, papers=self._keyed(translation.papers))
                for language, translation in self.reading.digest.languages.items()
            },
        )
        return Reading(digest, self.drawings, self.reading.notes + self.notes.done())

    def _keyed(self, papers: tuple[Paper, ...]) -> tuple[Paper, ...]:
        return tuple(
            replace(
                paper,
                questions=tuple(
                    replace(question, **self.keys.get((paper.number, question.number), {}))
                    for question in paper.questions
                ),
            )
            for paper in papers
        )

    def _note(self, level: Level, line: int | None, message: str) -> None:
        where = self.name if line is None else f"{self.name}, line {line}"
        self.notes.add(level, None, f"Side file {where}: {message}")

    def _content(self, data: bytes) -> dict[str, Any]:
        if len(data) > MAX_BYTES:
            self._note(Level.ERROR, None, f"it has more than {MAX_BYTES // 1024} kB, so nothing in it counts.")
            return {}
        if not data.strip():
            return {}
        try:
            text = decode(data, self.name).text
            self.lines = _Lines(text)
            if _DEEP_KEY.search(_STRING.sub("s", _LONG_STRING.sub("s", text))):
                self._note(Level.ERROR, None, "a key in it has too many parts, so nothing in it counts.")
                return {}
            return tomllib.loads(text)
        except DocumentError as error:
            self._note(Level.ERROR, error.line, f"{error.message} Nothing in it counts.")
        except tomllib.TOMLDecodeError as error:
            place = _TOML_PLACE.search(str(error))
            what = _TOML_PLACE.sub("", str(error))
            self._note(
                Level.ERROR, int(place[1]) if place and place[1] else None, f"{what}, so nothing in it counts."
            )
        except ValueError:  # the one thing that tomllib leaves to Python
            self._note(Level.ERROR, None, "a number in it has too many digits, so nothing in it counts.")
        except RecursionError:
            self._note(Level.ERROR, None, "it is nested too deep, so nothing in it counts.")
        return {}

    def _check(self, table: dict[str, Any], keys: Mapping[str, type], where: str, start: int | None) -> None:
        """Notes the keys of a table that aren't known, or hold the wrong kind of value, and takes them out."""
        wrong = [key for key, value in table.items() if type(value) is not keys.get(key)]
        for key in wrong[:MAX_WRONG_KEYS]:
            line = self.lines.key(key, start)
            if key in keys:
                kind = {int: "a whole number", str: "a string", list: "[[tables]]"}[keys[key]]
                self._note(Level.WARNING, line, f"{quote(key)} in {where} must be {kind}, so it doesn't count.")
            else:
                self._note(
                    Level.WARNING, line, f"{quote(key)} isn't known in {where}; known are {', '.join(keys)}."
                )
        if len(wrong) > MAX_WRONG_KEYS:
            self._note(Level.WARNING, start, f"{len(wrong) - MAX_WRONG_KEYS} more keys in {where} don't count.")
        for key in wrong:
            del table[key]

    def _series(self, series: str) -> None:
        if _SERIES.fullmatch(series):
            self.series = series
        else:
            line = self.lines.key("series", None)
            self._note(
                Level.WARNING, line, f"{quote(series)} is no series: use small letters, digits and hyphens."
            )

    def _paper(self, place: int, table: dict[str, Any]) -> None:
        start = self.lines.paper(place)
        self._check(table, _PAPER_KEYS, "a paper", start)
        number = table.get("number")
        paper = next((paper for paper in self.reading.digest.papers if paper.number == number), None)
        if paper is None:
            what = "this paper has no number" if number is None else f"there is no paper {number}"
            self._note(Level.ERROR, start, f"{what}; the document has {_counted(self.reading.digest.papers)}.")
            return
        if svg := table.get("figure", "").strip():
            if "<svg" in svg.lower():
                self.drawings[paper.number] = svg
            else:
                self._note(
                    Level.ERROR, self.lines.key("figure", start), f"the figure of paper {number} is no <svg>."
                )
        for index, question in enumerate(_tables(table.get("questions"))):
            self._question(paper, question, self.lines.question(place, index))

    def _question(self, paper: Paper, table: dict[str, Any], start: int | None) -> None:
        self._check(table, _QUESTION_KEYS, "a question", start)
        number = table.get("number")
        where = f"question {number} of paper {paper.number}"
        question = next((question for question in paper.questions if question.number == number), None)
        if question is None:
            what = "this question has no number" if number is None else f"there is no {where}"
            self._note(Level.ERROR, start, f"{what}; paper {paper.number} has {_counted(paper.questions)}.")
            return
        if "text" in table and plain(table["text"]) != plain(question.text):
            line = self.lines.key("text", start)
            self._note(Level.WARNING, line, f"{where} reads {quote(question.text)}, so this key doesn't count.")
            return
        key: dict[str, Any] = {}
        if answer := table.get("answer", "").strip():
            place = option_place(question.options, answer)
            if place is None:
                line = self.lines.key("answer", start)
                self._note(Level.ERROR, line, f"{quote(answer)} is none of the options of {where}.")
                return
            key["answer"] = place
        if reason := collapse(table.get("reason", "")):
            key["reason"] = reason
        if reason and not answer and question.answer is None:
            self._note(Level.WARNING, start, f"{where} has a reason, and no answer.")
        self.keys[paper.number, question.number] = key


def _counted(numbered: Sequence[Paper | Question]) -> str:
    """The numbers there are, for a note."""
    numbers = [str(one.number) for one in numbered]
    return ", ".join([*numbers[:10], "…"] if len(numbers) > 10 else numbers) or "none"


def option_place(options: tuple[str, ...], answer: str) -> int | None:
    """The place of the option that `answer` names by its text or else by its letter, or None."""
    for alike in (collapse, plain):
        places = [place for place, option in enumerate(options) if alike(option) == alike(answer)]
        if len(places) == 1:
            return places[0]
    letter = ord(answer.strip().upper()) - ord("A") if len(answer.strip()) == 1 else -1
    return letter if 0 <= letter < len(options) else None


def _tables(value: object) -> list[dict[str, Any]]:
    return [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []


class _Lines:
    """Where the tables of a side file start, as far as its text shows it."""

    def __init__(self, text: str) -> None:
        def blanked(match: re.Match[str]) -> str:
            return "\n" * match[0].count("\n")

        self.rows = _LONG_STRING.sub(blanked, text).split("\n")
        self.papers: list[int] = []
        self.questions: list[list[int]] = []
        for line, row in enumerate(self.rows, 1):
            if found := _TABLE.match(row):
                if found[1] == "papers":
                    self.papers.append(line)
                    self.questions.append([])
                elif self.questions:
                    self.questions[-1].append(line)

    def paper(self, place: int) -> int | None:
        """The line of the paper at this place, from 0."""
        return self.papers[place] if place < len(self.papers) else None

    def question(self, paper: int, place: int) -> int | None:
        """The line of the question at this place of the paper at that place, both from 0."""
        questions = self.questions[paper] if paper < len(self.questions) else []
        return questions[place] if place < len(questions) else None

    def key(self, name: str, table: int | None) -> int | None:
        """The line of a key in the table that starts on line `table`, or at the top of the file."""
        for line in range((table or 0) + 1, len(self.rows) + 1):
            row = self.rows[line - 1].lstrip()
            if row.startswith("["):
                break
            if re.match(rf"[\"\']?{re.escape(name)}[\"\']?\s*=", row):
                return line
        return table


def with_key(text: str, paper: int, question: Question) -> str:
    """A side file's text with the key of `question` of the paper numbered `paper` set or corrected.

    Comments, order and everything else stay as they are; `text` may be empty. The question's text is written
    too, so that the key is not taken for another question's later. `question.answer` must not be None.

    Raises `SideFileError` for a side file that is no TOML or has something else where papers should be.
    """
    if question.answer is None:
        raise ValueError("a key needs an answer")
    try:
        document = tomlkit.parse(text)
        entry = _entry(_entry(document, "papers", paper), "questions", question.number)
        entry["text"] = question.text
        entry["answer"] = (
            chr(ord("A") + question.answer) if question.answer < 26 else question.options[question.answer]
        )
        if question.reason:
            entry["reason"] = question.reason
        elif "reason" in entry:
            del entry["reason"]
        written = tomlkit.dumps(document)
        if not text.strip():
            written = written.lstrip("\n")
        tomllib.loads(written)
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, RecursionError) as error:
        raise SideFileError(f"The side file can't be written to: {error}.") from None
    return written


def _entry(table: Any, name: str, number: int) -> Any:
    """The table under `name` that has this number; a new one at the end where there is none."""
    if name not in table:
        table[name] = tomlkit.aot()
    tables = table[name]
    if not isinstance(tables, AoT):
        raise TypeError(f"{name} isn't written as [[{name}]]")
    for entry in tables:
        if entry.get("number") == number:
            return entry
    entry = tomlkit.table()
    entry.trivia.indent = "\n"
    entry["number"] = number
    tables.append(entry)
    return tables[-1]
