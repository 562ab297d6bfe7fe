"""Which digest is next: the query against the rule in plain Python, and that it stays fast."""

import datetime as dt
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, text

from bot.database import Store
from bot.database.tables import SHARED, deliveries, digests
from bot.library import picking
from bot.library.picking import Order, Span, span
from tests.library.kit import DAY, ELSEWHERE, NOW, SERVER, seed, subscribe


@dataclass(frozen=True)
class Kept:
    owner: int
    series: str
    day: int
    papers: int
    withdrawn: bool
    had: bool


def next_by_the_rule(kept: list[Kept], order: str, start: int | None, today: int) -> tuple[Kept | None, int]:
    """design.md's rule, one step after the other."""
    had = {k.day for k in kept if k.had and k.series == "s" and k.owner != ELSEWHERE}
    there = [k for k in kept if k.series == "s" and k.owner != ELSEWHERE and k.papers and not k.withdrawn]
    own = {k.day for k in there if k.owner == SERVER}
    left = [k for k in there if (k.owner == SERVER or k.day not in own) and k.day not in had]
    left = [k for k in left if start is None or k.day >= start]
    if order == "same-day":
        left = [k for k in left if k.day == today]
    left.sort(key=lambda k: k.day, reverse=order == "newest-first")
    return (left[0] if left else None), len(left)


def day(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


def fill(c: Connection, kept: list[Kept]) -> tuple[int, dict[int, Kept]]:
    seed(c, SERVER, ELSEWHERE)
    subscription, other = subscribe(c, series="s"), subscribe(c, ELSEWHERE, series="s", channel_id=2)
    ids = {}
    for k in kept:
        row = {
            "owner_id": k.owner,
            "series": k.series,
            "date": day(k.day),
            "source": "x",
            "layout": "x",
            "fingerprint": "x",
            "papers": k.papers,
            "imported_at": NOW,
            "withdrawn_at": NOW if k.withdrawn else None,
        }
        made = c.execute(insert(digests).values(row).returning(digests.c.id)).scalar_one()
        ids[made] = k
        # what another subscription had says nothing
        for subscriber in (subscription, other) if k.had else (other,):
            c.execute(
                insert(deliveries).values(
                    subscription_id=subscriber,
                    digest_id=made,
                    kind="skipped",
                    channel_id=1,
                    look="brief",
                    language="en",
                    claimed_at=NOW,
                )
            )
    return subscription, ids


libraries = st.lists(
    st.builds(
        Kept,
        st.sampled_from([SHARED, SHARED, SERVER, ELSEWHERE]),
        st.sampled_from(["s", "s", "s", "other"]),
        st.integers(0, 6),
        st.sampled_from([0, 3, 3]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=16,
    unique_by=lambda k: (k.owner, k.series, k.day),
)


class UndoneError(Exception):
    pass


async def test_the_query_is_the_rule(store: Store) -> None:
    def check(c: Connection, kept: list[Kept], order: str, start: int | None, today: int) -> None:
        subscription, ids = fill(c, kept)
        arguments = {
            "subscription_id": subscription,
            "server_id": SERVER,
            "series": "s",
            "order": order,
            "start": None if start is None else day(start),
            "today": day(today),
        }
        expected, left = next_by_the_rule(kept, order, start, today)
        found = picking.pick(c, **arguments)  # type: ignore[arg-type]
        assert (ids[found] if found is not None else None) == expected
        assert picking.waiting(c, **arguments) == left  # type: ignore[arg-type]
        raise UndoneError

    cases: list[tuple[list[Kept], str, int | None, int]] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(libraries, st.sampled_from(list(Order)), st.none() | st.integers(0, 6), st.integers(0, 6))
    def collect(kept: list[Kept], order: str, start: int | None, today: int) -> None:
        cases.append((kept, order, start, today))

    collect()
    for case in cases:
        with pytest.raises(UndoneError):
            await store.write(check, *case)


def test_an_order_says_which_dates_and_from_which_end() -> None:
    assert span("oldest-first", start=None, today=DAY) == Span(dt.date.min, dt.date.max, newest=False)
    assert span("newest-first", start=DAY, today=day(9)) == Span(DAY, dt.date.max, newest=True)
    assert span("same-day", start=None, today=DAY) == Span(DAY, DAY, newest=False)
    assert span("same-day", start=day(1), today=DAY) == Span(day(1), DAY, newest=False)
    with pytest.raises(ValueError, match="random"):
        span("random", start=None, today=DAY)


async def test_the_one_that_is_left_among_ten_thousand_is_found(store: Store) -> None:
    def many(c: Connection) -> int:
        seed(c)
        subscription = subscribe(c, series="s")
        shared = {"owner_id": 0, "series": "s", "source": "", "layout": "", "fingerprint": "", "papers": 3}
        rows = [{**shared, "id": n, "date": day(n - 9_000), "imported_at": NOW} for n in range(1, 10_001)]
        c.execute(insert(digests), rows)
        had = {"subscription_id": subscription, "kind": "skipped", "channel_id": 1, "look": "", "language": ""}
        c.execute(
            insert(deliveries),
            [{**had, "digest_id": n, "claimed_at": NOW} for n in range(1, 10_000)],
        )
        c.execute(text("ANALYZE"))  # as either database does by itself once it has a moment
        return subscription

    subscription = await store.write(many)

    def picked(c: Connection, order: str) -> int | None:
        return picking.pick(
            c, subscription_id=subscription, server_id=SERVER, series="s", order=order, start=None, today=DAY
        )

    assert [await store.read(picked, order) for order in ("oldest-first", "newest-first")] == [10_000, 10_000]
