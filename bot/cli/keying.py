"""`paper-round keys`: walks a curator through questions, a keypress each, and writes their side files at once."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.cli.errors import CommandError
from bot.documents import DocumentError, read
from bot.documents.side_file import SideFileError, with_key
from bot.documents.source import MAX_BYTES, collapse
from bot.library.sources import SIDE_SUFFIX, Trouble, find
from bot.model import Paper, Question

OPTION_KEYS: Final = "abcdefghijklmnoprtvwxyz1234567890"
"""The keys for options, in their order; q, s and u mean something else."""


class Keyboard(Protocol):
    """Where the curator's decisions come from."""

    def press(self) -> str:
        """The next key, without Enter. Raises EOFError where there will be none."""

    def line(self, prompt: str) -> str:
        """A line of text, empty where nothing was typed."""


class Terminal:
    """The keyboard of the terminal."""

    def __init__(self) -> None:
        """Keys that are pressed ahead wait their turn."""
        self._ahead: deque[str] = deque()

    def press(self) -> str:
        """The next key, without Enter."""
        if sys.platform == "win32":
            return typer.getchar()
        while not self._ahead:
            self._ahead.extend(self._read())
        return self._ahead.popleft()

    def _read(self) -> str:
        """What was typed, in a mode that waits for no Enter and loses nothing; arrows and the like are nothing."""
        import termios
        import tty

        number = sys.stdin.fileno()
        before = termios.tcgetattr(number)
        try:
            tty.setcbreak(number, termios.TCSANOW)
            typed = os.read(number, 64)
        finally:
            termios.tcsetattr(number, termios.TCSANOW, before)
        if not typed or b"\x04" in typed:
            raise EOFError
        return "" if typed.startswith(b"\x1b") else typed.decode(errors="replace")

    def line(self, prompt: str) -> str:
        """A line of text; empty at the end of input."""
        try:
            return input(prompt)
        except EOFError:
            return ""


def run(paths: Sequence[Path], *, everything: bool) -> None:
    """Asks for the keys that are missing, or with `everything` for all; exits with 1 if one can't be read."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(
            "The command keys asks at a keyboard, so it needs a terminal; without one, write side files by hand.",
            code=2,
        )
    desk = Desk(Terminal(), Console(highlight=False))
    try:
        desk.work_through(paths, everything=everything)
    except (KeyboardInterrupt, EOFError):
        desk.console.print()
    typer.echo(desk.summary())
    if desk.failed:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be given its key, and the side file that the key goes into."""

    document: Path
    side: Path
    paper: Paper
    question: Question


@dataclass(frozen=True, slots=True)
class _Done:
    """A question that was gone through, and the side file as it was before; None: there was none."""

    asked: Asked
    before: bytes | None
    written: bool


