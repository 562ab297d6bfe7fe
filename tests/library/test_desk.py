"""Where documents of unknown origin are read: real processes, and several servers at once."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable

import pytest

from bot.library import desk
from bot.library.desk import Closing, Desk, TooBusy
from bot.library.work import Document
from tests.library.test_seeds import text

ONE, OTHER, THIRD = 1, 2, 3


class Slow:
    """A document that comes when it is let go, and tells that somebody waits for it."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.free = asyncio.Event()

    async def __call__(self) -> Document:
        self.asked.set()
        await self.free.wait()
        return await quick()


async def quick() -> Document:
    return Document(text(1).encode(), "2025-04-01.txt")


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  # no event tells of another process
            await asyncio.sleep(0.001)


async def test_a_servers_slow_document_keeps_only_itself_waiting() -> None:
    reading = Desk(2)
    slow, second, third = Slow(), Slow(), Slow()
    first = asyncio.create_task(reading.read(ONE, slow))
    await slow.asked.wait()
    rest = [asyncio.create_task(reading.read(ONE, one)) for one in (second, third)]
    await asyncio.sleep(0)
    for server in (OTHER, THIRD):
        assert (await reading.read(server, quick)).reading is not None
    assert not second.asked.is_set()
    for one in (slow, second, third):
        one.free.set()
    for task in (first, *rest):
        assert (await task).reading is not None


async def test_no_more_are_read_at_once_than_there_are_places() -> None:
    reading = Desk(2)
    brought = [Slow() for _ in range(3)]
    tasks = [asyncio.create_task(reading.read(server, one)) for server, one in enumerate(brought)]
    await asyncio.gather(*(one.asked.wait() for one in brought[:2]))
    assert not brought[2].asked.is_set()
    brought[1].free.set()
    await brought[2].asked.wait()
    for one in brought:
        one.free.set()
    assert all(work.reading for work in await asyncio.gather(*tasks))


async def test_who_waits_too_long_is_told_and_the_place_stays_good() -> None:
    reading = Desk(1, patience=0)
    slow = Slow()
    patient = Desk(1)
    patient._places = reading._places
    first = asyncio.create_task(patient.read(ONE, slow))
    await slow.asked.wait()
    with pytest.raises(TooBusy):
        await reading.read(OTHER, quick)
    slow.free.set()
    assert (await first).reading is not None
    assert (await patient.read(OTHER, quick)).reading is not None


async def test_a_document_that_takes_too_long_is_given_up() -> None:
    work = await Desk(1, seconds=0).read(ONE, quick)
    assert work.problem == "Reading it takes more than 0 seconds; split it."
    assert not multiprocessing.active_children()


async def test_closing_ends_what_is_read_and_what_waits() -> None:
    reading = Desk(1)
    tasks = [asyncio.create_task(reading.read(server, quick)) for server in (ONE, OTHER)]
    await until(multiprocessing.active_children)  # which has no result before it has imported the readers
    reading.close()
    for task in tasks:
        with pytest.raises(Closing):
            await task
    with pytest.raises(Closing):
        await reading.read(ONE, quick)
    await until(lambda: not multiprocessing.active_children())


async def test_a_failed_download_is_its_own_trouble() -> None:
    async def lost() -> Document:
        raise TimeoutError

    reading = Desk(1)
    with pytest.raises(TimeoutError):
        await reading.read(ONE, lost)
    assert (await reading.read(ONE, quick)).reading is not None


@pytest.mark.parametrize(
    ("cores", "gigabytes", "places"), [(1, 16, 2), (2, 16, 2), (8, 64, 8), (8, 8, 4), (2, 2, 1), (1, 1, 1)]
)
def test_the_places_are_what_cores_and_memory_allow(
    monkeypatch: pytest.MonkeyPatch, cores: int, gigabytes: int, places: int
) -> None:
    monkeypatch.setattr(desk, "cores", lambda: cores)
    monkeypatch.setattr(desk, "_memory", lambda: gigabytes * 1024**3)
    assert desk.affordable() == places
