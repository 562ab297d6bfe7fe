"""What is due becomes a delivery: picked, written into the ledger with its planned steps, the schedule moved on.

All of it in one transaction, so a subscription that is looked at is dealt with: it is due again only later.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select

from bot.database.faults import troubled
from bot.database.shards import bounds, ours
from bot.database.tables import deliveries, steps
from bot.database.tables import subscriptions as table
from bot.delivery import composing, due, ledger, slots, subscriptions, supply
from bot.delivery.composing import Composer
from bot.delivery.entries import DeliveryKind, StepKind
from bot.delivery.schedule import decide
from bot.delivery.subscriptions import Subscription, UnknownZone
from bot.language import Refusal
from bot.library.digests import newest
from bot.library.picking import Order
from bot.library.recent import Recent
from bot.shards import ALL, Shards

log = logging.getLogger(__name__)

_AFTER_BUG: Final = dt.timedelta(minutes=5)


class NothingLeft(Refusal):
    """The subscription had every digest that there is for it."""

    def __init__(self, subscription: Subscription) -> None:
        if subscription.order is Order.SAME_DAY:
            super().__init__("There is no digest of {series} dated today yet.", series=subscription.series)
        else:
            super().__init__(
                "There is nothing left to post: this channel had every digest of {series}. `/digest import` "
                "brings in one of your own; whoever runs this bot can add more.",
                series=subscription.series,
            )


class UnderWay(Refusal):
    """A delivery of the subscription isn't finished yet."""

    def __init__(self) -> None:
        super().__init__("A digest is on its way to this channel already; `/digest status` says how far it is.")


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that was written into the ledger just now."""

    delivery_id: int
    subscription_id: int
    server_id: int
    channel_id: int
    digest_id: int
    kind: DeliveryKind
    slot: dt.date | None
    """The local date it is for; only when scheduled."""
    messages: int
    """How many messages the post takes."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some subscriptions that were due."""

    claims: tuple[Claim, ...]
    examined: int
    """How many were looked at; fewer than the limit: no more are due."""


