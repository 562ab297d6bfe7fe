"""The port that the machine asks: /live (restart me if not), /ready (with reasons), /metrics (for Prometheus).

It has no password and tells nothing of any server or person, but keep it inside all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.clock import Clock
from bot.database import Store, StoreError, backup
from bot.delivery.courier import Courier
from bot.doctor import Finding, Verdict, clock, database, worst
from bot.health.gathering import Gathering
from bot.health.metrics import CountErrors, Metrics
from bot.language import speech
from bot.settings import Settings

log = logging.getLogger(__name__)

_PATIENCE: Final = 4.0
"""Seconds a check may take before that counts as wrong."""


class HealthPortTaken(Exception):  # noqa: N818  # says what is the case
    """The port in the settings can't be had; the message says why and what to do."""


class Client(Protocol):
    """What is asked of the client; bot.client.PaperRound."""

    metrics: Metrics
    courier: Courier

    @property
    def guilds(self) -> Any:
        """The servers it is in."""

    @property
    def latency(self) -> float:
        """Seconds a heartbeat takes; not a number without a connection."""

    def is_ready(self) -> bool:
        """Whether it is connected and knows its servers."""

    def is_closed(self) -> bool:
        """Whether it has ended."""


class Health:
    """Answers on the port in the settings while `async with` holds it; with port 0, nowhere."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, client: Client) -> None:
        """`client` may not be connected yet: it is live, and not ready."""
        self._settings = settings
        self._store = store
        self._clock = clock
        self._client = client
        self._gathering = Gathering(store, client.metrics)
        self._errors = CountErrors(client.metrics.errors)
        self._runner: web.AppRunner | None = None
        self.port = 0
        """Where it answers."""

    async def __aenter__(self) -> Health:
        """Raises HealthPortTaken where the port can't be had."""
        wanted = self._settings.health
        if not wanted.port:
            return self
        logging.getLogger().addHandler(self._errors)
        with contextlib.suppress(StoreError):
            await self._gather()
        app = web.Application()
        app.router.add_get("/live", self._live)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, wanted.host, wanted.port).start()
        except OSError as error:
            await self.__aexit__()
            raise HealthPortTaken(
                f"The port {wanted.port} of {wanted.host} can't be had for health.port: {_why(error)}. "
                "Set another port or host, or end what has it."
            ) from error
        self.port = self._runner.addresses[0][1]
        log.info("health answers", extra={"host": wanted.host, "port": self.port})
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stops answering."""
        logging.getLogger().removeHandler(self._errors)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _live(self, _: web.Request) -> web.Response:
        closed = self._client.is_closed()
        return web.json_response({"live": not closed}, status=503 if closed else 200)

    async def _ready(self, _: web.Request) -> web.Response:
        found = await self.findings()
        ready = worst(found) is not Verdict.WRONG
        say = speech(None)
        reasons = [{"about": f.about, "verdict": f.verdict, "sentence": f.said(say)} for f in found]
        return web.json_response({"ready": ready, "reasons": reasons}, status=200 if ready else 503)

    async def findings(self) -> list[Finding]:
        """Whether the bot can do its work now, and why not."""
        found = [self._connection()]
        if (clocks := self._client.metrics.clocks) is not None:
            found.append(_worth_a_look(clock.check(*clocks)))  # as of Discord's latest answer
        try:
            found.append(await asyncio.wait_for(database.writable(self._store), _PATIENCE))
        except TimeoutError:
            said = "The database doesn't answer within {seconds} s."
            found.append(Finding("database", Verdict.WRONG, said, values={"seconds": _PATIENCE}))
        if (path := self._store.path) is not None:
            found.append(await asyncio.to_thread(_on_disk, database.room, path))
            hours = self._settings.backup.every_hours
            if hours:
                folder = backup.folder(self._settings.backup.folder, path)
                late = await asyncio.to_thread(database.backups, folder, hours, self._clock.now())
                found.append(_worth_a_look(late))
        return found

    def _connection(self) -> Finding:
        client = self._client
        if not client.is_ready():
            return Finding("discord", Verdict.WRONG, "Not connected to Discord yet.")
        if not math.isfinite(client.latency):
            return Finding("discord", Verdict.WRONG, "The connection to Discord is lost; it is tried again.")
        return Finding("discord", Verdict.OK, "Connected to Discord.")

    async def _metrics(self, _: web.Request) -> web.Response:
        with contextlib.suppress(StoreError):  # the other numbers still tell; /ready says why
            await self._gather()
        body = generate_latest(self._client.metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _gather(self) -> None:
        metrics = self._client.metrics
        metrics.transactions.set(self._store.waiting)
        metrics.servers.set(len(self._client.guilds))
        if self._store.path is not None:
            folder = backup.folder(self._settings.backup.folder, self._store.path)
            if kept := await asyncio.to_thread(backup.kept_in, folder):
                metrics.backup.set(kept[-1][0].timestamp())
        await self._gathering.look(self._clock.now(), self._client.courier.counts)


def _worth_a_look(finding: Finding) -> Finding:
    """The finding, where it is bad no more than that: the bot does its work all the same."""
    return replace(finding, verdict=min(finding.verdict, Verdict.LOOK, key=list(Verdict).index))


def _why(error: OSError) -> str:
    """Shorter than asyncio says it, where the machine has words for it."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)


def _on_disk(check: Callable[[Path], Finding], path: Path) -> Finding:
    try:
        return check(path)
    except OSError as error:
        return Finding(
            "disk", Verdict.WRONG, "The database's disk can't be looked at: {why}.", values={"why": error}
        )
