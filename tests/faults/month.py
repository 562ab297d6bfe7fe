"""A simulated month in a few minutes: servers, clicks, faults and kills, on the real process.

The books have to be right in the end, every acknowledged answer there, and the memory flat.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, select

from bot.database.tables import answers, deliveries, rounds
from bot.leaderboard import standings
from bot.library import digests
from bot.model import Digest, Paper, Question, Reading, Section
from bot.posts.custom_ids import Answer, parse
from tests.faults import books
from tests.faults.process import House
from tests.faults.stage import Stage, answer_ids
from tests.wire import Dropped, Failed, Kind, Late, Limited, LocalDiscord, Reset, User

PLAYERS: Final = 3
_FAULTS: Final = (Dropped(), Reset(), Failed(502), Failed(503), Limited(0.5), Limited(0.5, "global"), Late(1))
_ROUTES: Final = ("/channels/*/messages", "/channels/*/messages/*/threads", "/interactions/*/callback")
_LEEWAY: Final = 8.0
"""Megabytes by which the memory may be larger at the end than in the middle: what Python gives back varies."""


@dataclass
class Month:
    """What came of it."""

    days: int
    servers: int
    kills: int = 0
    faults: int = 0
    clicks: int = 0
    acknowledged: dict[tuple[int, int, int], None] = field(default_factory=dict)
    """Server, player and question of each answer of which the bot said that it has it."""
    memory: list[float] = field(default_factory=list)
    """Megabytes, each day since the last kill."""
    wrong: list[str] = field(default_factory=list)

    @property
    def report(self) -> str:
        """For the docs."""
        grown = (
            f"{_middle(self.memory[len(self.memory) // 2 :]) - _middle(self.memory[: len(self.memory) // 2]):+.1f}"
        )
        return (
            f"{self.days} days, {self.servers} servers with {PLAYERS} players each, {self.clicks} answers, "
            f"{len(self.acknowledged)} of them acknowledged, {self.faults} faults, {self.kills} kills: "
            f"{'; '.join(self.wrong) or 'all right'}. Memory after the last kill: {_middle(self.memory):.0f} MB, "
            f"its second half {grown} MB against its first."
        )


def _middle(numbers: list[float]) -> float:
    return sorted(numbers)[len(numbers) // 2] if numbers else 0.0


def _fill(connection: Connection, days: int, now: dt.datetime) -> None:
    """A digest with three questions for each day."""
    for day in range(days):
        asked = tuple(
            Question(
                number=number, text=f"Question {number} of day {day}?", options=("a", "b", "c"), answer=number % 3
            )
            for number in (1, 2, 3)
        )
        paper = Paper(number=1, title=f"Paper {day}", sections=(Section("Problem", "x" * 300),), questions=asked)
        date = dt.date(2024, 1, 1) + dt.timedelta(days=day)
        digest = Digest(date=date, series="month", layout="deep-dive-text", papers=(paper,))
        digests.put(
            connection,
            Reading(digest=digest, notes=()),
            owner_id=0,
            source=f"month/{date}.txt",
            fingerprint=str(date),
            now=now,
            replace=False,
            bare=None,
            recount=standings.recount_for,
        )


async def play(
    folder: Path, shipped: Path, *, days: int = 30, servers: int = 5, tell: Callable[[str], None] = lambda _: None
) -> Month:
    """Lives through it."""
    month, chance = Month(days, servers), random.Random(days)  # noqa: S311
    async with LocalDiscord(limit_rates=False, check_schema=False) as discord:
        house = House(folder, discord)
        shutil.copy(shipped, house.database)
        first = Stage.set(house, Kind.NEWS)
        stages = [first, *(replace(first, **_place(discord, number)) for number in range(servers - 1))]
        with books.opened(house.database, keep=True) as connection:
            _fill(connection, days, discord.clock.now())
            for stage in stages:
                stage.write_down(connection)
                stage.subscribe(connection, series="month", thread=True, publish=True)
        people = [[discord.add_user(f"player {n}") for n in range(PLAYERS)] for _ in stages]
        await house.start(tick=1)
        try:
            for day in range(days):
                await house.ready()
                if day:
                    house.pass_time(22.5 * 3600)  # the rounds close
                    await asyncio.sleep(0.3)
                    _misbehave(discord, chance, month)
                    house.pass_time(1.5 * 3600)
                if 0 < day <= days // 2 and day % 3 == 0:
                    await asyncio.sleep(chance.uniform(0, 1.5))
                    await _kill(house, month)
                await house.until(_all_sent((day + 1) * servers))
                await asyncio.gather(
                    *(_round(month, one, who) for one, all_ in zip(stages, people, strict=True) for who in all_)
                )
                discord.no_faults()
                month.memory.append(_megabytes(house))
                tell(f"day {day + 1}: {month.memory[-1]:.0f} MB, {len(month.acknowledged)} answers")
            await house.until(_all_sent(days * servers))
            await house.stop()
        finally:
            await house.kill()
        month.wrong += books.problems(house.database, discord)
        with books.opened(house.database) as connection:
            month.wrong += _missing(connection, month)
    half = len(month.memory) // 2
    if _middle(month.memory[half:]) - _middle(month.memory[:half]) > _LEEWAY:
        month.wrong.append(f"memory grows: {[round(number) for number in month.memory]}")
    return month


def _place(discord: LocalDiscord, number: int) -> dict[str, Any]:
    guild = discord.add_guild(f"Lab {number + 2}")
    return {"guild": guild, "channel": discord.add_channel(guild, "papers", Kind.NEWS)}


def _misbehave(discord: LocalDiscord, chance: random.Random, month: Month) -> None:
    for _ in range(3):
        month.faults += 1
        when = chance.choice(("before", "after"))
        times = chance.choice((1, 2, 3))
        discord.fault(chance.choice(_ROUTES), "POST", chance.choice(_FAULTS), times=times, when=when)  # type: ignore[arg-type]
    if chance.random() < 0.3:
        month.faults += 1
        discord.gateway.forget()
        discord.gateway.reset()


async def _kill(house: House, month: Month) -> None:
    await house.kill()
    month.kills += 1
    month.memory.clear()
    house.pass_time(61)
    await house.start(tick=1)
    await house.ready()


def _all_sent(number: int) -> Callable[[Connection], bool]:
    def holds(connection: Connection) -> bool:
        finished = select(func.count()).select_from(deliveries).where(deliveries.c.finished_at.is_not(None))
        return connection.execute(finished).scalar_one() >= number

    return holds


async def _round(month: Month, stage: Stage, who: User) -> None:
    """A player opens today's round and answers its questions, as far as Discord lets her."""
    discord = stage.house.discord
    post = [one for one in stage.posts if any(c.get("label") == "Play the round" for c in one.controls)][-1]
    opened = await discord.click(who, post, "Play the round")
    for place in range(3):
        if opened.failed or opened.interaction.original is None or not (ids := answer_ids(opened.message)):
            return
        clicked = parse(ids[place])
        assert isinstance(clicked, Answer)
        month.clicks += 1
        reply = await discord.forge_click(who, opened, ids[place])
        if not reply.failed and "went wrong" not in reply.text:
            month.acknowledged[stage.guild.id, who.id, clicked.question] = None
        if reply.failed:
            opened = await discord.click(who, post, "Play the round")


def _missing(connection: Connection, month: Month) -> list[str]:
    kept = {
        tuple(row)
        for row in connection.execute(select(answers.c.server_id, answers.c.user_id, answers.c.question_id))
    }
    wrong = [f"the answer {one} was acknowledged and is gone" for one in month.acknowledged if one not in kept]
    number = connection.execute(select(func.count()).select_from(deliveries)).scalar_one()
    if number != month.days * month.servers:
        wrong.append(f"{number} deliveries instead of {month.days * month.servers}")
    late = select(func.count()).select_from(rounds).where(rounds.c.closed_at.is_(None))
    if (still := connection.execute(late).scalar_one()) > month.servers:
        wrong.append(f"{still} rounds are still open")
    return wrong


def _megabytes(house: House) -> float:
    assert house.process is not None
    pages = int(Path(f"/proc/{house.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576
