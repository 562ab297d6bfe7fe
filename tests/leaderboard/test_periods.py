"""When today, this week and this month begin where people are, whatever the clocks do."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.leaderboard.periods import Period, bounds, day_start

UTC = dt.UTC
ZONES = sorted(
    name for name in available_timezones() if not name.startswith(("posix", "right", "localtime", "Factory"))
)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def test_a_day_a_week_and_a_month_in_a_servers_zone() -> None:
    zone = ZoneInfo("America/New_York")
    now = at("2026-03-02T03:30:00+00:00")  # still Sunday 1 March there
    assert bounds(Period.TODAY, zone, now) == (at("2026-03-01T05:00Z"), at("2026-03-02T05:00Z"))
    assert bounds(Period.WEEK, zone, now) == (at("2026-02-23T05:00Z"), at("2026-03-02T05:00Z"))
    assert bounds(Period.MONTH, zone, now) == (at("2026-03-01T05:00Z"), at("2026-04-01T04:00Z"))
    assert bounds(Period.ALL, zone, now) is None


def test_a_week_begins_on_monday_and_a_month_ends_with_the_year() -> None:
    monday = at("2026-03-02T00:00:00+00:00")
    assert bounds(Period.WEEK, UTC, monday) == (monday, monday + dt.timedelta(days=7))
    assert bounds(Period.WEEK, UTC, monday - dt.timedelta(microseconds=1)) == (
        monday - dt.timedelta(days=7),
        monday,
    )
    december = bounds(Period.MONTH, UTC, at("2026-12-31T23:59Z"))
    assert december == (at("2026-12-01T00:00Z"), at("2027-01-01T00:00Z"))


@pytest.mark.parametrize(
    ("zone", "date", "moment"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z"),  # midnight is skipped: the day begins at 01:00
        ("America/Havana", "2026-11-01", "2026-11-01T04:00Z"),  # midnight comes twice: the first one
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30Z"),  # 23:30 to 00:30: the day begins half past
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z"),  # a date that never was is no time at all
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z"),
    ],
)
def test_midnights_that_are_not_there_or_there_twice(zone: str, date: str, moment: str) -> None:
    assert day_start(dt.date.fromisoformat(date), ZoneInfo(zone)) == at(moment)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(1_420_000_000, 2_114_000_000).map(lambda seconds: dt.datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from([Period.TODAY, Period.WEEK, Period.MONTH]),
)
def test_every_moment_lies_in_its_period_and_periods_follow_each_other_without_gaps(
    name: str, now: dt.datetime, period: Period
) -> None:
    zone = ZoneInfo(name)
    found = bounds(period, zone, now)
    assert found is not None
    first, after = found
    assert first <= now < after
    following = bounds(period, zone, after)
    assert following is not None
    assert following[0] == after
    last = (after - dt.timedelta(microseconds=1)).astimezone(zone).date()
    assert first.astimezone(zone).date() <= now.astimezone(zone).date() <= last
    if period is Period.TODAY:
        assert first.astimezone(zone).date() == last
