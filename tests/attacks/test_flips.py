"""A bit turned anywhere in the file is found, or it does no harm; and nobody reaches behind SQLite's back."""

from __future__ import annotations

import sys
from pathlib import Path

from eventlab.event import Event
from eventlab.store import Store
from tests.attacks.flips import SHORT, attack

OPENED: list[str] = []
WATCHING: list[str] = []


def test_no_turned_bit_changes_an_event_unseen(tmp_path: Path) -> None:
    seen, missed = attack(SHORT, tmp_path)
    assert seen["silent"] == 0
    assert seen["found"] > SHORT // 4, "too few bits that mean something"
    assert missed > 0, "SQLite alone sees them all: the chain would not be needed"


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if WATCHING and event == "open" and str(arguments[0]).startswith(WATCHING[0]):
        OPENED.append(str(arguments[0]))


def test_python_never_opens_the_file_of_a_store_that_is_in_use(tmp_path: Path) -> None:
    """One plain open and close would drop the locks that SQLite holds on it. (An audit hook stays for good.)"""
    sys.addaudithook(_note)
    path = tmp_path / "watched.db"
    store = Store(path)
    WATCHING.append(str(path))
    try:
        store.append("flight-1", [Event("flight.delayed", {"n": 1}, id="e1")])
        store.save_snapshot("flight-1", 1, {"n": 1})
        store.save_checkpoint("boards", 1)
        assert len(list(store.read_all())) == 1
        store.verify()
        store.backup(tmp_path / "copy.db")
        second = Store(path)
        second.append("flight-1", [Event("flight.delayed", {"n": 2}, id="e2")])
        second.close()
        store.close()
        assert OPENED == []
        path.read_bytes()
        assert len(OPENED) == 1, "the hook sees nothing"
    finally:
        WATCHING.clear()
