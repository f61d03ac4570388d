"""One store's file has one name: what SQLite resolves is resolved at opening, what would lose data is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from eventlab.errors import Invalid, StoreUnavailable
from eventlab.event import Event
from eventlab.store import Store
from tests.support import store_door

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows gives links to administrators only")


def note(n: int) -> Event:
    return Event("noted", {"n": n}, id=f"e-{n}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a store in it, and others that lead there."""
    (tmp_path / "real").mkdir()
    (tmp_path / "other" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with Store("real/events.db") as store:
        store.append("flight-1", note(1))
    return tmp_path


NAMES: dict[str, Callable[[], Any]] = {
    "a relative path": lambda: "real/events.db",
    "a path": lambda: Path("real", "events.db"),
    "up and down": lambda: "other/../real/./events.db",
    "a link to the file": lambda: os.symlink(Path("real/events.db").resolve(), "link.db") or "link.db",
    "a link to a link": lambda: (
        os.symlink("../real/events.db", "other/one.db") or os.symlink("other/one.db", "two.db") or "two.db"
    ),
    "a link to the folder": lambda: os.symlink("real", "there", target_is_directory=True) or "there/events.db",
    "up behind a link": lambda: os.symlink("other/deep", "down") or "down/../../real/events.db",
}


@posix
@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_file_leads_to_the_same_store(folder: Path, name: str) -> None:
    given = NAMES[name]()
    with Store("real/events.db", durable=False) as first, Store(given, durable=False) as second:
        assert second.path == first.path == str((folder / "real" / "events.db").resolve())
        for n in range(2, 40, 2):
            first.append("flight-1", note(n))
            second.append("flight-1", note(n + 1))
        store_door.connection(first).pragma("wal_checkpoint")
        second.verify()
        with Store(given) as third:  # its log is found and read, whatever the name
            assert third.position == 39
    assert not [left for left in folder.rglob("*") if left.name.endswith(("-wal", "-shm"))]


@posix
def test_a_link_to_nothing_makes_the_file_where_it_leads(folder: Path) -> None:
    os.symlink("real/new.db", "link.db")
    with Store("link.db") as store:
        store.append("flight-1", note(1))
    assert Path("real/new.db").is_file() and Path("link.db").is_symlink()


def test_where_the_process_goes_later_changes_nothing(folder: Path) -> None:
    with Store("real/events.db") as store:
        os.chdir("other")
        store.append("flight-1", note(2))
        store.backup("copy.db")
        os.chdir(folder)
        assert store.append("flight-1", note(3)).position == 3
    assert Path("other/copy.db").is_file()


@posix
def test_a_file_with_two_names_is_refused_under_both(folder: Path) -> None:
    os.link("real/events.db", "second.db")
    for name in ("real/events.db", "second.db"):
        with pytest.raises(StoreUnavailable, match="hard link"):
            Store(name)
    os.unlink("second.db")
    Store("real/events.db").close()


@posix
def test_control_under_a_second_name_sqlite_does_not_find_what_was_written(folder: Path) -> None:
    os.link("real/events.db", "second.db")
    one = apsw.Connection("real/events.db")
    one.execute("INSERT INTO events VALUES (2, 's', 1, 'e-2', 0, x'', '{}')")
    program = "import apsw; print(apsw.Connection('second.db').execute('SELECT count(*) FROM events').get)"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == "1"  # another process sees an old store, and would write behind its end
    one.close()


def test_the_name_for_memory_makes_no_file(folder: Path) -> None:
    for name in (":memory:", Path(":memory:"), None):
        with Store(name) as store:
            store.append("flight-1", note(1))
            assert repr(store) == "<Store :memory:>"
    assert sorted(os.listdir()) == ["other", "real"]


REFUSED = [
    "", "file:events.db", "FILE:/tmp/events.db?mode=memory", "events.db-wal", "events.db-shm", "events.db-journal",
    "a\0b.db", "caf\udce9.db", "\ud800", b"events.db", 7, True, ["events.db"],
]  # fmt: skip


@pytest.mark.parametrize("name", REFUSED, ids=repr)
def test_a_name_that_would_lose_data_is_refused(folder: Path, name: Any) -> None:
    with pytest.raises(Invalid, match="path in store"):
        Store(name)
    with Store() as store, pytest.raises(Invalid):
        store.backup(name)
    assert sorted(os.listdir()) == ["other", "real"]


@pytest.mark.parametrize("name", ["real/", "real", ".", "..", "real/..", "new/", "nowhere/events.db", "x" * 10_000,
                                  "x/" * 100_000 + "x", "real/events.db/x"], ids=lambda name: name[:20])  # fmt: skip
def test_what_is_no_place_for_a_file_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(StoreUnavailable):
        Store(name)
    assert sorted(os.listdir()) == ["other", "real"]


@posix
def test_what_is_no_regular_file_is_refused(folder: Path) -> None:
    os.mkfifo("pipe")
    os.symlink("/dev/null", "link.db")
    os.symlink("circle", "circle")
    for name in ("/dev/null", "link.db", "pipe", "circle"):
        with pytest.raises(StoreUnavailable):
            Store(name)


@posix
@pytest.mark.parametrize("name", [" ", "events.db ", " events.db", "events.db.", "a?b#c%41.db", "ß☃.db", "~", "a:b.db"])
def test_an_odd_name_is_honoured_to_the_letter(folder: Path, name: str) -> None:
    with Store(name) as store:
        store.append("flight-1", note(1))
    assert sorted(os.listdir()) == sorted(["other", "real", name])
    with Store(name) as store:
        store.verify()
        assert store.position == 1


@posix
def test_a_folder_that_utf_8_cannot_write_is_refused_also_as_the_working_folder(folder: Path) -> None:
    os.mkdir(b"caf\xe9")
    os.chdir(b"caf\xe9")
    with pytest.raises(StoreUnavailable, match="no store can be"):
        Store("events.db")
    assert os.listdir() == []


@posix
def test_a_working_folder_that_is_gone_is_an_error_of_ours(folder: Path) -> None:
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")
    with pytest.raises(StoreUnavailable, match="cannot be found"):
        Store("events.db")
    os.chdir(folder)
