"""Several processes on one store file: one winner, one order, nothing skipped, nothing left behind by an interrupt."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from eventlab.event import Event
from eventlab.store import Store


@contextmanager
def processes(count: int, script: str, *args: object) -> Iterator[list[subprocess.Popen[str]]]:
    """So many Python processes that run the script, with their number and `args`; none is left at the end."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(n), *map(str, args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(count)
    ]
    try:
        yield started
        for process in started:
            process.stdin.close()  # type: ignore[union-attr]
            assert process.wait(30) == 0
    finally:
        for process in started:
            process.kill()
            process.wait()
            process.stdin.close()  # type: ignore[union-attr]
            process.stdout.close()  # type: ignore[union-attr]


def say(process: subprocess.Popen[str], line: str) -> None:
    process.stdin.write(line + "\n")  # type: ignore[union-attr]
    process.stdin.flush()  # type: ignore[union-attr]


def hear(process: subprocess.Popen[str]) -> Any:
    return json.loads(process.stdout.readline())  # type: ignore[union-attr]


RACER = """
import json, sys
from eventlab.errors import WrongExpectedVersion
from eventlab.event import Event
from eventlab.store import Store

me, path = sys.argv[1:]
with Store(path, durable=False) as store:  # all open the file at once, and it is not there yet
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        stream, expected, count = json.loads(line)
        events = [Event("raced", {"by": me}, id=f"{stream}/{expected}/{me}/{n}") for n in range(count)]
        try:
            done = store.append(stream, events, expected)
            print(json.dumps(["won", done.version]), flush=True)
        except WrongExpectedVersion as error:
            print(json.dumps(["lost", error.actual]), flush=True)
"""


def test_exactly_one_of_many_writers_wins_each_version(tmp_path: Path) -> None:
    path, chance, versions = tmp_path / "events.db", random.Random(3), Counter[str]()
    with processes(8, RACER, path) as racers:
        assert [hear(racer) for racer in racers] == ["ready"] * 8
        for _ in range(150):
            stream, count = f"race-{chance.randrange(3)}", chance.randint(1, 3)
            for racer in racers:
                say(racer, json.dumps([stream, versions[stream], count]))
            versions[stream] += count
            answers = sorted(hear(racer) for racer in racers)
            assert answers == [["lost", versions[stream]]] * 7 + [["won", versions[stream]]]
    with Store(path) as store:
        assert store.position == sum(versions.values())
        assert {stream: store.version(stream) for stream in versions} == versions
        store.verify()


WRITER = """
import json, random, sys, time
from eventlab.errors import WrongExpectedVersion
from eventlab.event import Event
from eventlab.store import ANY, Store

me, path, seconds, kind = sys.argv[1:]
chance, history = random.Random(me), []

class Naive:
    '''Takes a number first and stores the event under it a little later: what a sequence in a database does.'''

    def __init__(self, path):
        import apsw
        self.db = apsw.Connection(path)
        self.db.set_busy_timeout(30_000)

    def version(self, stream):
        return 0

    def append(self, stream, events, expected):
        (last,), = self.db.execute("UPDATE sequence SET value = value + ? RETURNING value", (len(events),)).fetchall()
        time.sleep(chance.random() / 1000)
        self.db.execute("BEGIN IMMEDIATE")
        for n, event in enumerate(events):
            self.db.execute("INSERT INTO events VALUES (?, ?)", (last - len(events) + 1 + n, event.id))
        self.db.execute("COMMIT")
        return type("Done", (), {"position": last, "version": 0})

store = Naive(path) if kind == "naive" else Store(path, durable=False)
print(json.dumps("ready"), flush=True)
sys.stdin.readline()
end = time.monotonic() + float(seconds)
while time.monotonic() < end:
    stream = f"s-{chance.randrange(3)}"
    ids = [f"{me}-{len(history)}-{n}" for n in range(chance.choice([1, 1, 1, 2, 3]))]
    expected = store.version(stream) if chance.random() < 0.5 else ANY
    begun = time.monotonic_ns()
    try:
        done = store.append(stream, [Event("noted", id=id) for id in ids], expected)
        answer = [done.version, done.position]
    except WrongExpectedVersion:
        answer = None
    history.append([stream, ids, begun, time.monotonic_ns(), answer])
print(json.dumps(history), flush=True)
"""


def write_and_tail(
    path: Path, writers: int, seconds: float, kind: str, read: Callable[[int], list[int]]
) -> tuple[list[Any], list[int]]:
    """What the writers did and were told, and the positions that a reader beside them saw, in its order."""
    seen: list[int] = []
    with processes(writers, WRITER, path, seconds, kind) as started:
        assert [hear(writer) for writer in started] == ["ready"] * writers
        for writer in started:
            say(writer, "go")
        end = time.monotonic() + seconds + 0.2
        while time.monotonic() < end:
            seen += read(max(seen, default=0))
        history = [operation for writer in started for operation in hear(writer)]
    return history, seen + read(max(seen, default=0))


