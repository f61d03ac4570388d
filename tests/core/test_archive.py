"""An archive in a folder beside a store: what it keeps, what it finds out, and what a crash leaves of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventlab.archive import Archive, Segment
from eventlab.columns import Parquet
from eventlab.errors import CorruptStore, EventIdConflict, Invalid, StoreUnavailable
from eventlab.event import Event
from eventlab.projection import Projection
from eventlab.store import Store
from tests.support.store_door import rows


def filled(path: Path, count: int = 60, who: str = "meter") -> Store:
    store = Store(path, durable=False)
    for n in range(count):
        event = Event("power.read", {"kWh": n, "word": "Straße ’"}, f"{who} {n % 3}", f"{who}-{n}", time=n)
        store.append(f"{who}-{n % 3}", event)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with filled(tmp_path / "live.db") as found:
        yield found


@pytest.fixture
def old(store: Store, tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "it's old", store)
    archive.write(20)
    archive.write(45)
    return archive


@pytest.mark.parametrize("released", [False, True])
def test_archive_and_store_together_read_like_the_store_alone(tmp_path: Path, old: Archive, released: bool) -> None:
    with filled(tmp_path / "whole.db") as whole:
        if released:
            old.release()
        assert [each.last for each in old.segments] == [20, 45] and old.position == 60
        for after, upto, as_of, limit in [(0, None, None, None), (10, 50, 47, 30), (19, 46, None, 1), (50, 55, 3, 9)]:
            given = {"after": after, "upto": upto, "as_of": as_of}
            assert list(old.read_all(**given, limit=limit)) == list(whole.read_all(**given, limit=limit))
            assert list(old.read_category("meter", **given)) == list(whole.read_category("meter", **given))
            within = {**given, "after": after // 3}
            assert list(old.read("meter-1", **within)) == list(whole.read("meter-1", **within))
        counted = Projection("count", lambda count, event: count + event.data["kWh"], 0)
        assert counted.rebuild(old) == 60 and counted.state == sum(range(60))
        old.verify()


def test_what_is_archived_already_is_not_written_again(old: Archive) -> None:
    before = os.listdir(old.folder)
    assert old.write(45) == old.write(3) == old.write(0) == 45
    assert os.listdir(old.folder) == before


def test_a_query_reads_the_archived_columns(old: Archive) -> None:
    sql = "SELECT subject, sum((event -> '$.data.kWh')::INT)::INT FROM events WHERE time < ? GROUP BY 1 ORDER BY 1"
    assert old.query(sql, 6) == [("meter 0", 3), ("meter 1", 5), ("meter 2", 7)]
    with pytest.raises(Invalid, match="SQL on the table events"):
        old.query("SELECT nothing FROM here")


def test_a_slow_question_prints_no_progress_into_a_notebook() -> None:
    """Where nobody runs a file, as in a notebook, DuckDB draws a bar into the output of whatever takes two seconds."""
    ask = "print(*Parquet().rows([], \"SELECT current_setting('enable_progress_bar')\", ()))"
    said = subprocess.run([sys.executable, "-c", f"from eventlab.columns import Parquet; {ask}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert said.stdout.strip() == "(False,)"


def test_an_empty_archive_has_an_empty_table_and_the_store_s_events(store: Store, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "new", store)
    assert archive.query("SELECT count(*) FROM events") == [(0,)]
    assert len(list(archive.read_all())) == 60
    archive.verify()
    archive.release()
    assert len(list(store.read_all())) == 60 and not archive.folder.exists()


def test_a_released_event_is_still_known_and_never_appended_twice(store: Store, old: Archive) -> None:
    size = os.path.getsize(store.path)
    old.release()
    store.verify()
    assert store.version("meter-1") == 20 and store.position == 60 and len(store.streams()) == 3 and size
    with pytest.raises(StoreUnavailable, match="in its archive"):
        list(store.read_all())
    with pytest.raises(EventIdConflict, match="in an archive only"):
        store.append("meter-0", Event("power.read", {"kWh": 0}, "meter 0", "meter-0", time=0))
    assert store.append("meter-0", Event("power.read", {"kWh": 1}, "meter 0", "new")).version == 21
    old.release()
    assert old.write(61) == 61
    old.release()
    assert len(list(old.read_all())) == 61


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_flipped_bit_is_found_wherever_it_stands(old: Archive) -> None:
    for number, segment in enumerate(old.segments):
        size = segment.path.stat().st_size
        for at in (0, 4, size // 3, size // 2, size - 5, size - 1):
            flip(segment.path, at)
            with pytest.raises(CorruptStore, match=f"position {segment.first}: the file is not what was written"):
                old.verify()
            with pytest.raises(CorruptStore):
                old.release()
            flip(segment.path, at)
        assert number < 2
    old.verify()


def foreign(old: Archive, tmp_path: Path, who: str) -> Archive:
    other = Archive(tmp_path / "foreign", filled(tmp_path / "other.db", who=who))
    other.write(20)
    other.write(45)
    return other


def missing(old: Archive, tmp_path: Path) -> None:
    old.segments[0].path.unlink()


def gone(old: Archive, tmp_path: Path) -> None:
    old.release()
    shutil.rmtree(old.folder)


def last_is_gone(old: Archive, tmp_path: Path) -> None:
    old.release()
    old.segments[1].path.unlink()


def reordered(old: Archive, tmp_path: Path) -> None:
    one, two = (segment.path for segment in old.segments)
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)


def of_another_store(old: Archive, tmp_path: Path) -> None:
    other = foreign(old, tmp_path, "clock")
    old.segments[1].path.unlink()
    shutil.copy(other.segments[1].path, old.folder)
    other.store.close()


def of_a_longer_store(old: Archive, tmp_path: Path) -> None:
    shutil.copy(old.segments[1].path, old.folder / f"{46:012}-{99:012}-{old.segments[1].digest}.parquet")


@pytest.mark.parametrize("harm", [missing, gone, last_is_gone, reordered, of_another_store, of_a_longer_store])
def test_an_archive_that_is_not_the_store_s_is_found_before_anything_is_let_go(
    store: Store, old: Archive, tmp_path: Path, harm: object
) -> None:
    harm(old, tmp_path)  # type: ignore[operator]
    with pytest.raises(CorruptStore):
        old.verify()
    texts = rows(store, "SELECT count(*) FROM events WHERE event = ''")
    with pytest.raises(CorruptStore):
        old.release()
    assert rows(store, "SELECT count(*) FROM events WHERE event = ''") == texts


def test_an_event_taken_out_of_the_store_is_found_unless_the_archive_has_it(store: Store, old: Archive) -> None:
    rows(store, "DROP TRIGGER events_never_change")
    rows(store, "UPDATE events SET event = '' WHERE position = 50")
    old.store.close()
    with Store(old.store.path) as again, pytest.raises(CorruptStore, match="position 50"):
        Archive(old.folder, again).verify()


@pytest.mark.parametrize("step", ["eventlab.archive.sync", "os.replace", "eventlab.archive.file_digest"])
@pytest.mark.parametrize("error", [OSError(28, "no space"), KeyboardInterrupt()])
def test_a_crash_while_a_file_is_written_leaves_nothing_half_written(
    store: Store, old: Archive, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    before = os.listdir(old.folder)

    def fails(*given: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(step, fails)
        with pytest.raises((StoreUnavailable, KeyboardInterrupt)):
            old.write(60)
    assert os.listdir(old.folder) == before
    old.verify()
    assert old.write(60) == 60


def test_what_a_killed_process_left_does_not_count(old: Archive) -> None:
    (old.folder / "000000000046.part").write_bytes(b"half a fi")
    (old.folder / "notes.txt").write_text("hello")
    old.verify()
    assert old.write(60) == 60 and len(old.segments) == 3


def test_letting_go_is_all_or_nothing(store: Store, old: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventlab.storefile.ARCHIVED", None)  # the note cannot be written, after all texts were dropped
    with pytest.raises(CorruptStore):
        old.release()
    assert len(list(store.read_all())) == 60
    with pytest.raises(Exception, match="never change"):
        rows(store, "UPDATE events SET event = ''")


def test_without_duckdb_it_says_what_to_install(old: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(StoreUnavailable, match="pip install duckdb"):
        old.write(60)


@pytest.mark.parametrize("upto", [61, -1, True, "20"])
def test_only_positions_of_the_store_can_be_archived(old: Archive, upto: int) -> None:
    with pytest.raises(Invalid):
        old.write(upto)


@pytest.mark.parametrize("look", [1, 2, 3, 4])
@pytest.mark.parametrize("lets_go", [False, True])
def test_reading_gives_each_event_once_though_others_archive_meanwhile(old: Archive, look: int, lets_go: bool) -> None:
    """Whenever it looks at the files, another one has just been written."""
    for read in (Archive.read_all, lambda each: each.read_category("meter"), lambda each: each.read("meter-1")):
        expected = list(read(old))
        looks = 0

        class Busy(Archive):
            @property
            def segments(self) -> list[Segment]:
                nonlocal looks
                looks += 1
                if looks == look and old.end < 58:
                    old.write(old.end + 4)
                    if lets_go:
                        old.release()
                return super().segments

        assert list(read(Busy(old.folder, old.store))) == expected


def test_what_is_let_go_while_it_is_read_is_found_in_the_archive(old: Archive) -> None:
    expected = list(old.read_all())
    reading = old.read_all()
    found = [next(reading) for _ in range(10)]
    old.write(50)
    old.release()  # it was not archived when the reading began
    old.store.append("meter-9", Event("power.read", {"kWh": 1}, id="late"))
    assert [*found, *reading] == expected


def test_of_two_that_archive_at_once_one_writes_each_file(old: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    columns, other = Parquet(), Archive(old.folder, old.store)

    class Slow(Parquet):
        def write(self, lines: Path, file: Path) -> None:
            other.columns = columns
            if other.end < 50:
                other.write(50)
            columns.write(lines, file)

    old.columns = Slow()
    assert old.write(60) == 60
    assert [each.last for each in old.segments] == [20, 45, 50, 60]
    old.verify()


def test_an_archive_needs_a_folder(store: Store, tmp_path: Path) -> None:
    for folder in (tmp_path / "no" / "where", store.path):
        with pytest.raises(StoreUnavailable):
            Archive(folder, store)
    with pytest.raises(Invalid):
        Archive("", store)
