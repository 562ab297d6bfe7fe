"""`python -m tests.bench` runs every benchmark, `python -m tests.bench clicks start` some of them.

Prints one table, keeps it as JSON with `--json FILE`, and with `--write` puts it into docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tests.bench import (
    clicks,
    command_line,
    due,
    imports,
    leaderboard,
    memory,
    nine,
    plots,
    requests,
    size,
    start,
)
from tests.bench.rows import Benchmark, Report, Row, data, table
from tests.marks import DOCS, put

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "requests": requests.benchmark,
    "clicks": clicks.benchmark,
    "nine": nine.benchmark,
    "memory": memory.benchmark,
    "start": start.benchmark,
    "leaderboard": leaderboard.benchmark,
    "imports": imports.benchmark,
    "due": due.benchmark,
    "help": command_line.benchmark,
    "size": size.benchmark,
}
PAGE: Final = DOCS / "performance.md"


def machine() -> str:
    """What it ran on, as far as figures depend on it."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"


def say(line: str) -> None:
    """A line on how far it is."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


async def _run(benchmark: Benchmark, folder: Path, *, tiny: bool) -> Report:
    return await benchmark(folder, tiny=tiny)


def report_of(name: str, *, tiny: bool) -> Report:
    """Runs one benchmark."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="paper-round-") as path:
        report = asyncio.run(_run(BENCHMARKS[name], Path(path), tiny=tiny))
    say(f"{name}: {time.monotonic() - began:.0f} s")
    return report


def main() -> None:
    """Runs what is named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="|".join(BENCHMARKS), help="all unless named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    parser.add_argument("--write", action="store_true", help=f"keep the tables in docs/{PAGE.name}")
    parser.add_argument("--plot", action="store_true", help="draw how things grow into docs/pictures")
    parser.add_argument("--tiny", action="store_true", help="at a size that tells nothing, to see that it works")
    arguments = parser.parse_args()
    if unknown := set(arguments.what) - set(BENCHMARKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(BENCHMARKS)}")
    # an installed program's modules are compiled once, not at each start
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    rows: list[Row] = []
    kept: dict[str, Any] = {"machine": machine(), "benchmarks": {}}
    for name in arguments.what or BENCHMARKS:
        report = report_of(name, tiny=arguments.tiny)
        rows += report.rows
        kept["benchmarks"][name] = data(report)
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if arguments.write:
            put(PAGE, name, "\n\n".join(filter(None, (table(report.rows), report.said, f"On {machine()}."))))
    if arguments.plot:
        plots.draw_all(kept)
    sys.stdout.write(f"{table(rows)}\n\nOn {machine()}.\n")


if __name__ == "__main__":
    main()
