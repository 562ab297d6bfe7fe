"""Four processes share the servers, one is killed while they deliver: the short form."""

from __future__ import annotations

from pathlib import Path

from tests.faults import sharing
from tests.postgresql import Server


async def test_every_server_has_its_digest_once_though_one_of_four_processes_is_killed(
    tmp_path: Path, server: Server
) -> None:
    found = await sharing.nine(tmp_path, server, servers=32, max_concurrency=2)
    assert found.wrong == []
    assert [part.times for part in found.parts] == [{1: 8}] * sharing.PROCESSES
    assert found.killed.before < 8
