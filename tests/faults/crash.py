"""The crash matrix: the bot killed at each point of each scene, started again, and the books checked."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults import books
from tests.faults.process import SEEDS, House
from tests.faults.scenes import LIBRARY, SCENES, Scene
from tests.faults.stage import Stage, make_library
from tests.wire import LocalDiscord

SOON: Final = 61.0
"""Seconds until it is started again: a step's lease is over, its nonce still holds."""
LATE: Final = 3 * 3600.0
"""The nonce is long forgotten: what was posted has to be found in the channel."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Outcome:
    """What a life of the bot came to."""

    scene: str
    points: tuple[str, ...]
    """Where it was killed, one process after the other; none: it was left alone."""
    gap: float
    passed: tuple[tuple[str, ...], ...]
    """The points that each process passed."""
    wrong: tuple[str, ...]


async def live(scene: Scene, folder: Path, kill_at: Sequence[str] = (), gap: float = SOON) -> Outcome:
    """Plays a scene, killing one process after the other at these points; the last one is left alone.

    `folder` holds the library; the house is made in it.
    """
    home = folder / f"house-{next(_numbers)}"
    home.mkdir()
    async with LocalDiscord(limit_rates=False, check_schema=False) as discord:
        house = House(home, discord, seeds=SEEDS if scene.prepare is None else None)
        stage = Stage.set(house, scene.kind)
        if scene.prepare is not None:
            shutil.copy(folder / LIBRARY, house.database)
            with books.opened(house.database, keep=True) as connection:
                scene.prepare(stage, connection)
        wrong: list[str] = []
        passed: list[tuple[str, ...]] = []
        try:
            for point in kill_at:
                await house.start(at=point)
                if not await _killed(scene, stage):
                    wrong.append(f"{point} was not reached")
                passed.append(tuple(house.passed))
                house.pass_time(gap)
            await house.start()
            await house.ready()
            if scene.act is not None:
                await scene.act(stage)
            await house.until(scene.done)
            await asyncio.sleep(0.1)
            await house.stop()
            passed.append(tuple(house.passed))
            wrong += books.problems(house.database, discord)
            with books.opened(house.database) as connection:
                wrong += scene.wrong(stage, connection)
            if "Traceback" in (logged := house.log.read_text()):
                wrong.append(logged)
        except Exception as error:  # noqa: BLE001  # it is a row of the table, the others are played all the same
            wrong.append(f"{type(error).__name__}: {error}")
        finally:
            if house.process is not None:
                await house.kill()
    if not wrong:
        shutil.rmtree(home)
    return Outcome(scene.name, tuple(kill_at), gap, tuple(passed), tuple(wrong))


async def _killed(scene: Scene, stage: Stage) -> bool:
    """Lets people act until the process is killed; whether it was."""
    acting = asyncio.ensure_future(scene.act(stage)) if scene.act is not None else None
    dying = asyncio.ensure_future(stage.house.killed())
    try:
        return await dying
    finally:
        if acting is not None:
            for interaction in stage.house.discord.world.interactions.values():
                interaction.done.set()  # nobody answers any more
            await asyncio.wait((acting,), timeout=1)
            acting.cancel()
            await asyncio.gather(acting, return_exceptions=True)


def points(scene: Scene, outcome: Outcome, process: int = 0) -> list[str]:
    """The points of a scene that a process passed, each once."""
    found = dict.fromkeys(point for point in outcome.passed[process] if scene.points.search(point))
    return list(found)


async def matrix(
    folder: Path, *, tell: Callable[[str], None], side_by_side: int = 3, twice: bool = True
) -> list[Outcome]:
    """Every scene killed at every point, soon and late; `twice`: and again at each point of the recovery."""
    await make_library(folder / LIBRARY)
    room = asyncio.Semaphore(side_by_side)
    outcomes: list[Outcome] = []

    async def one(scene: Scene, kill_at: tuple[str, ...], gap: float) -> Outcome:
        async with room:
            outcome = await live(scene, folder, kill_at, gap)
        outcomes.append(outcome)
        tell(f"{scene.name}: {' then '.join(kill_at) or 'left alone'}: {' '.join(outcome.wrong) or 'right'}")
        return outcome

    for scene in SCENES:
        whole = await one(scene, (), SOON)
        kills = [(point,) for point in points(scene, whole)]
        once = await asyncio.gather(*(one(scene, kill, gap) for kill in kills for gap in (SOON, LATE)))
        if twice and scene is SCENES[0]:
            again = [
                ((*first.points, point), first.gap)
                for first in once
                if len(first.passed) == 2 and first.gap == SOON
                for point in points(scene, first, 1)
            ]
            await asyncio.gather(*(one(scene, kill, gap) for kill, gap in again))
    return outcomes


def table(outcomes: Sequence[Outcome]) -> str:
    """The matrix in Markdown: a row for each point, with what came of being killed there."""
    lines = [
        "| in the middle of | killed | started again after a minute | after three hours |",
        "|---|---|---|---|",
    ]
    once = {(o.scene, o.points[0], o.gap): o for o in outcomes if len(o.points) == 1}
    for scene, point in dict.fromkeys((o.scene, o.points[0]) for o in outcomes if len(o.points) == 1):
        verdicts = [_verdict(once[scene, point, gap]) for gap in (SOON, LATE)]
        lines.append(f"| {scene} | {point} | {verdicts[0]} | {verdicts[1]} |")
    twice = [o for o in outcomes if len(o.points) == 2]
    right = sum(not o.wrong for o in outcomes)
    lines += [
        "",
        f"{len(once)} lives with one kill and {len(twice)} with two, the second in the middle of the recovery.",
        f"With those left alone, {right} of {len(outcomes)} came out right.",
    ]
    return "\n".join(lines)


def _verdict(outcome: Outcome) -> str:
    return "right" if not outcome.wrong else "**wrong**: " + "; ".join(outcome.wrong).replace("\n", " ")[:200]
