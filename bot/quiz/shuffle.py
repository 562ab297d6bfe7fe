"""In what order a server sees a question's options: the same for all its players, always, and not the author's.

Authors put the right option second, or make it the longest; what is shown must not tell.
"""

from __future__ import annotations

import functools
import hashlib


@functools.lru_cache(maxsize=20_000)  # a click asks for the order of every question of its round
def shown_order(server_id: int, question_id: int, options: int) -> tuple[int, ...]:
    """For each place shown (from 0), the option's place in the order it is kept in: a permutation of `options`.

    It depends on nothing but these numbers, so a button that says "the second one shown" means the same
    after a restart, on another machine and in another version of Python.
    """
    seed = f"{server_id}:{question_id}".encode()

    def lot(option: int) -> bytes:
        return hashlib.blake2b(seed + b":%d" % option, digest_size=8).digest()

    return tuple(sorted(range(options), key=lambda option: (lot(option), option)))
