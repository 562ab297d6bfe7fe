"""`keys`: a keypress a question, each written at once, comments kept, and a way back."""

import io
import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from bot.cli.errors import CommandError
from bot.cli.keying import OPTION_KEYS, Desk
from bot.documents import read
from tests.cli.conftest import ROOT, environment
from tests.library.test_seeds import text, write

COMMENT = "# mine, please keep\n"


class Hands:
    """Presses these keys; a word in between is a line that is typed."""

    def __init__(self, *pressed: str) -> None:
        self.pressed = list(pressed)

    def press(self) -> str:
        if not self.pressed:
            raise EOFError
        return self.pressed.pop(0)

    def line(self, prompt: str) -> str:
        return self.pressed.pop(0) if self.pressed and len(self.pressed[0]) != 1 else ""


def go(path: Path, *pressed: str, everything: bool = False) -> tuple[Desk, str]:
    """Works through with these keys; the desk, and what was shown."""
    console = Console(file=io.StringIO(), width=100)
    desk = Desk(Hands(*pressed), console)
    desk.work_through([path], everything=everything)
    assert isinstance(console.file, io.StringIO)
    return desk, console.file.getvalue()


def answers(path: Path) -> list[tuple[int | None, str | None]]:
    """What a document's questions have for keys, its side file read with it."""
    side = path.with_suffix(".toml")
    reading = read(path.read_bytes(), path.name, side=side.read_bytes() if side.exists() else None)
    assert reading.notes == ()
    return [(q.answer, q.reason) for paper in reading.digest.papers for q in paper.questions]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return write(tmp_path / "papers" / "a.txt", text(1, "One?", "Two?", "Three?"))


def test_each_question_gets_its_key_and_its_reason(document: Path) -> None:
    desk, shown = go(document, "b", "Because  of it.", "s", "C")
    assert answers(document) == [(1, "Because of it."), (None, None), (2, None)]
    assert desk.summary() == "2 keys set, 1 skipped."
    assert "Two?" in shown
    assert not desk.failed


def test_what_was_answered_is_written_before_anything_else_is_asked(document: Path) -> None:
    with pytest.raises(EOFError):
        go(document, "b")
    assert answers(document)[0] == (1, None)
    assert sorted(path.name for path in document.parent.iterdir()) == ["a.toml", "a.txt"]


def test_only_those_without_a_key_are_asked_for_unless_all_are_wanted(document: Path) -> None:
    go(document, "b", "It is.", "q")
    _, shown = go(document, "q")
    assert "One?" not in shown
    _, shown = go(document, "b", "q", everything=True)
    assert "One?" in shown
    assert "✓" in shown
    assert answers(document)[0] == (1, "It is.")
    go(document, "a", "q", everything=True)
    assert answers(document)[0] == (0, None)  # a reason belongs to its answer


def test_the_way_back_takes_the_last_answer_away(document: Path) -> None:
    go(document, "b", "u", "a", "s", "u", "u", "c", "q")
    assert answers(document) == [(2, None), (None, None), (None, None)]
    desk, shown = go(document, "u", "a", "u", "q")
    assert "This is the first one." in shown
    assert answers(document) == [(2, None), (None, None), (None, None)]
    assert desk.summary() == "No key was set."


def test_a_side_file_that_was_not_there_is_gone_again_after_the_way_back(document: Path) -> None:
    go(document, "b", "u", "q")
    assert not document.with_suffix(".toml").exists()


def test_comments_and_everything_else_in_the_side_file_stay(document: Path) -> None:
    side = write(document.with_suffix(".toml"), f'{COMMENT}series = "club" # here too\n')
    side.chmod(0o640)
    go(document, "b", "q")
    assert side.read_text(encoding="utf-8").startswith(f'{COMMENT}series = "club" # here too\n')
    assert tomllib.loads(side.read_text(encoding="utf-8"))["papers"][0]["questions"][0]["answer"] == "B"
    assert side.stat().st_mode & 0o777 == 0o640


def test_a_side_file_that_is_no_toml_is_left_alone(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    side = write(document.with_suffix(".toml"), "series = \n")
    write(document.with_name("b.txt"), text(2, "Four?"))
    desk, shown = go(document.parent, "b", "c")
    assert side.read_text(encoding="utf-8") == "series = \n"
    assert desk.failed
    assert "can't be written to" in capsys.readouterr().err
    assert "Two?" not in shown  # the rest of that document can't be kept either
    assert answers(document.with_name("b.txt")) == [(2, None)]


def test_folders_are_walked_and_what_cannot_be_read_is_named(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(document.with_name("0.txt"), "Dear diary")
    desk, _ = go(document.parent, "a", "q")
    assert capsys.readouterr().err.startswith(f"{document.with_name('0.txt')}:1: error: ")
    assert desk.failed


def test_a_folder_without_documents_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There are no documents in "):
        go(tmp_path)


def test_no_option_has_a_key_that_means_something_else() -> None:
    assert not set("qsu") & set(OPTION_KEYS)
    assert len(set(OPTION_KEYS)) == len(OPTION_KEYS)


def test_without_a_terminal_it_says_so(failure: Callable[..., str], document: Path) -> None:
    assert "needs a terminal" in failure("keys", document)


def test_in_a_terminal_one_keypress_is_enough(document: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        running = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "bot", "keys", str(document)],
            cwd=ROOT,
            env=environment(TERM="dumb"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        seen = ""
        for waited, typed in (("One?", "b"), ("Why", "So it is.\r"), ("Two?", "q")):
            while waited not in seen:
                seen += os.read(ours, 4096).decode()
            os.write(ours, typed.encode())
        while "1 key set." not in seen:
            seen += os.read(ours, 4096).decode()
        assert running.wait(60) == 0
    finally:
        os.close(ours)
    assert answers(document)[0] == (1, "So it is.")
