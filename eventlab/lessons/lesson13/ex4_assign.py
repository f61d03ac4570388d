"""13.4: who of a group reads which partition, when one of them has died or come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

NAMES = ("Ada", "Ben", "Cleo", "Dina", "Eli", "Finn")


def assign(partitions: Sequence[int], readers: Sequence[str], before: Mapping[int, str]) -> dict[int, str]:
    kept: dict[str, list[int]] = {reader: [] for reader in readers}
    free = []
    for partition in partitions:
        if before.get(partition) in kept:
            kept[before[partition]].append(partition)
        else:
            free.append(partition)
    each, more = divmod(len(partitions), len(readers))
    fullest = sorted(readers, key=lambda reader: len(kept[reader]), reverse=True)
    share = {reader: each + 1 if place < more else each for place, reader in enumerate(fullest)}
    for reader in readers:
        while len(kept[reader]) > share[reader]:
            free.append(kept[reader].pop())
    for reader in readers:
        while len(kept[reader]) < share[reader]:
            kept[reader].append(free.pop())
    return {partition: reader for reader in readers for partition in kept[reader]}


def judge(answer: Any, case: Case) -> None:
    """Readers come and die, and a partition is added: each partition has one reader, evenly, and few change hands."""
    draws = Testbed(case).draws
    partitions = list(range(9 + draws.below(5)))
    readers = list(NAMES[: 2 + draws.below(3)])
    before: dict[int, str] = {}
    for _ in range(case.size + 2):
        before = _look_at(answer, partitions, readers, before)
        readers = _changed(readers, draws)
        partitions += [len(partitions)] * draws.below(2)


def _changed(readers: list[str], draws: Any) -> list[str]:
    """The group after somebody has died, or come, or both."""
    what = draws.below(3)
    gone = readers[draws.below(len(readers))] if what != 1 and len(readers) > 1 else ""
    away = [name for name in NAMES if name not in readers]
    came = [away[draws.below(len(away))]] if what != 0 and away else []
    return [*(name for name in readers if name != gone), *came]


def _look_at(answer: Any, partitions: list[int], readers: list[str], before: dict[int, str]) -> dict[int, str]:
    kept = dict(before)
    given = answer(list(partitions), list(readers), before)
    message, kind = "", ""
    if before != kept:
        message, kind = "`before` was changed. Make a new dictionary.", "changed"
    elif not isinstance(given, Mapping):
        message, kind = f"expected a dictionary, a reader for each partition; found {given!r:.60}.", "shape"
    else:
        message, kind = _wrong(given, partitions, readers, kept)
    if message:
        group = f"Readers {', '.join(readers)}"
        there = given if isinstance(given, Mapping) else {}
        raise Mistake(f"{group}: {message}", picture=_drawn(there, readers, kept), kind=kind)
    return dict(given)


def _wrong(
    given: Mapping[int, Any], partitions: list[int], readers: list[str], before: dict[int, str]
) -> tuple[str, str]:
    """What is wrong with an assignment, and the kind of mistake; both empty if nothing is."""
    for partition in partitions:
        if partition not in given:
            return f"nobody reads partition {partition}: its results come to no ward.", "nobody"
        if given[partition] not in readers:
            return f"partition {partition} is read by {given[partition]!r:.30}, who is not there.", "gone"
    if strange := [each for each in given if each not in partitions]:
        return f"{strange[0]!r:.30} is no partition.", "unknown"
    counts = Counter(dict.fromkeys(readers, 0))
    counts.update(given.values())
    (most, high), (least, low) = counts.most_common()[0], counts.most_common()[-1]
    if high > low + 1:
        return f"{most} reads {high} partitions, and {least} reads {low}.", "uneven"
    moves = sum(given[each] != before[each] for each in before)
    fewest = _fewest(partitions, readers, before)
    if moves > fewest:
        return (
            f"{moves} partitions change hands, and {fewest} would do. Each of them is not read for a moment, and what "
            "was not answered is read again.", "moves",
        )  # fmt: skip
    return "", ""


def _fewest(partitions: list[int], readers: list[str], before: dict[int, str]) -> int:
    """How many partitions have to change hands, at least: whoever has most keeps the larger shares."""
    each, more = divmod(len(partitions), len(readers))
    counts = sorted((sum(name == reader for name in before.values()) for reader in readers), reverse=True)
    kept = sum(min(count, each + (place < more)) for place, count in enumerate(counts))
    return len(before) - kept


def _drawn(given: Mapping[int, Any], readers: list[str], before: Mapping[int, str]) -> Picture:
    """How many partitions each reader has, and how many of them are new to it."""
    mine = {reader: [each for each, name in given.items() if name == reader] for reader in readers}
    series = {
        "reads": [float(len(mine[reader])) for reader in readers],
        "of them new": [float(sum(before.get(each) != reader for each in mine[reader])) for reader in readers],
    }
    return chart(f"{len(readers)} readers and their partitions", x=readers, series=series, bars=True)


EXERCISE = read_exercise("13.4", judge, assign, pure=True)
