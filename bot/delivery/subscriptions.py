"""A channel's standing order for a series: set up, changed, paused, ended. Functions over a connection.

`next_due_at` always tells when the ticker looks at a subscription next, and `next_slot` for which local date.
Whatever is edited, no local date gets two scheduled deliveries: dates that had theirs are passed over.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Any, Unpack

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from bot.database import holding
from bot.database.tables import subscriptions
from bot.delivery import slots
from bot.delivery.closing import close_abandoned
from bot.delivery.schedule import Schedule, Weekdays
from bot.delivery.standing_order import USUAL, Terms, zone_of
from bot.delivery.standing_order import Changes as Changes
from bot.delivery.standing_order import Subscription as Subscription
from bot.delivery.standing_order import UnknownZone as UnknownZone
from bot.language import Refusal
from bot.library.picking import Order
from bot.model import Look


class NoSubscription(Refusal):
    """The server has no such subscription, or it was ended."""

    def __init__(self) -> None:
        super().__init__("There is no such subscription in this server; `/digest list` shows those there are.")


class PauseOver(Refusal):
    """A pause that would end before it begins."""

    def __init__(self) -> None:
        super().__init__("That date has begun or is over already; pause until a later one.")


class AlreadySubscribed(Refusal):
    """The channel gets this series already."""

    def __init__(self, subscription: Subscription) -> None:
        super().__init__(
            "This channel gets {series} already; change that with `/digest edit`.", series=subscription.series
        )
        self.subscription = subscription


class SubscribedBefore(Refusal):
    """The channel had this series once: whether to go on or to start over must be said."""

    def __init__(self, subscription: Subscription) -> None:
        super().__init__(
            "This channel had {series} before. Go on with what it hasn't had yet, or start over?",
            series=subscription.series,
        )
        self.subscription = subscription


class Again(Enum):
    """What subscribing a channel to a series that it had before means."""

    GO_ON = "go-on"
    """Each digest that it had stays had."""
    START_OVER = "start-over"
    """From the beginning, as if it never had any."""


_TIMING = frozenset({"local_time", "zone", "weekdays", "order"})

_ALL = select(subscriptions)
_BY_ID = _ALL.where(subscriptions.c.id == bindparam("subscription"))
_OF_SERVER = (
    _ALL.where(subscriptions.c.server_id == bindparam("server"), subscriptions.c.ended_at.is_(None))
).order_by(subscriptions.c.id)
_OF_CHANNEL = (
    _ALL.where(subscriptions.c.channel_id == bindparam("channel"), subscriptions.c.series == bindparam("series"))
).order_by(subscriptions.c.ended_at.is_(None).desc(), subscriptions.c.id.desc())
_ADD = insert(subscriptions).returning(subscriptions.c.id)
_CHANGE = update(subscriptions).where(subscriptions.c.id == bindparam("subscription"))
_UNPAUSED = {"paused_at": None, "paused_until": None, "pause_reason": None}


def create(
    connection: Connection,
    *,
    server_id: int,
    channel_id: int,
    series: str,
    local_time: dt.time,
    zone: str,
    created_by: int,
    now: dt.datetime,
    forum: bool = False,
    again: Again | None = None,
    **terms: Unpack[Terms],
) -> Subscription:
    """Subscribes a channel of a server (which is written down already) to a series.

    `forum`: the channel is one. Raises AlreadySubscribed; SubscribedBefore where it was once and `again` doesn't
    say what to do about that; UnknownZone.
    """
    terms = USUAL | terms
    values = _columns(Changes(local_time=local_time, zone=zone, **terms))
    place = {"channel": channel_id, "series": series}
    holding.server(connection, server_id)
    earlier = connection.execute(_OF_CHANNEL, place).first()
    if earlier is not None and earlier.ended_at is None:
        raise AlreadySubscribed(of_row(earlier))
    if earlier is not None and again is None:
        raise SubscribedBefore(of_row(earlier))
    schedule = Schedule(local_time, zone_of(zone), terms["weekdays"])
    had = slots.taken_in(connection, channel_id, series, schedule, now)
    values |= slots.columns(schedule.after(now, had))
    values |= {"server_id": server_id, "channel_id": channel_id, "created_by": created_by}
    if earlier is not None and again is Again.GO_ON:
        values |= _UNPAUSED | {"ended_at": None}
        connection.execute(_CHANGE, {"subscription": earlier.id, **values})
        return load(connection, earlier.id)
    values |= {"series": series, "forum": forum, "created_at": now}
    return load(connection, connection.execute(_ADD, values).scalar_one())


def subscribe_again(
    connection: Connection,
    subscription_id: int,
    *,
    server_id: int,
    created_by: int,
    again: Again,
    now: dt.datetime,
) -> Subscription:
    """Goes on with an ended subscription, or starts it over, as it stands.

    Raises NoSubscription, AlreadySubscribed.
    """
    before = load(connection, subscription_id)
    if before.server_id != server_id:
        raise NoSubscription
    return create(
        connection,
        server_id=server_id,
        channel_id=before.channel_id,
        series=before.series,
        local_time=before.local_time,
        zone=before.zone,
        created_by=created_by,
        now=now,
        forum=before.forum,
        again=again,
        weekdays=before.weekdays,
        order=before.order,
        start=before.start,
        look=before.look,
        role_id=before.role_id,
        thread=before.thread,
        publish=before.publish,
        tags=before.tags,
        language=before.language,
    )


def amend_ended(connection: Connection, subscription_id: int, **changes: Unpack[Changes]) -> None:
    """Changes what an ended subscription will be like when its channel is subscribed again."""
    statement = _CHANGE.where(subscriptions.c.ended_at.is_not(None))
    connection.execute(statement, {"subscription": subscription_id, **_columns(changes)})


def load(connection: Connection, subscription_id: int) -> Subscription:
    """The subscription, ended or not, of whichever server. Raises NoSubscription."""
    row = connection.execute(_BY_ID, {"subscription": subscription_id}).first()
    if row is None:
        raise NoSubscription
    return of_row(row)


def get(connection: Connection, subscription_id: int, *, server_id: int) -> Subscription:
    """The server's subscription. Raises NoSubscription where it is another server's, or ended."""
    subscription = load(connection, subscription_id)
    if subscription.server_id != server_id or subscription.ended_at is not None:
        raise NoSubscription
    return subscription


def take(connection: Connection, subscription_id: int, *, server_id: int) -> Subscription:
    """The same, to be changed: nobody else does so before the transaction ends. Raises NoSubscription."""
    holding.server(connection, server_id)
    holding.subscription(connection, subscription_id)
    return get(connection, subscription_id, server_id=server_id)


def of_server(connection: Connection, server_id: int) -> tuple[Subscription, ...]:
    """The server's subscriptions that weren't ended, oldest first."""
    return tuple(of_row(row) for row in connection.execute(_OF_SERVER, {"server": server_id}))


def edit(
    connection: Connection,
    subscription_id: int,
    *,
    server_id: int,
    now: dt.datetime,
    **changes: Unpack[Changes],
) -> Subscription:
    """Changes a subscription; where its timing changes, it is next due at the first slot that is still to come.

    One that is due this very moment stays so, and is decided by its new times. Raises NoSubscription,
    UnknownZone.
    """
    before = take(connection, subscription_id, server_id=server_id)
    values = _columns(changes)
    if not values:
        return before
    schedule = Schedule(
        changes.get("local_time", before.local_time),
        zone_of(changes.get("zone", before.zone)),
        changes.get("weekdays", before.weekdays),
    )
    retimed = any(getattr(before, name) != value for name, value in changes.items() if name in _TIMING)
    if retimed and not _due_now(before, now):
        values |= slots.columns(schedule.after(now, slots.taken(connection, subscription_id, schedule, now)))
    connection.execute(_CHANGE, {"subscription": subscription_id, **values})
    return load(connection, subscription_id)


def pause(
    connection: Connection,
    subscription_id: int,
    *,
    server_id: int,
    now: dt.datetime,
    until: dt.datetime | None = None,
) -> Subscription:
    """Pauses a subscription, until a moment or until it is resumed; a post that has begun is still finished.

    Until a date means schedule.start_of_day of it: that day's slot is served. Raises NoSubscription, PauseOver.
    """
    subscription = take(connection, subscription_id, server_id=server_id)
    if until is not None and until <= now:
        raise PauseOver
    values = {"paused_at": subscription.paused_at or now, "paused_until": until, "pause_reason": None}
    connection.execute(_CHANGE, {"subscription": subscription_id, **values})
    slots.give_back(connection, subscription_id)
    return load(connection, subscription_id)


def pause_for(connection: Connection, subscription_id: int, *, reason: str, now: dt.datetime) -> bool:
    """Pauses a subscription for a reason, until an admin resumes it; False where it was paused for one already.

    `reason` is a sentence for the admin: what is wrong and how to mend it.
    """
    holding.subscription(connection, subscription_id)
    subscription = load(connection, subscription_id)
    values = {"paused_at": subscription.paused_at or now, "paused_until": None, "pause_reason": reason}
    connection.execute(_CHANGE, {"subscription": subscription_id, **values})
    slots.give_back(connection, subscription_id)
    return subscription.pause_reason is None


def resume(connection: Connection, subscription_id: int, *, server_id: int, now: dt.datetime) -> Subscription:
    """Ends a pause; the next slot to come is served, none that was missed. Raises NoSubscription, UnknownZone."""
    subscription = take(connection, subscription_id, server_id=server_id)
    if subscription.paused_at is not None:
        resume_as_of(connection, subscription, now)
    return load(connection, subscription_id)


def end(connection: Connection, subscription_id: int, *, server_id: int, now: dt.datetime) -> Subscription:
    """Ends a subscription: what it had is remembered, rounds that only it had close. Raises NoSubscription."""
    take(connection, subscription_id, server_id=server_id)
    values = {"subscription": subscription_id, "ended_at": now, "next_due_at": None, "next_slot": None}
    connection.execute(_CHANGE, values)
    slots.give_back(connection, subscription_id)
    close_abandoned(connection, [subscription_id], now)
    return load(connection, subscription_id)


def end_all(connection: Connection, server_id: int, *, now: dt.datetime) -> int:
    """Ends all subscriptions of a server that the bot was removed from; how many there were."""
    running = of_server(connection, server_id)
    for subscription in running:
        end(connection, subscription.id, server_id=server_id, now=now)
    return len(running)


def of_row(row: Row[Any]) -> Subscription:
    """The subscription that a whole row of the table tells of."""
    values = dict(row._mapping)  # noqa: SLF001  # how a row is read by its columns' names
    return Subscription(
        **values
        | {
            "local_time": dt.time.fromisoformat(row.local_time),
            "weekdays": Weekdays(row.weekdays),
            "order": Order(row.order),
            "look": Look(row.look),
            "tags": tuple(row.tags),
            "next_slot": dt.date.fromisoformat(row.next_slot) if row.next_slot else None,
        }
    )


def resume_as_of(connection: Connection, subscription: Subscription, since: dt.datetime) -> None:
    """Ends a pause; the first slot later than `since` (UTC) is served. Raises UnknownZone."""
    schedule = subscription.schedule
    slot = schedule.after(since, slots.taken(connection, subscription.id, schedule, since))
    connection.execute(_CHANGE, {"subscription": subscription.id, **_UNPAUSED, **slots.columns(slot)})


def _due_now(subscription: Subscription, now: dt.datetime) -> bool:
    """Whether its slot has come, even where it waits for a digest of the same day."""
    if subscription.next_due_at is None or subscription.next_slot is None:
        return False
    if subscription.next_due_at <= now:
        return True
    try:
        slot = subscription.schedule.slot(subscription.next_slot)
    except UnknownZone:
        return False
    return slot is not None and slot.moment <= now


def _columns(changes: Changes) -> dict[str, Any]:
    values: dict[str, Any] = dict(changes)
    if "local_time" in changes:
        values["local_time"] = f"{changes['local_time']:%H:%M}"
    if "weekdays" in changes:
        values["weekdays"] = changes["weekdays"].mask
    if "tags" in changes:
        values["tags"] = list(changes["tags"])
    return values
