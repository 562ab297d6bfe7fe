"""`paper-round demo`: the same bot, real database and seeds, against a simulated Discord in a browser.

    __init__  the command: what it needs, what it prints
    stage     the simulated Discord: a server, the people in it, the page that shows it, its time
    season    the bot's side: a fresh database and client, until the library is used up

SimCord plays Discord. Its internals are touched in `stage` alone.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import webbrowser
from pathlib import Path

import typer

from bot import logs
from bot.cli.errors import CommandError


def run(seeds: Path, *, port: int, day_length: float, open_page: bool) -> None:
    """Plays the bot at 127.0.0.1 with the documents in `seeds` until Ctrl-C; `day_length` is in seconds."""
    if importlib.util.find_spec("simcord") is None:
        raise CommandError("The demo needs SimCord: pip install 'paper-round[demo]', or start it with make demo.")
    if not seeds.is_dir():
        raise CommandError(
            f"There is no folder {seeds}: start the demo in the project's folder, or name a folder of documents "
            "with --seeds."
        )
    from bot.demo.season import play

    logs.configure(level="warning")
    for library in ("discord.client", "apscheduler"):  # no voice, and a tick that a fast day left out, are no news
        logging.getLogger(library).setLevel(logging.ERROR)

    def ready(address: str) -> None:
        typer.echo(_GUIDE.format(address=address, pace=_pace(day_length)))
        if open_page:
            webbrowser.open(address)

    asyncio.run(play(seeds, port=port, day_length=day_length, ready=ready, tell=typer.echo))


_GUIDE = """
Paper Round is at {address}

It is the real bot, with a database of its own, on a simulated Discord; nothing leaves this machine.

  Somebody else   “Viewing as”, at the top: one of two readers or the admin
  Read            the menu under a digest opens a paper in full, for your eyes only
  Play            “Play the round” under a digest; then the leaderboard
  Commands        type / below: /today, /leaderboard, /help; as the admin /digest status, /digest post-now
  Days            {pace}; they wait while you click, and go on 20 seconds later

Ctrl-C ends it.
"""


def _pace(day_length: float) -> str:
    return "a day passes each minute" if day_length == 60 else f"a day passes every {day_length:g} seconds"
