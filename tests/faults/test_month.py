"""A few days of the simulated month."""

from __future__ import annotations

from pathlib import Path

from tests.faults import month


async def test_days_with_faults_end_well(shipped: Path, tmp_path: Path) -> None:
    lived = await month.play(tmp_path, shipped, days=3, servers=1)
    assert lived.wrong == []
    assert lived.acknowledged
