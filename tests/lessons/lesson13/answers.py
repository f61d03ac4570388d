"""Known answers to the exercises of lesson 13."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Event
from eventlab.service import Service
from tests.support.known import Known

# 13.2: announce -------------------------------------------------------------------------------------------------------


def found(passenger: str, seat: str, id: str = "") -> Event:
    return Event("seat.found", {"passenger": passenger, "seat": seat}, passenger, id)


async def stamps_it_once(rebooking: Service, passenger: str, seat: str) -> None:
    event, confirmed = rebooking.stamp(found(passenger, seat)), False
    while not confirmed:
        try:
            await rebooking.publish_confirmed(event, timeout=3)
            confirmed = True
        except (NoReply, Unavailable, Refused):
            await rebooking.sleep(2)


async def an_event_for_each_try(rebooking: Service, passenger: str, seat: str) -> None:
    while True:
        try:
            await rebooking.publish_confirmed(found(passenger, seat), timeout=2)
            return
        except (NoReply, Unavailable):
            await rebooking.sleep(1)


async def three_tries(rebooking: Service, passenger: str, seat: str) -> None:
    event = rebooking.stamp(found(passenger, seat))
    for _ in range(3):
        try:
            await rebooking.publish_confirmed(event, timeout=0.5)
            return
        except (NoReply, Unavailable):
            await rebooking.sleep(0.5)


async def named_after_the_passenger(rebooking: Service, passenger: str, seat: str) -> None:
    event = found(passenger, seat, f"seat of {passenger}")
    while True:
        try:
            await rebooking.publish_confirmed(event, timeout=2)
            return
        except (NoReply, Unavailable):
            await rebooking.sleep(1)


async def in_a_hurry(rebooking: Service, passenger: str, seat: str) -> None:
    event = found(passenger, seat, f"{passenger} {seat}")
    while True:
        try:
            await rebooking.publish_confirmed(event, timeout=0.1)
            return
        except (NoReply, Unavailable):
            await rebooking.sleep(0.1)


async def never_sends(rebooking: Service, passenger: str, seat: str) -> None:
    rebooking.stamp(found(passenger, seat))


# 13.3: group ----------------------------------------------------------------------------------------------------------


def by_trying(per_second: int, carried: int, handled: int, spare: int) -> tuple[int, int]:
    left = -(-per_second // handled)
    partitions = max(-(-per_second // carried), left + spare)
    while ceil(partitions / left) * per_second > handled * partitions:
        partitions += 1
    return partitions, left + spare


def without_spare(per_second: int, carried: int, handled: int, spare: int) -> tuple[int, int]:
    return by_trying(per_second, carried, handled, 0)


def unevenly(per_second: int, carried: int, handled: int, spare: int) -> tuple[int, int]:
    processes = ceil(per_second / handled) + spare
    return max(ceil(per_second / carried), processes), processes


def for_the_handlers_alone(per_second: int, carried: int, handled: int, spare: int) -> tuple[int, int]:
    processes = ceil(per_second / handled) + spare
    left = processes - spare
    return ceil(processes / left) * left, processes


def for_the_bus_alone(per_second: int, carried: int, handled: int, spare: int) -> tuple[int, int]:
    return ceil(per_second / carried), ceil(per_second / handled) + spare


def twice_the_processes(per_second: int, carried: int, handled: int, spare: int) -> tuple[int, int]:
    left = 2 * ceil(per_second / handled)
    return left * ceil(max(ceil(per_second / carried), left + spare) / left), left + spare


def many_partitions(per_second: int, carried: int, handled: int, spare: int) -> tuple[int, int]:
    partitions, processes = by_trying(per_second, carried, handled, spare)
    return partitions * 10 * (processes - spare), processes


def processes_alone(per_second: int, carried: int, handled: int, spare: int) -> Any:
    return ceil(per_second / handled) + spare


# 13.4: assign ---------------------------------------------------------------------------------------------------------

Before = Mapping[int, str]


def one_by_one(partitions: Sequence[int], readers: Sequence[str], before: Before) -> dict[int, str]:
    now = {each: before[each] for each in partitions if before.get(each) in readers}

    def has(reader: str) -> int:
        return list(now.values()).count(reader)

    for each in partitions:
        if each not in now:
            now[each] = min(readers, key=has)
    while has(most := max(readers, key=has)) > has(least := min(readers, key=has)) + 1:
        now[next(each for each in partitions if now[each] == most)] = least
    return now


def all_anew(partitions: Sequence[int], readers: Sequence[str], before: Before) -> dict[int, str]:
    return {each: readers[place % len(readers)] for place, each in enumerate(partitions)}


def keeps_the_dead(partitions: Sequence[int], readers: Sequence[str], before: Before) -> dict[int, str]:
    return {each: before.get(each, name) for each, name in all_anew(partitions, readers, before).items()}


def one_takes_all_that_is_free(partitions: Sequence[int], readers: Sequence[str], before: Before) -> dict[int, str]:
    return {each: before[each] if before.get(each) in readers else readers[0] for each in partitions}


def forgets_what_is_free(partitions: Sequence[int], readers: Sequence[str], before: Before) -> dict[int, str]:
    return {each: name for each, name in before.items() if name in readers}


def writes_into_before(partitions: Sequence[int], readers: Sequence[str], before: dict[int, str]) -> dict[int, str]:
    before.update(one_by_one(partitions, readers, before))
    return before


def reader_by_reader(partitions: Sequence[int], readers: Sequence[str], before: Before) -> Any:
    return list(one_by_one(partitions, readers, before).items())


GOOD = {"nodes": 3, "partitions": 6, "processes": 2, "days": 7}

ANSWERS = {
    "13.1": Known(
        other=[list("dfaebc")],
        wrong=[
            ("f d a e b c", "must be there, and have everything"),
            ("d a f e b c", "leaves everybody waiting for an election"),
            ("d f e a b c", "two processes cannot have one folder"),
            ("d f a b e c", "what does not run cannot catch up"),
            ("d f a e c b", "two nodes would lack events at once"),
            ("d f a e b", "Each of the letters a to f is needed exactly once"),
        ],
    ),
    "13.2": Known(
        other=[stamps_it_once],
        wrong=[
            (an_event_for_each_try, "an event with an id of its own"),
            (three_tries, "never confirmed, and given up"),
            (named_after_the_passenger, "another seat is another event"),
            (in_a_hurry, "Who asks without a pause"),
            (never_sends, "it was never published"),
        ],
    ),
    "13.3": Known(
        other=[by_trying],
        wrong=[
            (without_spare, "are left, and"),
            (unevenly, "Let the partitions share out evenly"),
            (for_the_handlers_alone, "which is not enough"),
            (for_the_bus_alone, "a partition is read by one process"),
            (twice_the_processes, "would do."),
            (many_partitions, "each is a log of its own"),
            (processes_alone, "expected two whole numbers"),
        ],
    ),
    "13.4": Known(
        other=[one_by_one],
        wrong=[
            (all_anew, "partitions change hands"),
            (keeps_the_dead, "who is not there"),
            (one_takes_all_that_is_free, "partitions, and"),
            (forgets_what_is_free, "its results come to no ward"),
            (writes_into_before, "Make a new dictionary"),
            (reader_by_reader, "expected a dictionary"),
        ],
    ),
    "13.5": Known(
        other=[{**GOOD, "partitions": 3, "days": 8}, {**GOOD, "processes": 3, "partitions": 12}],
        wrong=[
            ({**GOOD, "nodes": 1}, "A majority must be left"),
            ({**GOOD, "nodes": 5}, "Fewer nodes, processes or days will do"),
            ({**GOOD, "processes": 1}, "One more process"),
            ({**GOOD, "partitions": 2}, "take them now"),
            ({**GOOD, "partitions": 13}, "fewer will do"),
            ({**GOOD, "days": 3}, "a week's events must be read again"),
            ({**GOOD, "processes": 7}, "A partition is read by one process"),
            ({**GOOD, "nodes": 2}, "must be 1, 3 or 5"),
            ({**GOOD, "days": 0}, "a whole number from 1 on"),
        ],
    ),
}