_DUE = (
    select(table)
    .where(table.c.next_due_at <= bindparam("now"), table.c.paused_at.is_(None), table.c.ended_at.is_(None))
    .where(ours(table.c.server_id))
    .order_by(table.c.next_due_at, table.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_UNDER_WAY = (
    select(deliveries.c.id)
    .join(steps, steps.c.delivery_id == deliveries.c.id)
    .where(deliveries.c.subscription_id == bindparam("subscription"), deliveries.c.finished_at.is_(None))
    .where(steps.c.kind == "message", steps.c.state.in_(["planned", "sending"]))
    .limit(1)
)
_ADD = insert(deliveries).returning(deliveries.c.id)


def claim_due(
    connection: Connection,
    now: dt.datetime,
    limit: int,
    *,
    compose: Composer = composing.post,
    recent: Recent | None = None,
    shards: Shards = ALL,
) -> Batch:
    """Deals with subscriptions of these shards that are due, oldest first: a delivery for each that gets one now.

    One that can't be dealt with holds up no other: it is logged and looked at again later. `recent` has the
    digests that earlier calls delivered.
    """
    rows = connection.execute(_DUE, {"now": now, "most": limit, **bounds(shards)}).all()
    claims: list[Claim] = []
    planner = _Planner(connection, compose, recent or Recent())
    for row in rows:
        try:
            with connection.begin_nested():
                claim = _serve(connection, subscriptions.of_row(row), now, planner)
        except UnknownZone as error:
            subscriptions.pause_for(connection, row.id, reason=str(error), now=now)
        except Exception as error:
            if troubled(error):
                raise
            log.exception("a subscription could not be dealt with", extra={"subscription": row.id})
            due.again_at(connection, row.id, now + _AFTER_BUG)
        else:
            claims += [claim] if claim is not None else []
    return Batch(tuple(claims), len(rows))


def claim_now(
    connection: Connection,
    subscription_id: int,
    *,
    server_id: int,
    now: dt.datetime,
    compose: Composer = composing.post,
) -> Claim:
    """A delivery of the next digest, because an admin asked for it; the schedule stays as it is.

    Raises NoSubscription, NothingLeft, UnderWay, UnknownZone.
    """
    subscription = subscriptions.take(connection, subscription_id, server_id=server_id)
    if connection.execute(_UNDER_WAY, {"subscription": subscription_id}).first() is not None:
        raise UnderWay
    digest_id = supply.next_digest(connection, subscription, now=now)
    if digest_id is None:
        raise NothingLeft(subscription)
    return _Planner(connection, compose, Recent()).plan(subscription, digest_id, DeliveryKind.NOW, now)


def skip(connection: Connection, subscription_id: int, *, server_id: int, now: dt.datetime) -> int:
    """Passes over the next digest, whose id is answered; the schedule stays as it is.

    Raises NoSubscription, NothingLeft, UnknownZone.
    """
    subscription = subscriptions.take(connection, subscription_id, server_id=server_id)
    digest_id = supply.next_digest(connection, subscription, now=now)
    if digest_id is None:
        raise NothingLeft(subscription)
    values = _delivery(subscription, digest_id, DeliveryKind.SKIPPED, now)
    connection.execute(_ADD, {**values, "finished_at": now})
    return digest_id


class _Planner:
    """Writes deliveries down, and remembers within one batch what a post is composed from and how long it is."""

    def __init__(self, connection: Connection, compose: Composer, recent: Recent) -> None:
        self._connection = connection
        self._compose = compose
        self._recent = recent
        self._counted: dict[tuple[object, ...], tuple[int, int]] = {}

    def plan(
        self,
        subscription: Subscription,
        digest_id: int,
        kind: DeliveryKind,
        now: dt.datetime,
        slot: dt.date | None = None,
    ) -> Claim:
        """A delivery with its steps."""
        body_id, messages = self._count(subscription, digest_id)
        values = _delivery(subscription, digest_id, kind, now)
        delivery_id: int = self._connection.execute(
            _ADD, {**values, "slot": slot.isoformat() if slot else None, "body_id": body_id}
        ).scalar_one()
        ledger.plan(self._connection, delivery_id, StepKind.MESSAGE, range(messages))
        if subscription.thread:
            ledger.plan(self._connection, delivery_id, StepKind.THREAD, range(1))
        if subscription.publish:
            ledger.plan(self._connection, delivery_id, StepKind.PUBLISH, range(messages))
        return Claim(
            delivery_id=delivery_id,
            subscription_id=subscription.id,
            server_id=subscription.server_id,
            channel_id=subscription.channel_id,
            digest_id=digest_id,
            kind=kind,
            slot=slot,
            messages=messages,
        )

    def _count(self, subscription: Subscription, digest_id: int) -> tuple[int, int]:
        """The id of the body that a post is composed from, and how many messages it takes."""
        what = (digest_id, subscription.look, subscription.language)
        if what not in self._counted:
            kept = newest(self._connection, digest_id)
            try:
                digest = self._recent.load(self._connection, kept.body)
                counted = composing.count(
                    self._compose,
                    digest,
                    digest_id=digest_id,
                    look=subscription.look,
                    language=subscription.language,
                )
            except Exception as error:  # the courier runs into it too, and the ledger then says so
                if troubled(error):
                    raise
                log.exception("a digest can't be composed", extra={"digest": digest_id})
                counted = 1
            self._counted[what] = kept.id, counted
        return self._counted[what]


def _serve(
    connection: Connection, subscription: Subscription, now: dt.datetime, planner: _Planner
) -> Claim | None:
    schedule = subscription.schedule
    same_day = subscription.order is Order.SAME_DAY
    decision = decide(
        schedule,
        due=subscription.next_slot or schedule.today(now),
        now=now,
        taken=slots.taken(connection, subscription.id, schedule, now),
        same_day=same_day,
    )
    slot, upcoming = decision.serve, decision.upcoming
    if slot is None:
        due.wait_for(connection, subscription.id, upcoming)
        return None
    later = min(now + due.RECHECK, upcoming.moment)
    if connection.execute(_UNDER_WAY, {"subscription": subscription.id}).first() is not None:
        due.again_at(connection, subscription.id, later)
        return None
    digest_id = supply.next_on(connection, subscription, slot.date)
    if digest_id is None and same_day:
        due.again_at(connection, subscription.id, later)
        return None
    due.wait_for(connection, subscription.id, upcoming)
    if digest_id is None:
        log.info("nothing left to deliver", extra={"subscription": subscription.id})
        return None
    return planner.plan(subscription, digest_id, DeliveryKind.SCHEDULED, now, slot.date)


def _delivery(subscription: Subscription, digest_id: int, kind: DeliveryKind, now: dt.datetime) -> dict[str, Any]:
    return {
        "subscription_id": subscription.id,
        "digest_id": digest_id,
        "kind": kind.value,
        "channel_id": subscription.channel_id,
        "look": subscription.look,
        "language": subscription.language,
        "claimed_at": now,
    }
