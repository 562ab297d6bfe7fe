"""What a benchmark reports: rows of ours beside the floor's, and how something grows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of ours beside the floor's, and what their ratio is to be."""

    what: str
    ours: float
    floor: float
    unit: str = ""
    """Of both figures, as it is read: `ms`, `requests`, `clicks/s`."""
    target: float | None = None
    """The ratio at most, or at least where more is better; None: the row is there to be read."""
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        """Ours over the floor's."""
        return self.ours / self.floor if self.floor else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether the ratio, to two decimals, is what it is to be; None where there is no target."""
        if self.target is None:
            return None
        ratio = round(self.ratio, 2)
        return ratio >= self.target if self.more_is_better else ratio <= self.target


@dataclass(frozen=True, slots=True)
class Growth:
    """How a figure grows, to be plotted: lines by name, each of points from left to right."""

    name: str
    x: str
    y: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a benchmark found; `said` is what belongs to the figures, such as how many samples they rest on."""

    rows: Sequence[Row]
    said: str = ""
    growth: Sequence[Growth] = ()


Benchmark = Callable[..., Awaitable[Report]]
"""Called as benchmark(folder: Path, tiny=bool)."""


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    lines = ["| what | ours | floor | ratio | target | |", "|---|---:|---:|---:|---:|---|"]
    for row in rows:
        unit = f" {row.unit}" if row.unit else ""
        target = "" if row.target is None else f"{'≥' if row.more_is_better else '≤'} {row.target:.2f}"
        met = {None: "", True: "met", False: "missed"}[row.met]
        figures = f"{_plain(row.ours)}{unit} | {_plain(row.floor)}{unit} | {row.ratio:.2f}"
        lines.append(f"| {row.what} | {figures} | {target} | {met} |")
    return "\n".join(lines)


def data(report: Report) -> dict[str, Any]:
    """A report as JSON carries it."""
    return {
        "rows": [
            {
                "what": row.what,
                "ours": row.ours,
                "floor": row.floor,
                "unit": row.unit,
                "ratio": round(row.ratio, 4),
                "target": row.target,
                "more_is_better": row.more_is_better,
                "met": row.met,
            }
            for row in report.rows
        ],
        "said": report.said,
        "growth": [{"name": g.name, "x": g.x, "y": g.y, "lines": g.lines} for g in report.growth],
    }


def _plain(figure: float) -> str:
    """Three figures of it, or all before the point."""
    digits = 0 if abs(figure) >= 100 else 1 if abs(figure) >= 10 else 2
    return f"{figure:,.{digits}f}"
