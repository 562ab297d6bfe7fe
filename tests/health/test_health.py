"""/live, /ready and /metrics of the real process, against a local Discord."""

from __future__ import annotations

import re
import socket
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.cli.conftest import SEEDS
from tests.cli.test_run import lines_until, started
from tests.wire import LocalDiscord


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def ask(port: int, what: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/{what}") as answer,
    ):
        json = answer.content_type == "application/json"
        return answer.status, await (answer.json() if json else answer.text())


async def test_it_tells_how_it_is_and_keeps_the_token_to_itself(tmp_path: Path) -> None:
    port = free_port()
    async with LocalDiscord() as discord:
        discord.add_guild("Lab")
        async with started(
            tmp_path,
            DISCORD_TOKEN=discord.token,
            PAPER_ROUND_DISCORD__API_URL=discord.api_url,
            PAPER_ROUND_DISCORD__GATEWAY_URL=discord.gateway_url,
            PAPER_ROUND_SEEDS=str(SEEDS),
            PAPER_ROUND_HEALTH__PORT=str(port),
            PAPER_ROUND_BACKUP__EVERY_HOURS="24",
            PAPER_ROUND_LOG__LEVEL="debug",
        ) as process:
            lines = await lines_until(process, "  ready")
            lines += await lines_until(process, "backup made")
            assert await ask(port, "live") == (200, {"live": True})
            status, ready = await ask(port, "ready")
            assert (status, ready["ready"]) == (200, True)
            assert {reason["about"]: reason["verdict"] for reason in ready["reasons"]} == {
                "discord": "ok",
                "clock": "ok",
                "database": "ok",
                "disk": "ok",
                "backups": "ok",
            }
            status, text = await ask(port, "metrics")
            found = {family.name: family for family in text_string_to_metric_families(text)}
            assert found["paper_round_servers"].samples[0].value == 1
            assert found["paper_round_subscriptions"].samples[0].value == 0
            assert found["paper_round_deliveries_unfinished"].samples[0].value == 0
            assert found["paper_round_backup_timestamp_seconds"].samples[0].value > 0
            answered = {s.labels["status"]: s.value for s in found["paper_round_discord_requests"].samples}
            assert answered["200"] >= 2
            assert abs(found["paper_round_clock_ahead_seconds"].samples[0].value) < 60

            database = tmp_path / "data" / "paper-round.sqlite3"
            other = sqlite3.connect(database, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            status, ready = await ask(port, "ready")
            assert (status, ready["ready"]) == (503, False)
            assert any("can't be written" in reason["sentence"] for reason in ready["reasons"])
            assert (await ask(port, "live"))[0] == 200
            other.execute("ROLLBACK")
            other.close()
            assert (await ask(port, "ready"))[0] == 200

            async with started(
                tmp_path / "data",
                DISCORD_TOKEN="a.b.c",
                PAPER_ROUND_DISCORD__API_URL=discord.api_url,
                PAPER_ROUND_HEALTH__PORT=str(port),
            ) as second:
                _, err = await second.communicate()
            assert (
                f"The port {port} of 127.0.0.1 can't be had for health.port: Address already in use. "
                in err.decode()
            )
            assert second.returncode == 1
            process.terminate()
            _, rest = await process.communicate()
    said = "".join(lines) + rest.decode() + text + str(ready)
    assert discord.token not in said
    assert not re.search(r" (WARNING|ERROR) ", "".join(lines)), said
