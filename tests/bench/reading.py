"""`python -m tests.bench.reading FOLDER`: reads and draws a folder's documents. See `imports`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.library import work
from bot.library.sources import Source


def main() -> None:
    """In as many processes as an import uses, each given its next document when it is done with one."""
    tasks = [work.Task(Source(path, None, None, 0, 0), None) for path in sorted(Path(sys.argv[1]).iterdir())]
    with work._processes(max(1, min(len(tasks), work.cores()))) as processes:
        done = [result.problem for result in processes.map(work.do, tasks)]
    assert not any(done), done
    sys.stdout.write(f"{len(done)} documents\n")


if __name__ == "__main__":
    main()
