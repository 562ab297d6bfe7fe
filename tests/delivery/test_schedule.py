"""When a subscription is due: local days and times through every change of the clocks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.schedule import (
    EVERY_DAY,
    NoWeekdays,
    Schedule,
    Weekdays,
    decide,
    moment_of,
    next_due,
    round_closes,
    start_of_day,
)
from bot.language import Speech

ZONES = sorted(available_timezones())
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
TIMES = [dt.time(h, m) for h, m in ((0, 0), (0, 30), (1, 30), (2, 0), (2, 30), (3, 0), (9, 0), (23, 30), (23, 59))]


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


def wall(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def first_at(date: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The plain way: minute for minute, the first at which the clocks show the time or have passed it by."""
    wanted = dt.datetime.combine(date, time)
    moment = wanted.replace(tzinfo=dt.UTC) - dt.timedelta(hours=15)
    minutes = [moment + dt.timedelta(minutes=minute) for minute in range(29 * 60)]
    exact = [m for m in minutes if wall(m, zone) == wanted]
    return exact[0] if exact else next(m for m in minutes if wall(m, zone) > wanted)


@pytest.mark.parametrize(
    ("zone", "date", "time", "expected"),
    [
        ("Europe/Berlin", (2026, 3, 29), dt.time(2, 30), utc(2026, 3, 29, 1, 0)),  # skipped: 03:00 summer time
        ("Europe/Berlin", (2026, 10, 25), dt.time(2, 30), utc(2026, 10, 25, 0, 30)),  # twice: the first
        ("America/New_York", (2026, 3, 8), dt.time(2, 30), utc(2026, 3, 8, 7, 0)),
        ("America/New_York", (2026, 11, 1), dt.time(1, 30), utc(2026, 11, 1, 5, 30)),
        ("Africa/Cairo", (2026, 4, 24), dt.time(0, 0), utc(2026, 4, 23, 22, 0)),  # 01:00: midnight is skipped
        ("Africa/Cairo", (2026, 4, 24), dt.time(0, 30), utc(2026, 4, 23, 22, 0)),
        ("Australia/Lord_Howe", (2026, 10, 4), dt.time(2, 15), utc(2026, 10, 3, 15, 30)),  # by half an hour
        ("Antarctica/Troll", (2026, 3, 29), dt.time(1, 30), utc(2026, 3, 29, 1, 0)),  # by two hours
        ("America/Nuuk", (2024, 3, 30), dt.time(23, 30), utc(2024, 3, 31, 1, 0)),  # the gap ends the day
        ("Africa/Monrovia", (1972, 1, 7), dt.time(0, 30), utc(1972, 1, 7, 0, 44, 30)),  # by odd seconds
        ("Asia/Kathmandu", (2026, 1, 1), dt.time(9, 0), utc(2026, 1, 1, 3, 15)),
        ("Pacific/Apia", (2011, 12, 31), dt.time(0, 0), utc(2011, 12, 30, 10, 0)),
    ],
)
def test_the_moment_of_a_local_time(
    zone: str, date: tuple[int, int, int], time: dt.time, expected: dt.datetime
) -> None:
    assert moment_of(dt.date(*date), time, ZoneInfo(zone)) == expected


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [("Pacific/Apia", dt.date(2011, 12, 30)), ("Pacific/Kwajalein", dt.date(1993, 8, 21))],
)
@pytest.mark.parametrize("time", TIMES)
def test_a_date_that_a_zone_skipped_has_no_slot(zone: str, skipped: dt.date, time: dt.time) -> None:
    schedule = Schedule(time, ZoneInfo(zone))
    assert schedule.slot(skipped) is None
    before = schedule.slot(skipped - DAY)
    assert before is not None
    assert schedule.after(before.moment).date == skipped + DAY


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    date=st.dates(dt.date(1975, 1, 1), dt.date(2037, 12, 31)),
    time=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
def test_it_is_the_first_minute_that_shows_the_time(zone: ZoneInfo, date: dt.date, time: dt.time) -> None:
    found = moment_of(date, time, zone)
    if found is not None:
        assert found == first_at(date, time, zone)


@pytest.mark.parametrize("area", sorted({zone.partition("/")[0] for zone in ZONES}))
def test_two_years_in_every_zone_have_one_slot_for_each_local_day(area: str) -> None:
    for zone in (zone for zone in ZONES if zone.partition("/")[0] == area):
        tz, time = ZoneInfo(zone), TIMES[sum(map(ord, zone)) % len(TIMES)]
        schedule = Schedule(time, tz)
        slot = schedule.after(start_of_day(dt.date(2025, 1, 1), tz) - SECOND)
        dates = []
        while slot.date < dt.date(2027, 1, 1):
            dates.append(slot.date)
            wanted, shown = dt.datetime.combine(slot.date, time), wall(slot.moment, tz)
            if shown != wanted:  # skipped that day: the first moment after
                assert shown > wanted > wall(slot.moment - SECOND, tz), zone
            previous, slot = slot, schedule.after(slot.moment)
            assert slot.moment > previous.moment, zone
        assert dates == [dt.date(2025, 1, 1) + day * DAY for day in range(730)], zone


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    start=st.integers(0, 51 * 365 * 24 * 60).map(lambda minutes: utc(1985, 1, 1) + dt.timedelta(minutes=minutes)),
    time=st.sampled_from(TIMES),
    mask=st.integers(1, 127),
)
def test_the_next_slot_and_the_latest_meet(zone: ZoneInfo, start: dt.datetime, time: dt.time, mask: int) -> None:
    schedule = Schedule(time, zone, Weekdays(mask))
    for _ in range(10):
        slot = schedule.after(start)
        assert slot.moment > start
        assert slot.date in schedule.weekdays
        assert schedule.latest(slot.moment) == slot
        assert schedule.latest(slot.moment - SECOND).moment <= start
        assert next_due(start, time, zone, schedule.weekdays) == slot.moment
        start = slot.moment


