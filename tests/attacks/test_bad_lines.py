"""Some files with one bad line for every reader, some traces there and back, some files that cost a reader most."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventlab.airports import reference, tables
from eventlab.lessons.judging import progress
from tests.attacks import worst_cases
from tests.attacks.bad_lines import LINES, half, one_bad_line, rounded, there_and_back


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for small in ("airports.csv", "planes.csv.gz"):
        (tmp_path / small).write_bytes((tables.DATA / small).read_bytes())
    reference.airports.cache_clear()
    reference.planes.cache_clear()
    return tmp_path


@pytest.mark.parametrize("name", LINES)
def test_a_file_with_one_bad_line_is_refused_by_its_number_and_leaves_nothing_behind(name: str, folder: Path) -> None:
    wrong, thirds = one_bad_line(name, 60, folder)
    assert wrong == []
    assert all(thirds[third] > 5 for third in ("first", "middle", "last"))


def test_a_reader_that_keeps_half_a_file_is_found_out(folder: Path) -> None:
    assert len(one_bad_line("run.jsonl", 10, folder, half)[0]) == 10


def test_a_trace_comes_back_byte_for_byte_and_what_it_says_can_be_stored(tmp_path: Path) -> None:
    assert there_and_back(150, tmp_path) >= 150


def test_a_writer_that_rounds_large_numbers_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        there_and_back(100, tmp_path, rounded)


@pytest.mark.parametrize("name", worst_cases.READERS)
def test_the_dearest_files_are_taken_or_refused(name: str, folder: Path) -> None:
    assert {taken for taken, *_ in worst_cases.costs(name, folder, 1 << 15)} >= {False}


def test_an_attempt_upon_a_damaged_record_of_progress_puts_it_aside_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "progress.json"
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(path))
    progress.note_attempt("1.1", True)
    whole = path.read_bytes()
    bad = [whole[:place] + b"\0" + whole[place:] for place in range(0, len(whole) - 1, 7)]
    for content in bad:
        path.write_bytes(content)
        progress.note_attempt("1.2", True)
        assert progress.load(path) == progress.Done({"1.2": 1}, {"1.2": 1})
    aside = [tmp_path / f"progress.json.broken-{number}" for number in range(1, len(bad) + 1)]
    assert [each.read_bytes() for each in aside] == bad
    assert set(tmp_path.iterdir()) == {path, tmp_path / "progress.json.lock", *aside}
