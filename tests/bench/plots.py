"""`python -m tests.bench.plots FILE`: how things grow, drawn from the JSON that a run of the benchmarks kept.

Each growth becomes a picture in docs/pictures. It is drawn as SVG and rendered by the renderer that draws the
figures of papers, so nothing more has to be installed.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

import resvg_py

from bot.documents.figures import _font_files
from tests.marks import DOCS

PICTURES: Final = DOCS / "pictures"
_WIDTH, _HEIGHT = 800, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 170, 60, 60
_COLOURS: Final = ("#1f5fa8", "#c2571a", "#2f7d4f", "#7a4a9e", "#6b6b6b")
_DASHES: Final = ("", "8 4", "3 3", "12 3 3 3", "1 4")
"""So that lines are told apart without their colours, too."""
Point = Sequence[float]


def picture_name(growth: str) -> str:
    """The picture's file, by what the growth is called."""
    return f"growth-{re.sub(r'[^a-z0-9]+', '-', growth.lower()).strip('-')}.png"


def draw(name: str, x: str, y: str, lines: dict[str, Sequence[Point]]) -> str:
    """A growth as SVG: its lines from nought, by a scale on either side."""
    points = [point for line in lines.values() for point in line]
    right, top = (_round_up(max(point[axis] for point in points)) for axis in (0, 1))
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place(point: Point) -> tuple[float, float]:
        return _LEFT + point[0] / right * width, _TOP + (1 - point[1] / top) * height

    parts = [f'<text x="{_LEFT}" y="32" font-size="20" fill="#222">{escape(name)}</text>']
    for share in range(6):
        level = _TOP + height * (1 - share / 5)
        parts.append(f'<path d="M{_LEFT} {level}H{_LEFT + width}" stroke="#ddd"/>')
        parts.append(_text(_LEFT - 10, level + 5, _plain(top * share / 5), "end"))
        parts.append(_text(_LEFT + width * share / 5, _TOP + height + 22, _plain(right * share / 5), "middle"))
    parts.append(_text(_LEFT + width / 2, _HEIGHT - 12, x, "middle"))
    parts.append(_text(_LEFT - 10, _TOP - 12, y, "end"))
    ends = sorted((place(line[-1])[1], number, label) for number, (label, line) in enumerate(lines.items()))
    for number, line in enumerate(lines.values()):
        way = " ".join(f"{a:.1f},{b:.1f}" for a, b in map(place, line))
        style = f'stroke="{_colour(number)}" stroke-dasharray="{_DASHES[number % len(_DASHES)]}"'
        parts.append(f'<polyline points="{way}" fill="none" stroke-width="2.5" {style}/>')
        parts += [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{_colour(number)}"/>' for a, b in map(place, line)
        ]
    for level, number, label in _apart(ends):
        parts.append(_text(_LEFT + width + 14, level + 5, label, "start", _colour(number)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="Roboto">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )


def render(svg: str) -> bytes:
    """The PNG, twice as large, for screens that show it so."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=_WIDTH * 2,
            skip_system_fonts=True,
            font_files=_font_files(),
            font_family="Roboto",
        )
    )


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#555") -> str:
    return f'<text x="{x}" y="{y:.1f}" font-size="15" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _apart(ends: list[tuple[float, int, str]]) -> Iterator[tuple[float, int, str]]:
    """Labels where their lines end, moved up where they would cover each other."""
    free = float(_HEIGHT - _BOTTOM)
    for level, number, label in reversed(ends):
        level = min(level, free)
        free = level - 18
        yield level, number, label


def _round_up(value: float) -> float:
    """The next number that a scale may end with."""
    if value <= 0:
        return 1
    power: float = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value * 0.9999)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def growths(kept: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What grows, in the JSON of a run."""
    for report in kept["benchmarks"].values():
        yield from report["growth"]


def draw_all(kept: dict[str, Any]) -> None:
    """Puts the pictures of a run into docs/pictures."""
    for growth in growths(kept):
        picture = PICTURES / picture_name(growth["name"])
        picture.write_bytes(render(draw(growth["name"], growth["x"], growth["y"], growth["lines"])))
        sys.stderr.write(f"{picture}\n")


def main() -> None:
    """Draws those of a run that was kept."""
    draw_all(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
