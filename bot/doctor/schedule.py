"""Whether digests go out when they should: subscriptions that are due, held or stuck."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from bot.database.tables import deliveries
from bot.database.tables import subscriptions as table
from bot.delivery.status import Standing
from bot.delivery.subscriptions import UnknownZone
from bot.doctor.findings import Finding, Verdict
from bot.language import Words

OVERDUE: Final = dt.timedelta(minutes=15)
"""The ticker looks at everything that is due far more often than this."""
STUCK: Final = dt.timedelta(hours=1)
"""A delivery that isn't finished by then waits for something, or is held up."""

_RUNNING = table.c.ended_at.is_(None)
_COUNTS = select(
    func.count(),
    func.count(table.c.paused_at),
    func.count(table.c.pause_reason),
    func.min(table.c.next_due_at).filter(table.c.paused_at.is_(None)),
).where(_RUNNING)
_UNFINISHED = select(func.count(), func.min(deliveries.c.claimed_at)).where(deliveries.c.finished_at.is_(None))
_NEWEST = select(deliveries.c.claimed_at).order_by(deliveries.c.id.desc()).limit(1)
_ZONES = select(table.c.zone, func.count()).where(_RUNNING).group_by(table.c.zone)
_OVERDUE = (
    select(func.count())
    .select_from(table)
    .where(_RUNNING, table.c.paused_at.is_(None), table.c.next_due_at < bindparam("before"))
)


def of_subscription(standing: Standing, now: dt.datetime) -> Finding:
    """How one subscription stands, for the admins of its server. `now` is in UTC."""
    kept = standing.subscription
    what = f"<#{kept.channel_id}> · {kept.series}"
    values: dict[str, object] = {"what": what, "zone": kept.zone}
    try:
        _ = kept.schedule
    except UnknownZone:
        mend = "Set another one with `/digest edit`."
        return Finding(
            "schedule", Verdict.WRONG, "{what}: the time zone {zone} isn't known any more.", mend, values
        )
    if kept.pause_reason:
        values["reason"] = Words((kept.pause_reason,))
        return Finding("schedule", Verdict.WRONG, "{what}: paused. {reason}", values=values)
    if kept.paused_until is not None:
        values["when"] = f"<t:{int(kept.paused_until.timestamp())}:F>"
        return Finding("schedule", Verdict.OK, "{what}: paused until {when}.", values=values)
    if kept.paused_at is not None:
        return Finding("schedule", Verdict.LOOK, "{what}: paused.", "`/digest resume` lets it go on.", values)
    if standing.next_at is None or standing.next_at < now - OVERDUE:
        return Finding(
            "schedule",
            Verdict.WRONG,
            "{what}: it was due and wasn't dealt with.",
            "Tell whoever runs this bot; its log says why.",
            values,
        )
    values["when"] = f"<t:{int(standing.next_at.timestamp())}:R>"
    if standing.used_up:
        mend = "`/digest import` brings in a digest of your own; whoever runs this bot can add more."
        return Finding("schedule", Verdict.LOOK, "{what}: the library is used up.", mend, values)
    return Finding("schedule", Verdict.OK, "{what}: next post {when}.", values=values)


def of_all(connection: Connection, now: dt.datetime, *, running: bool) -> list[Finding]:
    """How all subscriptions stand, for the operator; `running`: a bot is at work. `now` is in UTC."""
    return [
        _subscriptions(connection, now, running=running),
        *_zones(connection),
        _under_way(connection, now),
        *_set_back(connection, now),
    ]


def _subscriptions(connection: Connection, now: dt.datetime, *, running: bool) -> Finding:
    number, paused, troubled, _ = connection.execute(_COUNTS).one()
    overdue = connection.execute(_OVERDUE, {"before": now - OVERDUE}).scalar_one()
    values = {"number": number, "paused": paused, "troubled": troubled, "overdue": overdue}
    sentence = "Subscriptions: {number}, {paused} of them paused."
    if overdue and running:
        more = " {overdue} were due and weren't dealt with."
        mend = "Look for errors of the tick in the bot's log."
        return Finding("schedule", Verdict.WRONG, sentence + more, mend, values)
    if overdue:
        more = " {overdue} are due."
        return Finding("schedule", Verdict.LOOK, sentence + more, "Start the bot.", values)
    if troubled:
        more = " {troubled} are paused because Discord refused their posts; their admins were told."
        return Finding("schedule", Verdict.LOOK, sentence + more, values=values)
    return Finding("schedule", Verdict.OK, sentence, values=values)


def _zones(connection: Connection) -> Iterator[Finding]:
    from bot.delivery.standing_order import zone_of

    for zone, number in connection.execute(_ZONES):
        try:
            zone_of(zone)
        except UnknownZone:
            yield Finding(
                "zones",
                Verdict.WRONG,
                "{number} subscriptions have the time zone {zone}, which isn't known here.",
                "Update the package tzdata, or have their admins pick another one.",
                {"number": number, "zone": zone},
            )


def _under_way(connection: Connection, now: dt.datetime) -> Finding:
    number, oldest = connection.execute(_UNFINISHED).one()
    if not number:
        return Finding("deliveries", Verdict.OK, "No delivery is under way.")
    minutes = (now - oldest).total_seconds() / 60
    values = {"number": number, "minutes": f"{minutes:,.0f}"}
    sentence = "Deliveries under way: {number}, the oldest for {minutes} min."
    if now - oldest > STUCK:
        mend = "Look for that delivery in the bot's log; Discord may be refusing or limiting it."
        return Finding("deliveries", Verdict.LOOK, sentence, mend, values)
    return Finding("deliveries", Verdict.OK, sentence, values=values)


def _set_back(connection: Connection, now: dt.datetime) -> Iterable[Finding]:
    newest = connection.execute(_NEWEST).scalar()
    if newest is not None and newest > now + dt.timedelta(minutes=5):
        yield Finding(
            "clock",
            Verdict.WRONG,
            "The newest delivery is dated {newest}, which hasn't come yet.",
            "The machine's clock is wrong now, or was then: let it be set by the network (NTP).",
            {"newest": newest.isoformat(timespec="minutes")},
        )
