"""The demo as a process of its own, in the project's folder, with a page at a port that was free."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


class Demo:
    """A running demo and what it prints."""

    def __init__(self, *options: str) -> None:
        """Starts it."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PAPER_ROUND_", "DISCORD_"))}
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-u", "-m", "bot", "demo", "--no-open", "--port", "0", *options],
            cwd=ROOT,
            env={**environment, "DATABASE_URL": "postgres://not/this"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.printed: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line)
            self._lines.put(line)

    def wait_for(self, words: str, *, seconds: float = 60) -> str:
        """The first line from here on with these words in it."""
        end = time.monotonic() + seconds
        with contextlib.suppress(queue.Empty):
            while True:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
                if words in line:
                    return line
        raise AssertionError(f"no “{words}” in:\n{''.join(self.printed)}")

    def stop(self) -> int:
        """Presses Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture
def demo() -> Iterator[Callable[..., Demo]]:
    """Starts demos, and ends those that are left."""
    started: list[Demo] = []

    def start(*options: str) -> Demo:
        started.append(Demo(*options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        if one.process.stdout is not None:
            one.process.stdout.close()
