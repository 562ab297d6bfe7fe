"""The types of columns: aware moments, JSON kept as text, and ids of our own."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import BigInteger, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Time(TypeDecorator[dt.datetime]):
    """An aware moment in UTC: integer microseconds on SQLite, timestamptz elsewhere. Naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type in this dialect."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """A moment as stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone can't be stored: {value!r}")
        if dialect.name == "sqlite":
            return (value - _EPOCH) // _MICROSECOND
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """A stored moment, aware, in UTC."""
        if value is None:
            return None
        moment: dt.datetime = _EPOCH + value * _MICROSECOND if dialect.name == "sqlite" else value
        return moment.astimezone(dt.UTC)


class Json(TypeDecorator[Any]):
    """A JSON value kept as text, written the same way every time."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """A value as stored."""
        return None if value is None else _ENCODER.encode(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """A stored value."""
        return None if value is None else json.loads(value)


Id = BigInteger().with_variant(Integer(), "sqlite")
"""The type of our own ids: counted up by the database. Discord's ids are plain BigInteger."""
