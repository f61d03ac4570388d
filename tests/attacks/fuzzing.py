"""Damaged and hostile input for every reader: taken, and then it is whole, or refused with a documented error.

Two in three inputs are real ones, damaged; the others are put together from what is known to break parsers.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from eventlab.airports import catalogue, clocks, flights, reference, tables
from eventlab.errors import CorruptStore, Invalid, StoreUnavailable
from eventlab.event import Command, Event
from eventlab.lessons.judging import progress
from eventlab.store import Store
from eventlab.subscription import check_pattern
from eventlab.trace import Record, Trace
from tests.attacks.worst_cases import MEGABYTES, MILLISECONDS, forget_peak, peak

SHORT, LONG = 400, 25_000  # inputs for each reader
DEEP = 3_000
WORDS: tuple[bytes, ...] = (
    b"NaN", b"Infinity", b"-1e999", b"1e400", b"9223372036854775808", b"-99999999999999999999", b"9" * 5000, b"1_000",
    "١٢٣".encode(), b"null", b"true", b"{}", b"[]", b'""', b'"', b"\\", b"\\ud800", b"\\u0000", b"\0", b"\xff",
    b"\xc0\x80", b"\xef\xbb\xbf", b"\r", b"\n", b",", b"'", b"=1+1", b"<script>",
    b"[" * DEEP, b'{"a":' * DEEP, b"x" * 140_000,
    b"-1", b"0", b"2400", b"99999", b'"index":0', b'"kind":"event"', b'"kind":"sent"', b"1970-01-01",
    b"0001-01-01T00:00:00",
    "\u2028".encode(), b"\x0b", b"SQLite format 3\0", b"\x1f\x8b", b'{"index":0,"at":1,"kind":"sent","where":"a"}',
)  # fmt: skip
Read = Callable[[bytes, Path], None]


def damaged(whole: bytes, chance: Random) -> bytes:
    """A few bytes changed, cut out, doubled, or a hostile word put in; or nothing but hostile words."""
    if chance.random() < 1 / 3:
        return b"".join(chance.choice(WORDS) for _ in range(chance.randint(0, 8)))
    content = bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(content) + 1), chance.choice((1, 1, 8, 200))
        match chance.randrange(5):
            case 0:
                content[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del content[at : at + length]
            case 2:
                content[at:at] = content[at : at + length]
            case 3:
                content[at:at] = chance.choice(WORDS)
            case _:
                content[at : at + length] = chance.choice(WORDS)
    return bytes(content)


# The readers: each takes bytes, and raises a documented error or has something that is whole -----------------------


def read_trace(content: bytes, folder: Path) -> None:
    path = folder / "run.jsonl"
    path.write_bytes(content)
    trace = Trace.load(path)
    trace.save(path)
    again = Trace.load(path)
    assert again.records == trace.records
    assert again.digest() == trace.digest()
    events = [record.message for record in trace if isinstance(record.message, Event)]
    with Store() as store:
        for number, event in enumerate(events):
            store.append("s", event.with_(id=f"e{number}"))
        stored = [recorded.event for recorded in store.read_all()]
    assert stored == [event.with_(id=f"e{number}") for number, event in enumerate(events)]


def read_store(content: bytes, folder: Path) -> None:
    path = folder / "airport.store"
    for beside in ("", "-wal", "-shm"):
        Path(f"{path}{beside}").unlink(missing_ok=True)
    path.write_bytes(content)
    with Store(path, durable=False) as store:
        list(store.read_all())
        store.streams()
        store.verify()
        store.append("more", Event("flight.delayed", id="one-more"))


def read_flights(content: bytes, folder: Path) -> None:
    (folder / "flights-2013-02.csv.gz").write_bytes(gzip.compress(content, 1))
    tables.lines_by_day.cache_clear()
    flights.read_day(clocks.day_of("2013-02-08"), folder)


def read_packed(content: bytes, folder: Path) -> None:
    (folder / "planes.csv.gz").write_bytes(content)
    reference.planes.cache_clear()
    reference.planes(folder)


def read_airports(content: bytes, folder: Path) -> None:
    (folder / "airports.csv").write_bytes(content)
    reference.airports.cache_clear()
    for found in reference.airports(folder).values():
        json.dumps([found.latitude, found.longitude], allow_nan=False)


def read_weather(content: bytes, folder: Path) -> None:
    (folder / "weather.csv.gz").write_bytes(gzip.compress(content, 1))
    reference.all_weather.cache_clear()
    reference.all_weather(folder)


def read_progress(content: bytes, folder: Path) -> None:
    path = folder / "progress.json"
    path.write_bytes(content)
    before = os.environ.get("EVENTLAB_PROGRESS")
    os.environ["EVENTLAB_PROGRESS"] = str(path)
    try:
        progress._forget()  # what others have done in this process
        done = progress.load(path)
        progress.note_choice("1.2", "b")
        done.chosen["1.2"] = "b"
        assert progress.read() == done
    finally:
        os.environ.pop("EVENTLAB_PROGRESS") if before is None else os.environ.update(EVENTLAB_PROGRESS=before)


def read_message(content: bytes, folder: Path) -> None:
    """What a learner hands in: any object as a message's data, checked by the catalogue, and kept in a store."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        data = content.decode("utf-8", "surrogateescape")
    for kind in (Event, Command):
        event = kind("flight.cancelled", data, subject="UA1", id="a")
        try:
            catalogue.check(event)
        except Invalid:
            continue
    with Store() as store:
        store.append("s", Event("noted", data, id="a"))
        assert next(store.read_all()).event.data == Event("noted", data).data


