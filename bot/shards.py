"""Discord's own partition of a bot: each server belongs to one shard, and processes may share the shards out.

A process works for the servers of its shards and for no others. bot.database.shards says the same in SQL.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, Self

MOST: Final = 1000
"""So many shards a bot may have."""
FORMS: Final = (
    f"a whole number from 0 (as many as Discord recommends) to {MOST}, or a process's part of them,"
    " counted from 0, such as 0-3/16"
)
"""How shards are written, as the end of the sentence "it must be …"."""

_COUNT: Final = re.compile(r"[0-9]{1,4}")
_PART: Final = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?/([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards from `first` to `last`, which a process holds, of the `count` that the bot has."""

    first: int
    last: int
    count: int

    def __post_init__(self) -> None:
        """Raises ValueError where there are no such shards."""
        if not 0 <= self.first <= self.last < self.count <= MOST:
            raise ValueError(f"there are no shards {self}")

    def __str__(self) -> str:
        """As an operator writes them."""
        return f"{self.first}-{self.last}/{self.count}"

    @classmethod
    def read(cls, written: str) -> Self | None:
        """Shards as an operator writes them, see FORMS; None for as many as Discord recommends.

        Raises ValueError.
        """
        if _COUNT.fullmatch(written):
            every = int(written)
            return cls(0, every - 1, every) if every else None
        if (part := _PART.fullmatch(written)) is None:
            raise ValueError(f"no way to write shards: {written}")
        first, last, count = part.groups()
        return cls(int(first), int(last or first), int(count))

    def mine(self, server_id: int) -> bool:
        """Whether a server belongs to one of them."""
        return self.first <= (server_id >> 22) % self.count <= self.last

    @property
    def ids(self) -> range:
        """Their numbers."""
        return range(self.first, self.last + 1)

    @property
    def whole(self) -> bool:
        """Whether these are all shards that the bot has."""
        return len(self.ids) == self.count

    @property
    def leads(self) -> bool:
        """Whether who holds them does what is no single server's: one process does."""
        return self.first == 0

    def part_of(self, per_second: float) -> float:
        """Their part of what the whole bot may do in a second.

        From one on it is rounded down, for in a single second a process may do its part rounded up: together they
        would do more than the bot may.
        """
        part = per_second * len(self.ids) / self.count
        return part if self.whole or part < 1 else math.floor(part)


ALL: Final = Shards(0, 0, 1)
"""Every server, of however many shards."""
