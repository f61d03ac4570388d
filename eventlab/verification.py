"""How a store is checked: the chain of its rows, and where everything that is saved beside them stands."""

from __future__ import annotations

from eventlab.errors import CorruptStore
from eventlab.rows import EVER, RELEASED, whats_wrong
from eventlab.saved import CLAIM, Sql, released, revived

PAGE = 500  # rows read at a time


def verify(sql: Sql, path: str, seen: int) -> None:
    """Raise `CorruptStore` unless the store holds what was appended; `seen` is a position that was there before.

    How far it looks is fixed when it begins: others may append meanwhile without end.
    """
    end = sql("SELECT max(position) FROM events")[0][0] or 0
    position, chain, after, gone = 0, b"", -EVER, released(sql)
    statement = """SELECT position, version, CAST(stream AS BLOB), CAST(id AS BLOB), time, chain, CAST(event AS BLOB)
                   FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"""
    while rows := sql(statement, after, end, PAGE):
        after = rows[-1][0]
        for row in rows:
            position += 1
            archived = row[0] == position <= gone and row[6] == RELEASED.encode()  # `Archive.verify` looks at those
            if not archived and (problem := whats_wrong(row, position, chain)) is not None:
                raise CorruptStore(path, problem, position)
            chain = row[5]
    if position < seen:
        raise CorruptStore(path, "events that this store has seen are gone", position + 1)
    _checkpoints(sql, path)
    _snapshots(sql, path)
    if (report := sql("PRAGMA integrity_check(1)")[0][0]) != "ok":
        raise CorruptStore(path, report)


def _checkpoints(sql: Sql, path: str) -> None:
    """One statement sees a checkpoint and the last event, or one saved meanwhile would stand behind the end."""
    statement = """SELECT name, position, state, (SELECT coalesce(max(position), 0) FROM events) FROM checkpoints"""
    for name, position, state, last in sql(statement):
        if not 0 <= position <= last:
            problem = f"checkpoint {name!r} is at {position}, where there is no such event"
            raise CorruptStore(path, problem, last + 1 if position > last else None)
        value = revived(state, path, f"checkpoint {name!r}")
        if str(name).startswith(CLAIM) and (value.__class__ is not int or value < 1):
            raise CorruptStore(path, f"the claim {name!r} is {value!r}, which is no number")


def _snapshots(sql: Sql, path: str) -> None:
    """Each behind an event of its stream, with the latest time up to there, and a state that can be read."""
    after, end = -EVER, sql("SELECT max(rowid) FROM snapshots")[0][0] or 0
    statement = """SELECT s.rowid, s.stream, s.version, s.state, (SELECT max(version) FROM events
                   WHERE stream = s.stream) FROM snapshots AS s WHERE s.rowid > ? AND s.rowid <= ?
                   ORDER BY s.rowid LIMIT ?"""
    while rows := sql(statement, after, end, PAGE):
        after = rows[-1][0]
        for _, stream, version, state, last in rows:
            if version is None or not 1 <= version <= (last or 0):
                problem = f"snapshot of {stream!r} at version {version}, where there is no such event"
                raise CorruptStore(path, problem)
            revived(state, path, f"the snapshot of {stream!r} at version {version}")
    statement = """SELECT s.stream, s.version, s.time FROM snapshots AS s LEFT JOIN (
                       SELECT stream, version, max(time) OVER (PARTITION BY stream ORDER BY version) AS latest
                       FROM events WHERE stream IN (SELECT stream FROM snapshots)
                   ) AS e ON e.stream = s.stream AND e.version = s.version WHERE e.latest IS NOT s.time LIMIT 1"""
    for stream, version, time in sql(statement):
        raise CorruptStore(path, f"snapshot of {stream!r} at version {version} has the time {time}, not its events'")
