"""The digests that were read last: nine o'clock delivers a few of them to very many servers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from sqlalchemy import Connection

from bot.library import bodies
from bot.library.digests import load_body
from bot.model import Digest

ROOM: Final = 32 * 2**20
"""Bytes that are kept, about."""
_TEXT: Final = 2**16
"""Bytes that a digest is taken to need without its pictures."""


class Recent:
    """Digests by their bodies, which never change, so that none of these is ever out of date. For one thread."""

    def __init__(self, room: int = ROOM) -> None:
        """`room`: bytes of what is kept, pictures for the most part. What was read last is kept in any case."""
        self._room = room
        self._kept: OrderedDict[int, Digest] = OrderedDict()
        self._taken = 0

    def load(self, connection: Connection, body_id: int) -> Digest:
        """The digest that a body spells, with its pictures."""
        digest = self._kept.get(body_id)
        if digest is None:
            digest = self._kept[body_id] = load_body(connection, body_id, figures=True)
            self._taken += _size(digest)
            while self._taken > self._room and len(self._kept) > 1:
                _, longest_unused = self._kept.popitem(last=False)
                self._taken -= _size(longest_unused)
        self._kept.move_to_end(body_id)
        return digest


def _size(digest: Digest) -> int:
    return _TEXT + sum(len(figure.png) for figure in bodies.figures(digest).values())
