"""Renders drawings: an SVG in, a PNG out that an embed can show.

CPU only, and everything here can be pickled, so that an importer may hand drawings to worker processes:
`attempt` there, `attach` here. `draw_all` does both in place.

Fonts come with packages, never from the machine: Roboto for letters, and DejaVu Sans for the arrows, check marks
and signs of mathematics that Roboto lacks.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files

import resvg_py

from bot.documents.drawing import clean
from bot.documents.svg_tree import FigureError
from bot.model import Digest, Figure, Level, Note, Paper, Reading

__all__ = ["Drawn", "FigureError", "attach", "attempt", "draw", "draw_all"]

WIDTHS = (1000, 800, 640)
"""Pixels, tried in turn until the PNG is light enough; Discord shows an embed at 400 and opens it whole."""
TALLEST = 1.6
"""Height by width; what is taller becomes narrower."""
LIGHT = 150_000
"""Bytes aimed at."""
THINNEST = 60
"""Pixels: below this, width or height make no figure."""

_FONTS = ("Regular", "Medium", "Bold", "Italic", "BoldItalic")
_FAMILY = "Roboto"

_PNG_SIZE = struct.Struct(">8x4x4xII")

Drawn = tuple[Figure | None, tuple[str, ...]]
"""A figure, or None where it failed, and sentences about what was left out or went wrong."""


@cache
def _font_files() -> list[str]:
    roboto = files("font_roboto") / "files"
    signs = files("ziafont") / "fonts" / "DejaVuSans.ttf"
    return [*(str(roboto / f"Roboto-{style}.ttf") for style in _FONTS), str(signs)]


def draw(svg: str) -> tuple[Figure, tuple[str, ...]]:
    """Renders a drawing on white, and says in sentences what in it was left out.

    The PNG is at most `WIDTHS[0]` pixels wide and `TALLEST` times as high, and narrower where it would weigh more
    than `LIGHT` bytes. Takes some 100 ms. Raises `FigureError` for what can't be rendered.
    """
    xml, dropped = clean(svg)
    png = _render(xml, WIDTHS[0])
    for width in WIDTHS[1:]:
        if len(png) <= LIGHT:
            break
        png = _render(xml, width)
    width, height = _PNG_SIZE.unpack_from(png)
    if min(width, height) < THINNEST:
        raise FigureError(f"The drawing is too long and thin: it would be {width} by {height} pixels.")
    figure = Figure(width, height, hashlib.sha256(png).hexdigest(), png)
    return figure, tuple(f"Left out of the drawing: {what}." for what in dropped)


def _render(xml: str, width: int) -> bytes:
    try:
        # both sides, so that the drawing is fitted into them: from one side alone the renderer computes the other
        # one, and a drawing that says it is a million times as high ends the process
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=xml,
                width=width,
                height=int(width * TALLEST),
                background="#ffffff",
                skip_system_fonts=True,
                font_files=_font_files(),
                font_family=_FAMILY,
                sans_serif_family=_FAMILY,
                serif_family=_FAMILY,
                monospace_family=_FAMILY,
                cursive_family=_FAMILY,
                fantasy_family=_FAMILY,
            )
        )
    except Exception as error:  # noqa: BLE001 - the renderer names no types of its own
        raise FigureError(f"The drawing can't be rendered: {error}.") from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the renderer's own crash, which is no Exception
            raise FigureError("The drawing can't be rendered: the renderer gave up on it.") from None
        raise


def attempt(svg: str) -> Drawn:
    """`draw` for a worker process: a failure is None and a sentence, never an exception."""
    try:
        return draw(svg)
    except FigureError as error:
        return None, (str(error),)


def attach(reading: Reading, drawn: Mapping[int, Drawn]) -> Reading:
    """`reading` with the figures of its papers, by paper number, and notes on what was left out or failed."""
    notes = list(reading.notes)
    for number, (figure, messages) in sorted(drawn.items()):
        level = Level.INFO if figure else Level.WARNING
        notes += [Note(None, level, f"The figure of paper {number}: {message}") for message in messages]

    def with_figures(papers: tuple[Paper, ...]) -> tuple[Paper, ...]:
        return tuple(replace(paper, figure=drawn.get(paper.number, (None, ()))[0]) for paper in papers)

    digest: Digest = reading.digest
    languages = {
        language: replace(translation, papers=with_figures(translation.papers))
        for language, translation in digest.languages.items()
    }
    digest = replace(digest, papers=with_figures(digest.papers), languages=languages)
    return replace(reading, digest=digest, notes=tuple(notes))


def draw_all(reading: Reading) -> Reading:
    """`reading` with every drawing rendered, one after the other, in this process."""
    return attach(reading, {number: attempt(svg) for number, svg in reading.drawings.items()})
