"""Files of every version that was ever released open, verify, are read as they were written, and are backed up."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from eventlab.errors import CorruptStore
from eventlab.event import Event
from eventlab.store import Store
from eventlab.storefile import NEWEST
from tests.support import store_door
from tools.keep_store import EVENTS, digest, fill

KEPT = Path(__file__).parent / "stores"
# What a reader finds in each. A new version adds its own, made by tools/keep_store.py; those that stand here stay.
DIGESTS = {"schema-1.db": "34de7423af26cf64e54f60dfb192165714fa40c200bde5ebb0a096726a86e28f"}


def test_every_kept_file_is_known_and_todays_schema_is_kept() -> None:
    assert sorted(path.name for path in KEPT.iterdir()) == sorted(DIGESTS)
    assert f"schema-{NEWEST}.db" in DIGESTS


@pytest.fixture(params=DIGESTS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy, since a store that is opened writes to its file."""
    return Path(shutil.copy(KEPT / request.param, tmp_path))


def test_a_kept_file_is_read_as_it_was_written(kept: Path, tmp_path: Path) -> None:
    with Store(kept) as store:
        store.verify()
        assert digest(store) == DIGESTS[kept.name]
        store.backup(tmp_path / "copy.db")
    with Store(tmp_path / "copy.db") as copy:
        copy.verify()
        assert digest(copy) == DIGESTS[kept.name]


def test_work_goes_on_in_a_kept_file(kept: Path) -> None:
    with Store(kept) as store:
        assert store.append("flight-1", [Event("noted", id=f"batch-{n}") for n in range(5)]).duplicate
        position = store.position
        assert store.append("flight-1", Event("noted", id="today"), store.version("flight-1")).position == position + 1
        assert store.checkpoint("board") == 42
        assert store.position == EVENTS + 6
        store.verify()


def test_what_is_written_today_is_what_was_kept() -> None:
    """If not, the file's schema, the hashes or the JSON have changed: that needs a new schema version."""
    today = Store()
    fill(today)
    newest = f"schema-{NEWEST}.db"
    assert digest(today) == DIGESTS[newest]
    assert store_door.end(today) == kept_end(KEPT / newest)


def test_todays_tables_are_those_of_the_newest_kept_file(tmp_path: Path) -> None:
    sql = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
    with Store(shutil.copy(KEPT / f"schema-{NEWEST}.db", tmp_path)) as kept, Store() as today:
        assert store_door.rows(kept, sql) == store_door.rows(today, sql)


def kept_end(path: Path) -> tuple[int, bytes]:
    """The last position and hash, read without leaving a trace beside the file."""
    connection = apsw.Connection(path.as_uri() + "?immutable=1", apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    last = connection.execute("SELECT position, chain FROM events ORDER BY position DESC LIMIT 1").get
    connection.close()
    return last


def test_a_kept_file_with_one_other_letter_is_found(kept: Path) -> None:
    content = kept.read_bytes()
    assert content.count(b'"operations-33"') == 2  # its own, and as the cause of the next
    kept.write_bytes(content.replace(b'"operations-33"', b'"operations-3E"'))
    with Store(kept) as store, pytest.raises(CorruptStore) as caught:
        store.verify()
    assert caught.value.position == 33
