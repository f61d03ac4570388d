"""What is saved in a store beside its events: snapshots of a stream's state, and checkpoints of its readers.

Each is read in one statement: a state and the place that it belongs to are one fact, whoever writes meanwhile. The
statements are SQL that every engine of a store understands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from eventlab import borders
from eventlab.errors import CorruptStore, Invalid
from eventlab.event import freeze_decoded
from eventlab.rows import EVER, named, plain
from eventlab.storefile import ARCHIVED

Sql = Callable[..., list[Any]]
SEAL = "(last close)"  # a checkpoint of the store's own, which shows when the tail is cut off
CLAIM = "(claim) "  # and one for every name that was claimed
FURTHER = """position = CASE WHEN excluded.position > checkpoints.position
             THEN excluded.position ELSE checkpoints.position END"""


class Snapshot(msgspec.Struct, frozen=True):
    """A stream's state after its event number `version`; the state is frozen like a message's data."""

    stream: str
    version: int
    state: Any
    schema: str = ""


class Checkpoint(msgspec.Struct, frozen=True):
    """How far the reader `name` has worked, and what it knew then; the state is frozen like a message's data."""

    name: str
    position: int = 0
    state: Any = None


def revived(text: str, path: str, what: str) -> Any:
    """A state as it was saved, frozen; `CorruptStore` if nobody can have saved that."""
    try:
        return freeze_decoded(msgspec.json.decode(text))
    except (ValueError, RecursionError) as error:
        raise CorruptStore(path, f"the state of {what} cannot be read ({error!s:.200})") from error


# -- snapshots ---------------------------------------------------------------------------------------------------------


def save_snapshot(sql: Sql, stream: str, version: int, state: Any, schema: str) -> None:
    named(stream, "stream name", where="snapshot")
    where = f"snapshot of stream {stream!r}"
    borders.text(schema, "schema", where=where, most=512, plain=True)
    borders.integer(version, "snapshot version", where=where)
    last = sql("SELECT coalesce(max(version), 0) FROM events WHERE stream = ?", stream)[0][0]
    if not 1 <= version <= last:
        raise Invalid("snapshot version", where=where, expected=f"1 to {last}", found=version)
    statement = """WITH older AS (SELECT version, time FROM snapshots
                                  WHERE stream = ?1 AND schema = ?3 AND version <= ?2
                                  ORDER BY version DESC LIMIT 1)
                   INSERT INTO snapshots
                   SELECT ?1, ?3, ?2, max(time), ?4 FROM (SELECT time FROM older UNION ALL SELECT time FROM events
                   WHERE stream = ?1 AND version <= ?2 AND version > coalesce((SELECT version FROM older), 0)) AS times
                   WHERE true ON CONFLICT (stream, schema, version) DO UPDATE
                   SET time = excluded.time, state = excluded.state"""
    sql(statement, stream, version, schema, plain(state, where))


def snapshot(sql: Sql, path: str, stream: str, version: int | None, time: int | None, schema: str) -> Snapshot | None:
    borders.text(stream, "stream name", where="snapshot")
    where = f"snapshot of stream {stream!r}"
    borders.text(schema, "schema", where=where)
    bounds = [EVER if bound is None else bound for bound in (version, time)]
    for bound in bounds:
        borders.integer(bound, "bound", where=where)
    statement = """SELECT version, state, (SELECT max(version) FROM events WHERE stream = ?1) FROM snapshots
                   WHERE stream = ?1 AND schema = ?2 AND version <= ?3 AND time <= ?4 ORDER BY version DESC LIMIT 1"""
    for found, state, last in sql(statement, stream, schema, *bounds):
        if not 1 <= found <= (last or 0):
            raise CorruptStore(path, f"snapshot of {stream!r} at version {found}, where there is no such event")
        return Snapshot(stream, found, revived(state, path, f"the snapshot of {stream!r} at version {found}"), schema)
    return None


# -- checkpoints -------------------------------------------------------------------------------------------------------


def checkpoint(sql: Sql, path: str, name: str) -> Checkpoint:
    borders.text(name, "name", where="checkpoint")
    statement = """SELECT position, state, (SELECT coalesce(max(position), 0) FROM events)
                   FROM checkpoints WHERE name = ?"""
    for position, state, last in sql(statement, name):
        if not 0 <= position <= last:
            raise CorruptStore(path, f"checkpoint {name!r} is at {position}, where there is no such event")
        return Checkpoint(name, position, revived(state, path, f"checkpoint {name!r}"))
    return Checkpoint(name)


def save_checkpoint(sql: Sql, name: str, position: int, state: Any) -> int:
    _own(name)
    where = f"checkpoint {name!r}"
    borders.integer(position, "position", where=where)
    last = sql("SELECT coalesce(max(position), 0) FROM events")[0][0]
    if not 0 <= position <= last:
        raise Invalid("position", where=where, expected=f"0 to {last}", found=position)
    statement = f"""INSERT INTO checkpoints VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE
                    SET state = CASE WHEN excluded.position >= checkpoints.position
                                THEN excluded.state ELSE checkpoints.state END, {FURTHER} RETURNING position"""
    return int(sql(statement, name, position, plain(state, where))[0][0])


def reset_checkpoint(sql: Sql, name: str) -> None:
    _own(name)
    sql("DELETE FROM checkpoints WHERE name = ?", name)


def seal(sql: Sql) -> None:
    """Note how far the store goes, if that is news: others who write need not wait for a close that has none."""
    last = f"(SELECT max(position) FROM events), (SELECT position FROM checkpoints WHERE name = '{SEAL}')"
    position, sealed = sql(f"SELECT {last}")[0]
    if (position or 0) > (sealed or 0):
        statement = f"INSERT INTO checkpoints VALUES (?, ?, 'null') ON CONFLICT (name) DO UPDATE SET {FURTHER}"
        sql(statement, SEAL, position)


def released(sql: Sql) -> int:
    """The position up to which the events' texts are in an archive only; 0 if the store has them all."""
    rows = sql("SELECT position FROM checkpoints WHERE name = ?", ARCHIVED)
    return int(rows[0][0]) if rows else 0


def claim(sql: Sql, name: str) -> int:
    named(name, "name", where="claim")
    statement = """INSERT INTO checkpoints VALUES (?, 0, '1') ON CONFLICT (name) DO UPDATE SET state =
                   CAST(CAST(checkpoints.state AS INTEGER) + 1 AS TEXT) RETURNING CAST(state AS INTEGER)"""
    return int(sql(statement, CLAIM + name)[0][0])


def claimed(sql: Sql, name: str) -> int:
    borders.text(name, "name", where="claim")
    rows = sql("SELECT CAST(state AS INTEGER) FROM checkpoints WHERE name = ?", CLAIM + name)
    return int(rows[0][0]) if rows else 0


def _own(name: object) -> None:
    """`name` can be stored, and is not one of the store's own."""
    named(name, "name", where="checkpoint")
    if str(name) in (SEAL, ARCHIVED) or str(name).startswith(CLAIM):
        raise Invalid("name", where="checkpoint", expected="a name that the store does not use itself", found=name)
