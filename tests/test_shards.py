"""Which servers are a process's: how it is written, the rule, and the same rule in SQL."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Connection, bindparam, create_engine, select

from bot.database import Store
from bot.database.shards import bounds, ours
from bot.shards import ALL, MOST, Shards

_ASK = select(ours(bindparam("server", type_=BigInteger)))
_IDS = st.integers(min_value=0, max_value=2**63 - 1)


@st.composite
def _shards(draw: st.DrawFn) -> Shards:
    count = draw(st.integers(1, MOST))
    first = draw(st.integers(0, count - 1))
    return Shards(first, draw(st.integers(first, count - 1)), count)


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("0", None),
        ("1", Shards(0, 0, 1)),
        ("16", Shards(0, 15, 16)),
        ("0-3/16", Shards(0, 3, 16)),
        ("12-15/16", Shards(12, 15, 16)),
        ("2/4", Shards(2, 2, 4)),
        ("999/1000", Shards(999, 999, 1000)),
    ],
)
def test_how_they_are_written(written: str, held: Shards | None) -> None:
    assert Shards.read(written) == held


@pytest.mark.parametrize(
    "written",
    [
        *("", "x", "-1", "1001", "1.5", "4/4", "0-4/4", "3-2/4", "0/0", "1-/4", "-1/4", "0-3", "0-3/16/2"),
        *("0-3/1001", "0-3/99999", "0 - 3/16", "0-3/16\n", "٣"),
    ],
)
def test_what_is_no_way_to_write_them(written: str) -> None:
    with pytest.raises(ValueError, match="shards"):
        Shards.read(written)


@given(_shards())
def test_they_are_said_as_they_are_written(shards: Shards) -> None:
    assert Shards.read(str(shards)) == shards


@given(_IDS, st.integers(1, MOST), st.data())
def test_a_server_belongs_to_one_part_of_all(server_id: int, count: int, data: st.DataObject) -> None:
    cuts = sorted({0, count, *data.draw(st.lists(st.integers(0, count), max_size=4))})
    parts = [Shards(first, end - 1, count) for first, end in pairwise(cuts)]
    assert sum(part.mine(server_id) for part in parts) == 1
    assert sum(part.leads for part in parts) == 1
    assert [part.whole for part in parts] == [len(parts) == 1] * len(parts)
    assert ALL.mine(server_id)


@given(st.floats(0.1, 50), st.integers(1, MOST), st.integers(1, MOST))
def test_parts_do_no_more_in_a_second_than_the_whole_may(per_second: float, count: int, each: int) -> None:
    parts = [Shards(first, min(first + each, count) - 1, count) for first in range(0, count, each)]
    shares = [part.part_of(per_second) for part in parts]
    assert sum(shares) <= per_second + 1e-9
    assert all(share > 0 for share in shares)
    if all(share >= 1 for share in shares):
        assert sum(map(math.ceil, shares)) <= math.ceil(per_second)


def test_the_usual_pace_of_four_processes() -> None:
    assert [Shards(first, first + 3, 16).part_of(49) for first in (0, 4, 8, 12)] == [12, 12, 12, 12]
    assert Shards(0, 15, 16).part_of(40.5) == 40.5
    assert Shards(0, 0, 100).part_of(49) == pytest.approx(0.49)


@given(st.lists(st.tuples(_IDS, _shards()), max_size=20))
def test_the_rule_in_sql_is_the_rule(asked: list[tuple[int, Shards]]) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert _said(connection, asked) == [shards.mine(server_id) for server_id, shards in asked]
    engine.dispose()


async def test_on_postgresql_too(store: Store) -> None:
    ids = [0, 1, 2**22 - 1, 2**22, 5 * 2**22 + 7, 81_384_788_765_712_384, 1_200_000_000_000_000_000, 2**63 - 1]
    parts = [ALL, Shards(0, 0, 2), Shards(1, 1, 2), Shards(0, 3, 16), Shards(4, 15, 16), Shards(999, 999, 1000)]
    asked = [(server_id, shards) for server_id in ids for shards in parts]
    assert await store.read(_said, asked) == [shards.mine(server_id) for server_id, shards in asked]


def _said(connection: Connection, asked: list[tuple[int, Shards]]) -> list[bool]:
    return [
        bool(connection.execute(_ASK, {"server": server_id, **bounds(shards)}).scalar_one())
        for server_id, shards in asked
    ]
