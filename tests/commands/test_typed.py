"""What people type into options: understood however it is spelled, refused with an example."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import typed, zones
from bot.delivery.schedule import EVERY_DAY, Weekdays
from bot.language import Refusal


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("9", dt.time(9)),
        ("09:00", dt.time(9)),
        (" 9.30 ", dt.time(9, 30)),
        ("9h30", dt.time(9, 30)),
        ("12am", dt.time(0)),
        ("12:05 pm", dt.time(12, 5)),
        ("9:30 PM", dt.time(21, 30)),
        ("23:59", dt.time(23, 59)),
    ],
)
def test_times_of_day(text: str, time: dt.time) -> None:
    assert typed.local_time(text) == time


@pytest.mark.parametrize("text", ["", "24:00", "9:60", "13pm", "0am", "noon", "9:5", "-1", "09:00:00", "9" * 100])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="no time of day"):
        typed.local_time(text)


@given(st.times())
def test_every_minute_of_the_day_can_be_typed(time: dt.time) -> None:
    assert typed.local_time(f"{time:%H:%M}") == time.replace(second=0, microsecond=0, fold=0)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("every day", range(7)),
        ("Mon-Fri", range(5)),
        ("mon – fri", range(5)),
        ("weekdays", range(5)),
        ("Sat, Sun", (5, 6)),
        ("sat and sun", (5, 6)),
        ("Monday Wednesday", (0, 2)),
        ("Fri-Mon", (4, 5, 6, 0)),
        ("th", (3,)),
    ],
)
def test_weekdays(text: str, days: tuple[int, ...]) -> None:
    assert typed.weekdays(text) == Weekdays.of(days)


@pytest.mark.parametrize("text", ["", "t", "someday", "Mon-", "Mon-Xyz", "1", "-"])
def test_what_names_no_days_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        typed.weekdays(text)


@given(st.text(max_size=60))
def test_no_text_breaks_them(text: str) -> None:
    for parse in (typed.local_time, typed.weekdays, typed.date):
        with contextlib.suppress(Refusal):
            parse(text)


@given(st.sets(st.integers(0, 6), min_size=1))
def test_days_said_are_days_read(days: set[int]) -> None:
    names = ", ".join(typed.DAYS[day] for day in sorted(days))
    assert typed.weekdays(names) == Weekdays.of(days)
    assert typed.weekdays("daily") == EVERY_DAY


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("berlin", "Europe/Berlin"),
        ("UTC", "UTC"),
    ],
)
def test_zones_are_found_however_they_are_spelled(text: str, name: str) -> None:
    zone = zones.find(text)
    assert zone is not None
    assert zone.key == name


@pytest.mark.parametrize("text", ["", "Nowhere", "../../etc/passwd", "Europe/", "\0"])
def test_what_is_no_zone_is_not_found(text: str) -> None:
    assert zones.find(text) is None


@given(st.text(max_size=30))
def test_offers_are_zones_and_as_many_as_discord_shows(text: str) -> None:
    offered = zones.offer(text)
    assert len(offered) <= zones.LIMIT
    assert all(zones.find(name) is not None for name in offered)


def test_a_city_comes_before_names_that_only_contain_it() -> None:
    assert zones.offer("york")[0] == "America/New_York"
    assert "Asia/Shanghai" in zones.offer("shang")


@pytest.mark.parametrize(
    "text", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31", "2025-02-30", "soon", ""]
)
def test_a_date_is_one_that_has_a_moment_in_every_zone(text: str) -> None:
    with pytest.raises(Refusal, match="no date"):
        typed.date(text)
    assert typed.date(" 2025-07-31 ") == dt.date(2025, 7, 31)
