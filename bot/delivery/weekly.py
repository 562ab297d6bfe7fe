"""The standings of the week, where an admin wants them: a step of the server's latest delivery, planned once.

The week is marked as dealt with in the transaction that plans its step, whatever became of it; so each week is
posted once at most. A step's `part` is the week's Monday, as the number of that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database.shards import bounds, ours
from bot.database.tables import answers, deliveries, players, servers, standings_posts, steps, subscriptions
from bot.delivery import ledger
from bot.delivery.entries import Delivery, Step, StepKind, StepState
from bot.delivery.schedule import moment_of, start_of_day
from bot.delivery.standing_order import UnknownZone, zone_of
from bot.language import speech
from bot.posts.message import Message
from bot.quiz import week as weeks
from bot.quiz.week import WEEK
from bot.quiz.week_pages import week_message
from bot.shards import ALL, Shards

AT: Final = dt.time(10)
"""When the week before is posted on a Monday, in the server's zone."""
LATE: Final = dt.timedelta(days=3)
"""Standings that could not be posted for so long, because the bot was down, are left out."""
BLOCKED: Final = (
    "I can't post the week's standings in the channel that you chose for them, so they wait. Give me View "
    "Channel, Send Messages and Embed Links there, then choose it again with `/digest settings`."
)
_AT_ONCE: Final = 20
"""Servers dealt with in one transaction."""
_DAY: Final = dt.timedelta(days=1)
_UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Weekly:
    """Where and when a server's next standings are posted."""

    channel_id: int
    due_at: dt.datetime
    """In UTC."""
    trouble: str | None
    """A sentence for admins: why they wait until a channel is chosen anew."""


