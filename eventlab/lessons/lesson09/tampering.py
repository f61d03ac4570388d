"""A forger with the file in hand: what `verify()` says of a store after somebody has got past its protection."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from eventlab.errors import CorruptStore
from eventlab.store import Store


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
