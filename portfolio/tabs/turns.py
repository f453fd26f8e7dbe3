"""One writer at a time, on every database.

Invariants of a whole table (one north star, each key once) can only be held by a batch that sees what
the others did. SQLite has one writer by nature; on PostgreSQL a lock to the end of the transaction makes it
so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

GATE = 0x10DE57A2  # any number that nobody else locks


@contextmanager
def writers_turn() -> Iterator[None]:
    """A transaction that begins when no other batch is under way. May be nested."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GATE])
        yield
