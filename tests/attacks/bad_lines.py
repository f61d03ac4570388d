"""Files with one bad line at a random place, and files that must come back byte for byte: whole, or not at all."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from eventlab.airports import tables
from eventlab.errors import Invalid
from eventlab.event import Command, Event, Refusal, Reply
from eventlab.store import Store
from eventlab.trace import Trace
from tests.attacks import worst_cases

SHORT, LONG = 300, 10_000
Read = Callable[[Path], Any]

# One bad line ---------------------------------------------------------------------------------------------------------

ODD = (b"", b"\xff", b'"', b"NaN", b"once upon a time", b"a,b", b"," * 40, b"[]", b"{}", b"\0")


def trace_lines(chance: Random) -> list[bytes]:
    whole = Trace()
    for number in range(chance.randint(2, 40)):
        whole.add(number, "changed", "gates", key="UA1", before=None, after={"gate": f"B{number}"})
    with tempfile.TemporaryDirectory() as name:
        whole.save(Path(name) / "t")
        return (Path(name) / "t").read_bytes().splitlines()


def _lines_of(name: str, wanted: bytes = b"") -> Callable[[Random], list[bytes]]:
    content = (tables.DATA / name).read_bytes()
    heading, *lines = (gzip.decompress(content) if name.endswith(".gz") else content).splitlines()
    lines = [line for line in lines if line.startswith(wanted)]

    def made(chance: Random) -> list[bytes]:
        return [heading, *lines[: chance.randint(2, 40)]]

    return made


def damaged(lines: list[bytes], place: int, chance: Random) -> bytes:
    """The line at `place`, made into one that no reader may take."""
    line = lines[place]
    odd = [*ODD, line + b",more", b'"' + line, line.replace(b",", b";"), line[: len(line) // 2].rpartition(b",")[0]]
    return chance.choice([each for each in odd if each != line])


LINES: dict[str, Callable[[Random], list[bytes]]] = {
    "run.jsonl": trace_lines,
    "flights-2013-02.csv.gz": _lines_of("flights-2013-02.csv.gz", b"2,8,"),
    "planes.csv.gz": _lines_of("planes.csv.gz"),
    "weather.csv.gz": _lines_of("weather.csv.gz"),
    "airports.csv": _lines_of("airports.csv"),
}


def half(path: Path) -> list[Any]:
    """The control: a reader that keeps what it has when a line is bad."""
    kept = []
    for line in path.read_bytes().splitlines():
        try:
            kept.append(json.loads(line))
        except ValueError:
            break
    return kept


def one_bad_line(name: str, count: int, folder: Path, read: Read | None = None) -> tuple[list[str], Counter[str]]:
    """What went wrong in so many files with one bad line, and in which third of the file that stood."""
    path, wrong, thirds = folder / name, [], Counter[str]()
    pack = gzip.compress if path.suffix == ".gz" else bytes
    read = read or worst_cases.READERS[name][0]
    for number in range(count):
        chance = Random(f"{name}/{number}")
        lines = LINES[name](chance)
        place = chance.randrange(len(lines))
        bad = pack(b"\n".join([*lines[:place], damaged(lines, place, chance), *lines[place + 1 :]]) + b"\n")
        path.write_bytes(bad)
        thirds[("first", "middle", "last")[3 * place // len(lines)]] += 1
        what = f"{name}, file {number}, line {place + 1}"
        try:
            read(path)
            wrong.append(f"{what}: was taken")
        except Invalid as error:
            # Bytes that are no UTF-8 spoil a whole table: it is decoded before it has lines.
            if f"{path}, line {place + 1}" not in error.where and "UnicodeDecodeError" not in str(error.found):
                wrong.append(f"{what}: refused as {error}")
        if path.read_bytes() != bad:
            wrong.append(f"{what}: the reader changed the file")
        path.write_bytes(pack(b"\n".join(lines) + b"\n"))
        found = read(path)
        if len(found) != len(lines) - (name != "run.jsonl"):
            wrong.append(f"{what}: mended, it gives {len(found)} of {len(lines)} lines")
    return wrong, thirds


# There and back -------------------------------------------------------------------------------------------------------

WHOLE = some.integers(-(2**63), 2**63 - 1)
WORDS = some.text(max_size=8)
VALUES = some.recursive(
    some.none() | some.booleans() | WHOLE | some.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inside: some.lists(inside, max_size=3) | some.dictionaries(WORDS, inside, max_size=3),
    max_leaves=6,
)
DATA = some.dictionaries(WORDS, VALUES, max_size=4)
MESSAGES = some.one_of(
    *(
        some.builds(kind, WORDS, DATA, WORDS, WORDS, WORDS, WHOLE, WORDS, WORDS, WORDS)
        for kind in (Event, Command, Reply)
    ),
    some.builds(Refusal, WORDS, DATA, WORDS, WORDS, WORDS, WHOLE),
)
ARROWS = some.tuples(WHOLE, some.just("sent"), WORDS, some.none() | MESSAGES, WORDS, WHOLE, WORDS, WORDS)
CHANGES = some.tuples(
    WHOLE, some.just("changed"), WORDS, some.none(), WORDS, WHOLE, WORDS, WORDS, WORDS, VALUES, VALUES
)


def there_and_back(count: int, folder: Path, save: Callable[[Trace, Path], None] = Trace.save) -> int:
    """Save traces of anything that may be said, load them, save them again, and store their events; how many."""
    path, again, done = folder / "run.jsonl", folder / "again.jsonl", 0

    @settings(
        max_examples=count, deadline=None, database=None, report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if save is Trace.save else [Phase.generate],
    )  # fmt: skip
    @given(some.lists(ARROWS | CHANGES, max_size=5))
    def check(records: list[tuple[Any, ...]]) -> None:
        nonlocal done
        done += 1
        trace = Trace()
        for record in records:
            trace.add(*record)
        save(trace, path)
        loaded = Trace.load(path)
        loaded.save(again)
        assert again.read_bytes() == path.read_bytes()
        assert loaded.digest() == trace.digest()
        with Store() as store:
            events = [record.message for record in loaded if isinstance(record.message, Event)]
            events = [event.with_(id=f"e{number}") for number, event in enumerate(events)]
            for event in events:
                store.append("s", event)
            assert [recorded.event for recorded in store.read_all()] == events

    check()
    return done


def rounded(trace: Trace, path: Path) -> None:
    """The control: a writer that shortens large numbers, as JavaScript would."""
    trace.save(path)
    lines = [msgspec.json.encode(_short(msgspec.json.decode(line))) for line in path.read_bytes().splitlines()]
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _short(value: Any) -> Any:
    match value:
        case dict():
            return {key: _short(item) for key, item in value.items()}
        case list():
            return [_short(item) for item in value]
        case bool():
            return value
        case int():
            return max(-(2**53), min(value, 2**53))
    return value


def main(long: bool) -> int:
    count, wrong, problems = LONG if long else SHORT, 0, []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in LINES:
            for small in ("airports.csv", "planes.csv.gz"):
                (folder / small).write_bytes((tables.DATA / small).read_bytes())
                for remembered in (worst_cases.reference.airports, worst_cases.reference.planes):
                    remembered.cache_clear()
            found, thirds = one_bad_line(name, count, folder)
            problems += found
            wrong += min(thirds[third] for third in ("first", "middle", "last")) < count / 10
            print(f"{name}: {count:,} files with a bad line, {len(found)} wrong; {dict(thirds)}", flush=True)
        caught, _ = one_bad_line("run.jsonl", 100, folder, half)
        print(f"control, a reader that keeps half a file: {len(caught)} of 100 found out")
        print(f"{there_and_back(count, folder):,} traces there and back, byte for byte, their events stored")
        try:
            there_and_back(100, folder, rounded)
            wrong += 1
            print("control, a writer that rounds large numbers: NOT found out")
        except AssertionError:
            print("control, a writer that rounds large numbers: found out")
    print("\n".join(f"WRONG: {problem}" for problem in problems[:20]))
    return wrong + len(problems) + (not caught)
