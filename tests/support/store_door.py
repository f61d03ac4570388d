"""The one door to what a store keeps to itself: for tests that look into its file, or put something wrong there."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from typing import Any

import apsw

from eventlab.store import Store


def connection(store: Store) -> apsw.Connection:
    """The store's connection to SQLite."""
    return store._db


def rows(store: Any, sql: str, *values: Any) -> list[Any]:
    """What a statement gives, run as the store, here or in PostgreSQL, runs its own."""
    found: list[Any] = store._sql(sql, *values)
    return found


def end(store: Store) -> tuple[int, bytes]:
    """The last position and its hash, read from the file."""
    return store._last()


def forget(store: Store) -> None:
    """Let the store look into its file again before it claims a position."""
    store._forget()


def tables(store: Store) -> list[list[Any]]:
    """All that a store holds, table by table."""
    names = ("events", "snapshots", "checkpoints")
    return [rows(store, f"SELECT * FROM {name} ORDER BY 1, 2, 3") for name in names]


def before_each_statement(store: Store, call: Callable[[], object]) -> Callable[[], None]:
    """Call it before every statement outside a transaction; the function returned ends that."""
    plainly = store._sql

    def called(sql: str, *values: Any) -> list[Any]:
        if not store._db.in_transaction:
            call()
        return plainly(sql, *values)

    def end() -> None:
        store._sql = plainly  # type: ignore[method-assign]

    store._sql = called  # type: ignore[method-assign]
    return end


def telling(store: Store, instead: Callable[[Callable[[], None]], None]) -> None:
    """Let `instead(tell)` come where the store tells its watchers."""
    tell = store._watchers.tell
    store._watchers.tell = lambda: instead(tell)  # type: ignore[method-assign]


_adopted: list[Store] = []  # known from before a fork: there the garbage collector does not name them any more


def open_ones() -> list[Store]:
    """The stores of this process that are open."""
    found = [*_adopted, *(each for each in gc.get_objects() if isinstance(each, Store))]
    return [each for each in found if each._owner is not None]


def adopt(stores: list[Store]) -> None:
    """Let stores in memory that a fork has copied work in it: it is the only one that uses them there."""
    _adopted[:] = stores
    for store in stores:
        store._owner = (os.getpid(), threading.get_ident())
