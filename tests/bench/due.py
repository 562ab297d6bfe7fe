"""How long it takes to pick what is due among many subscriptions, and a tick when nothing is.

The floor of picking is one read of an index range: as many ids, by the same index. That of a tick is the same tick
with ten subscriptions: what the bot looks at every few seconds may not grow with what there is.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, text

from bot.database import Store
from bot.database.shards import bounds
from bot.delivery import claims, due, ledger, results, subscriptions
from bot.delivery.ticker import AT_ONCE
from bot.health import gathering
from bot.shards import ALL
from tests.bench import masses
from tests.bench.masses import NOW
from tests.bench.rows import Growth, Report, Row
from tests.bench.samples import Act, in_turns, p50

_LATER = NOW + dt.timedelta(hours=1)
"""When a good many are due."""
_RANGE = text(
    "SELECT * FROM subscriptions WHERE next_due_at <= :now AND paused_at IS NULL AND ended_at IS NULL "
    "ORDER BY next_due_at LIMIT :most"
)


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """Databases with more and more subscriptions, ten deliveries of each in the ledger."""
    sizes = (10, 200) if tiny else (10, 1_000, 10_000, 100_000)
    async with contextlib.AsyncExitStack() as stack:
        acts: dict[str, Act] = {}
        for size in sizes:
            store = await stack.enter_async_context(masses.opened(folder, str(size)))
            await store.write(_fill, size)
            acts |= {f"{name} {size}": act for name, act in _acts(store).items()}
        taken = await in_turns(acts, 5 if tiny else 100, seconds=2 if tiny else 60)
    most, least = sizes[-1], sizes[0]

    def typical(name: str, size: int) -> float:
        return p50(taken[f"{name} {size}"])

    rows = (
        Row(f"picking what is due among {most:,}", typical("pick", most), typical("floor", most), "ms", 2.0),
        Row(
            f"a tick with nothing due, {most:,} beside {least}",
            typical("tick", most),
            typical("tick", least),
            "ms",
        ),
        Row(
            f"the courier's look, {most * 10:,} deliveries beside {least * 10}",
            typical("courier", most),
            typical("courier", least),
            "ms",
        ),
        Row(
            f"numbers for the metrics, {most * 10:,} deliveries beside {least * 10}",
            typical("metrics", most),
            typical("metrics", least),
            "ms",
        ),
    )
    lines = {
        name: [(size, typical(key, size)) for size in sizes]
        for name, key in (("picking", "pick"), ("index range read", "floor"), ("idle tick", "tick"))
    }
    samples = min(map(len, taken.values()))
    return Report(
        rows,
        f"{samples} samples of each, medians; {AT_ONCE} are picked at once, as a transaction of the tick does.",
        (Growth("Picking what is due", "subscriptions", "ms", lines),),
    )


def _fill(connection: Connection, size: int) -> None:
    masses.add_servers(connection, size)
    masses.add_digests(connection, 12)
    masses.add_subscriptions(connection, size)
    masses.add_deliveries(connection, 10, size)


def _acts(store: Store) -> dict[str, Act]:
    return {
        "floor": partial(store.read, _floor),
        "pick": partial(store.read, _pick),
        "tick": partial(store.write, _tick),
        "courier": partial(store.read, ledger.ready, now=NOW, most=200),
        "metrics": partial(store.read, gathering._look, gathering._Seen(10**9, set())),
    }


def _pick(connection: Connection) -> object:
    """What claims.claim_due begins with."""
    rows = connection.execute(claims._DUE, {"now": _LATER, "most": AT_ONCE, **bounds(ALL)}).all()
    return [subscriptions.of_row(row) for row in rows]


def _floor(connection: Connection) -> object:
    return connection.execute(_RANGE, {"now": int(_LATER.timestamp()) * 1_000_000, "most": AT_ONCE}).all()


def _tick(connection: Connection) -> None:
    """What a tick reads when there is nothing to do; one transaction instead of one for each."""
    assert not due.resume_due(connection, NOW)
    assert not claims.claim_due(connection, NOW, AT_ONCE).examined
    assert not results.close_due(connection, NOW)
