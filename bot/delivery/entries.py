"""What stands in the ledger, as values: deliveries and their steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.model import Look


class DeliveryKind(StrEnum):
    """Why there is a delivery."""

    SCHEDULED = "scheduled"
    NOW = "now"
    """An admin asked for it."""
    SKIPPED = "skipped"
    """An admin passed over the digest; nothing is posted."""


class StepKind(StrEnum):
    """What a step does."""

    MESSAGE = "message"
    THREAD = "thread"
    PUBLISH = "publish"
    RESULTS = "results"
    """A message of the round's results, once the round has closed."""
    STANDINGS = "standings"
    """The standings of a week; its part is the week's Monday, as the number of that day."""
    CORRECTION = "correction"
    """An edit of results, because a key has changed, or of either, because a name is to go."""


class StepState(StrEnum):
    """How far a step is."""

    PLANNED = "planned"
    """Nothing was done, for sure."""
    SENDING = "sending"
    """A request may be under way, or may have done its work without our knowing."""
    SENT = "sent"
    """Done."""
    REFUSED = "refused"
    """Not done, for sure, and not tried any more."""
    UNKNOWN = "unknown"
    """Perhaps done: nobody can find out. Not tried any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a delivery. Moments are in UTC."""

    kind: StepKind
    part: int
    """Which message of the post it is, or is about, from 0; see the kinds."""
    nonce: str
    """Which step it is; also the key that its message carries."""
    state: StepState
    channel_id: int | None
    """Where it was done, or is to be done; None: in the delivery's channel."""
    message_id: int | None
    attempts: int
    attempted_at: dt.datetime | None
    """Since when it may be out there."""
    error: str | None

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the order in which a delivery's steps are done."""
        return list(StepKind).index(self.kind), self.part

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in (StepState.PLANNED, StepState.SENDING)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the courier works on it, its steps in the order in which they are done."""

    id: int
    subscription_id: int
    server_id: int
    channel_id: int
    digest_id: int
    kind: DeliveryKind
    look: Look
    language: str
    role_id: int | None
    forum: bool
    """Its channel is a forum: the post is a thread there, made with its first message."""
    tags: tuple[int, ...]
    """Of a forum's post."""
    round_over: bool
    """The server's round on the digest had closed when it was claimed: the server had the digest before."""
    body: str
    """What it is composed from, as JSON."""
    steps: tuple[Step, ...]

    def opens_post(self, step: Step) -> bool:
        """Whether a step makes the forum post; Discord takes no nonce for that."""
        return self.forum and step.kind is StepKind.MESSAGE and step.part == 0

    def whereto(self, step: Step, posted: Mapping[int, int | None]) -> int | None:
        """The channel or thread that a step's message goes to; None: the forum post it belongs to isn't there.

        `posted`: the ids of the post's messages so far, by part.
        """
        if step.channel_id is not None:
            return step.channel_id
        if self.forum and step.kind is StepKind.MESSAGE and step.part > 0:
            return posted.get(0)
        return self.channel_id


@dataclass(frozen=True, slots=True)
class Ready:
    """A delivery that something can be done about now."""

    delivery_id: int
    subscription_id: int
    server_id: int
    channel_id: int
