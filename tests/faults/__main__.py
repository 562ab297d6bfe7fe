"""The long forms: `python -m tests.faults` runs all, `python -m tests.faults crash clock` some of them.

Each ends in a table or a sentence, which `--write` puts into docs/faults.md between its marks.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from tests.faults import crash

Report = tuple[str, bool]
"""What is to be read in the docs, and whether all came out right."""

DOCS: Final = Path(__file__).resolve().parents[2] / "docs" / "faults.md"


def say(line: str) -> None:
    """A line on how far it is."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


async def _crash() -> Report:
    with tempfile.TemporaryDirectory(prefix="paper-round-") as folder:
        outcomes = await crash.matrix(Path(folder), tell=say)
    return crash.table(outcomes), not any(outcome.wrong for outcome in outcomes)


LONG: Final[dict[str, Callable[[], Coroutine[Any, Any, Report]]]] = {"crash": _crash}


def write(name: str, report: str) -> None:
    """Puts a report into the docs, in the place of the one before."""
    text = DOCS.read_text(encoding="utf-8")
    marked = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
    if not marked.search(text):
        raise SystemExit(f"{DOCS} has no place for {name}")
    DOCS.write_text(marked.sub(lambda found: found[1] + report + found[2], text), encoding="utf-8")


def main() -> None:
    """Runs what is named, or all; the exit code is 1 where something came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="|".join(LONG), help="all unless named")
    parser.add_argument("--write", action="store_true", help="keep the reports in docs/faults.md")
    arguments = parser.parse_args()
    if unknown := set(arguments.what) - set(LONG):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(LONG)}")
    right = True
    for name in arguments.what or LONG:
        began = time.monotonic()
        report, well = asyncio.run(LONG[name]())
        right &= well
        sys.stdout.write(f"## {name}\n\n{report}\n\n")
        sys.stdout.flush()
        say(f"{name}: {'right' if well else 'WRONG'}, {time.monotonic() - began:.0f} s")
        if arguments.write:
            write(name, report)
    sys.exit(not right)


if __name__ == "__main__":
    main()
