"""The house is as docs/architecture.md draws it: imports go one way, and every room is on the plan."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
BOT = ROOT / "bot"

FLOORS = (
    {"model", "clock", "logs", "settings_tables", "shards"},
    {"language", "settings"},
    {"documents", "database", "posts"},
    {"library"},
    {"leaderboard"},
    {"quiz"},
    {"delivery"},
    {"outgoing", "endpoints", "turns", "privacy", "doctor", "health", "backups"},
    {"commands"},
    {"notices", "arrivals"},
    {"client"},
    {"cli", "demo"},
)
"""From the ground up: a room may import from its own floor's other files only where that is its own room."""

_NEIGHBOURS = {
    ("settings", "settings_tables"),
    ("cli", "demo"),
    ("demo", "cli"),
    ("health", "backups"),
    ("health", "doctor"),
}


def imports() -> Iterator[tuple[str, str, Path]]:
    """Which room of the bot imports from which other one, and where."""
    for path in BOT.rglob("*.py"):
        room = path.relative_to(BOT).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "bot":
                names = [node.module] if node.module != "bot" else [f"bot.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.startswith("bot.")]
            for name in names:
                other = name.split(".")[1]
                if other != room and room not in ("__init__", "__main__"):
                    yield room, other, path


def test_imports_only_go_down() -> None:
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    wrong = defaultdict(set)
    for room, other, path in imports():
        if floor.get(other, 0) >= floor.get(room, 99) and (room, other) not in _NEIGHBOURS:
            wrong[f"{room} -> {other}"].add(str(path.relative_to(ROOT)))
    assert dict(wrong) == {}


def test_every_room_is_on_the_plan() -> None:
    rooms = {path.name.removesuffix(".py") for path in BOT.iterdir() if not path.name.startswith(("_", "."))}
    rooms.discard("py.typed")
    assert rooms == set().union(*FLOORS)
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = {room for room in rooms if f"`bot/{room}" in plan}
    assert rooms - named == set()


def test_nothing_is_named_for_having_no_name() -> None:
    nameless = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff"}
    assert [path for path in BOT.rglob("*") if path.stem in nameless] == []
