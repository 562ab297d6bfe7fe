"""What an errand works with."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from bot.clock import Clock
from bot.database import Store
from bot.delivery.composing import Composer
from bot.delivery.ledger import OpenRound
from bot.delivery.transport import Transport
from bot.library.recent import Recent

Telling = Coroutine[Any, Any, None]


class Tell(Protocol):
    """Tells a server's admin of trouble with a subscription, or with what goes to a channel, in a sentence."""

    def __call__(self, server: int, subscription: int, sentence: str, channel: int | None = None, /) -> Telling:
        """May be slow, may fail: nothing waits for it."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What all errands share."""

    store: Store
    clock: Clock
    transport: Transport
    compose: Composer
    open_round: OpenRound
    tell: Callable[[int, int, str, int | None], None]
    counts: Counter[str]
    recent: Recent
    jitter: Callable[[float, float], float] = random.uniform
