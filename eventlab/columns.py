"""Events in files that are read by column: Parquet, which DuckDB writes and reads.

DuckDB is no dependency of eventlab: without it, writing or reading says what to install. Each file has one row for
each event; whoever reads asks SQL of the table `events`, which is all the files that he names, one behind the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from eventlab.errors import CorruptStore, Invalid, StoreUnavailable

INSTALL = "an archive is written and read by DuckDB, which is not installed here: pip install duckdb"
PAGE = 2000  # rows at a time
NAMES = {
    "position": "BIGINT", "stream": "VARCHAR", "version": "BIGINT", "time": "BIGINT", "type": "VARCHAR",
    "subject": "VARCHAR", "event": "VARCHAR",
}  # fmt: skip
NOTHING = f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in NAMES.items())} WHERE false"


@runtime_checkable
class Columns(Protocol):
    """Who writes and reads the files of an archive; `suffix` is how their names end."""

    suffix: str

    def write(self, lines: Path, file: Path) -> None:
        """Write a file from lines of JSON, each of them a row with the columns of `NAMES`."""

    def rows(self, files: Sequence[Path], sql: str, given: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The rows of one SQL query on the table `events`, with its `?` given.

        `Invalid` if the query is at fault, `CorruptStore` if a file is.
        """


class Parquet:
    """Parquet files, read in a DuckDB of our own in memory, which fetches nothing from anywhere."""

    suffix = ".parquet"

    def write(self, lines: Path, file: Path) -> None:
        """Write a file from lines of JSON."""
        kinds = ", ".join(f"{name}: '{kind}'" for name, kind in NAMES.items())
        source = f"read_json({_quoted(lines)}, format = 'newline_delimited', columns = {{{kinds}}})"
        with closing(_duckdb()) as db:
            _ask(db, f"COPY (FROM {source}) TO {_quoted(file)} (FORMAT parquet, COMPRESSION zstd)")

    def rows(self, files: Sequence[Path], sql: str, given: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The rows of one SQL query on the table `events`, some thousands at a time."""
        paths = ", ".join(_quoted(path) for path in files)
        with closing(_duckdb()) as db:
            _ask(db, f"CREATE VIEW events AS {f'SELECT * FROM read_parquet([{paths}])' if paths else NOTHING}")
            if (found := _ask(db, sql, given)) is None:
                raise Invalid("query", where="archive", expected="SQL on the table events", found=sql)
            while rows := found.fetchmany(PAGE):
                yield from rows


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise StoreUnavailable("archive", INSTALL) from error
    db = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    db.execute("SET enable_progress_bar = false")  # in notebooks it would print into the cell, on slow machines alone
    return db


def _ask(db: Any, sql: str, given: Sequence[object] = ()) -> Any:
    import duckdb

    try:
        return db.execute(sql, given)
    except (duckdb.ProgrammingError, duckdb.DataError) as error:
        asked = str(error).split("\n")[0]
        raise Invalid("query", where="archive", expected="SQL on the table events", found=asked) from error
    except duckdb.Error as error:
        raise CorruptStore("archive", f"it cannot be read ({error!s:.200})") from error
