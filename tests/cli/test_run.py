"""`run`: the real process against a local Discord, from the token to a clean end."""

import asyncio
import contextlib
import datetime as dt
import gc
import signal
import sqlite3
import sys
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.cli.running import on_ready
from tests.postgresql import Server
from tests.wire import LocalDiscord

from .conftest import SEEDS, environment


@contextlib.asynccontextmanager
async def started(folder: Path, *arguments: str, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", *arguments),
        cwd=folder,
        env=environment(**variables),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def reaching(discord: LocalDiscord) -> dict[str, str]:
    """The variables that lead a process to this Discord."""
    return {
        "DISCORD_TOKEN": discord.token,
        "PAPER_ROUND_DISCORD__API_URL": discord.api_url,
        "PAPER_ROUND_DISCORD__GATEWAY_URL": discord.gateway_url,
    }


async def lines_until(process: asyncio.subprocess.Process, word: str) -> list[str]:
    assert process.stderr is not None
    lines: list[str] = []
    async with asyncio.timeout(60):
        async for line in process.stderr:
            lines.append(line.decode())
            if word in lines[-1]:
                return lines
    raise AssertionError("".join(lines))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_connects_and_ends_cleanly_when_told(tmp_path: Path, number: signal.Signals) -> None:
    async with LocalDiscord() as discord:
        discord.add_guild("Lab")
        async with started(
            tmp_path,
            **reaching(discord),
            PAPER_ROUND_SEEDS=str(SEEDS),
        ) as process:
            lines = await lines_until(process, "  ready")
            assert any("library read" in line and "added=5" in line for line in lines)
            assert "servers=1" in lines[-1]
            process.send_signal(number)
            out, rest = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, rest.decode()
    assert rest.decode().splitlines()[-1].endswith("stopped")
    assert out == b""
    assert discord.token not in "".join(lines) + rest.decode()
    assert not [line for line in (*lines, *rest.decode().splitlines()) if " WARNING " in line or " ERROR " in line]


async def test_told_to_stop_in_its_first_import_it_ends_and_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "seeds" / "deep-dive"
    folder.mkdir(parents=True)
    document = (SEEDS / "deep-dive" / "2025-04-29.txt").read_text(encoding="utf-8")
    for number in range(150):
        day = str(dt.date(2020, 1, 1) + dt.timedelta(days=number))
        (folder / f"{day}.txt").write_text(document.replace("2025-04-29", day), encoding="utf-8")
    database = tmp_path / "data" / "paper-round.sqlite3"

    def imported() -> int:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            number: int = connection.execute("SELECT count(*) FROM digests").fetchone()[0]
            return number

    given = {"DISCORD_TOKEN": "a.b.c", "PAPER_ROUND_DISCORD__API_URL": "http://127.0.0.1:9/api"}
    async with started(tmp_path, **given) as process:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(sqlite3.OperationalError):  # nothing there yet
                    if imported():
                        break
                await asyncio.sleep(0.01)
        process.terminate()
        _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    assert [line.rpartition("  ")[2] for line in err.decode().splitlines()] == ["stopped"]
    kept = imported()
    assert kept < 150
    async with started(tmp_path, **given) as process:
        lines = await lines_until(process, "library read")
    assert f"unchanged={kept}" in lines[-1]
    assert imported() == 150


async def test_told_to_stop_while_it_reads_a_document_it_says_so_and_ends(tmp_path: Path) -> None:
    async with LocalDiscord() as discord:
        guild = discord.add_guild("Lab")
        channel, admin = discord.add_channel(guild, "papers"), discord.admin_of(guild)
        async with started(tmp_path, **reaching(discord)) as process:
            await lines_until(process, "  ready")
            document = next(SEEDS.glob("*/*.txt"))
            replies = [
                await discord.command(
                    admin, channel, "digest import", document=discord.upload(document.name, document.read_bytes())
                )
                for _ in range(2)
            ]
            process.terminate()
            _, rest = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, rest.decode()
    for reply in replies:
        assert reply.text == "I am being restarted, so this document wasn't read; import it again in a minute."
    assert " ERROR " not in rest.decode()
    assert "Traceback" not in rest.decode()


@pytest.mark.parametrize(("days", "said"), [(1_825, "1825 d behind"), (-1_825, "1825 d ahead of")])
async def test_with_a_clock_that_is_years_off_nothing_is_sent(tmp_path: Path, days: int, said: str) -> None:
    async with LocalDiscord() as discord:
        discord.advance(days * 86_400)
        async with started(tmp_path, **reaching(discord)) as process:
            _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert f"The bot's clock is {said}" in err.decode().splitlines()[-1]
    assert "Traceback" not in err.decode()


async def test_a_clock_that_is_hours_off_is_a_warning(tmp_path: Path) -> None:
    async with LocalDiscord() as discord:
        discord.advance(3 * 3600)
        async with started(tmp_path, **reaching(discord)) as process:
            lines = await lines_until(process, "  ready")
    assert any("WARNING" in line and "3 h behind Discord's" in line for line in lines)


async def test_a_wrong_token_is_one_sentence(tmp_path: Path) -> None:
    async with (
        LocalDiscord() as discord,
        started(tmp_path, DISCORD_TOKEN="not.this.one", PAPER_ROUND_DISCORD__API_URL=discord.api_url) as process,
    ):
        _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert err.decode().splitlines()[-1] == (
        "Discord refused the token: check DISCORD_TOKEN, or reset the token there."
    )
    assert "Traceback" not in err.decode()
    assert "not.this.one" not in err.decode()


async def test_a_discord_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    async with started(
        tmp_path, DISCORD_TOKEN="a.b.c", PAPER_ROUND_DISCORD__API_URL="http://127.0.0.1:9/api"
    ) as process:
        _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert err.decode().splitlines()[-1].startswith("Discord can't be reached: ")
    assert "Traceback" not in err.decode()


def test_without_a_token_it_says_where_to_put_one(failure: Callable[..., str]) -> None:
    assert failure("run").startswith("There is no Discord token: put it into DISCORD_TOKEN")


def test_a_token_file_that_is_not_there_is_one_sentence(failure: Callable[..., str]) -> None:
    assert "token file nowhere" in failure("run", DISCORD_TOKEN_FILE="nowhere")


def test_a_bad_setting_is_one_sentence(failure: Callable[..., str]) -> None:
    said = failure("run", PAPER_ROUND_DELIVERY__TICK_SECONDS="often")
    assert said == (
        "delivery.tick_seconds (PAPER_ROUND_DELIVERY__TICK_SECONDS) is 'often'; it must be a number of seconds"
        " from 1 to 300."
    )


def test_a_database_that_cannot_be_opened_is_one_sentence(failure: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder", encoding="utf-8")
    assert failure("run", DISCORD_TOKEN="a.b.c").startswith(
        "The database data/paper-round.sqlite3 can't be opened"
    )


async def test_a_second_one_on_the_same_database_or_token_says_so_and_stops(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with LocalDiscord() as discord:
        given = reaching(discord)
        async with started(tmp_path, **given) as first:
            await lines_until(first, "  ready")
            for folder, token, what in (
                (tmp_path, "a.b.c", "on the database data/paper-round.sqlite3"),
                (other, discord.token, "here with the same token"),
            ):
                async with started(folder, **{**given, "DISCORD_TOKEN": token}) as second:
                    _, err = await asyncio.wait_for(second.communicate(), 60)
                assert second.returncode == 1
                assert err.decode().splitlines() == [
                    f"Another Paper Round is running {what} already; stop it before you start one."
                ]
            first.kill()
            await first.wait()
        async with started(tmp_path, **given) as third:  # a kill leaves no lock behind
            await lines_until(third, "  ready")


@pytest.mark.parametrize("written", ["4/4", "0-3", "3-2/4", "half"])
def test_shards_that_do_not_exist_are_one_sentence(failure: Callable[..., str], written: str) -> None:
    assert failure("run", "--shards", written) == (
        f"--shards is '{written}'; it must be a whole number from 0 (as many as Discord recommends) to 1000,"
        " or a process's part of them, counted from 0, such as 0-3/16."
    )


@pytest.mark.parametrize("variables", [{}, {"PAPER_ROUND_DISCORD__SHARDS": "0-3/16"}])
def test_a_part_of_the_shards_on_sqlite_is_one_sentence(
    failure: Callable[..., str], variables: dict[str, str]
) -> None:
    said = failure("run", *(() if variables else ("--shards", "0-3/16")), **variables)
    assert said.startswith(
        "A part of the shards (0-3/16) needs a database that processes can share: set DATABASE_"
    )


async def test_a_process_takes_its_part_of_the_shards_and_nobody_elses(
    tmp_path: Path, server: Server, server_template: str
) -> None:
    name = await server.create(server_template)
    async with LocalDiscord(shards=9) as discord:
        for _ in range(4):
            discord.add_guild("Lab")
        given = {
            "DISCORD_TOKEN": discord.token,
            "DATABASE_URL": server.address(name),
            "PAPER_ROUND_DISCORD__API_URL": discord.api_url,
            "PAPER_ROUND_DISCORD__GATEWAY_URL": discord.gateway_url,
            "PAPER_ROUND_SEEDS": str(SEEDS),
        }
        async with started(tmp_path, "--shards", "0/2", **given) as first:
            lines = await lines_until(first, "  ready")
            assert any("library read" in line and "added=5" in line for line in lines)
            assert any("told Discord about" in line for line in lines)
            assert [session.shard for session in discord.gateway.connected] == [(0, 2)]
            mine = sum((guild_id >> 22) % 2 == 0 for guild_id in discord.world.guilds)
            assert f"servers={mine}  shards=1" in lines[-1]
            async with started(tmp_path, **{**given, "PAPER_ROUND_DISCORD__SHARDS": "1/2"}) as second:
                lines = await lines_until(second, "  ready")
                assert not any("library read" in line or "told Discord about" in line for line in lines)
                assert sorted(session.shard for session in discord.gateway.connected) == [(0, 2), (1, 2)]
            for part, why in (("0/2", " with one of the shards 0-0/2"), ("2", "")):
                other = {**given, "DISCORD_TOKEN": "a.b.c"}
                async with started(tmp_path, "--shards", part, **other) as third:
                    _, err = await asyncio.wait_for(third.communicate(), 60)
                assert f"/{name}" in (said := err.decode())
                assert said.endswith(f"{why} already; stop it before you start one.\n"), said
    await server.drop(name)


async def test_what_a_session_kept_of_the_servers_is_let_go_of_when_the_next_begins() -> None:
    class Server:
        """One whose channels know it, so that only the collector can end it."""

        def __init__(self) -> None:
            self.channel = self

    server: Server | None = Server()
    alive = weakref.ref(server)
    try:
        await on_ready()
        server = None
        gc.collect()
        assert alive() is not None  # the collector doesn't look at what a session keeps
        await on_ready()
        assert alive() is None
    finally:
        gc.unfreeze()
