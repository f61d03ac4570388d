"""Some hundred hostile inputs for every reader; what longer runs found is kept here as examples."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from eventlab.airports import tables
from eventlab.errors import Invalid
from tests.attacks.fuzzing import READERS, SHORT, fuzz, naive, read_airports, read_progress, read_trace, read_weather


@pytest.mark.parametrize("reader", READERS)
def test_whatever_comes_is_taken_whole_or_refused_with_a_documented_error(reader: str) -> None:
    other, seen = fuzz(reader, range(SHORT))
    assert other == []
    assert seen["taken"] and seen["refused"], "inputs of one kind alone prove nothing"


def test_a_reader_written_in_a_hurry_is_found_out() -> None:
    assert len(fuzz("trace", range(100), naive)[0]) > 50


HOUR = "JFK,{},39.02,260,12.65858,,0,10"


@pytest.mark.parametrize("hour", ["2013-01-01T06:00:00", "0001-01-01T00:00:00", "soon"])
def test_weather_without_an_offset_is_refused_and_not_read_in_this_computers_zone(tmp_path: Path, hour: str) -> None:
    whole = f"{tables.WEATHER}\n{HOUR.format('2013-01-01T06:00:00Z')}\n"
    read_weather(whole.encode(), tmp_path)
    with pytest.raises(Invalid, match="time_hour"):
        read_weather(whole.replace("2013-01-01T06:00:00Z", hour).encode(), tmp_path)


@pytest.mark.parametrize("latitude", ["nan", "inf", "1e999", "x" * 140_000])
def test_a_number_that_is_none_and_a_field_without_end_are_refused(tmp_path: Path, latitude: str) -> None:
    row = f"XXX,Somewhere,{latitude},1.5,America/New_York,x"
    with pytest.raises(Invalid, match=r"airports\.csv, line 2"):
        read_airports(f"{tables.AIRPORTS}\n{row}\n".encode(), tmp_path)


def test_a_time_zone_too_long_for_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="tzone"):
        read_airports(f"{tables.AIRPORTS}\nXXX,Somewhere,1,2,{'America/' + 'x' * 300},x\n".encode(), tmp_path)


@pytest.mark.parametrize("seats", ["1_000", "١٢٣", " 12", "9" * 5000])
def test_a_whole_number_is_written_in_plain_digits(tmp_path: Path, seats: str) -> None:
    path = tmp_path / "planes.csv.gz"
    path.write_bytes(gzip.compress(f"{tables.PLANES}\nN1,BOEING,737,{seats}\n".encode()))
    (row,) = tables.rows(path.name, tables.PLANES, tmp_path)
    with pytest.raises(Invalid, match="a whole number"):
        row.whole("seats")


@pytest.mark.parametrize("data", ["7", '"text"', "[1]", "null"])
def test_data_that_is_no_dictionary_is_refused_with_its_line(tmp_path: Path, data: str) -> None:
    line = '{"index":0,"at":1,"kind":"sent","where":"a","message":{"kind":"event","type":"a.b","data":%s}}'
    with pytest.raises(Invalid, match="line 1"):
        read_trace((line % data).encode(), tmp_path)


def test_a_record_of_progress_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="progress"):
        read_progress(b'{"chosen":{"a":"\xff"}}', tmp_path)


def test_an_event_that_has_become_null_is_an_error_of_the_stores() -> None:
    other, seen = fuzz("store file", range(16798, 16799))
    assert (other, seen["refused"]) == ([], 1)
