"""What the database knows of deliveries, as numbers, gathered whenever they are asked for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from bot.database import Store
from bot.database.tables import deliveries, steps, subscriptions
from bot.delivery.subscriptions import UnknownZone, load
from bot.health.metrics import Metrics

_NEWEST = select(func.coalesce(func.max(deliveries.c.id), 0))
_UNFINISHED = select(deliveries.c.id, deliveries.c.claimed_at).where(deliveries.c.finished_at.is_(None))
_STATES = (
    select(steps.c.state, func.count())
    .where(steps.c.delivery_id.in_(select(deliveries.c.id).where(deliveries.c.finished_at.is_(None))))
    .group_by(steps.c.state)
)
_FINISHED = select(
    deliveries.c.subscription_id, deliveries.c.slot, deliveries.c.claimed_at, deliveries.c.finished_at
).where(
    deliveries.c.id.in_(bindparam("seen", expanding=True)),
    deliveries.c.finished_at.is_not(None),
    deliveries.c.slot.is_not(None),
)
_NEW = select(deliveries.c.id).where(deliveries.c.id > bindparam("newest")).limit(10_000)
_SUBSCRIPTIONS = select(func.count(), func.count(subscriptions.c.paused_at)).where(
    subscriptions.c.ended_at.is_(None)
)
_WAITING: Final = ("planned", "sending")


@dataclass
class _Seen:
    """Which deliveries were looked at, and which of them weren't finished then."""

    newest: int
    unfinished: set[int]


@dataclass(frozen=True)
class _Found:
    unfinished: dict[int, dt.datetime]
    states: dict[str, int]
    lateness: list[float]
    """Seconds, of each scheduled delivery that finished since the last look."""
    newest: int
    subscriptions: tuple[int, int]
    """All, and those of them that are paused."""


class Gathering:
    """Keeps a bot's numbers up to what its database holds."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        """Deliveries that finished before the first look aren't counted."""
        self._store = store
        self._metrics = metrics
        self._seen: _Seen | None = None
        self._counted: Counter[str] = Counter()

    async def look(self, now: dt.datetime, counts: Counter[str]) -> None:
        """Brings the numbers up to date; `counts` are the courier's. May raise StoreError."""
        found = await self._store.read(_look, self._seen)
        metrics = self._metrics
        metrics.unfinished.set(len(found.unfinished))
        oldest = min(found.unfinished.values(), default=now)
        metrics.oldest.set(max(0.0, (now - oldest).total_seconds()))
        for state in _WAITING:
            metrics.waiting.labels(state).set(found.states.get(state, 0))
        for seconds in found.lateness:
            metrics.lateness.observe(seconds)
        every, paused = found.subscriptions
        metrics.subscriptions.labels("paused").set(paused)
        metrics.subscriptions.labels("running").set(every - paused)
        for outcome, number in counts.items():
            metrics.steps.labels(outcome).inc(max(0, number - self._counted[outcome]))
            self._counted[outcome] = number
        self._seen = _Seen(found.newest, set(found.unfinished))


def _look(connection: Connection, seen: _Seen | None) -> _Found:
    newest = int(connection.execute(_NEWEST).scalar_one())
    lateness = []
    if seen is not None:
        new = set(connection.execute(_NEW, {"newest": seen.newest}).scalars())
        for row in connection.execute(_FINISHED, {"seen": sorted(seen.unfinished | new)}):
            due = _due(connection, row.subscription_id, row.slot, row.claimed_at)
            lateness.append(max(0.0, (row.finished_at - due).total_seconds()))
    every, paused = connection.execute(_SUBSCRIPTIONS).one()
    return _Found(
        unfinished={row.id: row.claimed_at for row in connection.execute(_UNFINISHED)},
        states={row[0]: row[1] for row in connection.execute(_STATES)},
        lateness=lateness,
        newest=newest,
        subscriptions=(every, paused),
    )


def _due(connection: Connection, subscription_id: int, date: str, claimed_at: dt.datetime) -> dt.datetime:
    """When a scheduled delivery was due, by its subscription's terms now; edited since, when it was claimed."""
    try:
        slot = load(connection, subscription_id).schedule.slot(dt.date.fromisoformat(date))
    except (UnknownZone, ValueError):
        return claimed_at
    return claimed_at if slot is None or slot.moment > claimed_at else slot.moment
