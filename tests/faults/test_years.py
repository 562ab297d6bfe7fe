"""A few weeks of what `python -m tests.faults clock` does for two years in every zone."""

from __future__ import annotations

from pathlib import Path

from tests.faults import years

FEW = ("Africa/Cairo", "America/Nuuk", "Australia/Lord_Howe", "Europe/Berlin", "Pacific/Chatham")


def test_weeks_around_the_clocks_changes(tmp_path: Path) -> None:
    assert years.undisturbed(tmp_path / "weeks.sqlite3", 40, FEW) == []


def test_edits_at_any_moment(tmp_path: Path) -> None:
    assert years.disturbed(tmp_path, 60, FEW[:2]) == []


def test_zones_with_the_same_clocks_go_together() -> None:
    clocks = years.clocks()
    assert sum(map(len, clocks.values())) == len(years.ZONES) > 500
    assert len(clocks) > 60
    assert any({"Europe/Berlin", "Europe/Paris"} <= set(zones) for zones in clocks.values())
