"""A channel's standing order, as a value: what it says, and what of it can be changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

from bot.delivery.schedule import EVERY_DAY, Schedule, Weekdays
from bot.language import Refusal
from bot.library.picking import Order
from bot.model import Look


class UnknownZone(Refusal):
    """A time zone that isn't in the IANA database."""

    def __init__(self, zone: str) -> None:
        super().__init__(
            "The time zone “{zone}” isn't known. Pick one from the list, such as Europe/Berlin.", zone=zone[:64]
        )


def zone_of(name: str) -> ZoneInfo:
    """The zone with this IANA name. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # what zoneinfo raises for names that are none
        raise UnknownZone(name) from error


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's standing order. Moments are in UTC."""

    id: int
    server_id: int
    channel_id: int
    series: str
    local_time: dt.time
    zone: str
    """IANA name."""
    weekdays: Weekdays
    order: Order
    start: dt.date | None
    """No digest dated before it."""
    look: Look
    role_id: int | None
    """Mentioned with each post."""
    thread: bool
    """Each post gets a thread."""
    publish: bool
    """In an announcement channel, each post is published to those who follow it."""
    forum: bool
    """Its channel is a forum, each digest a post there."""
    tags: tuple[int, ...]
    """Of each post in a forum, five at most."""
    language: str
    created_by: int
    created_at: dt.datetime
    next_due_at: dt.datetime | None
    """When it is looked at next; a paused one isn't before it is resumed. None: ended."""
    next_slot: dt.date | None
    """The local date that `next_due_at` is for."""
    paused_at: dt.datetime | None
    paused_until: dt.datetime | None
    """When the pause ends by itself; None: when an admin resumes it."""
    pause_reason: str | None
    """A sentence for the admin; None where an admin paused it."""
    ended_at: dt.datetime | None

    @property
    def schedule(self) -> Schedule:
        """When it is due. Raises UnknownZone where its zone is no longer in the IANA database."""
        return Schedule(self.local_time, zone_of(self.zone), self.weekdays)


class Terms(TypedDict, total=False):
    """What a subscription is like unless it is said otherwise: see USUAL."""

    weekdays: Weekdays
    order: Order
    start: dt.date | None
    look: Look
    role_id: int | None
    thread: bool
    publish: bool
    tags: tuple[int, ...]
    language: str


class Changes(Terms, total=False):
    """What can be edited; what is left out stays."""

    local_time: dt.time
    zone: str


USUAL: Final = Terms(
    weekdays=EVERY_DAY,
    order=Order.OLDEST_FIRST,
    start=None,
    look=Look.BRIEF,
    role_id=None,
    thread=False,
    publish=False,
    tags=(),
    language="en",
)
