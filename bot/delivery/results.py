"""A round's end: its results become steps of the deliveries that it was played on, and follow corrected keys.

results      a message of them, posted once: in the post's thread or forum post, else as a reply to the post
correction   an edit of that message, once per change of a key; done again, it comes to the same
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite too

from bot.database import holding
from bot.database.tables import audit, deliveries, questions, rounds, state, steps, subscriptions
from bot.delivery import ledger
from bot.delivery.entries import Delivery, Step, StepKind, StepState
from bot.language import speech
from bot.posts.message import Message
from bot.quiz import results as outcomes
from bot.quiz import rounds as play
from bot.quiz.results_pages import left_over, result_messages
from bot.shards import ALL, Shards

CLOSED_AT_ONCE: Final = 20
"""Rounds closed in one transaction at most: some tens of milliseconds, which a player's click may wait."""
_AT_ONCE: Final = 500
"""Changes of keys looked at in one transaction."""
_SEEN: Final = "corrections"
"""The name in `state` of the last entry of the audit list whose corrections are planned."""

_thread = steps.alias("thread")
# apart and first, so that posts are found by the server's few subscriptions, not among all that got the digest:
# thousands of rounds end at once
_subscribed = (
    select(subscriptions.c.id, rounds.c.digest_id)
    .join(rounds, rounds.c.server_id == subscriptions.c.server_id)
    .where(rounds.c.id == bindparam("round"), subscriptions.c.ended_at.is_(None))
    .distinct()
    .subquery("subscribed")
)
_POSTS = (
    select(
        deliveries.c.id,
        deliveries.c.channel_id,
        func.max(_thread.c.message_id).label("thread_id"),
        func.max(steps.c.channel_id).label("posted_in"),  # the same for all messages of a post
    )
    .select_from(
        _subscribed.join(
            deliveries,
            (deliveries.c.subscription_id == _subscribed.c.id)
            & (deliveries.c.digest_id == _subscribed.c.digest_id),
        )
        .join(
            steps,
            (steps.c.delivery_id == deliveries.c.id) & (steps.c.kind == "message") & (steps.c.state == "sent"),
        )
        .outerjoin(
            _thread,
            (_thread.c.delivery_id == deliveries.c.id)
            & (_thread.c.kind == "thread")
            & (_thread.c.state == "sent"),
        )
    )
    .group_by(deliveries.c.id, deliveries.c.channel_id)
    .order_by(deliveries.c.id)
)