def test_taken_dates_are_passed_over() -> None:
    schedule = Schedule(dt.time(9), ZoneInfo("UTC"))
    taken = {dt.date(2026, 3, 2), dt.date(2026, 3, 3)}
    assert schedule.after(utc(2026, 3, 2, 8), taken).date == dt.date(2026, 3, 4)


BERLIN = Schedule(dt.time(9), ZoneInfo("Europe/Berlin"))


def test_what_is_due_is_served_for_its_local_date() -> None:
    decision = decide(BERLIN, due=dt.date(2026, 3, 2), now=utc(2026, 3, 2, 8, 0, 10), taken=(), same_day=False)
    assert decision.serve is not None
    assert decision.serve.date == dt.date(2026, 3, 2)
    assert decision.upcoming.date == dt.date(2026, 3, 3)


def test_after_three_days_down_one_digest_comes_now_if_the_next_slot_is_far() -> None:
    now = utc(2026, 3, 5, 10, 0)
    decision = decide(BERLIN, due=dt.date(2026, 3, 3), now=now, taken=(), same_day=False)
    assert decision.serve is not None
    assert decision.serve.date == dt.date(2026, 3, 5)


def test_after_three_days_down_it_waits_for_a_slot_within_six_hours() -> None:
    now = utc(2026, 3, 5, 2, 0)
    decision = decide(BERLIN, due=dt.date(2026, 3, 3), now=now, taken=(), same_day=False)
    assert decision.serve is None
    assert decision.upcoming.moment == utc(2026, 3, 5, 8, 0)


def test_a_date_that_had_its_delivery_gets_no_other() -> None:
    day = dt.date(2026, 3, 2)
    assert decide(BERLIN, due=day, now=utc(2026, 3, 2, 9), taken={day}, same_day=False).serve is None


def test_an_edit_to_a_later_time_waits_for_it() -> None:
    evening = Schedule(dt.time(18), ZoneInfo("Europe/Berlin"))
    decision = decide(evening, due=dt.date(2026, 3, 2), now=utc(2026, 3, 2, 8, 1), taken=(), same_day=False)
    assert decision.serve is None
    assert decision.upcoming.moment == utc(2026, 3, 2, 17)


@pytest.mark.parametrize(("hour", "served"), [(9, True), (22, True), (23, False)])
def test_same_day_is_served_until_local_midnight(hour: int, served: bool) -> None:
    now = utc(2026, 3, 2, hour, 20)  # 00:20 in Berlin is the next day
    decision = decide(BERLIN, due=dt.date(2026, 3, 2), now=now, taken=(), same_day=True)
    assert (decision.serve is not None) is served


def test_same_day_just_before_midnight_is_not_lost_to_a_tick_that_comes_after() -> None:
    late = Schedule(dt.time(23, 59), ZoneInfo("Europe/Berlin"))
    now = utc(2026, 3, 2, 23, 3)
    decision = decide(late, due=dt.date(2026, 3, 2), now=now, taken=(), same_day=True)
    assert decision.serve is not None
    assert decision.serve.date == dt.date(2026, 3, 2)


def test_a_round_closes_an_hour_before_the_next_slot() -> None:
    assert round_closes(BERLIN, utc(2026, 3, 2, 8)) == utc(2026, 3, 3, 7)


def test_a_round_closes_after_72_hours_at_the_latest() -> None:
    weekly = Schedule(dt.time(9), ZoneInfo("UTC"), Weekdays.of([0]))
    assert round_closes(weekly, utc(2026, 3, 2, 9)) == utc(2026, 3, 5, 9)
    assert round_closes(None, utc(2026, 3, 2, 9)) == utc(2026, 3, 5, 9)


def test_a_round_opened_just_before_a_slot_lasts_until_the_one_after() -> None:
    assert round_closes(BERLIN, utc(2026, 3, 2, 7, 30)) == utc(2026, 3, 3, 7)


def test_weekdays_as_bits_days_and_words() -> None:
    say = Speech()
    assert Weekdays.of(range(7)) == EVERY_DAY
    assert Weekdays.of([5, 6]).days == {5, 6}
    assert dt.date(2026, 3, 2) in Weekdays.of([0])
    assert dt.date(2026, 3, 3) not in Weekdays.of([0])
    texts = {(0, 1, 2, 3, 4, 5, 6): "every day", (0, 1, 2, 3, 4): "Mon–Fri", (5, 6): "Sat, Sun", (3,): "Thu"}
    for days, text in {**texts, (0, 2, 3, 4): "Mon, Wed–Fri"}.items():
        assert Weekdays.of(days).text(say) == text


def test_no_weekdays_at_all_are_refused() -> None:
    with pytest.raises(NoWeekdays, match="at least one day"):
        Weekdays.of([])
    with pytest.raises(ValueError, match="no set"):
        Weekdays(128)


def test_the_start_of_a_day_is_the_first_moment_of_its_date() -> None:
    assert start_of_day(dt.date(2026, 4, 24), ZoneInfo("Africa/Cairo")) == utc(2026, 4, 23, 22)
    assert start_of_day(dt.date(2011, 12, 30), ZoneInfo("Pacific/Apia")) == utc(2011, 12, 30, 10)
