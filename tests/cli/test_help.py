"""The command line itself: help that answers at once, and commands that can be found."""

import re
import subprocess
import sys

import pytest

from .conftest import ROOT, Command, environment

COMMANDS = (
    "run",
    "demo",
    "import",
    "backup",
    "restore",
    "doctor",
    "inspect",
    "render",
    "check",
    "keys",
    "database",
)
HEAVY = {"discord", "sqlalchemy", "alembic", "simcord", "pydantic", "rich", "apscheduler", "aiohttp"}


def test_help_names_every_command_in_a_line(command: Command) -> None:
    ran = command("--help")
    assert ran.code == 0
    listed = re.findall(r"^  (\w+) {2,}(\S.*[^.]\.)$", ran.out.partition("Commands:")[2], flags=re.MULTILINE)
    assert tuple(name for name, _ in listed) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(command: Command, name: str) -> None:
    ran = command(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: paper-round {name} ")


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "--help"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in imported
    assert imported & HEAVY == set()


def test_without_a_command_there_is_help(command: Command) -> None:
    assert "Commands:" in "".join((command().out, command().err))


def test_an_unknown_command_or_option_is_refused(command: Command) -> None:
    for arguments in (("deliver",), ("run", "--token", "abc")):
        ran = command(*arguments)
        assert ran.code == 2
        assert "Traceback" not in ran.err
