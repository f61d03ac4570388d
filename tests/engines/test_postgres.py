"""What PostgreSQL adds to a store: rights, news, a way back after a lost connection, refusals in one sentence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

pytest.importorskip("psycopg", reason="the engines are not installed")

import psycopg

from eventlab.engines import Engines, programs
from eventlab.engines import schema as tables
from eventlab.engines.postgres import PostgresStore
from eventlab.errors import Invalid, StoreUnavailable
from eventlab.event import Event
from eventlab.rows import Appended, encode
from eventlab.store import Store
from tests.support.store_door import rows

PASSWORD = "opensesame"


def noted(*numbers: int) -> list[Event]:
    return [Event("noted", {"n": n}, id=f"e-{n}", time=n) for n in numbers]


@pytest.fixture
def store(real: Engines, new_name: Callable[[], str]) -> Iterator[PostgresStore]:
    with PostgresStore(real.postgres, new_name(), durable=False) as opened:
        yield opened


@pytest.fixture
def admin(real: Engines) -> Iterator[Any]:
    with psycopg.connect(real.postgres, autocommit=True) as connection:
        yield connection


@pytest.fixture
def role(admin: Any, new_name: Callable[[], str]) -> Iterator[str]:
    name = new_name()
    admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    yield name
    admin.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def address(real: Engines, **parts: str) -> str:
    """The address of PostgreSQL, with another user, password or path."""
    url = urlsplit(real.postgres)
    user, password = parts.get("user", url.username), parts.get("password", url.password)
    place = f"{user}:{password}@{url.hostname}:{parts.get('port', url.port)}"
    return urlunsplit(url._replace(netloc=place, path=parts.get("path", url.path)))


# -- rights ------------------------------------------------------------------------------------------------------------


def test_a_role_that_was_let_in_appends_and_reads_and_can_change_nothing(
    store: PostgresStore, real: Engines, role: str
) -> None:
    store.append("s", noted(1))
    store.grant(role)
    with PostgresStore(address(real, user=role, password=PASSWORD), store.schema, durable=False) as theirs:
        theirs.append("s", noted(2), 1)
        assert theirs.save_checkpoint("reader", 2) == 2
        assert [each.event.id for each in theirs.read_all()] == ["e-1", "e-2"]
        for statement in (
            "UPDATE events SET event = ''", "DELETE FROM events", "TRUNCATE events", "DROP TABLE events",
            "INSERT INTO events SELECT 3, 's', 3, 'x', 0, chain, event FROM events LIMIT 1",
            "UPDATE migrations SET number = 0",
        ):  # fmt: skip
            with pytest.raises(StoreUnavailable, match=r"permission denied|must be owner"):
                theirs._sql(statement)
    store.verify()


def test_not_even_the_owner_changes_an_event(store: PostgresStore) -> None:
    store.append("s", noted(1))
    for statement in ("UPDATE events SET time = 0", "DELETE FROM events", "TRUNCATE events"):
        with pytest.raises(StoreUnavailable, match="events never change and are never deleted"):
            rows(store, statement)


def test_a_role_that_was_not_let_in_is_told_whom_to_ask(store: PostgresStore, real: Engines, role: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"permission denied.*ask the owner"):
        PostgresStore(address(real, user=role, password=PASSWORD), store.schema)


def test_nobody_is_let_in_who_is_not_there(store: PostgresStore) -> None:
    with pytest.raises(StoreUnavailable, match=r'role "nobody_there" does not exist; create it'):
        store.grant("nobody_there")
    with pytest.raises(Invalid):
        store.grant("x; DROP TABLE events")


def test_names_may_be_words_of_sqls_own(real: Engines, admin: Any) -> None:
    admin.execute("CREATE ROLE \"table\" LOGIN PASSWORD 'opensesame'")
    try:
        with PostgresStore(real.postgres, "order", durable=False) as store:
            store.grant("table")
            with PostgresStore(address(real, user="table", password=PASSWORD), "order", durable=False) as theirs:
                theirs.append("s", noted(1))
            store.verify()
    finally:
        admin.execute('DROP SCHEMA IF EXISTS "order" CASCADE; DROP OWNED BY "table"; DROP ROLE "table"')


def soon(asked: Callable[[], bool]) -> bool:
    """Whether it becomes true: PostgreSQL tells when it has time."""
    end = time.monotonic() + 10
    while not asked() and time.monotonic() < end:
        time.sleep(0.01)
    return time.monotonic() < end


# -- news, and the way back --------------------------------------------------------------------------------------------


def test_news_are_told_once_and_only_by_others(store: PostgresStore, real: Engines) -> None:
    told: list[int] = []
    assert store.news()  # whatever was said before anybody listened
    store.watch(lambda: told.append(1))
    with PostgresStore(real.postgres, store.schema, durable=False) as other:
        other.append("s", noted(1))
        assert soon(store.news) and told == [1]
        assert not store.news()
        store.append("s", noted(2))
        assert not store.news(), "its own append is no news"


def test_news_of_another_schema_are_none(store: PostgresStore, real: Engines, new_name: Callable[[], str]) -> None:
    store.news()
    with PostgresStore(real.postgres, new_name(), durable=False) as other:
        other.append("s", noted(1))
    assert not store.news()


def test_a_connection_that_was_ended_is_found_again(store: PostgresStore, admin: Any) -> None:
    store.append("s", noted(1))
    store.news()
    for _ in range(2):  # that of the statements, and that which listens
        clients = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
        admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {clients}")
        assert store.append("s", noted(2)).position == 2
        assert len(list(store.read_all())) == 2
    assert soon(store.news), "who listens anew has perhaps missed something"


def until_gone(pid: int) -> None:
    with suppress(ProcessLookupError):
        while True:
            os.kill(pid, 0)
            time.sleep(0.01)


def test_while_postgresql_is_down_a_store_waits_for_as_long_as_it_was_told(real: Engines, new_name: Any) -> None:
    if real.database is None:
        pytest.skip("a server of one's own is not killed")
    with PostgresStore(real.postgres, new_name(), patience=0.2) as store:
        store.append("s", noted(1))
        ours = store._connection.info.backend_pid
        real.database.kill()
        until_gone(ours)  # it ends by itself when it sees that its server has died
        try:
            with pytest.raises(StoreUnavailable, match=r"onnection refused.*is PostgreSQL running there\?"):
                store.append("s", noted(2))
        finally:
            real.database.start()
        assert store.append("s", noted(2)).version == 2
        store.verify()


# -- a copy ------------------------------------------------------------------------------------------------------------


def test_a_backup_is_a_file_that_a_store_reads_with_the_same_hashes(store: PostgresStore, tmp_path: Path) -> None:
    store.append("a", noted(1, 2))
    store.append("b", [Event("noted", {"text": '\n \\ " {} , ß☃'}, id='odd " \\ , {} \n id')])
    store.backup(tmp_path / "copy.db")
    with Store(tmp_path / "copy.db") as copy:
        copy.verify()
        assert list(copy.read_all()) == list(store.read_all())
        hashes = "SELECT position, chain FROM events ORDER BY position"
        assert rows(copy, hashes) == rows(store, hashes)
    with pytest.raises(StoreUnavailable, match="a backup is written to a new file"):
        store.backup(tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"password": "wrong-one"}, "look at user and password"),
        ({"user": "stranger"}, "look at user and password"),
        ({"path": "/nothing_here"}, r'"nothing_here" does not exist; create it, or take another address'),
        ({"port": "1"}, "is PostgreSQL running there"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_without_telling_the_password(
    real: Engines, parts: dict[str, str], words: str
) -> None:
    with pytest.raises(StoreUnavailable, match=words) as caught:
        PostgresStore(address(real, **parts))
    for secret in (urlsplit(real.postgres).password, "wrong-one"):
        assert secret not in str(caught.value)


def test_what_is_no_address_is_refused() -> None:
    for wrong in (
        "host=x password=SECRET",
        "http://u:SECRET@127.0.0.1/",
        "postgresql://u:SECRET@[::1",
        "postgresql://u:SECRET/x@h",
    ):
        with pytest.raises(StoreUnavailable, match="its address cannot be read; it has the form") as caught:
            PostgresStore(wrong)
        assert "SECRET" not in str(caught.value)
    with pytest.raises(Invalid):
        PostgresStore("")


def test_an_old_server_is_refused(real: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(programs.LEAST, "PostgreSQL", (99,))
    with pytest.raises(StoreUnavailable, match=r"its version is \d+, and 99 or newer is needed"):
        PostgresStore(real.postgres)


def test_a_schema_of_a_newer_eventlab_is_left_alone(store: PostgresStore, real: Engines, admin: Any) -> None:
    admin.execute(f"INSERT INTO {store.schema}.migrations VALUES (99)")
    with pytest.raises(StoreUnavailable, match=r"newer eventlab \(migration 99\): update this one"):
        PostgresStore(real.postgres, store.schema)


USED = ["34ba5bc2ff1b4f80", "15f4d5623196d8c3"]  # sha256 of each; another one is added, none is changed


def test_a_schema_of_an_older_eventlab_is_brought_up_to_date_with_its_events_and_roles(
    real: Engines, role: str, new_name: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema, theirs, [first, second, third] = new_name(), address(real, user=role, password=PASSWORD), noted(1, 2, 3)
    with psycopg.connect(real.postgres, autocommit=True, cursor_factory=psycopg.RawCursor) as older:
        with monkeypatch.context() as before:
            before.setattr(tables, "MIGRATIONS", tables.MIGRATIONS[:1])
            tables.migrate(older, schema, "older")
        append = f"SELECT {schema}.append('s', 0, '{{e-1}}', '{{1}}', ARRAY[$1])"
        older.execute(append.encode(), [encode(first).decode()])
        for right in (
            f"USAGE ON SCHEMA {schema}", f"SELECT ON ALL TABLES IN SCHEMA {schema}",
            f"INSERT, UPDATE, DELETE ON {schema}.checkpoints, {schema}.snapshots",
            f"EXECUTE ON FUNCTION {schema}.append",
        ):  # fmt: skip
            older.execute(f"GRANT {right} TO {role}".encode())
        assert tables.version(older, schema) == 1
        with pytest.raises(StoreUnavailable, match="at migration 1 of 2: its owner has to open it once"):
            PostgresStore(theirs, schema)
        with PostgresStore(real.postgres, schema, durable=False) as store:
            assert tables.version(older, schema) == 2
            assert store.append("s", second, 1) == Appended("s", 2, 2)
            with PostgresStore(theirs, schema, durable=False) as let_in:
                assert let_in.append("s", third, 2) == Appended("s", 3, 3)
            assert [each.event for each in store.read_all()] == [first, second, third]
            store.verify()


def test_migrations_that_have_been_in_use_are_as_they_were() -> None:
    assert [sha256(each.encode()).hexdigest()[:16] for each in tables.MIGRATIONS] == USED


def test_a_schema_that_holds_something_else_is_left_as_it_is(real: Engines, admin: Any, new_name: Any) -> None:
    schema = new_name()
    admin.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.checkpoints (theirs int)")
    with pytest.raises(StoreUnavailable, match="already exists; take another schema"):
        PostgresStore(real.postgres, schema)
    there = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
    assert there == [("checkpoints",)], "nothing half made"