Place = tuple[int, str, int, str]


def anomalies(history: Iterable[Any], log: list[Place], seen: list[int]) -> set[str]:
    """What is wrong with a story: of the writers, of the log (position, stream, version, id), of a reader beside."""
    found, versions = set(), Counter[str]()
    place = {id: (position, stream, version) for position, stream, version, id in log}
    if len(place) != len(log):
        found.add("an event is there twice")
    for n, (position, stream, version, _) in enumerate(log, 1):
        versions[stream] += 1
        if position != n:
            found.add("positions have a hole")
        if version != versions[stream]:
            found.add("versions have a hole")
    done = [operation for operation in history if operation[4] is not None]
    for stream, ids, _, _, (version, position) in done:
        for back, id in enumerate(reversed(ids)):
            if id not in place:
                found.add("an acknowledged event is lost")
            elif place[id] != (position - back, stream, version - back):
                found.add("an event stands elsewhere than was answered")
    if any(id in place for operation in history if operation[4] is None for id in operation[1]):
        found.add("a refused event is there")
    if len(log) != sum(len(operation[1]) for operation in done):
        found.add("there are events that nobody was answered for")
    done.sort(key=lambda operation: operation[3])
    ends, latest = [operation[3] for operation in done], [0]
    for operation in done:
        latest.append(max(latest[-1], operation[4][1]))
    for _, ids, begun, _, (_, position) in done:
        if latest[bisect_left(ends, begun)] > position - len(ids):
            found.add("what began later stands before what had ended")
    if seen != [position for position, _, _, _ in log]:
        found.add("the reader skipped or repeated")
    return found


def test_a_reader_beside_many_writers_skips_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with Store(path) as store:
        history, seen = write_and_tail(
            path, 6, 2.5, "store", lambda after: [each.position for each in store.read_all(after=after)]
        )
        store.verify()
        log = [(each.position, each.stream, each.version, each.event.id) for each in store.read_all()]
    assert anomalies(history, log, seen) == set()
    writers = Counter(id.split("-")[0] for _, _, _, id in log)
    assert len(writers) == 6  # none was starved
    assert any(operation[4] is None for operation in history)  # and they did meet
    seeded_anomalies_are_seen(history, log, seen)


def seeded_anomalies_are_seen(history: list[Any], log: list[Place], seen: list[int]) -> None:
    """The control of the checker itself: each thing that it should see, done to a story that is right."""
    last = log[-1]
    one = next(n for n in range(10, len(log) - 1) if log[n][1] != log[n + 1][1])
    swapped = [*log[:one], (one + 1, *log[one + 1][1:]), (one + 2, *log[one][1:]), *log[one + 2 :]]
    earlier = min((operation for operation in history if operation[4]), key=lambda operation: operation[4][1])
    late = [[*o[:2], 2**62, 2**62, o[4]] if o is earlier else o for o in history]
    refused = [[*o[:4], None] if o is earlier else o for o in history]
    for name, story in {
        "an acknowledged event is lost": (history, log[:-1], seen),
        "positions have a hole": (history, [*log[:-1], (last[0] + 1, *last[1:])], seen),
        "versions have a hole": (history, [*log[:-1], (*last[:2], last[2] + 1, last[3])], seen),
        "an event is there twice": (history, [*log, (last[0] + 1, last[1], last[2] + 1, last[3])], seen),
        "an event stands elsewhere than was answered": (history, swapped, seen),
        "a refused event is there": (refused, log, seen),
        "there are events that nobody was answered for": (history, [*log, (last[0] + 1, "s", 1, "x")], seen),
        "what began later stands before what had ended": (late, log, seen),
        "the reader skipped or repeated": (history, log, [*seen[:5], *seen[6:]]),
    }.items():
        assert name in anomalies(*story)


def test_numbers_taken_before_the_commit_make_the_same_reader_skip(tmp_path: Path) -> None:
    path = tmp_path / "naive.db"
    database = apsw.Connection(str(path))
    database.pragma("journal_mode", "wal")
    database.execute(
        "CREATE TABLE sequence (value); INSERT INTO sequence VALUES (0); CREATE TABLE events (position, id)"
    )

    def read(after: int) -> list[int]:
        sql = "SELECT position FROM events WHERE position > ? ORDER BY position"
        return [position for (position,) in database.execute(sql, (after,)).fetchall()]

    _, seen = write_and_tail(path, 4, 1.0, "naive", read)
    log = [(position, "s", n, str(n)) for n, position in enumerate(read(0), 1)]
    assert "the reader skipped or repeated" in anomalies([], log, seen)
    database.close()


