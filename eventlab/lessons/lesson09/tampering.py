"""A forger with the file in hand: what `verify()` says of a store after somebody has got past its protection."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from eventlab.errors import CorruptStore
from eventlab.store import Recorded, Store


def forged(store: Store, sql: str) -> CorruptStore | None:
    """Copy the store to a file, drop the triggers that protect it, run `sql`; what `verify()` finds, None if nothing.

    The copy is closed once in good order before, as a store that was in use. The store itself is left alone.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder, "copy.db")
        store.backup(path)
        Store(path).close()
        with closing(sqlite3.connect(path)) as file:
            file.executescript("DROP TRIGGER events_never_change; DROP TRIGGER events_are_kept;")
            file.executescript(sql)
        with Store(path) as copy:
            try:
                copy.verify()
            except CorruptStore as found:
                return found
    return None


def refused(store: Store, sql: str) -> str:
    """What a copy of the store's file says to plain SQL; nothing, if it does as it is told."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder, "copy.db")
        store.backup(path)
        with closing(sqlite3.connect(path)) as file:
            try:
                file.execute(sql)
            except sqlite3.IntegrityError as no:
                return str(no)
    return ""


def verified(store: Store, sql: str) -> str:
    """What `verify()` says after a forgery, in words."""
    found = forged(store, sql)
    return f"position {found.position}: {found.reason}" if found else "nothing is wrong"


def written_anew(store: Store, forged: Recorded, **data: object) -> str:
    """What `verify()` says of a new store with all events of this one, of which one says something else."""
    with Store() as anew:
        for each in store.read_all():
            same = each.position != forged.position
            anew.append(each.stream, each.event if same else each.event.with_(data={**each.event.data, **data}))
        anew.verify()
    return "nothing is wrong"
