"""The file of keys for crypto-shredding: one key a person, and who has been forgotten. It stands apart from the events.

A key is there before anything is sealed with it, on the disk. To forget is one transaction: it is done, or the key is
still there. Who was forgotten stays noted, so that no key is made again for them by an event that was on its way.
"""

from __future__ import annotations

import os
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import apsw

from eventlab import borders
from eventlab.errors import EventlabError
from eventlab.storefile import PATIENCE, located

APPLICATION = 1702261867  # "evtk" as a number
LENGTH = 64  # bytes of a key
SCHEMA = f"""
CREATE TABLE keys (
    person TEXT PRIMARY KEY,
    key    BLOB,  -- NULL: forgotten
    sum    BLOB   -- of person and key: a damaged one is not mistaken for a wrong one
) STRICT, WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
"""


class KeysUnavailable(EventlabError):
    """The keys cannot be used: their file is missing, damaged, locked or none; or the library is not installed."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"keys {path!r} cannot be used: {reason}" if path else f"sealing cannot be used: {reason}")


class Keys:
    """A key for each person, in the file `path`, or in memory if there is none.

    Several processes may use one file: each question is asked of the file, so what one forgets, none remembers. One
    `Keys` belongs to the process and thread that opened it.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = located(path)
        self._owner: tuple[int, int] | None = (os.getpid(), threading.get_ident())
        try:
            self._connection = apsw.Connection(self.path)
            self._prepare()
        except apsw.Error as error:
            raise self._fault(error) from error

    def __repr__(self) -> str:
        return f"<Keys {self.path}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._owner = None
        self._connection.close()

    def key(self, person: str) -> bytes | None:
        """The person's key; None if there is none, or none any more."""
        found = self._sql("SELECT key, sum FROM keys WHERE person = ?", _named(person))
        if not found or found[0][0] is None:
            return None
        key, sum = found[0]
        if len(key) != LENGTH or sum != _sum(person, key):
            raise KeysUnavailable(self.path, f"the key of {person!r} is damaged")
        return bytes(key)

    def made(self, person: str) -> bytes | None:
        """The person's key, made if there never was one; None for a person who has been forgotten."""
        if (key := self.key(person)) is not None:
            return key
        new = os.urandom(LENGTH)
        statement = "INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING"  # somebody may have been faster
        self._sql(statement, person, new, _sum(person, new))
        return self.key(person)

    def forget(self, person: str) -> bool:
        """Throw the person's key away, for good; whether there was one. Doing it again changes nothing.

        A person without a key is noted as forgotten too: nothing will ever be sealed for them.
        """
        statement = """INSERT INTO keys VALUES (?, NULL, NULL)
                       ON CONFLICT DO UPDATE SET key = NULL, sum = NULL WHERE key IS NOT NULL"""
        _named(person)
        try:
            with self._db:
                had = bool(self._sql("SELECT 1 FROM keys WHERE person = ? AND key IS NOT NULL", person))
                self._sql(statement, person)
        except apsw.Error as error:  # of the begin or the end of the transaction
            raise self._fault(error) from error
        return had

    def has_forgotten(self, person: str) -> bool:
        """Whether the person has been forgotten; of one who was never known: no."""
        return bool(self._sql("SELECT 1 FROM keys WHERE person = ? AND key IS NULL", _named(person)))

    def people(self) -> list[str]:
        """Who has a key, in the order of the alphabet."""
        return [person for (person,) in self._sql("SELECT person FROM keys WHERE key IS NOT NULL ORDER BY person")]

    def forgotten(self) -> list[str]:
        """Who has been forgotten, in the order of the alphabet."""
        return [person for (person,) in self._sql("SELECT person FROM keys WHERE key IS NULL ORDER BY person")]

    # -- the way to SQLite ------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make the table in an empty file; any other file is left as it is."""
        db = self._connection
        db.set_busy_timeout(PATIENCE * 1000)
        db.transaction_mode = "IMMEDIATE"
        if db.pragma("application_id") != APPLICATION:
            with db:
                if db.execute("SELECT count(*) FROM sqlite_schema").get:
                    if db.pragma("application_id") != APPLICATION:  # nobody else was faster
                        raise KeysUnavailable(self.path, "it is another file, and no file of keys")
                else:
                    db.execute(SCHEMA)
        # What is deleted is overwritten with zeros, and no log keeps it: a journal is gone when it is done.
        db.execute("PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON; PRAGMA synchronous = EXTRA").fetchall()

    def _fault(self, error: Exception) -> KeysUnavailable:
        if isinstance(error, apsw.CorruptError | apsw.NotADBError):
            return KeysUnavailable(self.path, f"it is damaged, or no file of keys ({error})")
        return KeysUnavailable(self.path, str(error))

    @property
    def _db(self) -> apsw.Connection:
        if self._owner != (os.getpid(), threading.get_ident()):
            reason = "it is closed" if self._owner is None else "it belongs to another process or thread; open one here"
            raise KeysUnavailable(self.path, reason)
        return self._connection

    def _sql(self, sql: str, *args: Any) -> list[Any]:
        try:
            return self._db.execute(sql, args).fetchall()
        except apsw.Error as error:
            raise self._fault(error) from error


def _named(person: str) -> str:
    return borders.text(person, "person", where="keys", least=1, most=512, plain=True)


def _sum(person: str, key: bytes) -> bytes:
    return sha256(b"%b\0%b" % (person.encode(), key)).digest()
