"""When a subscription is due: local days and times in a zone to moments in UTC, and what to do about late ones.

Each local date that a subscription is due on has one slot, and a slot has one moment: its local time on that
date; the first moment after it, where the clocks skip that time; the first of the two, where they show it twice.
A date that a zone skipped altogether (Samoa had no 30 December 2011) has no slot. Pure: no clock, no database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from zoneinfo import ZoneInfo

from bot.language import Refusal

if TYPE_CHECKING:
    from bot.language import Speech

AWAY: Final = dt.timedelta(hours=6)
"""A digest that is late is delivered at once only where the next slot is further away than this."""
_AFTER_MIDNIGHT: Final = dt.timedelta(minutes=10)
"""How long after local midnight a `same-day` slot of the day before may still be served: longer than a tick."""
_ROUND_BEFORE_SLOT: Final = dt.timedelta(hours=1)
_ROUND_MOST: Final = dt.timedelta(hours=72)
_ROUND_LEAST: Final = dt.timedelta(hours=5)
_DAY: Final = dt.timedelta(days=1)
_SECOND: Final = dt.timedelta(seconds=1)
_WEEK: Final = 7


class NoWeekdays(Refusal):
    """A subscription without a day to deliver on."""

    def __init__(self) -> None:
        super().__init__("Pick at least one day, such as Mon-Fri or every day.")


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week, at least one, as they are stored: a bit a day, Monday = 1, Sunday = 64."""

    mask: int

    def __post_init__(self) -> None:
        """Raises NoWeekdays for an empty set, ValueError for bits that are no day."""
        if self.mask == 0:
            raise NoWeekdays
        if not 0 < self.mask < 1 << _WEEK:
            raise ValueError(f"{self.mask} is no set of weekdays")

    @classmethod
    def of(cls, days: Iterable[int]) -> Self:
        """From days, Monday = 0. Raises NoWeekdays for none."""
        mask = 0
        for day in days:
            mask |= 1 << day
        return cls(mask)

    @property
    def days(self) -> frozenset[int]:
        """The days, Monday = 0."""
        return frozenset(day for day in range(_WEEK) if self.mask >> day & 1)

    def __contains__(self, date: dt.date) -> bool:
        """Whether a date falls on one of the days."""
        return bool(self.mask >> date.weekday() & 1)

    def text(self, say: Speech) -> str:
        """For people: `every day`, `Mon–Fri`, `Mon, Wed–Fri`."""
        if self == EVERY_DAY:
            return say("every day")
        names = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
        runs: list[list[int]] = []
        for day in sorted(self.days):
            if runs and day == runs[-1][-1] + 1:
                runs[-1].append(day)
            else:
                runs.append([day])
        texts = []
        for run in runs:
            first, last = names[run[0]], names[run[-1]]
            if len(run) > 2:  # two days are no span
                texts.append(say("{first}–{last}", first=first, last=last))
            else:
                texts += [first, last][: len(run)]
        return say(", ").join(texts)


EVERY_DAY: Final = Weekdays(127)


@dataclass(frozen=True, slots=True)
class Slot:
    """A local date on which a subscription is due, and the moment (UTC) at which it is."""

    date: dt.date
    moment: dt.datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """On which days a subscription is due, and at what local time (whole minutes, naive)."""

    local_time: dt.time
    zone: ZoneInfo
    weekdays: Weekdays = EVERY_DAY

    def slot(self, date: dt.date) -> Slot | None:
        """The slot of this date; None where it isn't due then or the zone has no such date."""
        if date not in self.weekdays:
            return None
        moment = moment_of(date, self.local_time, self.zone)
        return Slot(date, moment) if moment is not None else None

    def after(self, moment: dt.datetime, taken: Collection[dt.date] = ()) -> Slot:
        """The first slot later than `moment` whose date isn't taken."""
        date = self.today(moment) - _DAY  # a slot can come just after its date
        while True:
            slot = self.slot(date) if date not in taken else None
            if slot is not None and slot.moment > moment:
                return slot
            date += _DAY

    def latest(self, moment: dt.datetime) -> Slot:
        """The last slot that is not later than `moment`, taken or not."""
        date = self.today(moment) + _DAY  # clocks set back at midnight show the day before once more
        while True:
            slot = self.slot(date)
            if slot is not None and slot.moment <= moment:
                return slot
            date -= _DAY

    def today(self, moment: dt.datetime) -> dt.date:
        """The local date at a moment."""
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a subscription that is due: serve a slot now, or (None) pass; then wait for `upcoming`."""

    serve: Slot | None
    upcoming: Slot


def decide(
    schedule: Schedule, *, due: dt.date, now: dt.datetime, taken: Collection[dt.date], same_day: bool
) -> Decision:
    """What a subscription gets whose moment has come, however late that is noticed.

    `due` is the local date that it became due for, `taken` the dates that had their delivery. Of several
    slots that were missed the last one counts, and only where the next is more than six hours away. With
    `same_day` a slot is served until its local day is over, and not later.
    """
    latest, upcoming = schedule.latest(now), schedule.after(now, taken)
    if latest.date < due or latest.date in taken:
        return Decision(None, upcoming)
    if same_day:
        timely = now < start_of_day(latest.date + _DAY, schedule.zone) + _AFTER_MIDNIGHT
    else:
        timely = upcoming.moment - now > AWAY
    return Decision(latest if timely else None, upcoming)


def next_due(
    after: dt.datetime, local_time: dt.time, zone: ZoneInfo, weekdays: Weekdays = EVERY_DAY
) -> dt.datetime:
    """The first moment (UTC) later than `after` at which such a subscription is due."""
    return Schedule(local_time, zone, weekdays).after(after).moment


def round_closes(schedule: Schedule | None, now: dt.datetime) -> dt.datetime:
    """When a round that opens now closes: an hour before the next slot, or after 72 hours, whichever is first.

    A slot so near that the round would last less than five hours is passed over. None: no slot is coming.
    """
    latest = now + _ROUND_MOST
    if schedule is None:
        return latest
    slot = schedule.after(now)
    while slot.moment - _ROUND_BEFORE_SLOT - now < _ROUND_LEAST:
        slot = schedule.after(slot.moment)
    return min(latest, slot.moment - _ROUND_BEFORE_SLOT)


def start_of_day(date: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The moment (UTC) at which a local date begins; of a date the zone skipped, when the next one does."""
    return _first_at(dt.datetime.combine(date, dt.time.min), zone)


def moment_of(date: dt.date, local_time: dt.time, zone: ZoneInfo) -> dt.datetime | None:
    """The moment (UTC) of a local time on a local date; None where the zone has no such date.

    A time that the clocks skip stands for the first moment after, one that they show twice for the first.
    """
    moment = _first_at(dt.datetime.combine(date, local_time), zone)
    if moment.astimezone(zone).date() > date and start_of_day(date, zone).astimezone(zone).date() > date:
        return None
    return moment


def _first_at(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The first moment (UTC) at which the clocks of a zone show this (naive) time, or have just skipped it."""
    later = wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    if later.astimezone(zone).replace(tzinfo=None) == wall:
        return later
    earlier = wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    while later - earlier > _SECOND:  # the clocks are moved in between: before they show less, after it more
        middle = earlier + (later - earlier) // 2
        middle -= dt.timedelta(microseconds=middle.microsecond)
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            earlier = middle
        else:
            later = middle
    return later
