"""The files of `data/` as rows: every row has the place it came from, and what does not fit is refused with that place.

A month of flights is one file, so that a single day costs a few hundredths of a second, not the whole year.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from math import isfinite
from pathlib import Path

from eventlab.errors import Invalid

HERE = Path(__file__).resolve().parent
INSTALLED, CHECKOUT = HERE.parent / "data", HERE.parents[1] / "data"  # a wheel brings the files inside the package
DATA = INSTALLED if INSTALLED.is_dir() else CHECKOUT

FLIGHTS = (
    "month,day,carrier,flight,origin,dest,tailnum,"
    "sched_dep_time,dep_time,dep_delay,sched_arr_time,arr_time,arr_delay,air_time"
)
PLANES = "tailnum,manufacturer,model,seats"
AIRPORTS = "faa,name,lat,lon,tzone,source"
AIRLINES = "carrier,name"
WEATHER = "origin,time_hour,temp,wind_dir,wind_speed,wind_gust,precip,visib"
LARGEST = 2 << 20  # bytes that a file may have, unpacked; the largest of the year has 1.7 million
WHOLE = re.compile(r"-?[0-9]{1,6}")


class Row:
    """A row's fields by column, and readings of them that say where a bad one stands. An empty field is None."""

    __slots__ = ("fields", "where")

    def __init__(self, fields: dict[str, str], where: str) -> None:
        self.fields, self.where = fields, where

    def text(self, column: str) -> str:
        return self.fields[column]

    def whole(self, column: str) -> int | None:
        if (found := self.fields[column]) == "":
            return None
        if not WHOLE.fullmatch(found):  # int() would read 1_000 too, and the digits of every script
            raise self.invalid(column, "a whole number")
        return int(found)

    def number(self, column: str) -> float | None:
        if (found := self.fields[column]) == "":
            return None
        try:
            if isfinite(number := float(found)):
                return number
        except ValueError:
            pass
        raise self.invalid(column, "a number")

    def clock(self, column: str) -> int | None:
        """A clock number as minutes after midnight: 517 is 5:17, and 2400 is midnight, as 0 would be."""
        value = self.whole(column)
        if value is None:
            return None
        hours, minutes = divmod(value, 100)
        if not (0 <= hours < 24 and minutes < 60) and value != 2400:
            raise self.invalid(column, "hours and minutes as one number, 0 to 2400")
        return (hours * 60 + minutes) % 1440

    def invalid(self, column: str, expected: str) -> Invalid:
        return _invalid(f"{self.where}, column {column}", expected, self.fields[column])


def rows(name: str, columns: str, folder: Path) -> Iterator[Row]:
    """Every row of one of the small files."""
    path = folder / name
    return _read(lines(path, columns), columns, path)


def flights(day: date, folder: Path) -> Iterator[Row]:
    """The rows of the flights planned to leave on a day."""
    path = folder / f"flights-{day.year}-{day.month:02}.csv.gz"
    return _read(lines_by_day(path).get(f"{day.month},{day.day}", []), FLIGHTS, path)


def lines(path: Path, columns: str) -> Iterable[tuple[int, str]]:
    """A file's lines below its heading, numbered as an editor numbers them. Refuses a file that is no such file."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(LARGEST + 1)  # what unpacks to more is never unpacked whole
        if len(content) > LARGEST:
            raise _foreign(path, f"more than {LARGEST:,} bytes")
        text = content.decode("utf-8")
    except FileNotFoundError:
        raise _foreign(path, "nothing there") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:  # OSError covers gzip's own BadGzipFile
        raise _foreign(path, f"{type(error).__name__}: {error}") from error
    heading, *below = text.splitlines() or [""]
    if heading != columns:
        raise _invalid(f"{path}, line 1", f"the columns {columns}", heading)
    return enumerate(below, start=2)


@lru_cache(maxsize=2)
def lines_by_day(path: Path) -> dict[str, list[tuple[int, str]]]:
    """A month's lines by "month,day": splitting off that much is all it costs to find a day."""
    found: dict[str, list[tuple[int, str]]] = {}
    month = path.name[len("flights-2013-") :][:2].lstrip("0")
    for number, line in lines(path, FLIGHTS):
        day = ",".join(line.split(",", 2)[:2])
        if not day.startswith(month + ","):
            raise _invalid(f"{path}, line {number}", f"a flight of month {month}", line)
        found.setdefault(day, []).append((number, line))
    return found


def _read(numbered: Iterable[tuple[int, str]], columns: str, path: Path) -> Iterator[Row]:
    names = columns.split(",")
    for number, line in numbered:
        try:
            # Line by line: a stray quote must not swallow its neighbours.
            fields = next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            raise _invalid(f"{path}, line {number}", f"{len(names)} fields ({error})", line) from error
        if len(fields) != len(names):
            raise _invalid(f"{path}, line {number}", f"{len(names)} fields", line)
        yield Row(dict(zip(names, fields, strict=True)), f"{path}, line {number}")


def _foreign(path: Path, found: str) -> Invalid:
    return _invalid(str(path), "a file as data/build.py writes it", found)


def _invalid(where: str, expected: str, found: str) -> Invalid:
    return Invalid("data file", where=where, expected=expected, found=found)
