"""`paper-round run`: the bot on Discord, from its settings to a clean end at Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import discord

from bot import logs
from bot.cli.errors import CommandError
from bot.cli.operating import alone, load_settings, open_store_alone
from bot.cli.signals import stop_signals
from bot.client import PaperRound
from bot.clock import Clock, SystemClock
from bot.database import Store, StoreError
from bot.doctor import Verdict
from bot.doctor.clock import ABSURD, check
from bot.health.server import Health, HealthPortTaken
from bot.language import speech
from bot.leaderboard import standings
from bot.library import seeds
from bot.settings import Settings, SettingsError
from bot.shards import FORMS, Shards

log = logging.getLogger(__name__)

_FATAL_CLOSES = {
    4004: "Discord refused the token while connecting: it was reset. Put the new one into DISCORD_TOKEN.",
    4010: "Discord refused a shard that doesn't exist: set discord.shards to 0 to let Discord say how many.",
    4011: "Discord wants this bot to use more shards: set discord.shards to 0 to let Discord say how many.",
}
"""The gateway's close codes after which trying again is no use, and what to do about each."""


def run(config: Path | None, shards: str | None = None) -> None:
    """Runs the bot until it is told to stop; `shards`, where given, in place of those in the settings."""
    settings = _holding(load_settings(config), shards)
    try:
        token = settings.discord.read_token().get_secret_value()
    except SettingsError as error:
        raise CommandError(str(error), code=2) from error
    logs.configure(level=settings.log.level, form=settings.log.format, secrets=[*settings.secrets(), token])
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # no voice here, so nothing is missing
    with alone(settings, token):
        try:
            asyncio.run(_run(settings, token))
        except (StoreError, HealthPortTaken) as error:
            raise CommandError(str(error)) from error


def _holding(settings: Settings, written: str | None) -> Settings:
    """The settings with these shards, if there are any. Raises CommandError where they can't be held."""
    if written is not None:
        try:
            held = {"shards": Shards.read(written)}
        except ValueError as error:
            raise CommandError(f"--shards is {written!r}; it must be {FORMS}.", code=2) from error
        settings = settings.model_copy(update={"discord": settings.discord.model_copy(update=held)})
    shards = settings.discord.held
    if not shards.whole and not settings.on_postgresql:
        raise CommandError(
            f"A part of the shards ({shards}) needs a database that processes can share: set DATABASE_URL to"
            " one on PostgreSQL, or leave the shards to one process.",
            code=2,
        )
    return settings


async def _run(settings: Settings, token: str) -> None:
    with stop_signals() as stop:
        async with open_store_alone(settings) as store:
            clock = SystemClock()
            client = PaperRound(settings=settings, store=store, clock=clock)
            client.event(on_ready)
            async with Health(settings, store, clock, client):
                if settings.discord.held.leads:
                    await _until(stop, _import_seeds(settings, store, clock))
                if not stop.is_set():
                    await _serve(client, token, stop)
    log.info("stopped")


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Works until it is done, or `stop` is set: what is left then, the next start does."""
    working = asyncio.create_task(work, name="importing")
    stopping = asyncio.create_task(stop.wait(), name="stopping")
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
    if not working.cancelled():
        working.result()


async def _import_seeds(settings: Settings, store: Store, clock: Clock) -> None:
    """Reads what is new in the seed folder; a document that can't be read is no reason not to start."""
    if not settings.seeds.is_dir():
        log.warning("there is no seed folder", extra={"seeds": settings.seeds})
        return
    summary = await seeds.import_paths(
        store, [settings.seeds], clock=clock, recount=standings.recount_for, roots=[settings.seeds]
    )
    for result in summary.problems:
        log.error("document not read: %s", result.problem, extra={"path": result.path, "line": result.line})
    for path in summary.missing:
        log.warning("document gone, its digest is withdrawn", extra={"path": path})
    log.info(
        "library read",
        extra={
            "documents": summary.documents,
            **{str(outcome): number for outcome, number in summary.outcomes.items()},
            "unreadable": len(summary.problems),
        },
    )


async def _serve(client: PaperRound, token: str, stop: asyncio.Event) -> None:
    """Works until `stop` is set or the connection ends for good, and closes the client either way."""
    async with client:
        working = asyncio.create_task(_work(client, token), name="working")
        stopping = asyncio.create_task(stop.wait(), name="stopping")
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                log.info("stopping")
            else:
                await _explained(working)
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)
            await client.close()  # drains what is being sent


async def _work(client: PaperRound, token: str) -> None:
    """Connects, and starts what runs in the background once Discord says ready."""
    connection = asyncio.create_task(client.start(token), name="connection")
    ready = asyncio.create_task(client.wait_until_ready(), name="ready")
    try:
        await asyncio.wait((connection, ready), return_when=asyncio.FIRST_COMPLETED)
        if not connection.done():
            _compare_clocks(client)
            await client.start_background()
            log.info("ready", extra={"servers": len(client.guilds), "shards": len(client.shards)})
        await connection
    finally:
        for task in (connection, ready):
            task.cancel()
        await asyncio.gather(connection, ready, return_exceptions=True)


async def on_ready() -> None:
    """Whenever a session begins: what is in memory now stays, so Python's collector needn't look at it again.

    Its full rounds would stop everybody for as long as it takes to look at every channel of every server. What the
    session before had kept of them is let go of first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _compare_clocks(client: PaperRound) -> None:
    """Before anything is sent: with a clock that is days off, nothing would be on its day. Raises CommandError."""
    if client.metrics.clocks is None:
        return
    here, there = client.metrics.clocks
    found = check(here, there)
    if abs(here - there) > ABSURD:
        raise CommandError(found.said(speech(None)))
    if found.verdict is Verdict.WRONG:
        log.warning(found.said(speech(None)))


async def _explained(working: asyncio.Task[None]) -> None:
    """Waits for the work, which is never meant to end by itself, and says in one sentence why it did."""
    try:
        await working
    except discord.LoginFailure as error:
        raise CommandError("Discord refused the token: check DISCORD_TOKEN, or reset the token there.") from error
    except discord.ConnectionClosed as error:
        said = _FATAL_CLOSES.get(error.code, f"Discord ended the connection with code {error.code}.")
        raise CommandError(said) from error
    except discord.HTTPException as error:
        raise CommandError(
            f"Discord couldn't be logged in to (it answered {error.status}); try again later."
        ) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise CommandError(
            f"Discord can't be reached: {error}. Check this machine's network, and its clock."
        ) from error
    raise CommandError("The connection to Discord ended.")
