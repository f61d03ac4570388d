"""How a store in PostgreSQL is checked: as one in a file, by the chain of its rows and what is saved beside them."""

from __future__ import annotations

from eventlab.errors import CorruptStore
from eventlab.rows import EVER, whats_wrong
from eventlab.saved import CLAIM, Sql, revived

PAGE = 500  # rows read at a time


def verify(sql: Sql, path: str, seen: int) -> None:
    """Raise `CorruptStore` unless the store holds what was appended; `seen` is a position that was there before."""
    end = sql("SELECT coalesce(max(position), 0) FROM events")[0][0]
    position, chain, after = 0, b"", -EVER
    statement = """SELECT position, version, convert_to(stream, 'UTF8'), convert_to(id, 'UTF8'), time, chain,
                   convert_to(event, 'UTF8')
                   FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"""
    while rows := sql(statement, after, end, PAGE):
        after = rows[-1][0]
        for row in rows:
            position += 1
            if (problem := whats_wrong(row, position, chain)) is not None:
                raise CorruptStore(path, problem, position)
            chain = row[5]
    if position < seen:
        raise CorruptStore(path, "events that this store has seen are gone", position + 1)
    _checkpoints(sql, path)
    _snapshots(sql, path)


def _checkpoints(sql: Sql, path: str) -> None:
    statement = "SELECT name, position, state, (SELECT coalesce(max(position), 0) FROM events) FROM checkpoints"
    for name, position, state, last in sql(statement):
        if not 0 <= position <= last:
            problem = f"checkpoint {name!r} is at {position}, where there is no such event"
            raise CorruptStore(path, problem, last + 1 if position > last else None)
        value = revived(state, path, f"checkpoint {name!r}")
        if name.startswith(CLAIM) and (value.__class__ is not int or value < 1):
            raise CorruptStore(path, f"the claim {name!r} is {value!r}, which is no number")


def _snapshots(sql: Sql, path: str) -> None:
    """Each behind an event of its stream, with the latest time up to there, and a state that can be read."""
    statement = """SELECT s.stream, s.version, s.time, s.state, (SELECT max(e.time) FROM events AS e
                   WHERE e.stream = s.stream AND e.version <= s.version), EXISTS (SELECT FROM events AS e
                   WHERE e.stream = s.stream AND e.version = s.version) FROM snapshots AS s"""
    for stream, version, time, state, latest, there in sql(statement):
        what = f"the snapshot of {stream!r} at version {version}"
        if not there:
            raise CorruptStore(path, f"{what}, where there is no such event")
        revived(state, path, what)
        if time != latest:
            raise CorruptStore(path, f"{what} has the time {time}, not its events'")
