"""The digests that were read last: nine o'clock delivers a few of them to very many servers."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Final

from sqlalchemy import Connection

from bot.library import bodies
from bot.library.digests import load_body
from bot.model import Digest

ROOM: Final = 32 * 2**20
"""Bytes that are kept, about."""


class Recent:
    """Digests by their bodies as they are kept, to the letter, so that none of these is ever out of date.

    Not by the bodies' ids, which SQLite uses again for others. For one thread.
    """

    def __init__(self, room: int = ROOM) -> None:
        """`room`: bytes of what is kept, pictures for the most part. What was read last is kept in any case."""
        self._room = room
        self._kept: OrderedDict[str, Digest] = OrderedDict()
        self._taken = 0

    def load(self, connection: Connection, body: str) -> Digest:
        """The digest that a body, as JSON, spells, with its pictures."""
        digest = self._kept.get(body)
        if digest is None:
            digest = load_body(connection, json.loads(body), figures=True)
        if body not in self._kept:  # others, who read at the same time, may have been faster
            self._kept[body] = digest
            self._taken += _size(body, digest)
        self._kept.move_to_end(body)
        while self._taken > self._room and len(self._kept) > 1:
            longest_unused = self._kept.popitem(last=False)
            self._taken -= _size(*longest_unused)
        return digest


def _size(body: str, digest: Digest) -> int:
    """Its text is there twice: as it is kept and as it is used."""
    return 2 * len(body) + sum(len(figure.png) for figure in bodies.figures(digest).values())
