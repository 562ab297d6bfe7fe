"""The command line as an operator calls it: a process of its own, in an empty folder."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.settings import USUAL_NAMES

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds"


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[Any]:
        """Standard output as JSON, an object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Ran]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without our settings, and with these variables."""
    ours = {name for name in os.environ if name.startswith("PAPER_ROUND_") or name in USUAL_NAMES.values()}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "120", **variables}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs `python -m bot …` in an empty folder."""

    def run(*arguments: str | Path, **variables: str) -> Ran:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "bot", *map(str, arguments)],
            cwd=tmp_path,
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def failure(command: Command) -> Callable[..., str]:
    """Runs a command that must fail, and is the one sentence it says."""

    def run(*arguments: str | Path, **variables: str) -> str:
        ran = command(*arguments, **variables)
        assert ran.code in {1, 2}, ran
        assert "Traceback" not in ran.err
        assert ran.out == ""
        said = ran.err.strip()
        assert "\n" not in said
        assert said.endswith(".")
        return said

    return run
