"""The one door to what a store keeps to itself: for tests that look into its file, or put something wrong there."""

from __future__ import annotations

from typing import Any

import apsw

from eventlab.store import Store


def connection(store: Store) -> apsw.Connection:
    """The store's connection to SQLite."""
    return store._db


def rows(store: Store, sql: str, *values: Any) -> list[Any]:
    """What a statement gives, run as the store runs its own."""
    return store._sql(sql, *values)


def end(store: Store) -> tuple[int, bytes]:
    """The last position and its hash, read from the file."""
    return store._last()


def forget(store: Store) -> None:
    """Let the store look into its file again before it claims a position."""
    store._forget()
