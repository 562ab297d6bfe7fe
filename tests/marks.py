"""Where what a command found stands in the docs: between `<!-- NAME -->` and `<!-- /NAME -->`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"


def put(page: Path, name: str, report: str) -> None:
    """Puts a report into a page, in the place of the one before. Ends the program where it has no place."""
    text = page.read_text(encoding="utf-8")
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marked.search(text):
        raise SystemExit(f"{page} has no place for {name}")
    page.write_text(marked.sub(lambda found: found[1] + report + "\n" + found[2], text), encoding="utf-8")
