"""Files of SQLite in the place of Parquet files, where DuckDB is not installed: the same rows, the same questions.

They are read by row and are not small: what columns give, the year's figures tell, which are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import msgspec

from eventlab.columns import NAMES, Columns, Parquet
from eventlab.errors import CorruptStore, Invalid
from eventlab.lessons.judging.instead import is_missing

TOLD = (
    "DuckDB is not here, as in a browser: SQLite files stand in for Parquet files. Steps, questions and answers are "
    "the same; what columns give, the figures of the year tell."
)


def columns() -> Columns:
    """What the lesson's archives are written and read with."""
    return InRows() if is_missing("duckdb", TOLD) else Parquet()


class InRows:
    """A file of SQLite for each segment of an archive."""

    suffix = ".rows"

    def write(self, lines: Path, file: Path) -> None:
        """Write a file from lines of JSON."""
        with closing(apsw.Connection(str(file))) as db, db:
            db.execute(f"CREATE TABLE rows ({', '.join(NAMES)})")
            rows = (list(msgspec.json.decode(line).values()) for line in lines.read_bytes().splitlines())
            db.executemany(f"INSERT INTO rows VALUES ({', '.join('?' * len(NAMES))})", rows)

    def rows(self, files: Sequence[Path], sql: str, given: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The rows of one SQL query on the table `events`, which is all the files."""
        with closing(apsw.Connection(":memory:")) as db:
            db.create_scalar_function("split_part", _split_part, 3, deterministic=True)
            db.execute(f"CREATE TABLE events ({', '.join(f'{name} {kind}' for name, kind in NAMES.items())})")
            for file in files:
                _add(db, file)
            try:
                yield from db.execute(sql, tuple(given))
            except apsw.Error as error:
                raise Invalid("query", where="archive", expected="SQL on the table events", found=str(error)) from error


def _add(db: apsw.Connection, file: Path) -> None:
    try:
        db.execute("ATTACH ? AS file", (str(file),))
        db.execute("INSERT INTO events SELECT * FROM file.rows")
        db.execute("DETACH file")
    except apsw.Error as error:
        raise CorruptStore(str(file), f"it cannot be read ({error})") from error


def _split_part(*given: Any) -> str:
    """As DuckDB has it: the part of a text with this number, from 1 on; nothing where there is none."""
    text, separator, number = given
    parts = text.split(separator)
    return str(parts[number - 1]) if 0 < number <= len(parts) else ""
