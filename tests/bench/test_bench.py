"""Every benchmark works, at a size that tells nothing; and what is printed of one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bench.__main__ import BENCHMARKS, PAGE
from tests.bench.rows import Report, Row, data, table

LONG = {"clicks", "nine", "memory", "start"}
"""Benchmarks that start several bots, one after the other, however little is measured."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if name in LONG else []) for name in BENCHMARKS]
)
async def test_a_benchmark_has_figures_on_both_sides(name: str, tmp_path: Path) -> None:
    report = await BENCHMARKS[name](tmp_path, tiny=True)
    assert report.rows
    if name == "requests":  # what is counted is the same at any size
        assert [row.met for row in report.rows] == [True] * len(report.rows)
    for row in report.rows:
        assert row.ours > 0, row
        assert row.floor > 0, row
    assert len({row.what for row in report.rows}) == len(report.rows)
    for growth in report.growth:
        assert all(len(points) > 1 for points in growth.lines.values()), growth
    assert len(data(report)["rows"]) == len(report.rows)


def test_the_page_has_a_place_for_every_benchmark() -> None:
    places = re.findall(r"^<!-- ([a-z-]+) -->$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert places == list(BENCHMARKS)


def test_a_table_says_what_was_met() -> None:
    rows = (
        Row("a click", 1.204, 0.8, "ms", target=1.5),
        Row("a start", 16.04, 8, "s", target=2.0),
        Row("clicks", 550, 1000, "clicks/s", target=0.6, more_is_better=True),
        Row("memory", 1234.5, 1000, "MB"),
    )
    assert table(rows).split("\n")[2:] == [
        "| a click | 1.20 ms | 0.80 ms | 1.50 | ≤ 1.50 | met |",
        "| a start | 16.0 s | 8.00 s | 2.00 | ≤ 2.00 | met |",
        "| clicks | 550 clicks/s | 1,000 clicks/s | 0.55 | ≥ 0.60 | missed |",
        "| memory | 1,234 MB | 1,000 MB | 1.23 |  |  |",
    ]
    assert [row["met"] for row in data(Report(rows))["rows"]] == [True, True, False, None]
