"""`python -m tests.bench.reading FOLDER`: reads and draws a folder's documents. See `imports`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.documents import figures, read
from bot.library import work
from bot.model import Reading


def main() -> None:
    """In as many processes as an import uses, each given its next document when it is done with one."""
    paths = sorted(Path(sys.argv[1]).iterdir())
    with work._processes(max(1, min(len(paths), work.cores()))) as processes:
        done = sum(bool(reading.digest.papers) for reading in processes.map(_read, paths))
    assert done == len(paths), done
    sys.stdout.write(f"{done} documents\n")


def _read(path: Path) -> Reading:
    return figures.draw_all(read(path.read_bytes(), path.name))


if __name__ == "__main__":
    main()
