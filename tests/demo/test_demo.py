"""The demo as a program: what it prints, how it ends, and that it goes on when everything was posted."""

import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import demo as demo_room
from bot.cli.errors import CommandError
from bot.demo.stage import _free

from .conftest import ROOT, Demo


def test_it_prints_where_it_is_and_ends_with_ctrl_c(demo: Callable[..., Demo]) -> None:
    running = demo("--day-length", "600")
    line = running.wait_for("http://127.0.0.1:")
    address = line.split()[-1]
    with urllib.request.urlopen(address.partition("#")[0]) as page:  # noqa: S310
        assert page.status == 200
    running.wait_for("Ctrl-C ends it")
    assert running.stop() == 0
    printed = "".join(running.printed)
    assert "a day passes every 600 seconds" in printed
    assert "Traceback" not in printed
    assert "WARNING" not in printed


def test_when_the_library_is_used_up_it_starts_over(demo: Callable[..., Demo]) -> None:
    running = demo("--day-length", "1")
    for _ in range(2):
        running.wait_for("The library is used up; the demo starts over.")
    assert running.stop() == 0
    printed = "".join(running.printed)
    assert "Traceback" not in printed
    assert not re.search("WARNING|ERROR", printed)


def test_documents_of_ones_own_are_shown_also_those_that_come_later(
    demo: Callable[..., Demo], tmp_path: Path
) -> None:
    (tmp_path / "diary.txt").write_text("Dear diary", encoding="utf-8")
    running = demo("--day-length", "1", "--seeds", str(tmp_path))
    running.wait_for("diary.txt:1: This is none of the layouts known here")
    running.wait_for("There is no digest in ")
    running.wait_for("Ctrl-C ends it")
    table = (ROOT / "seeds" / "round-up" / "2025-02-11.md").read_bytes()
    (tmp_path / "mine.md").write_bytes(table)
    running.wait_for("The library is used up")  # so it was posted


def test_a_taken_port_means_the_next_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < _free(port) <= port + 20


def test_outside_the_project_it_says_where_to_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--no-open"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "There is no folder seeds: start the demo in the project's folder, or name a folder of documents with "
        "--seeds.\n"
    )


def test_without_simcord_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(CommandError, match=r"pip install 'paper-round\[demo\]', or start it with make demo"):
        demo_room.run(Path(), port=0, day_length=60, open_page=False)
