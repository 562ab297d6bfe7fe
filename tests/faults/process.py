"""The bot as a process of its own on a local Discord, with a clock that can be pushed forward, to be killed."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from tests.faults.books import opened
from tests.wire import ROOT, LocalDiscord, surroundings

SEEDS = ROOT / "seeds"


class Died(Exception):  # noqa: N818  # what happened
    """The process ended by itself; with what it logged."""


class House:
    """A folder with a database, a local Discord, and the bot between them, started as often as one likes."""

    def __init__(
        self,
        folder: Path,
        discord: LocalDiscord,
        *,
        seeds: Path | None = None,
        clock: Path | None = None,
        patience: float = 60.0,
        **settings: object,
    ) -> None:
        """`seeds`: a folder with documents; none by default. `clock`: a file that several houses share.

        `patience`: seconds that anything is waited for. `settings`: see tests.wire.surroundings.
        """
        self.folder = folder
        self.discord = discord
        self.database = folder / "paper-round.sqlite3"
        self.seeds = seeds or folder / "none"
        self.process: asyncio.subprocess.Process | None = None
        self.starts = 0
        self._clock = clock or folder / "clock"
        self._patience = patience
        self._settings = settings
        if not self._clock.exists():
            self._clock.write_text("0")

    def pass_time(self, seconds: float) -> None:
        """Time passes, for the bot and for Discord."""
        waiting = self._clock.with_suffix(".new")
        waiting.write_text(str(float(self._clock.read_text()) + seconds))
        waiting.replace(self._clock)
        self.discord.advance(seconds)

    @property
    def log(self) -> Path:
        """What the latest process logged."""
        return self.folder / f"log-{self.starts}"

    @property
    def passed(self) -> list[str]:
        """The points that the latest process passed, in order."""
        found = self.folder / f"points-{self.starts}"
        return found.read_text().split("\n")[:-1] if found.exists() else []

    async def start(self, *, at: str | None = None, tick: float = 300) -> None:
        """Starts the bot; it ends at the point `at`."""
        self.starts += 1
        environment = surroundings(
            self.discord.world.base,
            self.discord.token,
            self.database,
            SEEDS=self.seeds,
            SEEDS_POLL_SECONDS=0,
            DELIVERY__TICK_SECONDS=tick,
            **self._settings,
        ) | {
            "FAILPOINT_LOG": str(self.folder / f"points-{self.starts}"),
            "FAILPOINT_CLOCK": str(self._clock),
        }
        if at is not None:
            environment["FAILPOINT_AT"] = at
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.run_with_failpoints"),
                cwd=self.folder,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def ready(self) -> None:
        """Waits until the bot is there for people. Raises Died, or TimeoutError."""
        await self._until(lambda: "  ready  servers=" in self.log.read_text())

    async def killed(self) -> bool:
        """Waits for the end of the process; whether it was SIGKILL."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), self._patience) == -signal.SIGKILL

    async def kill(self) -> None:
        """Kills the process, wherever it is."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """Ends the process in order. Raises Died where that fails, or where it logged an error of its own."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        if await asyncio.wait_for(self.process.wait(), self._patience) != 0:
            raise Died(self.log.read_text())

    async def until(self, holds: Callable[[Connection], object]) -> None:
        """Waits until something holds of the database. Raises Died where the bot ends before, or TimeoutError."""
        await self._until(lambda: self._holds(holds))

    async def _until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + self._patience
        while not holds():
            if self.process is not None and self.process.returncode is not None:
                raise Died(self.log.read_text())
            if time.monotonic() > end:
                raise TimeoutError(self.log.read_text())
            await asyncio.sleep(0.05)

    def _holds(self, holds: Callable[[Connection], object]) -> bool:
        if not self.database.exists():
            return False
        with opened(self.database) as connection:
            if not connection.dialect.has_table(connection, "state"):
                return False
            return bool(holds(connection))