class Desk:
    """Where questions are gone through, one after the other, and back."""

    def __init__(self, keyboard: Keyboard, console: Console) -> None:
        """Nothing is asked before `work_through`."""
        self.console = console
        self.failed = False
        """A document couldn't be read, or its side file couldn't be written to."""
        self._keyboard = keyboard
        self._done: list[_Done] = []
        self._closed: set[Path] = set()
        """Side files that can't be written to."""

    def work_through(self, paths: Sequence[Path], *, everything: bool) -> None:
        """Asks until there is no question left, or until q is pressed."""
        questions = self._questions(paths, everything=everything)
        again: list[Asked] = []
        asked = next(questions, None)
        while asked is not None:
            key = self._ask(asked)
            if key == "q":
                return
            if key == "u":
                if self._done:
                    again.append(asked)
                    asked = self._undo()
                else:
                    self.console.print("  This is the first one.", style="dim")
                continue
            if key == "s":
                self._done.append(_Done(asked, None, written=False))
            else:
                self._decide(asked, OPTION_KEYS.index(key))
            asked = again.pop() if again else next(questions, None)
            while asked is not None and asked.side in self._closed:
                asked = again.pop() if again else next(questions, None)

    def summary(self) -> str:
        """What it came to, in a sentence."""
        keys = sum(done.written for done in self._done)
        skipped = len(self._done) - keys
        if not self._done:
            return "No key was set."
        said = f"{keys} {'key' if keys == 1 else 'keys'} set"
        return f"{said}, {skipped} skipped." if skipped else f"{said}."

    def _questions(self, paths: Sequence[Path], *, everything: bool) -> Iterator[Asked]:
        """The questions to ask, document by document, each read when its turn comes."""
        documents = 0
        for path in paths:
            folder = path.is_dir()
            for item in find([path], roots=[path] if folder else []):
                documents += 1
                if isinstance(item, Trouble):
                    self._complain(item.path, item.message)
                    continue
                yield from self._in_document(item.path, item.series, everything=everything)
        if not documents:
            raise CommandError(f"There are no documents in {', '.join(map(str, paths))}.")

    def _in_document(self, path: Path, series: str | None, *, everything: bool) -> Iterator[Asked]:
        side = path.with_suffix(SIDE_SUFFIX)
        try:
            beside = _bytes(side) if side.is_file() else None
            reading = read(_bytes(path), path.name, side=beside, side_name=side.name, series=series)
        except DocumentError as error:
            self._complain(path, error.message, error.line)
            return
        except OSError as error:
            self._complain(path, f"It can't be read: {error.strerror or error}.")
            return
        for paper in reading.digest.papers:
            for question in paper.questions:
                if question.options and (everything or question.answer is None):
                    yield Asked(path, side, paper, question)

    def _complain(self, path: Path, message: str, line: int | None = None) -> None:
        self.failed = True
        where = f"{path}:{line}" if line else str(path)
        typer.echo(f"{where}: error: {message}", err=True)

    def _ask(self, asked: Asked) -> str:
        """Shows a question until one of its keys is pressed, and says which."""
        question, console = asked.question, self.console
        options = dict(zip(OPTION_KEYS, question.options, strict=False))
        console.print()
        console.rule(Text(f"{asked.document.name} · paper {asked.paper.number} · question {question.number}"))
        console.print(Text(asked.paper.title, style="dim"))
        console.print(Padding(Text(question.text, style="bold"), (1, 0, 1, 2)))
        for place, (key, option) in enumerate(options.items()):
            mark = " ✓" if place == question.answer else ""
            console.print(Padding(Text.assemble((key, "bold cyan"), "  ", option, (mark, "green")), (0, 0, 0, 2)))
        if question.answer is not None and question.reason:
            console.print(Padding(Text(question.reason, style="dim"), (1, 0, 0, 2)))
        last = list(options)[-1]
        console.print()
        console.print(Text(f"a–{last} the right one · s skip · u undo and go back · q quit", style="dim"))
        while True:
            key = self._keyboard.press().casefold()
            if key in options or key in ("s", "u", "q"):
                return key

    def _decide(self, asked: Asked, place: int) -> None:
        """Writes the key, then the reason if one is typed."""
        question = asked.question
        same = place == question.answer
        kept = question.reason if same else None
        before = None
        try:
            before = _bytes(asked.side) if asked.side.is_file() else None
            self._write(asked, replace(question, answer=place, reason=kept))
            self._done.append(_Done(asked, before, written=True))
            self.console.print(Text(f"  {OPTION_KEYS[place]}  {question.options[place]}", style="green"))
            hint = "Enter keeps it as it is" if kept else "Enter for none"
            reason = collapse(self._keyboard.line(f"  Why, in one sentence ({hint}): "))
            if reason:
                self._write(asked, replace(question, answer=place, reason=reason))
        except (SideFileError, UnicodeDecodeError) as error:
            said = error if isinstance(error, SideFileError) else "The side file isn't UTF-8 text."
            self._complain(asked.side, str(said))
            self._closed.add(asked.side)
        except OSError as error:
            raise CommandError(f"{asked.side} can't be written: {error.strerror or error}.") from error

    def _write(self, asked: Asked, question: Question) -> None:
        text = _bytes(asked.side).decode("utf-8-sig") if asked.side.is_file() else ""
        put(asked.side, with_key(text, asked.paper.number, question).encode())

    def _undo(self) -> Asked:
        """Takes back the last decision, and is the question it was about."""
        last = self._done.pop()
        if last.written and last.before is None:
            last.asked.side.unlink(missing_ok=True)
        elif last.written and last.before is not None:
            put(last.asked.side, last.before)
        return last.asked


def put(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all; it keeps its permissions, and a link stays one."""
    target = path.resolve()
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, name)
        else:
            umask = os.umask(0)
            os.umask(umask)
            Path(name).chmod(0o666 & ~umask)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
