"""How long it takes from the start of the process to the first digest in a channel."""

from __future__ import annotations

import statistics
from pathlib import Path

from bot.clock import SystemClock
from bot.database import Store
from bot.leaderboard import standings
from bot.library import seeds
from tests.bench import stock
from tests.bench.processes import local_discord, our_bot, smallest
from tests.bench.rows import Report, Row
from tests.faults.process import SEEDS
from tests.faults.stage import DAY


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """Starts of ours with a small and a large library, and of the smallest client, in turns."""
    turns, many = (1, 12) if tiny else (5, 600)
    small = await stock.shipped(folder)
    (library := folder / "many").mkdir()
    documents = _write_documents(folder / "documents", many)
    large = stock.copy(small, library / "house")
    await _read(large, documents)
    starts: dict[str, list[float]] = {"small": [], "large": [], "floor": []}
    for turn in range(turns):
        starts["floor"].append(await _floor())
        starts["small"].append(await _ours(stock.copy(small, folder / f"small-{turn}"), SEEDS))
        starts["large"].append(await _ours(stock.copy(large, folder / f"large-{turn}"), documents))
    few, more, floor = (statistics.median(starts[name]) for name in ("small", "large", "floor"))
    return Report(
        rows=(
            Row("start to first delivery, five digests", few, floor, "s", target=1.5),
            Row(f"the same, {many} digests", more, floor, "s", target=1.5),
        ),
        said=f"The middle one of {turns} starts each. Two seconds of every start are discord.py's, which waits so "
        "long for more servers.",
    )


async def _ours(database: Path, documents: Path) -> float:
    """Seconds from the start to the first message in the channel."""
    async with local_discord() as discord:
        (guild,) = await discord.do("guilds")
        stock.subscribe(database, [guild], stock.this_minute())
        async with our_bot(discord, database, SEEDS=documents) as bot:
            post = await discord.do("await_message", channel=guild["channels"][0])
            return float(post["noticed"]) - bot.began


async def _floor() -> float:
    """Seconds until the smallest client is ready."""
    async with local_discord() as discord, smallest(discord, "--imports") as client:
        return (await client.heard("ready"))[0] - client.began


def _write_documents(folder: Path, number: int) -> Path:
    """A seed folder with a round-up for so many days."""
    (place := folder / "round-up").mkdir(parents=True)
    text = (SEEDS / "round-up" / "2025-02-28.md").read_text(encoding="utf-8")
    first = stock.this_minute().date().replace(month=1, day=1)
    for day in range(number):
        date = (first - day * DAY).isoformat()
        (place / f"{date}.md").write_text(text.replace("2025-02-28", date), encoding="utf-8")
    return folder


async def _read(database: Path, documents: Path) -> None:
    async with Store.open(f"sqlite+aiosqlite:///{database}") as store:
        read = await seeds.import_paths(
            store, [documents], clock=SystemClock(), recount=standings.recount_for, roots=[documents]
        )
    assert not read.problems, read.problems[0]
