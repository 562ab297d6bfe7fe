"""The processes of a benchmark: a local Discord, the bot on it, and the clients that it is compared with."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.wire import ROOT, surroundings
from tests.wire.server import TOKEN

PATIENCE: Final = 300.0
"""Seconds that anything is waited for: ten thousand servers take a while to tell of."""
_SHUTDOWN: Final = 60.0


class Ended(Exception):  # noqa: N818  # what happened
    """A process ended by itself; with what it said last."""


class Process:
    """A running process; what it says on either stream, and when (monotonic seconds, as in all processes)."""

    def __init__(self, process: asyncio.subprocess.Process, began: float) -> None:
        """Use `running`."""
        self._process = process
        self.began = began
        self.said: list[tuple[float, str]] = []
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.said.append((time.monotonic(), line.decode(errors="replace").rstrip("\n")))
            self._news.set()

    async def heard(self, words: str) -> tuple[float, str]:
        """Waits for a line with these words; when it came, and the line. Raises Ended or TimeoutError."""
        looked = 0
        async with asyncio.timeout(PATIENCE):
            while True:
                for when, line in self.said[looked:]:
                    if words in line:
                        return when, line
                looked = len(self.said)
                if self._listening.done():
                    raise Ended("\n".join(line for _, line in self.said[-40:]))
                self._news.clear()
                news = asyncio.create_task(self._news.wait())
                await asyncio.wait((news, self._listening), return_when=asyncio.FIRST_COMPLETED)
                news.cancel()

    @property
    def memory(self) -> float:
        """Megabytes that it has in the machine's memory now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    @property
    def cpu(self) -> float:
        """Seconds of a core that it has used."""
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9

    async def stop(self) -> None:
        """Ends it in order, or else at once."""
        if self._process.returncode is None:
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _SHUTDOWN)
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        await self._listening


@contextlib.asynccontextmanager
async def running(*command: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[Process]:
    """A Python process, `python -m command…`, while it is open."""
    began = time.monotonic()
    process = Process(
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *command),
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        ),
        began,
    )
    try:
        yield process
    finally:
        await process.stop()


class Discord:
    """A local Discord in a process of its own, and the hand on it: see tests.wire.control."""

    def __init__(self, base: str, process: Process, session: aiohttp.ClientSession) -> None:
        """Use `local_discord`."""
        self.base = base
        self.process = process
        self._session = session

    async def do(self, what: str, /, **order: Any) -> Any:
        """Has it do something. Raises RuntimeError where it can't."""
        async with self._session.post(f"{self.base}/control", json={"do": what, **order}) as response:
            answer = await response.json()
        if response.status != 200:
            raise RuntimeError(answer["error"])
        return answer

    async def requests(self) -> dict[str, int]:
        """How many requests of each route it had."""
        requests: dict[str, int] = (await self.do("state"))["requests"]
        return requests


@contextlib.asynccontextmanager
async def local_discord(
    *, guilds: int = 1, channels: int = 1, roles: int = 0, rates: bool = False, way: float = 0.0
) -> AsyncIterator[Discord]:
    """A local Discord with guilds that are alike; `rates`: with its limits on; `way`: seconds there and back."""
    sizes = ("--guilds", guilds, "--channels", channels, "--roles", roles, "--way", way)
    command = ["tests.wire", *map(str, sizes), *([] if rates else ["--no-rates"])]
    async with running(*command) as process:
        _, base = await process.heard("http://")
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            yield Discord(base, process, session)


@contextlib.asynccontextmanager
async def our_bot(discord: Discord, database: Path, **settings: object) -> AsyncIterator[Process]:
    """`paper-round run` on a local Discord, not yet ready; settings by their names in the environment."""
    usual: dict[str, object] = {"SEEDS": database.parent / "none", "SEEDS_POLL_SECONDS": 0}
    environment = surroundings(discord.base, TOKEN, database, **(usual | settings))
    async with running("bot", "run", environment=environment) as process:
        yield process


async def ready(bot: Process) -> float:
    """Waits until our bot is there for people; when it was."""
    return (await bot.heard("  ready  servers="))[0]


@contextlib.asynccontextmanager
async def smallest(discord: Discord, *options: str) -> AsyncIterator[Process]:
    """The client of tests.bench.floor on a local Discord; it says `ready` when it is."""
    async with running("tests.bench.floor", discord.base, *options) as process:
        yield process
