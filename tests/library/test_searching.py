"""Papers found by words: only what a server has had, the newest first, whatever is typed."""

import datetime as dt
from types import MappingProxyType

import pytest
from sqlalchemy import Connection, insert

from bot.database import Store
from bot.database.tables import steps
from bot.library import digests, searching
from bot.model import Digest, Paper, Section, Translation
from tests.library.kit import DAY, ELSEWHERE, SERVER, deliver, put, seed


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(seed, SERVER, ELSEWHERE)
    return store


def papers(*titles: str, date: dt.date = DAY, chinese: str | None = None) -> Digest:
    made = tuple(
        Paper(
            number=number,
            title=title,
            authors=("Grace Hopper",),
            sections=(Section("Problem", f"About {title}, 100% of it_all."),),
        )
        for number, title in enumerate(titles, 1)
    )
    told = {"zh": Translation((Paper(number=1, title=chinese),))} if chinese else {}
    return Digest(date, "deep-dive", "deep-dive-text", made, languages=MappingProxyType(told))


def post(
    c: Connection, digest_id: int, server_id: int = SERVER, *, kind: str = "now", state: str = "sent"
) -> None:
    """A delivery of a digest to a channel of its own."""
    delivery = deliver(c, digest_id, server_id + digest_id, server_id, kind)
    step = {"delivery_id": delivery, "kind": "message", "part": 0, "nonce": str(delivery), "state": state}
    c.execute(insert(steps), step)


def found(c: Connection, words: str, server_id: int = SERVER) -> list[str]:
    seen = digests.posted_in(c, server_id)
    rows, _, _ = searching.find(c, server_id=server_id, channels=seen, words=words, page=0, size=50)
    return [one.title for one in rows]


async def test_what_a_server_had_is_found_by_any_word_the_newest_first(store: Store) -> None:
    def check(c: Connection) -> None:
        old = put(c, papers("Bees count", "Ants don't", chinese="蜜蜂会数数")).digest_id
        new = put(c, papers("Counting BEES again", date=DAY + dt.timedelta(days=1))).digest_id
        assert found(c, "bees") == []
        post(c, old)
        post(c, new)
        assert found(c, "bees") == ["Counting BEES again", "Bees count"]
        assert found(c, "Grace ants") == ["Ants don't"]
        assert found(c, "grace nobody") == []
        assert found(c, "蜜蜂") == ["Bees count"]
        assert found(c, "bees", ELSEWHERE) == []
        seen = digests.posted_in(c, SERVER)
        assert searching.posted(c, old, SERVER, seen)
        assert not searching.posted(c, old, ELSEWHERE, seen)
        assert not searching.posted(c, old, SERVER, [SERVER + new])
        alone, _, _ = searching.find(c, server_id=SERVER, channels=[SERVER + old], words="bees", page=0, size=9)
        assert [one.title for one in alone] == ["Bees count"]
        for page, expected in ((0, 0), (1, 1), (9, 2)):
            some, number, total = searching.find(
                c, server_id=SERVER, channels=seen, words="grace", page=page, size=1
            )
            assert (len(some), number, total) == (1, expected, 3)

    await store.write(check)


@pytest.mark.parametrize(("kind", "state"), [("skipped", "sent"), ("now", "planned"), ("scheduled", "refused")])
async def test_what_was_not_posted_is_not_found(store: Store, kind: str, state: str) -> None:
    def check(c: Connection) -> None:
        post(c, put(c, papers("Bees")).digest_id, kind=kind, state=state)
        assert found(c, "bees") == []

    await store.write(check)


async def test_signs_stand_for_themselves_and_hostile_words_find_nothing(store: Store) -> None:
    def check(c: Connection) -> None:
        post(c, put(c, papers("Bees")).digest_id)
        assert found(c, "100%") == found(c, "it_all") == ["Bees"]
        for words in ("1%0", "i_all", "%", "/", "'", "\\", "", " ", "\0", "b" * 10_000):
            assert found(c, words) == (["Bees"] if words == "%" else [])

    await store.write(check)


async def test_a_document_that_changed_is_found_by_what_it_says_now(store: Store) -> None:
    def check(c: Connection) -> None:
        digest_id = put(c, papers("Bees", "Ants")).digest_id
        post(c, digest_id)
        assert put(c, papers("Wasps")).digest_id == digest_id
        assert found(c, "wasps") == ["Wasps"]
        assert found(c, "ants") == found(c, "bees") == []

    await store.write(check)
