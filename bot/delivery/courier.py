"""The courier: sends what the ledger holds, each step once, and settles what a crash has left behind.

It is a task of its own. Deliveries go out side by side, fair between servers and one at a time in a channel; the
trouble of one never delays another's. What has to wait (a rate limit, an outage) waits in the ledger, not here.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from typing import Final

from bot.clock import Clock
from bot.database import Store
from bot.delivery import composing, ledger
from bot.delivery.composing import Composer
from bot.delivery.entries import Ready
from bot.delivery.errand import Errand
from bot.delivery.ledger import OpenRound
from bot.delivery.tools import Tell, Tools
from bot.delivery.transport import Transport
from bot.library.recent import Recent
from bot.logs import about
from bot.quiz import rounds
from bot.shards import ALL, Shards

log = logging.getLogger(__name__)

SIDE_BY_SIDE: Final = 16
"""Deliveries under way at once."""
OF_A_SERVER: Final = 2
"""Deliveries of one server under way at once."""
_AHEAD: Final = 200
"""Deliveries looked up at once, besides those that cool."""
_POLL: Final = 2.0
"""Seconds after which the ledger is looked at even if nobody said that there is something new."""
_COOLING: Final = 5.0
"""Seconds a delivery is left alone that could not be worked on, nor that be written down."""


async def tell_nobody(server_id: int, subscription_id: int, sentence: str, channel_id: int | None = None) -> None:
    """The trouble is still seen in the status."""


class Courier:
    """Sends what the ledger holds. `start` it, `wake` it when there is something new, `stop` it.

    Or `drain` it, which sends all that can be sent now and then comes back.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        transport: Transport,
        *,
        compose: Composer = composing.post,
        open_round: OpenRound = rounds.open_round,
        on_trouble: Tell = tell_nobody,
        jitter: Callable[[float, float], float] = random.uniform,
        shards: Shards = ALL,
    ) -> None:
        """`on_trouble`, see Tell, is awaited, aside, when an admin has to be told.

        `jitter(a, b)` is a number between the two. It sends for servers of these `shards` only.
        """
        self.counts: Counter[str] = Counter()
        """What happened since the start: sent, corrected, retried, blocked, refused, unknown, failed."""
        self._store = store
        self._clock = clock
        self._shards = shards
        self._on_trouble = on_trouble
        self._tools = Tools(
            store=store,
            clock=clock,
            transport=transport,
            compose=compose,
            open_round=open_round,
            tell=self._tell,
            counts=self.counts,
            recent=Recent(),
            jitter=jitter,
        )
        self._woken = asyncio.Event()
        self._stopping = False
        self._running: asyncio.Task[None] | None = None
        self._queue: list[Ready] = []
        self._active: dict[int, tuple[Ready, asyncio.Task[None]]] = {}
        self._cooling: dict[int, float] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Starts sending, until `stop`."""
        self._stopping = False
        self._running = asyncio.create_task(self._run(), name="courier")

    def wake(self) -> None:
        """Says that there is something new in the ledger."""
        self._woken.set()

    @property
    def full(self) -> bool:
        """Whether as much is being sent as may be at once."""
        return len(self._active) >= SIDE_BY_SIDE

    @property
    def busy(self) -> bool:
        """Whether something is being sent, or waits for that."""
        return bool(self._active or self._queue)

    async def drain(self) -> None:
        """Sends all that can be sent now; what has to wait stays in the ledger."""
        await self._work(forever=False)
        if self._telling:
            await asyncio.wait(self._telling)

    async def stop(self, grace: float = 10.0) -> None:
        """Starts nothing new, gives what is under way `grace` seconds, and leaves the rest to the next start."""
        self._stopping = True
        self._woken.set()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        time = asyncio.get_running_loop().time
        end = time() + grace
        while (late := self._under_way()) and (left := end - time()) > 0:
            await asyncio.wait(late, timeout=left)  # a delivery that ends may leave something to be told
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        self._active.clear()

    def _under_way(self) -> set[asyncio.Task[None]]:
        """Deliveries that are being sent and admins that are being told."""
        tasks = self._telling.union(task for _, task in self._active.values())
        return {task for task in tasks if not task.done()}

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._work(forever=True)
            except Exception:
                log.exception("the ledger can't be read")
                await asyncio.sleep(_COOLING)

    async def _work(self, *, forever: bool) -> None:
        while not self._stopping:
            self._woken.clear()
            await self._fill()
            if not self._active and not forever:
                return
            await self._something_happens()
            self._reap()

    async def _fill(self) -> None:
        """Starts as many deliveries as may be under way at once."""
        self._start_queued()
        if not self.full:
            most = _AHEAD + len(self._cooling)  # those that cool keep nobody else out
            self._queue = await self._store.read(
                ledger.ready, now=self._clock.now(), most=most, shards=self._shards
            )
            self._start_queued()

    def _start_queued(self) -> None:
        left = []
        for place, item in enumerate(self._queue):
            if self.full:
                left += self._queue[place:]
                break
            if item.channel_id in self._active or self._is_cooling(item):
                continue  # it is looked up again
            if sum(other.server_id == item.server_id for other, _ in self._active.values()) >= OF_A_SERVER:
                left.append(item)
                continue
            task = asyncio.create_task(self._deliver(item), name=f"delivery {item.delivery_id}")
            self._active[item.channel_id] = item, task
        self._queue = left

    async def _something_happens(self) -> None:
        """Waits until a delivery is over, something new is there, or it is time to look."""
        woken = asyncio.create_task(self._woken.wait())
        tasks = {task for _, task in self._active.values()}
        try:
            await asyncio.wait({woken, *tasks}, timeout=_POLL, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    def _reap(self) -> None:
        for channel_id, (_, task) in list(self._active.items()):
            if task.done():
                del self._active[channel_id]
                if not task.cancelled():  # else its step is settled once its lease is over
                    task.result()  # whatever an errand doesn't deal with ends the courier

    async def _deliver(self, item: Ready) -> None:
        with about(server=item.server_id, subscription=item.subscription_id, delivery=item.delivery_id):
            try:
                worked = await Errand(self._tools, item.delivery_id).run()
            except Exception:
                log.exception("a delivery could not be worked on")
                self.counts["failed"] += 1
                worked = False
        if not worked:
            self._cooling[item.delivery_id] = asyncio.get_running_loop().time() + _COOLING

    def _is_cooling(self, item: Ready) -> bool:
        now = asyncio.get_running_loop().time()
        self._cooling = {delivery: until for delivery, until in self._cooling.items() if until > now}
        return item.delivery_id in self._cooling

    def _tell(self, server_id: int, subscription_id: int, sentence: str, channel_id: int | None) -> None:
        async def tell() -> None:
            try:
                await self._on_trouble(server_id, subscription_id, sentence, channel_id)
            except Exception:
                log.exception("an admin could not be told")

        task = asyncio.create_task(tell(), name="telling of trouble")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
