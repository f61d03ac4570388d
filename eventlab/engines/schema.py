"""The tables of an event store in PostgreSQL, made by numbered migrations in a schema of its own.

An append is one call of one function, which takes the store's lock before it looks at anything. The lock ends when the
commit can be seen, so positions have no holes that a reader could overtake, and the function alone may write events:
whoever uses the store may call it and read, and neither update nor delete.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg

from eventlab.engines.programs import LEAST
from eventlab.errors import Invalid, StoreUnavailable

MIGRATIONS = (  # one that has been in use is never changed: what is to be different is done by another one
    """
CREATE TABLE events (
    position bigint PRIMARY KEY,
    stream   text COLLATE "C" NOT NULL,
    version  bigint NOT NULL,
    id       text COLLATE "C" NOT NULL UNIQUE,
    time     bigint NOT NULL,
    chain    bytea  NOT NULL,  -- sha256 of the row before and of this one
    event    text   NOT NULL,  -- the whole event as JSON, byte for byte: jsonb would write it anew
    UNIQUE (stream, version)
);
CREATE TABLE snapshots (
    stream text COLLATE "C", schema text COLLATE "C", version bigint,
    time   bigint NOT NULL,  -- the latest event time up to this version
    state  text   NOT NULL,
    PRIMARY KEY (stream, schema, version)
);
CREATE TABLE checkpoints (name text COLLATE "C" PRIMARY KEY, position bigint NOT NULL, state text NOT NULL);

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'events never change and are never deleted'; END $$;
CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();

CREATE FUNCTION append(of_stream text, expected bigint, ids text[], times bigint[], texts text[],
                       OUT last_version bigint, OUT last_position bigint)  -- position 0: nothing written, look why
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off AS $$
DECLARE text_ text; link bytea; links bytea[] := '{}'; name bytea := convert_to(of_stream, 'UTF8');
        known boolean; done text; here bigint; there bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED: it must see what was committed while it waited';
    END IF;
    done := pg_advisory_xact_lock((1702261868::bigint << 32) | 'events'::regclass::oid::bigint);
    SELECT coalesce((SELECT max(version) FROM events WHERE stream = of_stream), 0),
           coalesce((SELECT max(position) FROM events), 0),
           coalesce((SELECT chain FROM events ORDER BY position DESC LIMIT 1), ''),
           EXISTS (SELECT FROM events WHERE id = ANY (ids)) INTO here, there, link, known;
    last_version := here;
    last_position := 0;
    IF (expected >= 0 AND expected <> here) OR (expected = -2 AND here = 0) OR known THEN
        RETURN;
    END IF;
    FOREACH text_ IN ARRAY texts LOOP
        here := here + 1;
        there := there + 1;
        link := sha256(link || convert_to(there || ' ' || here || ' ', 'UTF8') || name || '\\x00'::bytea
                       || convert_to(text_, 'UTF8'));
        links := links || link;
    END LOOP;
    IF cardinality(ids) = 1 THEN  -- said apart, since it is the usual case and costs less
        INSERT INTO events VALUES (there, of_stream, here, ids[1], times[1], link, texts[1]);
    ELSE
        INSERT INTO events SELECT there - cardinality(ids) + n, of_stream, here - cardinality(ids) + n, id_, time_,
               link_, each FROM unnest(ids, times, links, texts) WITH ORDINALITY AS new(id_, time_, link_, each, n);
    END IF;
    done := pg_notify('eventlab', current_schema() || ' ' || there);
    last_version := here;
    last_position := there;
END $$;
REVOKE ALL ON FUNCTION append FROM PUBLIC;
""",
    """
