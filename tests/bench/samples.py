"""Ours and the floor in turns, and what a number of samples says."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

Act = Callable[[], Awaitable[object]]


async def in_turns(
    acts: Mapping[str, Act], rounds: int, *, seconds: float, warm: bool = True
) -> dict[str, list[float]]:
    """How long each act takes, in milliseconds, one after the other and so on for so many rounds.

    It ends after so many seconds, whatever is left. `warm`: each is done once before.
    """
    taken: dict[str, list[float]] = {name: [] for name in acts}
    end = time.monotonic() + seconds
    for act in acts.values() if warm else ():
        await act()
    for _ in range(rounds):
        for name, act in acts.items():
            began = time.perf_counter()
            await act()
            taken[name].append((time.perf_counter() - began) * 1000)
        if time.monotonic() > end:
            break
    return taken


def p50(samples: Sequence[float]) -> float:
    """Half of them are at most this."""
    return statistics.median(samples)


def p95(samples: Sequence[float]) -> float:
    """Of twenty, nineteen are at most this."""
    return statistics.quantiles(samples, n=20, method="inclusive")[-1] if len(samples) > 1 else samples[0]
