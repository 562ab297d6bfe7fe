"""How long `paper-round --help` takes, beside the command-line library's own hello."""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.rows import Report, Row
from tests.bench.samples import in_turns, p50
from tests.wire import ROOT

_HELLO: Final = "import typer\n\n\ndef main() -> None:\n    print('Hello')\n\n\ntyper.run(main)\n"


async def benchmark(folder: Path, *, tiny: bool) -> Report:
    """Each as a process of its own, from start to end."""
    hello = folder / "hello.py"
    hello.write_text(_HELLO, encoding="utf-8")
    acts = {"ours": partial(_run, "-m", "bot", "--help"), "floor": partial(_run, str(hello))}
    taken = await in_turns(acts, 1 if tiny else 30, seconds=60, warm=not tiny)
    return Report(
        (Row("`paper-round --help`", p50(taken["ours"]), p50(taken["floor"]), "ms", 1.5),),
        f"{len(taken['ours'])} processes each, medians.",
    )


async def _run(*command: str) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    assert said
    return time.perf_counter() - began
