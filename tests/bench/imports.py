"""How long it takes to import an archive, by layout.

The floor reads and draws the same documents with the same readers and the same renderer, in as many processes, and
lets go of what comes out: no library, no database.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.rows import Report, Row
from tests.bench.samples import Act, in_turns, p50
from tests.documents.pages import SECTIONS, card, chunk, page, popup, tab
from tests.faults.process import SEEDS
from tests.wire import ROOT, surroundings
from tests.wire.server import TOKEN

_FIRST: Final = dt.date(2020, 1, 1)
_SENTENCE: Final = "What was found is told here at some length, so that a page is about as long as pages are. "


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """An archive of each layout, imported by `paper-round import` into a new database each time."""
    rows = []
    samples = []
    for place, (layout, many) in enumerate(_ARCHIVES[: 1 if tiny else None]):
        number = 2 if tiny else many
        make, suffix = _LAYOUTS[layout]
        archive = folder / str(place)
        archive.mkdir()
        for day in range(number):
            date = _FIRST + dt.timedelta(days=day)
            (archive / f"{date}{suffix}").write_text(make(date), encoding="utf-8")
        acts: dict[str, Act] = {
            "ours": partial(_import, archive, folder / f"{place}-house"),
            "floor": partial(_run, "tests.bench.reading", str(archive)),
        }
        taken = await in_turns(acts, 1 if tiny else 5, seconds=60, warm=False)
        samples.append(len(taken["ours"]))
        ours, floor = (number / (p50(taken[name]) / 1000) for name in ("ours", "floor"))
        what, target = f"import, {number} × {layout}", 0.5 if many > 1 else None
        rows.append(Row(what, ours, floor, "documents/s", target, more_is_better=True))
    return Report(
        rows,
        f"{min(samples)} to {max(samples)} imports of each, medians of whole processes; each import makes a new "
        "database.",
    )


def _page(date: dt.date) -> str:
    cards = []
    for number in range(1, 4):
        sections = "".join(chunk(place, name, _SENTENCE * 8) for place, name in enumerate(SECTIONS, 1))
        boxes = "".join(
            f'<rect x="{x * 220}" y="{y * 120}" width="200" height="80" rx="8" fill="#e8f0fe" stroke="#4a6fa5"/>'
            f'<text x="{x * 220 + 20}" y="{y * 120 + 45}" font-size="16">Step {x} {y} of {date}</text>'
            for x in range(4)
            for y in range(4)
        )
        drawing = f'<svg viewBox="0 0 900 480">{boxes}<text x="10" y="475">Paper {number}</text></svg>'
        asked = (popup(f"What is number {place}?", ("This", "That", "Neither"), "That") for place in range(3))
        tabs = "".join(tab(one) for one in asked)
        cards.append(card(number, f"Paper {number} of {date}", sections=sections, drawing=drawing, tabs=tabs))
    return page(*cards, heading=f"{date} Papers")


def _text(date: dt.date) -> str:
    return (SEEDS / "deep-dive" / "2025-04-29.txt").read_text(encoding="utf-8").replace("2025-04-29", str(date))


def _table(date: dt.date) -> str:
    """Its papers are other ones than any other day's, so its questions have to be made, too."""
    table = (SEEDS / "round-up" / "2025-02-11.md").read_text(encoding="utf-8")
    return table.replace("2025-02-11", str(date)).replace(" (Read more", f" again, on {date} (Read more")


_LAYOUTS: Final = {
    "deep-dive-page": (_page, ".html"),
    "deep-dive-text": (_text, ".txt"),
    "round-up": (_table, ".md"),
}
_ARCHIVES: Final = (("deep-dive-page", 120), ("deep-dive-text", 600), ("round-up", 600), ("deep-dive-text", 1))
"""As many as are read in half a minute; of what is read quickly so many that the start weighs as it does in life;
and one alone, which costs little but the start."""


async def _import(archive: Path, house: Path) -> None:
    """Into a database that isn't there yet."""
    house = house.with_name(f"{house.name}-{time.monotonic_ns()}")
    await _run("bot", "import", str(archive), database=house / "library.sqlite3")


async def _run(*command: str, database: Path = Path("none")) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        cwd=ROOT,
        env=surroundings("http://127.0.0.1", TOKEN, database),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(said.decode(errors="replace"))
