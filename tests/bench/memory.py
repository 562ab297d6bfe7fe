"""How much memory a server costs: 25 roles and 35 channels, from a thousand servers to ten thousand."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.bench import stock
from tests.bench.processes import Discord, Process, local_discord, our_bot, ready, smallest
from tests.bench.rows import Growth, Report, Row


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """Both clients with so many servers, each started anew; memory is looked at a while after they are ready."""
    sizes = (10, 40) if tiny else (1_000, 4_000, 10_000)
    library = await stock.shipped(folder)
    ours: list[tuple[float, float]] = []
    floor: list[tuple[float, float]] = []
    for size in sizes:
        async with _world(size) as discord, smallest(discord, "--imports") as client:
            await client.heard("ready")
            floor.append((size, await _settled(client, tiny=tiny)))
        database = stock.copy(library, folder / f"house-{size}")
        async with _world(size) as discord, our_bot(discord, database) as bot:
            await ready(bot)
            ours.append((size, await _settled(bot, tiny=tiny)))
    (slope, fixed), (least, base) = _line(ours), _line(floor)
    return Report(
        rows=(
            Row("memory per added server", slope * 1024, least * 1024, "kB", target=1.15),
            Row("memory without servers", fixed, base, "MB"),
        ),
        said=f"25 roles and 35 channels in each; from {sizes[0]:,} to {sizes[-1]:,} servers.",
        growth=(Growth("Memory", "servers", "MB", {"Paper Round": ours, "the smallest client": floor}),),
    )


def _world(size: int) -> AbstractAsyncContextManager[Discord]:
    return local_discord(guilds=size, channels=35, roles=25)


async def _settled(process: Process, *, tiny: bool) -> float:
    await asyncio.sleep(0.2 if tiny else 5)
    return process.memory


def _line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Megabytes a server from the first point to the last, and what is left of the first without its servers."""
    (x, y), (far, high) = points[0], points[-1]
    slope = (high - y) / (far - x)
    return slope, y - slope * x
