"""Importing documents: what did not change costs nothing, what is wrong is said, what is gone is withdrawn."""

import asyncio
import os
from collections.abc import Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.clock import SystemClock
from bot.database import Store
from bot.database.tables import digests, documents, keys
from bot.leaderboard import standings
from bot.library import digests as library
from bot.library import picking, records, work
from bot.library.digests import Outcome
from bot.library.records import Result
from bot.library.seeds import Summary, import_paths
from bot.model import Level, Reading
from tests.library.kit import SERVER, active, seed, subscribe
from tests.quiz.kit import choose, start, summary, truth

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="200" height="99"/></svg>'


def text(day: int, *questions: str) -> str:
    asked = "".join(
        f"Q{number}\n{number}. {question}\nRed\nGreen\nBlue\n" for number, question in enumerate(questions, 1)
    )
    return f"""2025-04-{day:02} Papers

Paper 1

A title of day {day}

Published: 2025-04-01

Link: http://example.org/{day}

1. 📘 Topic and Domain: Something.
2. 💡 Previous Research and New Ideas: Something else.
3. ❓ Problem: A problem.
4. 🛠️ Methods: A method.
5. 📊 Results and Evaluation: A result.

{asked}"""


def side(answer: int, *, svg: str | None = None) -> str:
    figure = f"figure = '''{svg}'''\n" if svg else ""
    return f"""[[papers]]
number = 1
{figure}
[[papers.questions]]
number = 1
answer = "{"ABC"[answer]}"
reason = "So it is."
"""


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(seed)
    return store


class Counting(ThreadPoolExecutor):
    """Counts what is read."""

    def __init__(self) -> None:
        super().__init__(1)
        self.read: list[str] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.read.append(args[0].source.path.name)
        return super().submit(fn, *args, **kwargs)


async def run(store: Store, *paths: Path, **more: Any) -> Summary:
    return await import_paths(store, paths, clock=SystemClock(), recount=standings.recount_for, **more)


def fates(results: Iterable[Result]) -> dict[str, str | None]:
    return {r.path.name: r.outcome.value if r.outcome else r.problem for r in results}


