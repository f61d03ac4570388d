"""Python opens no file of a store that is in use, whatever is asked of it; and if it did, it would be noticed."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import apsw

from eventlab.event import Event
from eventlab.store import Store
from tests.support.plain_opens import BESIDE, taken


def test_a_plain_open_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with Store(path) as store, Store(path):  # once for each open, not for each store
        store.append("flight-1", Event("noted", id="e-1"))
        path.read_bytes()
        Path(f"{path}-wal").read_bytes()
        os.close(os.open(os.path.relpath(path), os.O_RDONLY))
        sqlite3.connect(path).close()
        (tmp_path / "events.db-copy").write_text("nobody's file")
        assert len(taken()) == 4
    path.read_bytes()
    assert taken() == []


def test_no_method_of_a_store_opens_its_file_past_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with Store(path) as store, Store(path) as other:
        store.append("flight-1", [Event("noted", id=f"e-{n}") for n in range(1000)])
        other.append("flight-1", Event("noted", id="last"))
        store.save_snapshot("flight-1", 1, {"n": 1})
        store.save_checkpoint("boards", 1)
        assert len(list(store.read_all())) == 1001
        store.verify()
        store.backup(tmp_path / "copy.db")
        for part in BESIDE[:3]:
            assert os.path.exists(f"{path}{part}")
    assert taken() == []


def test_a_connection_at_work_in_another_thread_does_not_disturb_the_watch(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    path.touch()
    with closing(apsw.Connection(str(path))) as busy:
        asked, answered = threading.Event(), threading.Event()
        busy.create_scalar_function("wait", lambda: asked.set() or answered.wait(30), 0)
        other = threading.Thread(target=lambda: list(busy.execute("SELECT wait()")))
        other.start()
        try:
            assert asked.wait(30)
            path.read_bytes()
        finally:
            answered.set()
            other.join()
    assert [event.split()[0] for event in taken()] == ["open"]
