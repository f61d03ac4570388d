"""Known answers to the exercises of lesson 11."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from hashlib import md5
from typing import Any
from zlib import crc32

from tests.support.known import Known

Read = Callable[[int, int], Sequence[int]]
ENDED = ("arrived", "cancelled", "diverted")

# 11.2: open_day -------------------------------------------------------------------------------------------------------


def with_a_loop(day: int, flights: Mapping[str, Any], opened: int) -> dict[str, Any] | None:
    if opened >= day:
        return None
    open_ones = ("scheduled", "delayed", "departed")
    carried = {key: facts for key, facts in flights.items() if facts["status"] in open_ones}
    return {"day": day, "flights": carried}


def opens_it_again(day: int, flights: Mapping[str, Any], opened: int) -> dict[str, Any] | None:
    return with_a_loop(day, flights, 0)


def carries_all(day: int, flights: Mapping[str, Any], opened: int) -> dict[str, Any] | None:
    return None if day <= opened else {"day": day, "flights": dict(flights)}


def forgets_what_is_in_the_air(day: int, flights: Mapping[str, Any], opened: int) -> dict[str, Any] | None:
    kept = {key: facts for key, facts in flights.items() if facts["status"] in ("scheduled", "delayed")}
    return None if day <= opened else {"day": day, "flights": kept}


def takes_them_out(day: int, flights: dict[str, Any], opened: int) -> dict[str, Any] | None:
    if day <= opened:
        return None
    for key in [key for key, facts in flights.items() if facts["status"] in ENDED]:
        del flights[key]
    return {"day": day, "flights": flights}


def keeps_the_status_alone(day: int, flights: Mapping[str, Any], opened: int) -> dict[str, Any] | None:
    kept = {key: {"status": facts["status"]} for key, facts in flights.items() if facts["status"] not in ENDED}
    return None if day <= opened else {"day": day, "flights": kept}


def makes_one_up(day: int, flights: Mapping[str, Any], opened: int) -> dict[str, Any] | None:
    given = with_a_loop(day, flights, opened)
    return given and {"day": day, "flights": {**given["flights"], "EV0": {"status": "scheduled"}}}


# 11.3: load -----------------------------------------------------------------------------------------------------------


def with_max(snapshots: Sequence[Any], read: Read, version: int, schema: str) -> int:
    usable = [each for each in snapshots if each["schema"] == schema and each["version"] <= version]
    best = max(usable, key=lambda each: each["version"], default={"version": 0, "state": 0})
    return int(best["state"]) + sum(read(best["version"], version))


def from_the_first_event(snapshots: Sequence[Any], read: Read, version: int, schema: str) -> int:
    return sum(read(0, version))


def any_schema(snapshots: Sequence[Any], read: Read, version: int, schema: str) -> int:
    return with_max([{**each, "schema": schema} for each in snapshots], read, version, schema)


def from_the_future(snapshots: Sequence[Any], read: Read, version: int, schema: str) -> int:
    usable = [each for each in snapshots if each["schema"] == schema]
    best = max(usable, key=lambda each: each["version"], default={"version": 0, "state": 0})
    return int(best["state"]) + sum(read(best["version"], version))


def begins_with_nothing(snapshots: Sequence[Any], read: Read, version: int, schema: str) -> int:
    return with_max([{**each, "state": 0} for each in snapshots], read, version, schema)


def the_first_that_fits(snapshots: Sequence[Any], read: Read, version: int, schema: str) -> int:
    for each in snapshots:
        if each["schema"] == schema and each["version"] <= version:
            return int(each["state"]) + sum(read(each["version"], version))
    return sum(read(0, version))


# 11.4: depot ----------------------------------------------------------------------------------------------------------


def with_another_hash(parcel: str, depots: int) -> int:
    return max(range(depots), key=lambda place: md5(f"{place}/{parcel}".encode()).digest())


def with_a_ring(parcel: str, depots: int) -> int:
    """Consistent hashing, made anew at each call, as one writes it first."""
    ring = sorted((md5(f"{depot}/{n}".encode()).digest(), depot) for depot in range(depots) for n in range(20))
    return ring[bisect(ring, (md5(parcel.encode()).digest(),)) % len(ring)][1]


def by_jumps(parcel: str, depots: int) -> int:
    """Jump consistent hash (Lamping and Veach, 2014)."""
    key, depot, following = int.from_bytes(md5(parcel.encode()).digest()[:8], "big"), -1, 0
    while following < depots:
        depot, key = following, (key * 2862933555777941757 + 1) % 2**64
        following = int((depot + 1) * (1 << 31) / ((key >> 33) + 1))
    return depot


def by_pythons_hash(parcel: str, depots: int) -> int:
    return hash(parcel) % depots


def by_the_remainder(parcel: str, depots: int) -> int:
    return crc32(parcel.encode()) % depots


def by_the_beginning(parcel: str, depots: int) -> int:
    return crc32(parcel[:4].encode()) % depots


def counts_from_one(parcel: str, depots: int) -> int:
    return with_another_hash(parcel, depots) + 1


GOOD = {"stream": "flight", "close": "never", "archive_after": 60, "partitions": 6}

ANSWERS = {
    "11.1": Known(
        other=[list("dafceb")],
        wrong=[
            ("a b c d e f", "what is not chosen cannot be written"),
            ("d a c f e b", "it must be checked before"),
            ("d a f e c b", "neither in the store nor in a file that counts"),
            ("d a f c b e", "what is not let go takes its room"),
            ("d f a c e b", "what is not written cannot be read back"),
            ("d a f c e", "Each of the letters a to f is needed exactly once"),
        ],
    ),
    "11.2": Known(
        other=[with_a_loop],
        wrong=[
            (opens_it_again, "it is open already, and it was opened again"),
            (carries_all, "So the first event grows each day"),
            (forgets_what_is_in_the_air, "and is lost: it is under way"),
            (takes_them_out, "were changed. Make a new dictionary"),
            (keeps_the_status_alone, "and is opened as"),
            (makes_one_up, "is no flight of the day before"),
            (lambda day, flights, opened: None, "expected {'day'"),
        ],
    ),
    "11.3": Known(
        other=[with_max],
        wrong=[
            (from_the_first_event, "as if there were no snapshot"),
            (any_schema, "counts in another way"),
            (from_the_future, "knows of bags that came later"),
            (begins_with_nothing, "the state of the snapshot, or 0 without one"),
            (the_first_that_fits, "a later snapshot fits"),
        ],
    ),
    "11.4": Known(
        other=[with_another_hash, with_a_ring, by_jumps],
        wrong=[
            (by_pythons_hash, "differs from process to process"),
            (by_the_remainder, "Who wins among"),
            (by_the_beginning, "would be even among"),
            (counts_from_one, "expected a whole number from 0"),
        ],
    ),
    "11.5": Known(
        other=[{**GOOD, "close": "midnight", "partitions": 8}, {**GOOD, "archive_after": 30}],
        wrong=[
            ({**GOOD, "stream": "all"}, "Close the books, or cut finer"),
            ({**GOOD, "stream": "airport", "close": "midnight"}, "Two flights that share a stream"),
            ({**GOOD, "archive_after": 1000}, "goes into the archive sooner"),
            ({**GOOD, "archive_after": 7}, "keep that much"),
            ({**GOOD, "partitions": 1}, "More partitions rebuild side by side"),
            ({**GOOD, "partitions": 20}, "Fewer will do"),
            ({**GOOD, "stream": "gate"}, "must be one of all, airport, flight"),
            ({**GOOD, "partitions": 0}, "a whole number from 1 on"),
        ],
    ),
}
