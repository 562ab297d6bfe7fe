"""The bar that a long command shows on a terminal while it goes on, and nowhere else."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn


def bar(*more: ProgressColumn) -> Progress:
    """A bar with what is being done and how many of how many, and `more` to its right; it goes when it is done."""
    screen = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *more,
        console=screen,
        disable=not screen.is_terminal,
        transient=True,
    )