def read_words(content: bytes, folder: Path) -> None:
    """Names, patterns and times as people type them."""
    text = content.decode("utf-8", "surrogateescape")[:2000]
    refused = 0
    for read in (check_pattern, clocks.instant, clocks.day_of):
        try:
            read(text)
        except Invalid:
            refused += 1
    if refused == 3:
        raise Invalid("words", where="here", expected="something", found=text)


def _store() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.store"
        with Store(path) as store:
            for number in range(40):
                store.append(f"flight-{number % 5}", Event("flight.delayed", {"estimate": number}, id=f"e{number}"))
            store.save_snapshot("flight-1", 2, {"a": 1})
        return path.read_bytes()


def _trace() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        trace = Trace()
        for number in range(8):
            event = Event("gate.assigned", {"gate": "B4", "seats": [1, 2.5]}, id=f"e{number}", time=number)
            trace.add(number, "sent", "gates", event, "bus", number, "publish")
            trace.add(number, "changed", "gates", key="flight", before=None, after={"gate": "B4"})
        trace.save(Path(name) / "t")
        return (Path(name) / "t").read_bytes()


def _flights() -> bytes:
    heading, *lines = gzip.decompress((tables.DATA / "flights-2013-02.csv.gz").read_bytes()).splitlines(keepends=True)
    return heading + b"".join([line for line in lines if line.startswith(b"2,8,")][:20])


def _packed_lines(name: str) -> bytes:
    return b"".join(gzip.decompress((tables.DATA / name).read_bytes()).splitlines(keepends=True)[:20])


_SEEDS: dict[str, tuple[Read, Callable[[], bytes]]] = {
    "trace": (read_trace, _trace),
    "store file": (read_store, _store),
    "flights": (read_flights, _flights),
    "packed file": (read_packed, lambda: gzip.compress(_packed_lines("planes.csv.gz"))),
    "airports": (read_airports, lambda: b"".join((tables.DATA / "airports.csv").read_bytes().splitlines(True)[:20])),
    "weather": (read_weather, lambda: _packed_lines("weather.csv.gz")),
    "progress": (read_progress, lambda: b'{"attempts":{"1.1":3},"solved":{"1.1":2},"chosen":{"1.2":"a"}}'),
    "message": (read_message, lambda: b'{"flight":"UA1545-EWR-0208","reason":"snow","estimate":1360300000000000000}'),
    "words": (read_words, lambda: b"2013-02-08 15:02"),
}
READERS = {name: read for name, (read, _) in _SEEDS.items()}
DOCUMENTED = (Invalid, CorruptStore, StoreUnavailable)


def naive(content: bytes, folder: Path) -> None:
    """The control: a reader of traces as one writes it in a hurry."""
    for line in content.decode().splitlines():
        Record(**json.loads(line))


def fuzz(name: str, inputs: range, read: Read | None = None) -> tuple[list[str], Counter[str]]:
    """Give a reader so many inputs; which other errors there were, and how many inputs were taken and refused."""
    reader, make = _SEEDS[name]
    read, whole, other, seen = read or reader, make(), [], Counter[str]()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as scratch:
        folder = Path(scratch)
        for small in ("airports.csv", "planes.csv.gz"):
            (folder / small).write_bytes((tables.DATA / small).read_bytes())
        read(whole, folder)  # the undamaged one is taken
        for number in inputs:
            content = damaged(whole, Random(f"{name}/{number}"))
            begun = time.process_time()
            try:
                read(content, folder)
                seen["taken"] += 1
            except DOCUMENTED:
                seen["refused"] += 1
            except Exception as error:
                other.append(f"{name}, input {number}: {type(error).__name__}: {error!s:.100}")
            seen["slowest"] = max(seen["slowest"], round((time.process_time() - begun) * 1e3))  # milliseconds
    return other, seen


def main(long: bool) -> int:
    wrong: list[str] = []
    invalid = slow = 0
    forget_peak()
    for name in READERS:
        other, seen = fuzz(name, range(LONG if long else SHORT))
        wrong += other
        invalid += min(seen["taken"], seen["refused"]) == 0
        slow += seen["slowest"] > MILLISECONDS
        print(f"{name}: {seen['taken']:,} taken, {seen['refused']:,} refused, {len(other):,} other errors, ", end="")
        print(f"the slowest {seen['slowest']} ms", flush=True)
    most = peak()
    print(f"most memory: {most:.0f} MB, the interpreter and all libraries included")
    caught, _ = fuzz("trace", range(SHORT), naive)
    print(f"control, a naive reader of traces: {len(caught)} other errors in {SHORT}")
    print("\n".join(f"WRONG: {problem}" for problem in wrong[:20]))
    return len(wrong) + invalid + slow + (most > MEGABYTES) + (not caught)
