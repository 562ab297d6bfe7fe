"""The seed folder watched: what rests for two looks goes in, what is gone is withdrawn, problems are said once."""

import logging
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.clock import SystemClock
from bot.database import Store
from bot.database.tables import digests
from bot.leaderboard import standings
from bot.library import records
from bot.library.digests import Outcome
from bot.library.watching import Watcher
from tests.library.kit import seed
from tests.library.test_seeds import side, text, write


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(seed)
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "seeds"
    made.mkdir()
    return made


@pytest.fixture
def watcher(store: Store, folder: Path) -> Watcher:
    return Watcher(store, SystemClock(), folder, recount=standings.recount_for, every=0)


async def days(store: Store) -> list[str]:
    """The days that can be delivered."""
    rows = await store.read(
        lambda c: list(c.execute(select(digests.c.date).where(digests.c.withdrawn_at.is_(None))).scalars())
    )
    return sorted(str(day)[-2:] for day in rows)


async def test_a_document_goes_in_once_it_is_the_same_in_two_looks(
    store: Store, folder: Path, watcher: Watcher
) -> None:
    await watcher.look()
    await watcher.look()
    whole = text(1, "One?")
    path = write(folder / "a.txt", whole[:60])
    assert await watcher.look() is None
    write(path, whole)
    assert await watcher.look() is None
    assert await days(store) == []
    done = await watcher.look()
    assert done is not None
    assert done.outcomes == {Outcome.ADDED: 1}
    assert await days(store) == ["01"]
    assert await watcher.look() is None


async def test_one_that_is_still_copied_keeps_no_other_waiting(
    store: Store, folder: Path, watcher: Watcher
) -> None:
    growing = write(folder / "b.txt", "2025-")
    write(folder / "a.txt", text(1, "One?"))
    await watcher.look()
    write(growing, text(2, "Two?")[:50])
    await watcher.look()
    assert await days(store) == ["01"]
    write(growing, text(2, "Two?"))
    await watcher.look()
    await watcher.look()
    assert await days(store) == ["01", "02"]


async def test_a_side_file_that_comes_later_brings_its_keys(store: Store, folder: Path, watcher: Watcher) -> None:
    write(folder / "a.txt", text(1, "One?"))
    await watcher.look()
    await watcher.look()
    write(folder / "a.toml", side(2))
    await watcher.look()
    done = await watcher.look()
    assert done is not None
    assert (done.outcomes, done.keyed) == ({Outcome.UPDATED: 1}, 1)


async def test_one_that_is_taken_out_is_withdrawn_and_comes_back(
    store: Store, folder: Path, watcher: Watcher
) -> None:
    path = write(folder / "a.txt", text(1, "One?"))
    for _ in range(2):
        await watcher.look()
    path.unlink()
    await watcher.look()
    assert await days(store) == ["01"]  # an editor that writes anew takes it away for a moment
    await watcher.look()
    assert await days(store) == []
    write(path, text(1, "One?"))
    for _ in range(2):
        await watcher.look()
    assert await days(store) == ["01"]


async def test_what_was_left_out_goes_in_when_the_other_one_is_gone(
    store: Store, folder: Path, watcher: Watcher
) -> None:
    first = write(folder / "a.txt", text(1, "One?"))
    write(folder / "b.txt", text(1, "Another?"))
    for _ in range(2):
        await watcher.look()
    assert [path.name for path in await store.read(records.troubled)] == ["b.txt"]
    first.unlink()
    for _ in range(2):
        await watcher.look()
    assert await store.read(records.troubled) == {}
    assert await days(store) == ["01"]


async def test_a_problem_is_logged_once_and_gone_when_it_is_mended(
    store: Store, folder: Path, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = write(folder / "a.txt", "Dear diary")
    other = write(folder / "b.txt", text(2, "Two?"))
    for _ in range(2):
        await watcher.look()
    os.utime(other, (1, 1))
    for _ in range(2):
        await watcher.look()
    assert [r.levelname for r in caplog.records if "not read" in r.message] == ["ERROR"]
    assert list(await store.read(records.troubled)) == [path]
    write(path, text(1, "One?"))
    for _ in range(2):
        await watcher.look()
    assert await store.read(records.troubled) == {}
    assert await days(store) == ["01", "02"]


async def test_a_folder_that_is_away_for_a_while_takes_nothing_along(
    store: Store, folder: Path, watcher: Watcher, tmp_path: Path
) -> None:
    write(folder / "a.txt", text(1, "One?"))
    for _ in range(2):
        await watcher.look()
    os.rename(folder, tmp_path / "away")  # noqa: PTH104
    for _ in range(3):
        assert await watcher.look() is None
    assert await days(store) == ["01"]


async def test_what_is_known_already_is_not_read_again_after_a_restart(
    store: Store, folder: Path, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder / "a.txt", text(1, "One?"))
    write(folder / "b.txt", "Dear diary")
    for _ in range(2):
        await watcher.look()
    caplog.clear()
    again = Watcher(store, SystemClock(), folder, recount=standings.recount_for, every=0)
    await again.look()
    done = await again.look()
    assert done is not None
    assert done.outcomes == {Outcome.UNCHANGED: 1}
    assert caplog.records == []


async def test_it_looks_by_itself_from_start_to_stop(store: Store, folder: Path) -> None:
    write(folder / "a.txt", text(1, "One?"))
    watcher = Watcher(store, SystemClock(), folder, recount=standings.recount_for, every=0.001)
    watcher.start()
    while not await days(store):
        pass
    await watcher.stop()
    await watcher.stop()