_KEPT = select(standings_posts).where(standings_posts.c.server_id == bindparam("server"))
_CHOOSE = insert(standings_posts)
_CHOOSE = _CHOOSE.on_conflict_do_update(
    index_elements=[standings_posts.c.server_id],
    set_={name: _CHOOSE.excluded[name] for name in ("channel_id", "week", "due_at", "trouble")},
)
_STOP = update(standings_posts).where(standings_posts.c.server_id == bindparam("server")).values(channel_id=None)
_HOLD = (
    update(standings_posts)
    .where(standings_posts.c.server_id == bindparam("server"), standings_posts.c.trouble.is_(None))
    .where(standings_posts.c.channel_id == bindparam("channel"))
    .values(trouble=bindparam("why"))
)
_MOVE_ON = (
    update(standings_posts)
    .where(standings_posts.c.server_id == bindparam("server"))
    .values(week=bindparam("dealt"), due_at=bindparam("due"))
)
_DUE = (
    select(standings_posts, servers.c.zone)
    .join(servers, servers.c.id == standings_posts.c.server_id)
    .where(standings_posts.c.channel_id.is_not(None), standings_posts.c.trouble.is_(None))
    .where(standings_posts.c.due_at <= bindparam("now"), servers.c.left_at.is_(None))
    .where(ours(standings_posts.c.server_id))
    .order_by(standings_posts.c.due_at)
    .limit(_AT_ONCE)
    .with_for_update(skip_locked=True, of=standings_posts)
)
_LATEST = (
    select(deliveries.c.id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .join(steps, steps.c.delivery_id == deliveries.c.id)
    .where(subscriptions.c.server_id == bindparam("server"))
    .where(steps.c.kind == "message", steps.c.state == "sent")
    .order_by(deliveries.c.claimed_at.desc(), deliveries.c.id.desc())
    .limit(1)
)
_PLACE = select(servers.c.zone, servers.c.language).where(servers.c.id == bindparam("server"))
_ANSWERED = select(answers.c.server_id, answers.c.answered_at).where(
    answers.c.server_id.in_(select(players.c.server_id).where(players.c.user_id == bindparam("user"))),
    answers.c.user_id == bindparam("user"),
)
_TOLD = (
    select(steps.c.delivery_id, steps.c.part)
    .join(deliveries, deliveries.c.id == steps.c.delivery_id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .where(subscriptions.c.server_id == bindparam("server"), steps.c.part.in_(bindparam("weeks", expanding=True)))
    .where(steps.c.kind == "standings", steps.c.state.in_(["sending", "sent"]))
    .order_by(steps.c.delivery_id, steps.c.part)
)


def due(monday: dt.date, zone: ZoneInfo) -> dt.datetime:
    """When (UTC) the week from this Monday on is posted: on the next one."""
    after = monday + WEEK
    return moment_of(after, AT, zone) or start_of_day(after, zone)


def last_due(zone: ZoneInfo, now: dt.datetime) -> dt.date:
    """The latest week, by its Monday, whose standings are due by now."""
    today = now.astimezone(zone).date()
    monday = today - today.weekday() * _DAY - WEEK
    return monday if due(monday, zone) <= now else monday - WEEK


def find(connection: Connection, server_id: int) -> Weekly | None:
    """Where and when a server's standings are posted next; None where nobody wants them."""
    row = connection.execute(_KEPT, {"server": server_id}).first()
    return None if row is None or row.channel_id is None else Weekly(row.channel_id, row.due_at, row.trouble)


def choose(connection: Connection, server_id: int, channel_id: int, now: dt.datetime) -> None:
    """Has a server's standings posted in this channel, from the first week on that isn't due yet."""
    kept = connection.execute(_KEPT, {"server": server_id}).first()
    zone = _zone(connection.execute(_PLACE, {"server": server_id}).one().zone)
    week = max(last_due(zone, now), kept.week if kept is not None else dt.date.min)
    row = {"server_id": server_id, "channel_id": channel_id, "week": week, "trouble": None}
    connection.execute(_CHOOSE, {**row, "due_at": due(week + WEEK, zone)})


def stop(connection: Connection, server_id: int) -> None:
    """Nothing more is posted; what had been dealt with is remembered."""
    connection.execute(_STOP, {"server": server_id})


def follow_zone(connection: Connection, server_id: int) -> None:
    """The server's zone has changed: the next week is due by the new one, the same week never again."""
    kept = connection.execute(_KEPT, {"server": server_id}).first()
    if kept is not None:
        zone = _zone(connection.execute(_PLACE, {"server": server_id}).one().zone)
        connection.execute(_MOVE_ON, {"server": server_id, "dealt": kept.week, "due": due(kept.week + WEEK, zone)})


def plan_due(connection: Connection, now: dt.datetime, shards: Shards = ALL) -> int:
    """A chore: deals with servers whose week is due, not all of many at once; with how many it did.

    Only with those of these shards. Of several weeks that were missed only the last is posted, unless it is too
    long ago; a week that nobody played isn't.
    """
    rows = connection.execute(_DUE, {"now": now, **bounds(shards)}).all()
    for row in rows:
        zone = _zone(row.zone)
        week = last_due(zone, now)
        if week > row.week and now - due(week, zone) <= LATE:
            _plan(connection, row.server_id, row.channel_id, week, zone)
        dealt = max(week, row.week)
        connection.execute(_MOVE_ON, {"server": row.server_id, "dealt": dealt, "due": due(dealt + WEEK, zone)})
    return len(rows)


def _plan(connection: Connection, server_id: int, channel_id: int, week: dt.date, zone: ZoneInfo) -> None:
    delivery_id = connection.execute(_LATEST, {"server": server_id}).scalar()
    if delivery_id is not None and weeks.played(connection, server_id=server_id, monday=week, zone=zone):
        ledger.plan(connection, delivery_id, StepKind.STANDINGS, [week.toordinal()], channel_id=channel_id)
        ledger.reopen(connection, delivery_id)


def compose(connection: Connection, delivery: Delivery) -> dict[int, Message]:
    """The standings that are posted with a delivery, by their part, as they are now."""
    place = connection.execute(_PLACE, {"server": delivery.server_id}).one()
    return {
        step.part: week_message(
            weeks.load(
                connection,
                server_id=delivery.server_id,
                monday=dt.date.fromordinal(step.part),
                zone=_zone(place.zone),
            ),
            say=speech(place.language),
            key=step.nonce,
        )
        for step in delivery.steps
        if step.kind is StepKind.STANDINGS
    }


def correction(delivery: Delivery, step: Step, messages: Mapping[int, Message]) -> tuple[int, int, Message] | None:
    """The channel, the message in it and what that is to become; None where that is no post of standings."""
    told = next((s for s in delivery.steps if s.kind is StepKind.STANDINGS and s.part == step.part), None)
    if told is None or told.channel_id is None or told.message_id is None or told.state is not StepState.SENT:
        return None
    return told.channel_id, told.message_id, messages[step.part]


def block(connection: Connection, delivery: Delivery, step: Step, *, now: dt.datetime) -> bool:
    """The channel refuses them: they wait until an admin chooses one anew. Whether they were wanted."""
    ledger.refuse(connection, delivery, step, error=BLOCKED, now=now)
    which = {"server": delivery.server_id, "channel": step.channel_id, "why": BLOCKED}
    return connection.execute(_HOLD, which).rowcount == 1


def naming(connection: Connection, user_id: int) -> list[tuple[int, int]]:
    """The posts (by delivery and part) that may name a player: those of all weeks in which they answered."""
    played: dict[int, set[int]] = {}
    for server_id, at in connection.execute(_ANSWERED, {"user": user_id}):
        days = {(at + day * _DAY).date() for day in (-1, 0, 1)}  # the zone may have been another one
        played.setdefault(server_id, set()).update((day - day.weekday() * _DAY).toordinal() for day in days)
    return [
        (row.delivery_id, row.part)
        for server_id, mondays in sorted(played.items())
        for row in connection.execute(_TOLD, {"server": server_id, "weeks": sorted(mondays)})
    ]


def _zone(name: str | None) -> ZoneInfo:
    try:
        return zone_of(name) if name else _UTC
    except UnknownZone:
        return _UTC
