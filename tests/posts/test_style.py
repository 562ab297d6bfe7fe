"""A series has its colour and its name, a date its weekday."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

from hypothesis import given

from bot.language import Speech
from bot.posts.style import colour, date_in_words, series_name

from .strategies import short_texts


@given(short_texts())
def test_any_series_has_a_colour(series: str) -> None:
    assert 0 < colour(series) <= 0xFFFFFF
    assert colour(series) == colour(series)


def test_each_series_has_its_own() -> None:
    names = ("deep-dive", "round-up", "robotics", "biology")
    assert len({colour(name) for name in names}) == len(names)
    # Stable over versions: readers know a series by its colour.
    assert [f"{colour(name):06x}" for name in names[:3]] == ["4f7cff", "f0a33c", "51d6bc"]


def test_names_and_dates_are_said_in_words() -> None:
    say = Speech()
    assert [series_name(name, say) for name in ("deep-dive", "round-up", "my-own_series")] == [
        *("Deep dive", "Round-up", "My own series"),
    ]
    assert date_in_words(dt.date(2025, 4, 29), say) == "Tue 29 Apr 2025"
    chinese = Speech(
        sentences=MappingProxyType({"{weekday} {day} {month} {year}": "{year}年{month}{day}日", "Apr": "4月"}),
    )
    assert date_in_words(dt.date(2025, 4, 29), chinese) == "2025年4月29日"
