"""Putting digests into the library: identity, questions and keys through changes, and what a server sees."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from bot.database import Store
from bot.database.tables import SHARED, audit, deliveries, figures, keys, questions, steps
from bot.library import digests
from bot.library.bodies import to_body
from bot.library.digests import Outcome, SeriesSummary
from bot.library.keys import Origin, of_question
from bot.model import Digest, Translation
from tests.library.kit import (
    DAY,
    ELSEWHERE,
    NOW,
    SERVER,
    active,
    digest,
    figure,
    put,
    question,
    seed,
    subscribe,
)

LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(seed, SERVER, ELSEWHERE)
    return store


def pictured(data: bytes) -> Digest:
    plain = digest((question(),))
    return replace(plain, papers=(replace(plain.papers[0], figure=figure(data)),))


async def test_a_digest_comes_back_with_its_pictures_or_without(store: Store) -> None:
    given = pictured(b"one")
    given = replace(given, languages=MappingProxyType({"zh": Translation(given.papers, "小贴士")}))
    imported = await store.write(put, given)
    assert imported.outcome is Outcome.ADDED
    assert await store.read(digests.load, imported.digest_id, figures=True) == given
    bare = await store.read(digests.load, imported.digest_id, figures=False)
    assert bare is not None
    assert bare.papers[0].figure is not None
    assert bare.papers[0].figure.png == b""
    assert await store.read(digests.load, 999, figures=True) is None


async def test_the_same_picture_is_kept_once(store: Store) -> None:
    await store.write(put, pictured(b"one"))
    await store.write(put, replace(pictured(b"one"), date=DAY + dt.timedelta(days=1)))
    count = await store.read(lambda c: c.execute(select(func.count()).select_from(figures)).scalar_one())
    assert count == 1


async def test_an_unchanged_document_changes_nothing(store: Store) -> None:
    first = await store.write(put, digest((question(),)))
    again = await store.write(put, digest((question(),)), now=LATER)
    assert (again.digest_id, again.outcome) == (first.digest_id, Outcome.UNCHANGED)
    rewritten = await store.write(put, digest((question(),)), fingerprint="other bytes, same meaning", now=LATER)
    assert (rewritten.digest_id, rewritten.outcome) == (first.digest_id, Outcome.UNCHANGED)


async def test_another_source_of_the_same_day_is_refused_and_says_where_the_first_came_from(store: Store) -> None:
    first = await store.write(put, digest((question(),)), source="/srv/old/papers/a.txt")
    other = await store.write(put, digest((question(2),)), source="/srv/new/papers/b.txt")
    assert (other.digest_id, other.outcome) == (first.digest_id, Outcome.REFUSED)
    assert other.note is not None
    assert "papers/a.txt" in other.note
    assert "/srv" not in other.note
    assert await store.read(digests.load, first.digest_id, figures=True) == digest((question(),))


@pytest.mark.parametrize(
    ("layouts", "arguments", "outcome"),
    [
        (("deep-dive-text", "deep-dive-page"), {}, Outcome.UPDATED),
        (("deep-dive-page", "deep-dive-text"), {}, Outcome.REFUSED),
        (("deep-dive-page", "deep-dive-page"), {}, Outcome.REFUSED),
        (("deep-dive-page", "deep-dive-text"), {"replace": True}, Outcome.UPDATED),
    ],
)
async def test_a_page_takes_the_place_of_a_text_and_the_operator_may_replace_anything(
    store: Store, layouts: tuple[str, str], arguments: dict[str, Any], outcome: Outcome
) -> None:
    await store.write(put, digest((question(),), layout=layouts[0]))
    second = await store.write(
        put, digest((question(), question(2, "New?")), layout=layouts[1]), source="deep-dive/b", **arguments
    )
    assert second.outcome is outcome
    assert second.note is not None
    assert "deep-dive/a.txt" in second.note


async def test_a_moved_document_takes_its_place_along(store: Store) -> None:
    await store.write(put, digest((question(),)), source="/old/a.txt")
    moved = await store.write(put, digest((question(),)), source="/new/a.txt")
    assert moved.outcome is Outcome.UNCHANGED
    changed = await store.write(put, digest((question(2, "New?"),)), source="/new/a.txt")
    assert changed.outcome is Outcome.UPDATED


async def test_a_withdrawn_digest_comes_back_and_its_place_is_free_for_others(store: Store) -> None:
    first = await store.write(put, digest((question(),)))
    assert not await store.write(digests.withdraw, first.digest_id, owner_id=SERVER, now=LATER)
    assert await store.write(digests.withdraw, first.digest_id, owner_id=SHARED, now=LATER)
    assert not await store.write(digests.withdraw, first.digest_id, owner_id=SHARED, now=LATER)
    assert await store.read(digests.series, SERVER) == ()
    back = await store.write(put, digest((question(),)), source="deep-dive/other.txt")
    assert (back.digest_id, back.outcome) == (first.digest_id, Outcome.UPDATED)
    assert len(await store.read(digests.series, SERVER)) == 1


async def test_questions_keep_their_ids_through_changes_and_changed_wording_is_a_new_question(
    store: Store,
) -> None:
    given = digest((question(1, "One?"), question(2, "Two?")), (question(1, "Three?"),))
    digest_id = (await store.write(put, given)).digest_id
    one, two, three = await store.read(active, digest_id)
    changed = digest((question(1, "Zero?"), question(2, "TWO?", "Blue", "Red", "Green")), (question(1, "Three?"),))
    await store.write(put, changed, now=LATER)
    zero, still_two, still_three = await store.read(active, digest_id)
    assert (still_two.id, still_three.id) == (two.id, three.id)
    assert zero.id not in {one.id, two.id, three.id}
    # the wording follows the document, the order of the options stays: answers point into it
    assert (still_two.text, still_two.options) == ("TWO?", ["Red", "Green", "Blue"])
    assert [q.position for q in (zero, still_two, still_three)] == [0, 1, 2]
    retired = await store.read(lambda c: c.execute(select(questions).where(questions.c.id == one.id)).one())
    assert retired.retired_at == LATER
    await store.write(put, given, now=LATER)
    assert [q.id for q in await store.read(active, digest_id)] == [one.id, two.id, three.id]


async def test_keys_come_with_their_origin_and_follow_the_files(store: Store) -> None:
    changed: list[int] = []

    def recount(connection: Connection, ids: Collection[int]) -> None:
        changed.extend(ids)

    async def imported(with_side: int | None, without: int | None) -> dict[str, int]:
        given = digest((question(answer=with_side if with_side is not None else without),))
        bare = digest((question(answer=without),)) if with_side is not None else None
        result = await store.write(
            put, given, bare=bare, fingerprint=f"{with_side} {without}", now=LATER, recount=recount
        )
        [asked] = await store.read(active, result.digest_id)
        rows = await store.read(lambda c: c.execute(select(keys).where(keys.c.question_id == asked.id)).all())
        return {row.origin: row.answer for row in rows}

    assert await imported(None, None) == {}
    assert changed == []
    assert await imported(None, 2) == {"document": 2}
    assert len(changed) == 1
    assert await imported(1, 2) == {"side-file": 1, "document": 2}
    assert await imported(0, None) == {"side-file": 0}
    assert await imported(2, 2) == {"document": 2}
    assert await imported(None, None) == {}
    acts = await store.read(lambda c: c.execute(select(audit.c.act, audit.c.details)).all())
    assert {act for act, _ in acts} == {"key"}
    assert [(d["origin"], d["from"], d["to"]) for _, d in acts] == [
        ("document", None, 2),
        ("side-file", None, 1),
        ("document", 2, None),
        ("side-file", 1, 0),
        ("document", None, 2),
        ("side-file", 0, None),
        ("document", 2, None),
    ]


async def test_a_key_from_a_file_points_at_its_options_text_whatever_the_order(store: Store) -> None:
    result = await store.write(put, digest((question(1, "Which?", "a", "b", "c", answer=0),)))
    await store.write(put, digest((question(1, "Which?", "c", "b", "a", answer=0),)))
    [asked] = await store.read(active, result.digest_id)
    key = await store.read(of_question, asked.id, SERVER)
    assert key is not None
    assert (asked.options[key.answer], key.reason, key.origin) == ("c", "Because.", Origin.DOCUMENT)


async def test_a_servers_own_digest_is_seen_by_it_alone_and_shadows_the_shared_one(store: Store) -> None:
    shared = await store.write(put, digest((), ()))
    await store.write(put, digest((), date=DAY + dt.timedelta(days=3)), source="b")
    own = await store.write(put, digest((), (), ()), owner_id=SERVER)
    assert own.outcome is Outcome.ADDED
    assert await store.read(digests.visible, shared.digest_id, SERVER)
    assert await store.read(digests.visible, own.digest_id, SERVER)
    assert not await store.read(digests.visible, own.digest_id, ELSEWHERE)
    last = DAY + dt.timedelta(days=3)
    assert await store.read(digests.series, SERVER) == (SeriesSummary("deep-dive", 2, 4, DAY, last),)
    assert await store.read(digests.series, ELSEWHERE) == (SeriesSummary("deep-dive", 2, 3, DAY, last),)


async def test_empty_digests_are_kept_but_make_no_series(store: Store) -> None:
    result = await store.write(put, digest())
    assert result.outcome is Outcome.ADDED
    assert await store.read(digests.series, SERVER) == ()


async def test_the_latest_digest_is_the_last_that_was_really_posted_in_the_server(store: Store) -> None:
    ids = [
        (await store.write(put, digest((), date=DAY + dt.timedelta(days=n)), source=str(n))).digest_id
        for n in range(5)
    ]

    def deliver(c: Connection, subscription: int, which: int, kind: str, hours: int, state: str | None) -> None:
        row = {
            "subscription_id": subscription,
            "digest_id": ids[which],
            "kind": kind,
            "channel_id": 1,
            "look": "brief",
            "language": "en",
            "claimed_at": NOW + dt.timedelta(hours=hours),
        }
        delivery = c.execute(insert(deliveries).values(row).returning(deliveries.c.id)).scalar_one()
        if state:
            c.execute(
                insert(steps).values(
                    delivery_id=delivery, kind="message", part=0, nonce=f"{subscription}-{which}", state=state
                )
            )

    mine = await store.write(subscribe)
    theirs = await store.write(subscribe, ELSEWHERE, channel_id=2)
    assert await store.read(digests.latest_delivered, SERVER, [1]) is None
    await store.write(deliver, mine, 1, "scheduled", 2, "sent")
    await store.write(deliver, mine, 0, "now", 1, "sent")
    await store.write(deliver, mine, 2, "skipped", 3, None)
    await store.write(deliver, mine, 3, "scheduled", 4, "refused")
    await store.write(deliver, theirs, 4, "scheduled", 5, "sent")
    assert await store.read(digests.latest_delivered, SERVER, [1]) == ids[1]
    assert await store.read(digests.latest_delivered, SERVER, [2]) is None
    assert await store.read(digests.posted_in, SERVER) == (1,)


async def test_a_delivery_loads_what_it_was_composed_from(store: Store) -> None:
    given = pictured(b"then")
    result = await store.write(put, given)
    body = to_body(given)
    await store.write(put, pictured(b"now"))
    assert await store.read(digests.load_body, body, figures=True) == given
    assert await store.read(digests.load, result.digest_id, figures=True) == pictured(b"now")


async def test_whatever_fails_in_between_nothing_is_half_put(store: Store) -> None:
    def fail(connection: Connection, ids: Collection[int]) -> None:
        raise RuntimeError("no")

    result = await store.write(put, digest((question(answer=0),)))
    with pytest.raises(RuntimeError):
        await store.write(put, digest((question(answer=1), question(2, "New?"))), recount=fail)
    assert len(await store.read(active, result.digest_id)) == 1
    assert await store.read(digests.load, result.digest_id, figures=True) == digest((question(answer=0),))
