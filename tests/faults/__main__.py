"""The long forms: `python -m tests.faults` runs all, `python -m tests.faults crash clock` some of them.

Each ends in a table or a sentence, which `--write` puts into docs/faults.md between its marks.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from tests import postgresql
from tests.faults import crash, crowd, hostile, misbehaving, month, sharing, years
from tests.faults.stage import make_library
from tests.faults.wired import wired
from tests.marks import DOCS, put

Report = tuple[str, bool]
"""What is to be read in the docs, and whether all came out right."""

CROWD: Final = 300
"""Clicks at once."""
PLAYERS: Final = 500
ANSWERS: Final = 10_000
"""Of the hostile crowd."""
SERVERS: Final = 8_000
"""Shared by four processes."""
SHARDS: Final = 16
PAGE: Final = DOCS / "faults.md"


def say(line: str) -> None:
    """A line on how far it is."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


async def _crash(folder: Path, _: Path) -> Report:
    outcomes = await crash.matrix(folder, tell=say)
    return crash.table(outcomes), not any(outcome.wrong for outcome in outcomes)


def _shipped(folder: Path) -> Path:
    return asyncio.run(make_library(folder / "library.sqlite3"))


async def _faults(folder: Path, shipped: Path) -> Report:
    async with wired(folder, shipped) as house:
        outcomes = await misbehaving.matrix(house, tell=say)
    return misbehaving.table(outcomes), not any(outcome.wrong for outcome in outcomes)


async def _clicks(folder: Path, shipped: Path) -> Report:
    async with wired(folder, shipped) as house:
        wrong = [*await crowd.in_time(house, CROWD), *await crowd.in_time(house, CROWD)]
    done = f"{CROWD} players at once open the round and answer; one player clicks {CROWD} times at once"
    return f"{done}; twice: {'; '.join(wrong) or 'all right'}.", not wrong


async def _hostile(folder: Path, shipped: Path) -> Report:
    async with wired(folder, shipped) as house:
        found = await hostile.play(house, players=PLAYERS, wanted=ANSWERS, tell=say)
    return found.report(PLAYERS), not found.wrong and found.answers >= ANSWERS


async def _clock(folder: Path, _: Path) -> Report:
    kept = years.clocks()
    zones = [zone for together in kept.values() for zone in together[:2]]
    say(f"{len(years.ZONES)} zones keep {len(kept)} different clocks")
    wrong = years.undisturbed(folder / "years.sqlite3", 730, zones)
    say("; ".join(wrong) or "two years without a disturbance are right")
    wrong += years.disturbed(folder, 400, list(kept))
    report = (
        f"The {len(years.ZONES)} IANA zones keep {len(kept)} different clocks from March 2026 to March 2028. "
        f"{len(zones)} subscriptions for two years, up to two on each clock, most at times around a change, and "
        "one on each with 400 edits, pauses and clocks set back at random moments: "
    )
    return f"{report}{'; '.join(wrong) or 'all right'}.", not wrong


async def _month(folder: Path, shipped: Path) -> Report:
    (home := folder / "house").mkdir()
    found = await month.play(home, shipped, tell=say)
    return found.report, not found.wrong


async def _shards(folder: Path, _: Path) -> Report:
    try:
        with postgresql.running() as server:
            found = await sharing.nine(
                folder, server, servers=SERVERS, shards=SHARDS, patience=SERVERS / 10, tell=say
            )
    except postgresql.NoServer as error:
        return f"Not tried: {error}.", False
    return found.report, not found.wrong


LONG: Final[dict[str, Callable[[Path, Path], Coroutine[Any, Any, Report]]]] = {
    "crash": _crash,
    "faults": _faults,
    "clicks": _clicks,
    "hostile": _hostile,
    "clock": _clock,
    "month": _month,
    "shards": _shards,
}


def main() -> None:
    """Runs what is named, or all; the exit code is 1 where something came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="|".join(LONG), help="all unless named")
    parser.add_argument("--write", action="store_true", help="keep the reports in docs/faults.md")
    arguments = parser.parse_args()
    if unknown := set(arguments.what) - set(LONG):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(LONG)}")
    logging.getLogger().addHandler(logging.NullHandler())  # what the bot logs about its troubles is no news here
    right = True
    for name in arguments.what or LONG:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="paper-round-") as path:
            shipped = _shipped(Path(path))
            (folder := Path(path) / name).mkdir()
            report, well = asyncio.run(LONG[name](folder, shipped))
        right &= well
        sys.stdout.write(f"## {name}\n\n{report}\n\n")
        sys.stdout.flush()
        say(f"{name}: {'right' if well else 'WRONG'}, {time.monotonic() - began:.0f} s")
        if arguments.write:
            put(PAGE, name, report)
    sys.exit(not right)


if __name__ == "__main__":
    main()
