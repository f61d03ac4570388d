"""Cheats against grading: each family for every exercise gets nothing, and all known right answers get full marks."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from eventlab.classroom.judge import NOT_ON_THE_WIRE, Answer, judged
from eventlab.classroom.shelf import shelf
from eventlab.lessons.judging import model
from tests.classroom import cheats, known_sources

_place = Path()  # of the shelf, in each process
Told = tuple[str, str, float, str]  # family or name, the exercise, the share of the points, what was said


def main(long: bool) -> int:
    """Try every fifth pair of a cheat and an exercise, or all of them; then the models, or all right answers."""
    known = cheats.exercises()
    for exercise in known:
        exercise.prepare()
    pairs = [
        (family, exercise.id, cheats.submission(exercise, family), 4)
        for number, family in enumerate(cheats.FAMILIES)
        for exercise in (known if long else known[number % 5 :: 5])
    ]
    right = [*known_sources.right(), *known_sources.right_mutants()] if long else known_sources.models()
    with shelf() as place:
        credited = _families(_judged_all(place, pairs, _cheat))
        missed = 0
        for name, id, share, said in _judged_all(
            place, [(each.name, each.id, each.cells, 0) for each in right], _right
        ):
            if share != 1 and id not in NOT_ON_THE_WIRE:
                missed += 1
                print(f"right, and not credited: {id} {name}: {said}", flush=True)
    print(f"{len(pairs)} cheats, {credited} credited; {len(right)} right answers, {missed} without full marks")
    return credited + missed


def _judged_all(place: Path, work: Iterable[Any], one: Callable[[Any], Told]) -> Iterator[Told]:
    """What came of each, in their order; as many at once as there are processors."""
    context = multiprocessing.get_context("fork")
    with context.Pool(os.cpu_count(), initializer=_begin, initargs=(place,)) as pool:
        yield from pool.imap(one, work)


def _begin(place: Path) -> None:
    global _place
    _place = place


def _cheat(pair: tuple[str, str, str, int]) -> Told:
    family, id, source, parts = pair
    result = judged(model.exercise(id), Answer(id, [(1, source)], 0), _place, key="attack", parts=parts)
    return family, id, result.share, result.message


def _right(handed: tuple[str, str, Any, int]) -> Told:
    name, id, cells, parts = handed
    answer = Answer(id, list(cells), len(cells) - 1)
    result = judged(model.exercise(id), answer, _place, key="attack", parts=parts)
    return name, id, result.share, result.message


def _families(told: Iterable[Told]) -> int:
    """A line for each family as soon as it is through; how many were credited."""
    credited: list[str] = []
    whole, last = 0, ""
    for family, id, share, _ in told:
        if last and family != last:
            _line(last, credited)
            credited = []
        last = family
        if share:
            whole += 1
            credited.append(id)
    _line(last, credited)
    return whole


def _line(family: str, credited: list[str]) -> None:
    print(f"{family:<40} {'no credit' if not credited else f'CREDITED: {credited}'}", flush=True)
