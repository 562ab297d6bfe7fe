"""What the admin of a server sees of its subscriptions: what comes next, what went out last, what is wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from bot.database.tables import deliveries, digests, steps
from bot.delivery import subscriptions, supply
from bot.delivery.entries import StepKind, StepState
from bot.delivery.subscriptions import Subscription

TROUBLE_SHOWN: Final = dt.timedelta(days=30)
"""Trouble older than this isn't shown any more."""
_MOST_TROUBLE: Final = 5


@dataclass(frozen=True, slots=True)
class LastPost:
    """The first message of what was posted last. Moments are in UTC."""

    digest_id: int
    date: dt.date
    """The digest's."""
    claimed_at: dt.datetime
    link: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A step that did not come off."""

    digest_id: int
    date: dt.date
    """The digest's."""
    kind: StepKind
    part: int
    """Which message of the post, from 0."""
    state: StepState
    """Refused; unknown; or still to be done, but it failed before and is tried again."""
    sentence: str
    """For the admin, save where it is tried again: then what went wrong, in Discord's words."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscription stands."""

    subscription: Subscription
    next_at: dt.datetime | None
    """When the next digest is due (UTC); in the past where it waits for one dated today. None: paused."""
    waiting: int
    """Digests that it hasn't had yet; with the order `same-day`, today's."""
    used_up: bool
    """It had every digest that the library holds for it."""
    under_way: bool
    """A delivery isn't finished."""
    last: LastPost | None
    trouble: tuple[Trouble, ...]
    """The newest first."""


_LAST = (
    select(
        deliveries.c.digest_id,
        digests.c.date,
        deliveries.c.claimed_at,
        steps.c.channel_id,
        steps.c.message_id,
    )
    .join(steps, steps.c.delivery_id == deliveries.c.id)
    .join(digests, digests.c.id == deliveries.c.digest_id)
    .where(deliveries.c.subscription_id == bindparam("subscription"))
    .where(steps.c.kind == "message", steps.c.message_id.is_not(None))
    .order_by(deliveries.c.claimed_at.desc(), deliveries.c.id.desc(), steps.c.part)
    .limit(1)
)
_TROUBLE = (
    select(deliveries.c.digest_id, digests.c.date, steps.c.kind, steps.c.part, steps.c.state, steps.c.error)
    .join(steps, steps.c.delivery_id == deliveries.c.id)
    .join(digests, digests.c.id == deliveries.c.digest_id)
    .where(deliveries.c.subscription_id == bindparam("subscription"))
    .where(deliveries.c.claimed_at >= bindparam("since"), steps.c.error.is_not(None))
    .order_by(deliveries.c.claimed_at.desc(), deliveries.c.id.desc(), steps.c.id)
    .limit(bindparam("most"))
)
_UNDER_WAY = (
    select(deliveries.c.id)
    .where(deliveries.c.subscription_id == bindparam("subscription"), deliveries.c.finished_at.is_(None))
    .limit(1)
)


def of_server(connection: Connection, server_id: int, *, now: dt.datetime) -> tuple[Standing, ...]:
    """How each of the server's subscriptions stands, oldest first."""
    return tuple(_standing(connection, one, now) for one in subscriptions.of_server(connection, server_id))


def _standing(connection: Connection, subscription: Subscription, now: dt.datetime) -> Standing:
    which = {"subscription": subscription.id}
    waiting = supply.left(connection, subscription, now=now)
    last = connection.execute(_LAST, which).first()
    trouble = connection.execute(_TROUBLE, {**which, "since": now - TROUBLE_SHOWN, "most": _MOST_TROUBLE})
    return Standing(
        subscription=subscription,
        next_at=subscription.next_due_at if subscription.paused_at is None else None,
        waiting=waiting,
        used_up=supply.used_up(subscription, waiting),
        under_way=connection.execute(_UNDER_WAY, which).first() is not None,
        last=_last_post(last, subscription.server_id) if last is not None else None,
        trouble=tuple(
            Trouble(row.digest_id, row.date, StepKind(row.kind), row.part, StepState(row.state), row.error)
            for row in trouble
        ),
    )


def _last_post(row: Row[*tuple[Any, ...]], server_id: int) -> LastPost:
    link = f"https://discord.com/channels/{server_id}/{row.channel_id}/{row.message_id}"
    return LastPost(row.digest_id, row.date, row.claimed_at, link)