INTERRUPTED = """
import json, sys
from eventlab.errors import EventIdConflict
from eventlab.event import Event
from eventlab.store import Store

store, count, inside = Store(sys.argv[2], durable=False), 0, False

def work():
    global count, inside
    count += 1
    inside = True
    if count % 7 == 0:  # too long for one statement: a transaction
        store.append("long", [Event("noted", id=f"{count}-{n}") for n in range(1000)])
    elif count % 7 == 1:
        try:
            store.append("other", [Event("noted", {"again": count}, id="1")])
        except EventIdConflict:
            pass
    else:
        store.append("short", Event("noted", id=str(count)))
    inside = False

def naive_work():
    global count, inside
    count += 1
    inside = True
    store._db.execute("BEGIN IMMEDIATE")
    rows = [(f"{count}-{n}", 0) for n in range(50)]  # an interrupt here: nobody has promised to roll back yet
    try:
        store._db.executemany("INSERT INTO checkpoints VALUES (?, ?, 'null')", rows)
        store._db.execute("COMMIT")
    except BaseException:
        if store._db.in_transaction:
            store._db.execute("ROLLBACK")
        raise
    inside = False

if sys.argv[3] == "naive":
    work = naive_work
store.append("short", Event("noted", id="1"))
while True:
    try:
        print(json.dumps("working"), flush=True)
        while True:
            work()
    except KeyboardInterrupt:
        print(json.dumps([inside, store._db.in_transaction]), flush=True)
        if store._db.in_transaction:
            store._db.execute("ROLLBACK")
        if sys.stdin.readline() == "stop\\n":
            break
store.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no interrupt to one process alone")
@pytest.mark.parametrize("kind", ["store", "naive"])
def test_an_interrupt_leaves_no_transaction_open(tmp_path: Path, kind: str) -> None:
    """The naive kind is the control: BEGIN, a little work, and only then a try that ends in ROLLBACK."""
    path, chance, inside, left_open = tmp_path / "events.db", random.Random(8), 0, 0
    with processes(1, INTERRUPTED, path, kind) as (child,), Store(path, durable=False) as store:
        for n in range(150):
            assert hear(child) == "working"
            time.sleep(chance.random() / 200)
            child.send_signal(signal.SIGINT)
            hit, in_transaction = hear(child)
            inside += hit
            left_open += in_transaction
            if kind == "store":
                done = store.append("mine", Event("noted", id=f"mine-{n}"))  # nothing is locked
                assert done.version == n + 1
            say(child, "on" if n < 149 else "stop")
        assert inside > 50
        assert (left_open > 0) == (kind == "naive")
        store.verify()
        events = list(store.read_all())
        assert [each.position for each in events] == list(range(1, len(events) + 1))
        whole = Counter(each.event.id.split("-")[0] for each in events if each.stream == "long")
        assert set(whole.values()) <= {1000}


FORKED = """
import os, sys
from eventlab.errors import StoreUnavailable
from eventlab.event import Event
from eventlab.store import Store

store = Store(sys.argv[2])
store.append("flight-1", Event("noted", id="1"))
if (child := os.fork()) == 0:
    uses = [lambda: store.append("flight-1", Event("noted", id="2")), lambda: list(store.read_all()), store.close]
    refused = 0
    for use in uses:
        try:
            use()
        except StoreUnavailable as error:
            refused += "another process" in error.reason
    os._exit(refused)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 3, status
assert store.append("flight-1", Event("noted", id="2")).position == 2
store.verify()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_may_not_use_its_parents_store(tmp_path: Path) -> None:
    with processes(1, FORKED, tmp_path / "events.db") as (child,):
        assert child.wait(30) == 0


HOLDER = """
import sys, time
from eventlab.store import Store
store = Store(sys.argv[2])
with store._db:
    print('"holding"', flush=True)
    sys.stdin.readline()
    time.sleep(0.3)
"""


TRIER = """
import apsw, sys
try:
    apsw.Connection(sys.argv[2]).execute("BEGIN IMMEDIATE")
except apsw.BusyError:
    sys.exit(0)
sys.exit("the lock is gone")
"""


def test_opening_the_same_file_again_keeps_the_first_ones_locks(tmp_path: Path) -> None:
    """POSIX drops a process's locks on a file when it closes that file anywhere: SQLite minds that, `open` does not."""
    path = tmp_path / "events.db"
    with Store(path) as store, store._db:
        Store(path)  # looked at and opened while the first holds the lock
        with processes(1, TRIER, path) as (child,):
            assert child.wait(30) == 0


def test_a_writer_waits_for_another_program(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    Store(path).close()
    with processes(1, HOLDER, path) as (holder,), Store(path, durable=False) as store:
        assert hear(holder) == "holding"
        assert store.position == 0  # readers do not wait
        say(holder, "let go")
        assert store.append("flight-1", Event("noted", id="1")).position == 1
