"""The one door to what a store keeps to itself: for tests that look into its file, or put something wrong there."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from weakref import WeakSet

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


_known: WeakSet[Store] = WeakSet()


@contextmanager
def all_known() -> Iterator[None]:
    """Keep account of the stores that are there or are begun: to look through all objects for them takes long."""
    plainly = Store.__init__
    _known.update(each for each in gc.get_objects() if isinstance(each, Store))

    @wraps(plainly)
    def begin(store: Store, *about: Any, **options: Any) -> None:
        _known.add(store)
        plainly(store, *about, **options)

    Store.__init__ = begin  # type: ignore[method-assign]
    try:
        yield
    finally:
        Store.__init__ = plainly  # type: ignore[method-assign]
        _known.clear()


def adopt_all() -> None:
    """Let the open stores in memory that a fork has copied work in it: it is the only one that uses them there."""
    for store in _known:
        if getattr(store, "_owner", None) is not None:  # one that could not be opened has none
            store._owner = (os.getpid(), threading.get_ident())
