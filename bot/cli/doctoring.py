"""`paper-round doctor`: whether all is well with this installation, and how to mend what isn't."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

import aiohttp
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from bot.cli.errors import CommandError
from bot.cli.operating import load_settings
from bot.clock import SystemClock
from bot.database import Store, StoreError, backup, lock
from bot.database.making import revision
from bot.doctor import Finding, Verdict, clock, database, schedule, seeds, worst
from bot.language import speech
from bot.settings import Settings, SettingsError

_DISCORD = "https://discord.com/api/v10"
_TIMEOUT = aiohttp.ClientTimeout(total=15)
_STYLES = {Verdict.OK: "green", Verdict.LOOK: "yellow", Verdict.WRONG: "bold red"}


def run(config: Path | None, *, online: bool, as_json: bool) -> None:
    """Prints what was found; exits with 1 if anything is wrong."""
    settings = load_settings(config)
    found = asyncio.run(_examine(settings, online=online))
    say = speech(None)
    if as_json:
        for finding in found:
            line = {"about": finding.about, "verdict": finding.verdict, "sentence": finding.said(say)}
            typer.echo(json.dumps(line, ensure_ascii=False))
    else:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for finding in found:
            verdict = Text(finding.verdict.value, style=_STYLES[finding.verdict])
            table.add_row(verdict, finding.about, Text(finding.said(say)))
        Console().print(table)
    if worst(found) is Verdict.WRONG:
        raise typer.Exit(1)


async def _examine(settings: Settings, *, online: bool) -> list[Finding]:
    found = await _token(settings, online=online)
    try:
        store = Store.open(settings.database_url)
    except SettingsError as error:
        raise CommandError(str(error), code=2) from error
    try:
        found += await database.thorough(store)
        if store.path is None or store.path.is_file():
            found += await _inside(store, settings)
        if store.path is not None:
            folder = backup.folder(settings.backup.folder, store.path)
            found.append(database.backups(folder, settings.backup.every_hours, SystemClock().now()))
    finally:
        await store.__aexit__()
    return found


async def _inside(store: Store, settings: Settings) -> Iterable[Finding]:
    """What stands in the tables, where it can be read; if not, that was found already."""
    running = store.path is not None and lock.is_held(lock.database_lock(store.path))

    def look(connection: Connection) -> list[Finding]:
        if revision(connection) is None:
            return []
        return [
            *schedule.of_all(connection, SystemClock().now(), running=running),
            *seeds.for_operators(connection, settings.seeds),
        ]

    try:
        return await store.read(look)
    except StoreError:
        return []
    except Exception as error:  # noqa: BLE001  # tables of another version
        said = "What stands in the tables can't be told: {why}."
        return [Finding("tables", Verdict.LOOK, said, values={"why": str(error).partition("\n")[0]})]


async def _token(settings: Settings, *, online: bool) -> list[Finding]:
    try:
        token = settings.discord.read_token().get_secret_value()
    except SettingsError as error:
        return [Finding("token", Verdict.WRONG, "{why}", values={"why": error})]
    if not online:
        return [Finding("token", Verdict.OK, "There is one; --online asks Discord whether it takes it.")]
    address = (settings.discord.api_url or _DISCORD) + "/users/@me"
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as session,
            session.get(address, headers={"Authorization": f"Bot {token}"}) as answer,
        ):
            now = SystemClock().now()
            name = str((await answer.json())["username"]) if answer.status == 200 else ""
            there = clock.moment(answer.headers.get("Date", ""))
    except (aiohttp.ClientError, OSError, ValueError, KeyError) as error:
        said = "Discord can't be reached: {why}."
        why = {"why": error or type(error).__name__}
        return [Finding("token", Verdict.WRONG, said, "Check this machine's network.", why)]
    return [_taken(answer.status, name), *([clock.check(now, there)] if there else [])]


def _taken(status: int, name: str) -> Finding:
    if status == 200:
        return Finding("token", Verdict.OK, "Discord takes it; the bot is {name}.", values={"name": name})
    if status == 401:
        mend = "Reset it in the developer portal, and put the new one into DISCORD_TOKEN."
        return Finding("token", Verdict.WRONG, "Discord refuses it.", mend)
    said = "Discord answered {status}, so whether it takes the token isn't known."
    return Finding("token", Verdict.LOOK, said, "Try again later.", {"status": status})
