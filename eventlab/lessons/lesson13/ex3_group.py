"""13.3: how many partitions and processes: each partition is read by one process, and some of these may die."""

from __future__ import annotations

from math import ceil
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.reading import plain
from eventlab.lessons.judging.testbed import Testbed
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture


def group(per_second: int, carried: int, handled: int, spare: int) -> tuple[int, int]:
    left = ceil(per_second / handled)
    processes = left + spare
    partitions = max(ceil(per_second / carried), processes)
    while partitions % left != 0:
        partitions += 1
    return partitions, processes


def judge(answer: Any, case: Case) -> None:
    """Several sizes: enough in each, also when some have died, and no more than needed."""
    draws = Testbed(case).draws
    for _ in range(case.size):
        handled = 100 * (1 + draws.below(9))
        carried = handled * (1 + draws.below(4))
        _look_at(answer, handled * draws.below(12) + 1 + draws.below(handled), carried, handled, draws.below(3))
    _look_at(answer, 900, 300, 1000, 0)  # one process handles it, and three partitions carry it
    _look_at(answer, 2000, 5000, 1000, 1)  # three processes, of which two are left


def _look_at(answer: Any, per_second: int, carried: int, handled: int, spare: int) -> None:
    given = plain(answer(per_second, carried, handled, spare))
    told = f"{per_second:,} a second, {carried:,} carried, {handled:,} handled, {spare} spare:"
    if not (isinstance(given, list | tuple) and len(given) == 2 and all(_is_count(each) for each in given)):
        message = f"{told} expected two whole numbers from 1 on, partitions and processes; found {given!r:.60}."
        raise Mistake(message, picture=_drawn(1, 1, per_second, handled), kind="shape")
    partitions, processes = (int(each) for each in given)
    found = _wrong(partitions, processes, per_second, carried, handled, spare)
    if found:
        message, kind = found
        left = max(1, processes - spare)
        raise Mistake(f"{told} {message}", picture=_drawn(partitions, left, per_second, handled), kind=kind)


def _is_count(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int) and value >= 1


def _wrong(
    partitions: int, processes: int, per_second: int, carried: int, handled: int, spare: int
) -> tuple[str, str] | None:
    """What is wrong with these numbers, and the kind of mistake."""
    needed = ceil(per_second / handled)
    left = processes - spare
    least = max(ceil(per_second / carried), needed + spare)
    if per_second > carried * partitions:
        return f"{partitions} partitions carry {carried * partitions:,}, which is not enough.", "carried"
    if processes > partitions:
        return (
            f"{processes} processes for {partitions} partitions: a partition is read by one process, so "
            f"{processes - partitions} of them would have nothing to do.", "idle",
        )  # fmt: skip
    if left < needed:
        return f"when {spare} have died, {max(left, 0)} are left, and {needed} are needed.", "died"
    busiest = ceil(partitions / left)
    if busiest * per_second > handled * partitions:
        return (
            f"when {spare} have died, one of the {left} that are left reads {busiest} of {partitions} partitions, "
            f"{busiest * per_second // partitions:,} events a second. Let the partitions share out evenly.", "uneven",
        )  # fmt: skip
    if left > needed:
        return f"{processes} processes, and {needed + spare} would do.", "processes"
    if partitions >= least + needed:
        return f"{partitions} partitions, and fewer would do: each is a log of its own, with a leader.", "partitions"
    return None


def _drawn(partitions: int, left: int, per_second: int, handled: int) -> Picture:
    """The load of each process that is left, beside what it handles."""
    shown = min(left, 8)
    share = [partitions // left + (place < partitions % left) for place in range(shown)]
    series = {
        "comes": [per_second * mine / partitions for mine in share],
        "is handled": [float(handled)] * shown,
    }
    names = [f"process {place + 1}" for place in range(shown)]
    return chart("Events a second at each process that is left", x=names, series=series, bars=True)


EXERCISE = read_exercise("13.3", judge, group, pure=True)
