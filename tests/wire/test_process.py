"""The local Discord as a process of its own, with its small control channel."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from .probe import Probe, buttons
from .server import TOKEN

ROOT = Path(__file__).resolve().parents[2]


async def test_another_process_can_be_played_with(monkeypatch: pytest.MonkeyPatch) -> None:
    command = (sys.executable, "-m", "tests.wire", "--guilds", "3", "--no-rates")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    base = (await process.stdout.readline()).decode().strip()
    monkeypatch.setattr(Route, "BASE", f"{base}/api/v10")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(base.replace("http", "ws")))
    probe = Probe()
    try:
        async with aiohttp.ClientSession() as session, probe:
            life = asyncio.create_task(probe.start(TOKEN))
            await probe.wait_until_ready()

            async def do(what: str, /, **order: Any) -> Any:
                async with session.post(f"{base}/control", json={"do": what, **order}) as response:
                    return await response.json()

            guilds = await do("guilds")
            channel = guilds[0]["channels"][0]
            await probe.text(int(channel)).send("press", view=buttons("private"))
            (post,) = await do("messages", channel=channel)
            click = {"do": "click", "channel": channel, "message": post["id"], "control": "private"}
            replies = await do("burst", orders=[click | {"user": number} for number in range(10)])
            assert [reply["message"]["text"] for reply in replies] == ["only you"] * 10
            assert (await do("command", channel=channel, name="hello"))["answered"]
            assert "error" in await do("command", channel=channel, name="nonsense")
            state = await do("state")
            assert state["guilds"] == len(probe.guilds) == 3
            assert not state["violations"]
        await life
    finally:
        process.terminate()
        await process.wait()