CREATE FUNCTION append_one(of_stream text, expected bigint, of_id text, of_time bigint, of_event text)
RETURNS text  -- version and position, or null: nothing written, `append` finds out why
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE done text; here bigint; there bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED: it must see what was committed while it waited';
    END IF;
    done := pg_advisory_xact_lock((1702261868::bigint << 32) | 'events'::regclass::oid::bigint);
    INSERT INTO events
        SELECT last + 1, of_stream, before + 1, of_id, of_time,
               sha256(link || convert_to(last + 1 || ' ' || before + 1 || ' ' || of_stream, 'UTF8')
                      || '\\x00'::bytea || convert_to(of_event, 'UTF8')), of_event
        FROM (SELECT position AS last, chain AS link, coalesce((SELECT version FROM events WHERE stream = of_stream
                     ORDER BY version DESC LIMIT 1), 0) AS before
              FROM events ORDER BY position DESC LIMIT 1) AS newest  -- none for the first event of all
        WHERE expected IN (-1, before) OR (expected = -2 AND before > 0)
        ON CONFLICT (id) DO NOTHING RETURNING version, position INTO here, there;
    IF FOUND THEN
        done := pg_notify('eventlab', current_schema() || ' ' || there);
        RETURN here || ' ' || there;
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION append_one FROM PUBLIC;
DO $$
DECLARE role_ regrole;
BEGIN  -- whoever may append at all
    FOR role_ IN SELECT grantee FROM pg_proc, aclexplode(proacl) WHERE pg_proc.oid = 'append'::regproc
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION append_one TO %s', role_);
    END LOOP;
END $$;
""",
)


def schema_name(name: object) -> str:
    """`name`, if a schema can have it without quotation marks."""
    if not isinstance(name, str) or not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name) or name.startswith("pg_"):
        expected = "1 to 63 of a-z, 0-9 and _, not pg_ and no digit at the begin"
        raise Invalid("schema", where="PostgresStore", expected=expected, found=name)
    return name


def quoted(name: str) -> str:
    """A name that `schema_name` lets pass, for a statement: it may be a word of SQL's own, such as `order`."""
    return f'"{name}"'


def new_enough(found: int, path: str) -> None:
    """Raise `StoreUnavailable` where the server is older than what was tried."""
    least = LEAST["PostgreSQL"][0]
    if found < least:
        raise StoreUnavailable(path, f"its version is {found}, and {least} or newer is needed")


def version(connection: Any, schema: str) -> int:
    """The number of the last migration that was made in this schema; 0 if there is no store."""
    table = f"{quoted(schema)}.migrations"
    if connection.execute("SELECT to_regclass($1)", (table,)).fetchone()[0] is None:
        return 0
    return int(connection.execute(f"SELECT coalesce(max(number), 0) FROM {table}").fetchone()[0])


def migrate(connection: Any, schema: str, path: str) -> None:
    """Bring the schema up to date, all or nothing; of several who do so at once, one does it."""
    found = version(connection, schema)
    if found > len(MIGRATIONS):
        raise StoreUnavailable(path, f"it was made by a newer eventlab (migration {found}): update this one")
    if found == len(MIGRATIONS):
        return
    try:
        _migrate(connection, schema)
    except psycopg.errors.InsufficientPrivilege as error:
        if not found:
            raise
        reason = f"it is at migration {found} of {len(MIGRATIONS)}: its owner has to open it once with this eventlab"
        raise StoreUnavailable(path, reason) from error


def _migrate(connection: Any, schema: str) -> None:
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(1702261868)")
        found = version(connection, schema)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        connection.execute(f"SET LOCAL search_path = {quoted(schema)}, pg_temp")
        columns = "number int PRIMARY KEY, made timestamptz DEFAULT now()"
        connection.execute(f"CREATE TABLE IF NOT EXISTS migrations ({columns})")
        for number, statements in list(enumerate(MIGRATIONS, 1))[found:]:
            for statement in _statements(statements):
                connection.execute(statement)
            connection.execute("INSERT INTO migrations VALUES ($1)", (number,))


def grant(connection: Any, schema: str, role: str) -> None:
    """Let a role append and read, and keep its checkpoints and snapshots; it can change or delete no event."""
    here = quoted(schema)
    for right in (
        f"USAGE ON SCHEMA {here}", f"SELECT ON ALL TABLES IN SCHEMA {here}",
        f"INSERT, UPDATE, DELETE ON {here}.checkpoints, {here}.snapshots",
        f"EXECUTE ON FUNCTION {here}.append, {here}.append_one",
    ):  # fmt: skip
        connection.execute(f"GRANT {right} TO {quoted(schema_name(role))}")


def _statements(text: str) -> list[str]:
    """The single statements: the wire takes one at a time. Those of a function's body stay together."""
    parts, statements = text.split("$$"), [""]
    for n, part in enumerate(parts):
        if n % 2:
            statements[-1] += f"$${part}$$"
        else:
            first, *others = part.split(";")
            statements[-1] += first
            statements += others
    return [each for each in statements if each.strip()]
