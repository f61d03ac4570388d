"""Reading a store: page by page, up to where it ended when the reading began.

No cursor stays open between two pages, so a forgotten reader holds nothing up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from eventlab import borders
from eventlab.errors import CorruptStore, Invalid, StoreUnavailable
from eventlab.rows import EVER, RELEASED, Recorded, decode

Sql = Callable[..., list[Any]]
PAGE = 500  # rows read at a time


class By(NamedTuple):
    """What is read: the condition, what counts its rows, and where they end."""

    where: str
    key: str = "position"
    last: str = "SELECT max(position) FROM events"


ALL = By("true")
BY_CATEGORY = By("iif(instr(stream, '-'), substr(stream, 1, instr(stream, '-') - 1), stream) = ?1")
BY_STREAM = By("stream = ?1", "version", "SELECT max(version) FROM events WHERE stream = ?1")


def read(
    sql: Sql, path: str, by: By, which: str | None, after: int, upto: int | None = None, as_of: int | None = None,
    limit: int | None = None,
) -> Iterator[Recorded]:  # fmt: skip
    """The rows behind `after`; the first page and, in the same statement, where the last one ends, are read at once."""
    upto, as_of, left = (EVER if bound is None else bound for bound in (upto, as_of, limit))
    for bound in (after, upto, as_of, left):
        borders.integer(bound, "bound", where="read")
    first, later = _statements(by)
    rows = sql(first, which, after, upto, as_of, min(PAGE, max(left, 0)))
    end = min(upto, rows[0][4]) if rows else 0

    def more(after: int, left: int) -> list[Any]:
        return sql(later, which, after, end, as_of, min(PAGE, left))

    return _pages(path, by.key, rows, left, more)


@cache
def _statements(by: By) -> tuple[str, str]:
    """For the first page, with where the last one ends, and for the later ones, which need not be told again."""
    first = f"""SELECT event, stream, version, position, ({by.last}) FROM events
                WHERE {by.where} AND {by.key} > ?2 AND {by.key} <= ?3 AND time <= ?4 ORDER BY {by.key} LIMIT ?5"""
    return first, first.replace(f"({by.last})", "NULL")


def find(sql: Sql, path: str, id: str) -> Recorded | None:
    """The event with this id."""
    borders.text(id, "event id", where="find")
    rows = sql("SELECT event, stream, version, position, NULL FROM events WHERE id = ?", id)
    return _decoded(path, rows)[0] if rows else None


def _decoded(path: str, rows: list[Any]) -> list[Recorded]:
    try:
        return [Recorded(decode(text), name, version, position) for text, name, version, position, _ in rows]
    except (TypeError, ValueError, RecursionError) as error:
        if any(row[0] == RELEASED for row in rows):
            raise StoreUnavailable(path, "these events are in its archive: read them through that") from error
        raise CorruptStore(path, f"an event cannot be read ({error}); verify() finds the first") from error


def _pages(
    path: str, key: str, rows: list[Any], left: int, more: Callable[[int, int], list[Any]]
) -> Iterator[Recorded]:
    while rows:
        page = _decoded(path, rows)
        yield from page
        left -= len(page)
        if len(page) < PAGE or left <= 0:
            return
        rows = more(getattr(page[-1], key), left)


def category(name: str) -> str:
    """`name`, if a category can have it: a stream's name before the first "-"."""
    borders.text(name, "category", where="store")
    if "-" in name:
        raise Invalid("category", where="store", expected='a name without "-"', found=name)
    return name