async def test_a_folder_goes_in_and_the_summary_says_what_is_in_it(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    write(folder / "a.txt", text(1, "One?", "Two?"))
    write(folder / "a.toml", side(2, svg=SVG))
    write(folder / "b.txt", text(2, "Three?"))
    write(folder / "c.txt", "This is no digest at all.")
    seen: list[tuple[int, int, str]] = []
    found = await run(store, folder, on_progress=lambda done, of, r: seen.append((done, of, r.path.name)))
    assert [r.path.name for r in found.results] == ["a.txt", "b.txt", "c.txt"]
    assert (found.documents, found.papers, found.questions, found.keyed, found.unkeyed) == (3, 2, 3, 1, 2)
    assert found.figures == 1
    assert found.outcomes == {Outcome.ADDED: 2}
    [bad] = found.problems
    assert bad.path == folder / "c.txt"
    assert bad.problem is not None
    assert bad.line == 1
    assert seen == [(1, 3, "a.txt"), (2, 3, "b.txt"), (3, 3, "c.txt")]
    first = found.results[0]
    assert (first.series, str(first.date), first.papers, first.questions, first.keyed, first.figures) == (
        "deep-dive",
        "2025-04-01",
        1,
        2,
        1,
        1,
    )
    kept = await store.read(library.load, first.digest_id or 0, figures=True)
    assert kept is not None
    assert kept.papers[0].figure is not None
    assert kept.papers[0].figure.png.startswith(b"\x89PNG")
    origins = await store.read(lambda c: [(r.origin, r.answer) for r in c.execute(select(keys))])
    assert origins == [("side-file", 2)]


async def test_what_did_not_change_is_not_even_opened_and_still_counted(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    write(folder / "a.txt", text(1, "One?"))
    write(folder / "a.toml", side(0))
    write(folder / "b.txt", "no digest")
    first = await run(store, folder)
    with Counting() as executor:
        again = await run(store, folder, executor=executor)
        assert executor.read == []
    assert fates(again.results) == {"a.txt": "unchanged", "b.txt": first.results[1].problem}
    assert again.results[1].line == first.results[1].line
    assert (again.papers, again.questions, again.keyed, again.notes) == (1, 1, 1, first.notes)
    os.utime(folder / "a.txt", (1, 1))
    os.utime(folder / "a.toml", (1, 1))
    with Counting() as executor:
        assert (await run(store, folder, executor=executor)).outcomes == {Outcome.UNCHANGED: 1}
        assert executor.read == ["a.txt"]
        await run(store, folder, executor=executor)
        assert executor.read == ["a.txt"]


async def test_newer_readers_read_everything_anew(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "papers" / "a.txt", text(1, "One?"))
    await run(store, tmp_path / "papers")
    for module in ("work", "records"):
        monkeypatch.setattr(f"bot.library.{module}.READERS", "next")
    with Counting() as executor:
        assert (await run(store, tmp_path / "papers", executor=executor)).outcomes == {Outcome.UNCHANGED: 1}
        assert executor.read == ["a.txt"]


async def test_a_changed_document_updates_its_digest_and_answers_and_standings_follow(
    store: Store, tmp_path: Path
) -> None:
    document = write(tmp_path / "papers" / "a.txt", text(1, "One?", "Two?"))
    write(document.with_suffix(".toml"), side(0))
    digest_id = (await run(store, document)).results[0].digest_id or 0
    kept = await store.read(library.load, digest_id, figures=True)
    assert kept is not None
    played = await store.write(start, kept, source=str(document), replace=True)
    await store.write(choose, played, played.questions[0], 2)
    assert [points for points, *_ in (await store.read(summary)).values()] == [0]

    write(document.with_suffix(".toml"), side(2))
    os.utime(document.with_suffix(".toml"), (1, 1))
    changed = await run(store, document)
    assert (changed.outcomes, changed.results[0].digest_id) == ({Outcome.UPDATED: 1}, digest_id)
    assert [points for points, *_ in (await store.read(summary)).values()] == [1]
    assert await store.read(summary) == await store.read(truth)

    write(document, text(1, "Quite another?", "Two?"))
    await run(store, document)
    assert [q.text for q in await store.read(active, digest_id)] == ["Quite another?", "Two?"]
    assert (await store.read(active, digest_id))[1].id == played.questions[1]


async def test_a_document_that_breaks_keeps_its_digest_and_says_so(store: Store, tmp_path: Path) -> None:
    document = write(tmp_path / "papers" / "a.txt", text(1, "One?"))
    await run(store, document)
    write(document, "oh no")
    broken = await run(store, document, roots=[tmp_path / "papers"])
    assert broken.problems
    problem = await store.read(lambda c: c.execute(select(documents.c.problem)).scalar_one())
    assert problem.startswith("line 1: ")
    assert len(await store.read(library.series, SERVER)) == 1
    document.unlink()
    await run(store, document.parent, roots=[document.parent])
    assert await store.read(library.series, SERVER) == ()


async def test_a_second_source_of_a_day_is_left_out_until_the_first_is_gone_or_the_operator_says_so(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    first = write(folder / "a.txt", text(1, "One?"))
    write(folder / "b.txt", text(1, "Another?"))
    found = await run(store, folder, roots=[folder])
    assert fates(found.results) == {"a.txt": "added", "b.txt": "refused"}
    assert "papers/a.txt" in (found.results[1].note or "")
    assert (found.papers, found.questions) == (1, 1)
    with Counting() as executor:
        again = await run(store, folder, roots=[folder], executor=executor)
        assert executor.read == []
    assert fates(again.results) == {"a.txt": "unchanged", "b.txt": "refused"}
    assert again.results[1].note == found.results[1].note
    replaced = await run(store, folder / "b.txt", replace=True)
    assert fates(replaced.results) == {"b.txt": "updated"}
    assert fates((await run(store, folder, roots=[folder])).results) == {"a.txt": "refused", "b.txt": "unchanged"}
    (folder / "b.txt").unlink()
    back = await run(store, folder, roots=[folder])
    assert back.missing == (folder / "b.txt",)
    assert fates(back.results) == {"a.txt": "updated"}
    # somewhere else, and the first one gone without a seed folder having been looked through
    other = write(tmp_path / "elsewhere" / "a.txt", text(1, "A third?"))
    assert fates((await run(store, other)).results) == {"a.txt": "refused"}
    first.unlink()
    os.utime(other, (1, 1))
    assert fates((await run(store, other, replace=False)).results) == {"a.txt": "refused"}  # nothing in it changed
    write(other, text(1, "A fourth?"))
    assert fates((await run(store, other)).results) == {"a.txt": "updated"}


async def test_a_page_takes_the_texts_place_and_gives_it_back(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    write(folder / "a.txt", text(1, "One?"))
    await run(store, folder, roots=[folder])
    [digest_id] = await store.read(lambda c: c.execute(select(digests.c.id)).scalars().all())

    async def same_day_page() -> None:
        kept = await store.read(library.load, digest_id, figures=True)
        assert kept is not None
        page = replace(kept, layout="deep-dive-page")
        await store.write(
            library.put,
            Reading(page),
            owner_id=0,
            source=str(folder / "b.html"),
            fingerprint="page",
            now=SystemClock().now(),
            recount=standings.recount_for,
        )

    await same_day_page()
    again = await run(store, folder, roots=[folder])
    assert fates(again.results) == {"a.txt": "refused"}
    assert again.results[0].note == "papers/b.html has taken its place."
    await store.write(library.withdraw, digest_id, owner_id=0, now=SystemClock().now())
    assert fates((await run(store, folder, roots=[folder])).results) == {"a.txt": "updated"}


async def test_a_removed_document_is_withdrawn_only_from_a_seed_folder_that_was_looked_through(
    store: Store, tmp_path: Path
) -> None:
    root = tmp_path / "seeds"
    kept = write(root / "deep-dive" / "a.txt", text(1, "One?"))
    gone = write(root / "deep-dive" / "b.txt", text(2, "Two?"))
    neighbour = write(tmp_path / "seeds-old" / "c.txt", text(3, "Three?"))
    await run(store, root, neighbour, roots=[root])
    subscription = await store.write(subscribe)
    choice: dict[str, Any] = {"subscription_id": subscription, "server_id": SERVER, "series": "deep-dive"}
    when: dict[str, Any] = {"order": "oldest-first", "start": None, "today": SystemClock().now().date()}
    assert await store.read(picking.waiting, **choice, **when) == 3
    gone.unlink()
    neighbour.unlink()
    for paths, roots in (((root,), ()), ((kept,), (root,)), ((root / "deep-dive",), (root,))):
        assert (await run(store, *paths, roots=roots)).missing == ()
    assert await store.read(picking.waiting, **choice, **when) == 3
    assert (await run(store, tmp_path, roots=[root])).missing == (gone,)
    assert await store.read(picking.waiting, **choice, **when) == 2
    assert (await run(store, root, roots=[root])).missing == ()
    write(gone, text(2, "Two?"))
    assert fates((await run(store, root, roots=[root])).results) == {"a.txt": "unchanged", "b.txt": "updated"}
    assert await store.read(picking.waiting, **choice, **when) == 3


async def test_a_seed_folder_that_is_not_there_takes_nothing_away(store: Store, tmp_path: Path) -> None:
    root = tmp_path / "seeds"
    write(root / "a.txt", text(1, "One?"))
    await run(store, root, roots=[root])
    root.rename(tmp_path / "unmounted")
    found = await run(store, root, roots=[root])
    assert found.missing == ()
    assert [r.problem for r in found.results] == ["This can't be read: No such file or directory."]
    assert len(await store.read(library.series, SERVER)) == 1


async def test_a_document_with_another_date_leaves_the_old_date(store: Store, tmp_path: Path) -> None:
    document = write(tmp_path / "a.txt", text(1, "One?"))
    await run(store, document)
    write(document, text(2, "One?"))
    await run(store, document)
    [series] = await store.read(library.series, SERVER)
    assert (series.digests, str(series.first)) == (1, "2025-04-02")


async def test_a_seed_folders_folder_names_the_series(store: Store, tmp_path: Path) -> None:
    root = tmp_path / "seeds"
    document = write(root / "security" / "a.txt", text(1, "One?"))
    assert (await run(store, document, roots=[root])).results[0].series == "security"
    assert (await run(store, root, roots=[root])).outcomes == {Outcome.UNCHANGED: 1}
    moved = root / "privacy"
    document.parent.rename(moved)
    found = await run(store, root, roots=[root])
    assert [r.series for r in found.results] == ["privacy"]
    assert [s.name for s in await store.read(library.series, SERVER)] == ["privacy"]


async def test_a_stopped_import_leaves_what_it_did_and_goes_on_when_run_again(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    for day in range(1, 21):
        write(folder / f"{day:02}.txt", text(day, "One?"))
    halfway = asyncio.Event()

    def progress(done: int, of: int, result: Result) -> None:
        if done == 5:
            halfway.set()

    task = asyncio.create_task(run(store, folder, on_progress=progress, executor=None))
    await halfway.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found = await run(store, folder)
    assert found.outcomes[Outcome.UNCHANGED] >= 5
    assert found.outcomes[Outcome.UNCHANGED] + found.outcomes[Outcome.ADDED] == 20


class AtOnce(Executor):
    """Has read a document when it is told to."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.mark.parametrize(("seconds", "together"), [(60, [5]), (-1, [1, 1, 1, 1, 1])])
async def test_what_is_ready_is_kept_in_one_transaction_and_what_takes_too_long_in_the_next(
    seconds: float, together: list[int], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    keep_several = records.keep_several

    def counted(*args: Any, **kwargs: Any) -> list[Result]:
        results = keep_several(*args, **kwargs)
        kept.append(len(results))
        return results

    monkeypatch.setattr(records, "keep_several", counted)
    monkeypatch.setattr(records, "_TOGETHER", seconds)
    for name, day in (("a", 1), ("b", 2), ("c", 1), ("e", 3)):
        write(tmp_path / f"{name}.txt", text(day, f"Which of {name}?"))
    write(tmp_path / "d.txt", "This is no digest at all.")
    told: list[str] = []
    found = await run(store, tmp_path, executor=AtOnce(), on_progress=lambda _, __, r: told.append(r.path.name))
    assert kept == together
    assert told == ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]
    added, refused = Outcome.ADDED, Outcome.REFUSED
    assert [r.outcome for r in found.results] == [added, added, refused, None, added]
    assert found.questions == 3


async def test_many_documents_are_read_in_processes_with_the_same_result(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    for day in range(1, work.FEW + 3):
        write(folder / f"{day:02}.txt", text(day, "One?") if day != 3 else "broken")
        write(folder / f"{day:02}.toml", side(day % 3, svg=SVG.replace("200", str(200 + day), 1)))
    found = await run(store, folder)
    assert [r.path.name for r in found.results] == [f"{day:02}.txt" for day in range(1, work.FEW + 3)]
    assert (found.figures, found.keyed, len(found.problems)) == (work.FEW + 1, work.FEW + 1, 1)


async def test_a_process_that_dies_is_no_end_of_the_import(store: Store, tmp_path: Path) -> None:
    class Dying(Executor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("it died"))
            return future

    document = write(tmp_path / "a.txt", text(1, "One?"))
    assert (await run(store, document, executor=Dying())).outcomes == {Outcome.ADDED: 1}


async def test_a_servers_own_import_is_its_own(store: Store, tmp_path: Path) -> None:
    document = write(tmp_path / "a.txt", text(1, "One?"))
    await run(store, document)
    own = await run(store, document, owner_id=SERVER)
    assert own.outcomes == {Outcome.ADDED: 1}
    assert await store.read(lambda c: c.execute(select(digests.c.owner_id)).scalars().all()) == [0, SERVER]


async def test_a_reader_that_breaks_is_said_to_be_ours(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("bot.library.work.read", broken)
    found = await run(store, write(tmp_path / "a.txt", text(1)), write(tmp_path / "b.md", "x"))
    assert len(found.problems) == 2
    assert "a mistake of Paper Round's: ZeroDivisionError" in (found.problems[0].problem or "")


async def test_notes_are_kept_and_counted_by_level(store: Store, tmp_path: Path) -> None:
    document = write(tmp_path / "a.txt", text(1, "One?").replace("Link: http://example.org/1\n", ""))
    write(document.with_suffix(".toml"), "this is = not [toml")
    first = await run(store, document)
    assert sum(first.notes.values()) >= 1
    assert set(first.notes) <= set(Level)
    assert (await run(store, document)).notes == first.notes


async def test_a_document_that_was_left_out_takes_nothing_with_it_when_it_goes_and_may_come_back(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    write(folder / "a.txt", text(1, "One?"))
    spare = write(folder / "b.txt", text(1, "Another?"))
    await run(store, folder, roots=[folder])
    spare.rename(tmp_path / "b.txt")
    found = await run(store, folder, roots=[folder])
    assert (found.missing, found.outcomes) == ((spare,), {Outcome.UNCHANGED: 1})
    (tmp_path / "b.txt").rename(spare)
    assert fates((await run(store, folder, roots=[folder])).results) == {"a.txt": "unchanged", "b.txt": "refused"}
    still_missing = select(documents.c.path).where(documents.c.missing_since.is_not(None))
    assert await store.read(lambda c: c.execute(still_missing).all()) == []
