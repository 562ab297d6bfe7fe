"""bot.shards in SQL: which rows are the business of a process that holds some of the shards."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, bindparam, literal_column

from bot.shards import Shards

_COUNT, _FIRST, _LAST = (bindparam(f"shard_{name}", type_=BigInteger) for name in ("count", "first", "last"))


def ours(server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the server that a column names is of the shards whose `bounds` the statement is run with."""
    return (server_id.bitwise_rshift(literal_column("22")) % _COUNT).between(_FIRST, _LAST)


def bounds(shards: Shards) -> dict[str, int]:
    """What a statement in which `ours` stands is run with."""
    return {"shard_count": shards.count, "shard_first": shards.first, "shard_last": shards.last}
