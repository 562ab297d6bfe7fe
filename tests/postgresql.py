"""A PostgreSQL server of the tests' own: in a temporary folder, behind a socket in it, gone afterwards.

And a way to it that can break without a word, as where a firewall restarts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]

from bot.database.tables import metadata

_USER: Final = "postgres"
_SOCKET: Final = ".s.PGSQL.5432"
_PATIENCE: Final = 30.0
"""Seconds a server is waited for."""
_QUICK: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
"""Nothing of what the tests write has to outlive the machine."""
_OTHERS: Final = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_EMPTY: Final = ";".join(
    (
        f"SELECT pg_terminate_backend(pid) FROM {_OTHERS}",
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
        "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences",
    )
)
"""Much quicker than TRUNCATE, which makes each table's files anew."""


class NoServer(Exception):  # noqa: N818
    """There is no PostgreSQL server to start; the message says why."""


@dataclass
class Server:
    """A running server. Its owner is let in without a password, through its socket alone."""

    folder: Path
    programs: Path
    process: subprocess.Popen[bytes]
    made: int = 0

    def address(self, database: str) -> str:
        """What DATABASE_URL is for a database of it."""
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def url(self, database: str) -> str:
        """The same as SQLAlchemy spells it."""
        return self.address(database).replace("postgresql://", "postgresql+asyncpg://")

    async def connect(self, database: str = "postgres") -> Any:
        """A connection without anything of ours in between."""
        return await asyncpg.connect(host=str(self.folder), user=_USER, database=database)

    async def create(self, template: str | None = None) -> str:
        """A new database, a copy of the `template` (which nobody may be connected to); its name."""
        self.made += 1
        name = f"test_{os.getpid()}_{self.made}"
        await self.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    async def drop(self, database: str) -> None:
        """Removes a database, whoever is connected to it."""
        await self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    async def empty(self, database: str) -> None:
        """Empties all tables of the bot's, whoever is connected to it, and has ids begin at 1 again."""
        await self.execute(_EMPTY, database)

    async def execute(self, statements: str, database: str = "postgres") -> None:
        """Runs SQL as the owner."""
        connection = await self.connect(database)
        try:
            await connection.execute(statements)
        finally:
            await connection.close()

    def stop(self) -> None:
        """Shuts it down, whoever is connected to it."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(_PATIENCE)

    def start(self) -> None:
        """Starts it again where it was stopped."""
        self.process = _start(self.programs, self.folder)


@dataclass
class Way:
    """Connections to a server that go through here, until they are cut off."""

    folder: Path
    _open: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, database: str) -> str:
        """The address of a database, for SQLAlchemy."""
        return f"postgresql+asyncpg://{_USER}@/{database}?host={self.folder}"

    def cut(self) -> None:
        """What is connected hears nothing of the other side any more; what comes later does."""
        self._open.clear()
        self._open = asyncio.Event()
        self._open.set()

    async def _serve(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, answering = await asyncio.open_unix_connection(server.folder / _SOCKET)
        is_open = self._open
        pumps = [
            asyncio.create_task(_pump(source, sink, is_open))
            for source, sink in ((reader, answering), (there, writer))
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            for end in (writer, answering):
                end.close()


@contextlib.asynccontextmanager
async def way(server: Server) -> AsyncIterator[Way]:
    """A way to a server for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="paper-round-way-") as folder:
        made = Way(Path(folder))
        made.cut()
        serving: set[asyncio.Task[None]] = set()

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            serving.add(asyncio.create_task(made._serve(server, reader, writer)))

        listening = await asyncio.start_unix_server(serve, made.folder / _SOCKET)
        try:
            yield made
        finally:
            listening.close()
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, is_open: asyncio.Event) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            await is_open.wait()
            sink.write(data)
            await sink.drain()
        await is_open.wait()


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the block lasts. Raises NoServer where there is none to start."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="paper-round-pg-"))  # a socket's path has to be short
    try:
        if _user():
            shutil.chown(folder, _USER, _user()["group"])
        _run(
            programs,
            "initdb",
            "-D",
            folder / "data",
            "-U",
            _USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        )
        server = Server(folder, programs, _start(programs, folder))
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(programs: Path, folder: Path) -> subprocess.Popen[bytes]:
    options = [f"-c{option}" for option in (*_QUICK, "listen_addresses=")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603
            [programs / "postgres", "-D", folder / "data", "-k", folder, *options],
            stdout=log,
            stderr=log,
            cwd=folder,
            **_user(),
        )
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False).returncode == 0:  # noqa: S603
            return process
        time.sleep(0.05)
    process.kill()
    raise NoServer(f"PostgreSQL doesn't start: {(folder / 'log').read_text()[-500:]}")


def _programs() -> Path:
    """Where a server's programs are: Debian keeps them off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = [str(versions[-1])] if versions else [path for path in (shutil.which("initdb"),) if path]
    if not found:
        raise NoServer("there is no PostgreSQL server on this machine (on Debian: apt install postgresql)")
    return Path(found[0]).parent


def _user() -> dict[str, Any]:
    """Whom a server runs as: it refuses to as root."""
    if os.geteuid() != 0:
        return {}
    try:
        owner = pwd.getpwnam(_USER)
    except KeyError as error:
        raise NoServer(f"PostgreSQL doesn't run as root, and there is no user {_USER}") from error
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _run(programs: Path, name: str, *arguments: object) -> None:
    done = subprocess.run(  # noqa: S603
        [programs / name, *map(str, arguments)], capture_output=True, text=True, check=False, cwd="/", **_user()
    )
    if done.returncode:
        raise NoServer(f"PostgreSQL's {name} fails: {done.stderr.strip()}")
