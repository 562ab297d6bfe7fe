"""Which documents there are on a disk: files and folders as someone named them, in order, side files found.

A document is a text, a table or a page by its suffix; the TOML file of the same name beside it is its side file.
Hidden files and folders are passed over. What can't be looked at is a Trouble, and the rest goes on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset({".txt", ".md", ".html", ".htm"})
SIDE_SUFFIX = ".toml"

_DEEPEST = 30  # folders within folders


@dataclass(frozen=True, slots=True)
class Source:
    """A document's file, and what tells whether it changed."""

    path: Path
    """Absolute, symbolic links left as they are."""
    side: Path | None
    series: str | None
    """The folder's name, for a document in a folder of a seed folder."""
    size: int
    """Bytes, the side file's included."""
    modified: int
    """Nanoseconds since the epoch; of document and side file the later."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file or folder that can't be read, and why, in one sentence."""

    path: Path
    message: str
    folder: bool = False
    """What is in this folder is not known."""


def find(paths: Iterable[Path], *, roots: Collection[Path] = ()) -> list[Source | Trouble]:
    """The documents among these files and in these folders, each once, folders in the order of their names.

    `roots` are the seed folders: a document in a folder of one belongs to the series of that name, however it
    was named here.
    """
    places = [absolute(root) for root in roots]
    found: dict[Path, Source | Trouble] = {}
    for path in map(absolute, paths):
        for item in _find(path, places):
            found.setdefault(item.path, item)
    return list(found.values())


def absolute(path: Path) -> Path:
    """The path from the disk's root, symbolic links left as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100  # Path.absolute() keeps "..", resolve() follows links


def _find(path: Path, roots: list[Path]) -> Iterator[Source | Trouble]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield Trouble(path, _reason(error))
        return
    if stat.S_ISDIR(mode):
        yield from _walk(path, roots, ())
    elif path.suffix.lower() != SIDE_SUFFIX:  # whoever names a file means it; its content tells what it is
        yield _look(path, roots)
    elif not _belongs_to_a_document(path):
        yield Trouble(path, "This is a side file without its document; name the document, or move them together.")


def _walk(folder: Path, roots: list[Path], above: tuple[tuple[int, int], ...]) -> Iterator[Source | Trouble]:
    try:
        status = folder.stat()
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        yield Trouble(folder, _reason(error), folder=True)
        return
    this = (status.st_dev, status.st_ino)
    if this in above:
        yield Trouble(folder, "This folder links back to one that it is in; remove the link.")
        return
    if len(above) == _DEEPEST:
        yield Trouble(folder, f"This folder is more than {_DEEPEST} folders deep.", folder=True)
        return
    for entry in entries:
        if entry.is_dir():
            yield from _walk(entry, roots, (*above, this))
        elif entry.suffix.lower() in SUFFIXES:
            yield _look(entry, roots)


def _look(path: Path, roots: list[Path]) -> Source | Trouble:
    side = path.with_suffix(SIDE_SUFFIX)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Trouble(path, "This is no ordinary file.")
        beside = side.stat() if side.is_file() else None
    except OSError as error:
        return Trouble(path, _reason(error))
    return Source(
        path=path,
        side=side if beside else None,
        series=_series(path, roots),
        size=status.st_size + (beside.st_size if beside else 0),
        modified=max(status.st_mtime_ns, beside.st_mtime_ns if beside else 0),
    )


def _series(path: Path, roots: list[Path]) -> str | None:
    for root in roots:
        if path.is_relative_to(root):
            folders = path.relative_to(root).parts[:-1]
            return folders[0] if folders else None
    return None


def _belongs_to_a_document(path: Path) -> bool:
    """Whether it is the side file of a document beside it, which is read with that."""
    return path.suffix.lower() == SIDE_SUFFIX and any(path.with_suffix(suffix).is_file() for suffix in SUFFIXES)


def _reason(error: OSError) -> str:
    return f"This can't be read: {error.strerror or error}."
