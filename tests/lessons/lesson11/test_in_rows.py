"""What stands in for DuckDB in lesson 11: an archive in rows answers as one in columns, and says that it is one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventlab.archive import Archive
from eventlab.columns import Parquet
from eventlab.errors import CorruptStore, Invalid
from eventlab.lessons.judging import instead
from eventlab.lessons.lesson11 import in_rows, scenes
from eventlab.store import Store


@pytest.fixture
def both(tmp_path: Path) -> Iterator[list[Archive]]:
    with Store() as store:
        for event in scenes.first_days()[:120]:
            store.append(f"flight-{event.subject}", event)
        made = [Archive(tmp_path / "columns", store), Archive(tmp_path / "rows", store, columns=in_rows.InRows())]
        for each in made:
            each.write(50)
            each.write(100)
        yield made


def test_both_give_the_same_events_and_answers(both: list[Archive]) -> None:
    for asked in (
        lambda old: list(old.read_all()),
        lambda old: list(old.read_all(after=40, upto=70, limit=25)),
        lambda old: list(old.read_category("flight", upto=99)),
        lambda old: list(old.read(next(old.read_all(after=7)).stream)),
        lambda old: old.query(scenes.DELAYS.replace("delayed", "scheduled")),
        lambda old: old.query("SELECT count(*) FROM events WHERE version > ?", 1),
    ):
        one, other = (asked(old) for old in both)
        assert one == other and one
    for old in both:
        old.verify()


def test_a_file_in_rows_that_is_no_longer_what_was_written_is_found(both: list[Archive]) -> None:
    old = both[1]
    path = old.segments[0].path
    path.write_bytes(b"no file of SQLite")
    with pytest.raises(CorruptStore, match="not what was written"):
        old.verify()
    with pytest.raises(CorruptStore, match="cannot be read"):
        list(old.read_all())


@pytest.mark.parametrize("sql", ["SELECT", "SELECT * FROM flights", "SELECT ?"])
def test_a_wrong_question_is_refused_by_both(both: list[Archive], sql: str) -> None:
    for old in both:
        with pytest.raises(Invalid, match="SQL on the table events"):
            old.query(sql)


def test_without_duckdb_every_harm_is_told_as_with_it_and_the_reader_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    harms = ["nothing", "a bit is flipped", "a file is missing", "two are exchanged"]
    told = [scenes.harmed(harm) for harm in harms]
    assert isinstance(in_rows.columns(), Parquet)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    instead._tell.cache_clear()
    assert [scenes.harmed(harm).replace(".rows", ".parquet").split(" does")[-1] for harm in harms] == [
        each.split(" does")[-1] for each in told
    ]
    assert capsys.readouterr().out.count("DuckDB is not here") == 1
