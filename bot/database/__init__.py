"""The database: its tables, its one seam for transactions, its migrations.

`Store` is the only place that opens a transaction. What reads or writes is a plain function over a
SQLAlchemy `Connection`, run whole: `await store.write(fn, …)`, `await store.read(fn, …)`.
"""

from bot.database.faults import StoreError
from bot.database.store import Store

__all__ = ["Store", "StoreError"]