_CHANGES = (
    select(audit.c.id, audit.c.server_id, audit.c.details)
    .where(audit.c.act == "key", audit.c.id > bindparam("after"))
    .order_by(audit.c.id)
    .limit(_AT_ONCE)
)
_TOLD = (
    select(steps.c.delivery_id, steps.c.part)
    .join(deliveries, deliveries.c.id == steps.c.delivery_id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .join(questions, questions.c.digest_id == deliveries.c.digest_id)
    .where(questions.c.id == bindparam("question"))
    .where(steps.c.kind == "results", steps.c.state.in_(["sending", "sent"]))
)
_PLAN = insert(steps)
_PLAN = _PLAN.on_conflict_do_update(
    index_elements=[steps.c.delivery_id, steps.c.kind, steps.c.part],
    # whoever is at an earlier correction keeps it until its lease is over: what it sends must not come last
    set_={"state": "planned", "nonce": _PLAN.excluded.nonce, "attempts": 0, "error": None},
)
_SET_SEEN = insert(state)
_SET_SEEN = _SET_SEEN.on_conflict_do_update(
    index_elements=[state.c.name], set_={"value": _SET_SEEN.excluded.value}
)
_CORRECTED = update(steps).where(steps.c.nonce == bindparam("step")).values(state="sent", error=None)
_FREE = (
    update(steps)
    .where(steps.c.delivery_id == bindparam("delivery"), steps.c.part == bindparam("of_part"))
    .where(steps.c.kind == StepKind.CORRECTION.value)
    .values(retry_at=None)
)
_REDIRECT = (
    update(steps)
    .where(steps.c.nonce == bindparam("step"), steps.c.state == "sending")
    .values(state="planned", retry_at=None, channel_id=bindparam("to"))
)


def close_due(connection: Connection, now: dt.datetime, shards: Shards = ALL) -> tuple[int, ...]:
    """Closes rounds whose time has come and plans the results of those that somebody played; which closed.

    Those in servers of these shards, and not all of many at once: to be called until it answers none.
    """
    closed = play.close_due(connection, now, most=CLOSED_AT_ONCE, shards=shards)
    for round_id in closed:
        if outcomes.played(connection, round_id):
            _announce(connection, round_id)
    return closed


def _announce(connection: Connection, round_id: int) -> None:
    """Plans the results in every channel that got the digest and is still subscribed, once in each."""
    done: set[int] = set()
    for row in connection.execute(_POSTS, {"round": round_id}).all():
        if row.channel_id in done:
            continue
        done.add(row.channel_id)
        ledger.plan(connection, row.id, StepKind.RESULTS, range(1), channel_id=row.thread_id or row.posted_in)
        ledger.reopen(connection, row.id)


def correct(connection: Connection, now: dt.datetime) -> int:
    """Plans corrections of the results that tell of keys which changed since the last time; how many.

    The audit list has every change, whoever made it: an admin, the operator, an import in another process.
    """
    holding.audit_list(connection)
    seen = int(connection.execute(select(state.c.value).where(state.c.name == _SEEN)).scalar() or 0)
    changes = connection.execute(_CHANGES, {"after": seen}).all()
    told: set[tuple[int, int]] = set()
    for change in changes:
        statement = _TOLD
        if change.server_id is not None:
            statement = statement.where(subscriptions.c.server_id == change.server_id)
        rows = connection.execute(statement, {"question": change.details.get("question")})
        told.update((row.delivery_id, row.part) for row in rows)
    plan_corrections(connection, sorted(told))
    if changes:
        connection.execute(_SET_SEEN, {"name": _SEEN, "value": str(changes[-1].id)})
    return len(told)


def plan_corrections(connection: Connection, told: Sequence[tuple[int, int]]) -> None:
    """Has these messages of results (by delivery and part) composed anew and edited."""
    for delivery_id, part in told:
        row = {"delivery_id": delivery_id, "kind": StepKind.CORRECTION.value, "part": part, "state": "planned"}
        connection.execute(_PLAN, {**row, "nonce": ledger.new_nonce()})
        ledger.reopen(connection, delivery_id)


def compose(connection: Connection, delivery: Delivery) -> tuple[Message, ...]:
    """The results of the round on a delivery's digest as they are now; none where there are none to tell of."""
    if not any(step.kind is StepKind.RESULTS for step in delivery.steps):
        return ()
    found = outcomes.load(connection, server_id=delivery.server_id, digest_id=delivery.digest_id)
    if found is None:
        return ()
    told = {step.part: step for step in delivery.steps if step.kind is StepKind.RESULTS}
    posted = {step.part: step.message_id for step in delivery.steps if step.kind is StepKind.MESSAGE}
    in_channel = 0 in told and told[0].channel_id == delivery.channel_id
    return result_messages(
        found,
        say=speech(delivery.language),
        language=delivery.language,
        keys=lambda part: told[part].nonce if part in told else "unplanned",
        reply_to=posted.get(0) if in_channel else None,
    )


def correction(delivery: Delivery, step: Step, messages: Sequence[Message]) -> tuple[int, int, Message] | None:
    """The channel, the message in it and what that is to become; None where it was never posted."""
    told = next((s for s in delivery.steps if s.kind is StepKind.RESULTS and s.part == step.part), None)
    if told is None or told.message_id is None or told.state is not StepState.SENT:
        return None
    left = left_over(told.nonce, speech(delivery.language))
    message = messages[step.part] if step.part < len(messages) else left
    return told.channel_id or delivery.channel_id, told.message_id, message


def corrected(connection: Connection, delivery: Delivery, step: Step, *, now: dt.datetime) -> None:
    """A correction is done, unless a key changed once more meanwhile: then it is still to be done."""
    connection.execute(_CORRECTED, {"step": step.nonce})
    connection.execute(_FREE, {"delivery": delivery.id, "of_part": step.part})
    ledger.finish(connection, delivery, now)


def redirect(connection: Connection, delivery: Delivery, step: Step) -> None:
    """The post's thread takes no results (surely nothing was posted): they go to the channel."""
    connection.execute(_REDIRECT, {"step": step.nonce, "to": delivery.channel_id})


def any_open(delivery: Delivery, *kinds: StepKind) -> bool:
    """Whether a step of these kinds is still to be done."""
    return any(step.open and step.kind in kinds for step in delivery.steps)


def missing(delivery: Delivery, messages: Sequence[Any]) -> range:
    """The parts of the results that have no step yet."""
    planned = sum(step.kind is StepKind.RESULTS for step in delivery.steps)
    return range(planned, max(planned, len(messages)))
