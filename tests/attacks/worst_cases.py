"""Files that cost a reader most: as long and deep as they may be, and a little more. Time and memory have limits.

The time is that of computing, the memory that of the whole process while it reads, as Linux counts it.
"""

from __future__ import annotations

import gzip
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from eventlab import trace
from eventlab.airports import clocks, reference, tables
from eventlab.airports.flights import read_day
from eventlab.errors import Invalid
from eventlab.lessons.judging import progress as kept
from eventlab.trace import Trace

MILLISECONDS, MEGABYTES = 2_000, 256  # of computing for one file, of memory at any time
RECORD = b'{"index":0,"at":1,"kind":"changed","where":"a","after":'


def peak() -> float:
    """The most memory that this process had at any time since `forget_peak`, in megabytes."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) / 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def traces(much: int) -> Iterator[bytes]:
    room = min(much, trace.LONGEST) - 100
    for filling in (b"[]", b"{}", b"0", b'""', b"[{}]", b"1e300"):
        yield RECORD + b"[" + b",".join([filling] * (room // (len(filling) + 1))) + b"]}\n"
    yield RECORD + b"{" + b",".join(b'"%d":[]' % number for number in range(room // 12)) + b"}}\n"
    yield RECORD + b'"' + b"\\u0041" * (room // 6) + b'"}\n'
    yield RECORD + b"[" * room
    yield RECORD + b"[" * 99 + b"]" * 99 + b"}\n"
    yield b"\n" * much
    yield b"[" * much * 4


def progress(much: int) -> Iterator[bytes]:
    for size in (min(much, kept.LARGEST) // 12, much // 4):
        yield b'{"attempts":{%s}}' % b",".join(b'"%d":1' % number for number in range(size))
    yield b"[" * much


def table(columns: str, *lines: bytes) -> Callable[[int], Iterator[bytes]]:
    def made(much: int) -> Iterator[bytes]:
        first, room = f"{columns}\n".encode(), min(much, tables.LARGEST - 200)
        for line in (b"\n", b'"', b"a,", "\U0001f6eb".encode(), *lines):
            yield first + line * (room // len(line))
        yield first + "\U0001f6eb".encode() + b"x" * room
        yield first + b"\n" * much * 4

    return made


def load(path: Path) -> object:
    return Trace.load(path)


def flights(path: Path) -> object:
    tables.lines_by_day.cache_clear()
    return read_day(clocks.day_of("2013-02-08"), path.parent)


def planes(path: Path) -> object:
    reference.planes.cache_clear()
    return reference.planes(path.parent)


def weather(path: Path) -> object:
    reference.all_weather.cache_clear()
    return reference.all_weather(path.parent)


def airports(path: Path) -> object:
    reference.airports.cache_clear()
    return reference.airports(path.parent)


def done(path: Path) -> object:
    return kept.load(path)


Read = Callable[[Path], object]
READERS: dict[str, tuple[Read, Callable[[int], Iterator[bytes]]]] = {
    "run.jsonl": (load, traces),
    "progress.json": (done, progress),
    "flights-2013-02.csv.gz": (
        flights,
        table(tables.FLIGHTS, b"2,8,\n", b"2,8,UA,1,EWR,IAH,,517,,,,,,\n"),
    ),
    "planes.csv.gz": (planes, table(tables.PLANES, b"N1,B,1,2\n", b"N%d,B,1,2\n")),
    "weather.csv.gz": (weather, table(tables.WEATHER, b"JFK,2013-02-08T05:00:00Z,1,1,1,1,1,1\n")),
    "airports.csv": (airports, table(tables.AIRPORTS, b"X,S,1,2,America/New_York,x\n")),
}


def costs(name: str, folder: Path, much: int, read: Read | None = None) -> Iterator[tuple[bool, float, float]]:
    """For each of a reader's worst files: whether it was taken, the milliseconds, and the most memory."""
    path, (usual, make) = folder / name, READERS[name]
    for content in make(much):
        path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
        del content
        forget_peak()
        begun, taken = time.process_time(), True
        try:
            (read or usual)(path)
        except Invalid:
            taken = False
        yield taken, (time.process_time() - begun) * 1e3, peak()


def careless(path: Path) -> object:
    """The control: unpacks and splits whatever there is."""
    return gzip.decompress(path.read_bytes()).split(b"\n")


def main(long: bool) -> int:
    much, wrong = (64 if long else 1) << 20, 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for small in ("airports.csv", "planes.csv.gz"):
            (folder / small).write_bytes((tables.DATA / small).read_bytes())
        for name in READERS:
            found = list(costs(name, folder, much))
            taken, slowest, most = sum(each[0] for each in found), *(max(each[n] for each in found) for n in (1, 2))
            print(f"{name}: {len(found)} files, {taken} taken, {slowest:.0f} ms, {most:.0f} MB at most", flush=True)
            wrong += slowest > MILLISECONDS or most > MEGABYTES
            (folder / name).unlink()
            if (tables.DATA / name).exists():
                (folder / name).write_bytes((tables.DATA / name).read_bytes())
        most = max(each[2] for each in costs("planes.csv.gz", folder, much, careless))
    print(f"control, a reader without limits: {most:.0f} MB")
    return wrong + (long and most <= MEGABYTES)
