"""Cheats against grading: each family for every exercise gets nothing, and all known right answers get full marks.

`python -m tests.attacks.cheats "depth" "all memory"` tries these families alone, for every exercise.
What was judged is kept in the system's temporary folder until the attack is through: ended in the middle, it goes on
where it was, as long as no file of the package or of the cheats changes.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from eventlab.classroom import judge
from eventlab.classroom.judge import NOT_ON_THE_WIRE, Answer, judged
from eventlab.classroom.results import code_digest
from eventlab.classroom.shelf import shelf
from eventlab.lessons.judging import model
from tests.classroom import cheats, known_sources

_place = Path()  # of the shelf, in each process
Told = tuple[str, str, float, str]  # family or name, the exercise, the share of the points, what was said


def main(long: bool) -> int:
    """Try every fifth pair of a cheat and an exercise, or all of them; then the models, or all right answers."""
    known = _prepared()
    pairs = [
        (family, exercise.id)
        for number, family in enumerate(cheats.FAMILIES)
        for exercise in (known if long else known[number % 5 :: 5])
    ]
    right = [*known_sources.right(), *known_sources.right_mutants()] if long else known_sources.models()
    kept = Kept()
    with shelf() as place:
        credited = _families(_judged_all(place, pairs, _cheat, kept))
        missed = 0
        handed = [(each.name, each.id, each.cells, 0) for each in right]
        for name, id, share, said in _judged_all(place, handed, _right, kept):
            if share != 1 and id not in NOT_ON_THE_WIRE:
                missed += 1
                print(f"right, and not credited: {id} {name}: {said}", flush=True)
    print(f"{len(pairs)} cheats, {credited} credited; {len(right)} right answers, {missed} without full marks")
    kept.path.unlink(missing_ok=True)
    return credited + missed


def some(families: Sequence[str]) -> int:
    """Try these families for every exercise; what was judged is kept for the whole attack."""
    if wrong := [family for family in families if family not in cheats.FAMILIES]:
        raise SystemExit(f"unknown family {', '.join(wrong)}: expected one of {', '.join(cheats.FAMILIES)}")
    known = _prepared()
    pairs = [(family, exercise.id) for family in families for exercise in known]
    with shelf() as place:
        return _families(_judged_all(place, pairs, _cheat, Kept()))


def _prepared() -> list[model.Exercise]:
    """All exercises, with what they prepare, so that the processes that are forked have it."""
    known = cheats.exercises()
    for exercise in known:
        exercise.prepare()
    return known


class Kept:
    """What came of each that was tried, line by line in a file that is named after the code."""

    def __init__(self) -> None:
        source = Path(cheats.__file__).read_text("utf-8")
        code = hashlib.sha256(f"{code_digest()}{source}".encode()).hexdigest()[:16]
        self.path = Path(tempfile.gettempdir(), f"eventlab-cheats-{code}.jsonl")
        lines = self.path.read_bytes().split(b"\n")[:-1] if self.path.exists() else []
        self.path.write_bytes(b"".join(line + b"\n" for line in lines))  # without one that was torn by a kill
        self.told: dict[str, Told] = dict(msgspec.json.decode(line, type=tuple[str, Told]) for line in lines)

    def name(self, handed: Any) -> str:
        """What one that is tried is called."""
        return hashlib.sha256(repr(handed).encode()).hexdigest()[:16]

    def keep(self, handed: Any, told: Told) -> None:
        """Keep what came of it."""
        self.told[self.name(handed)] = told
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode((self.name(handed), told)) + b"\n")


def _judged_all(place: Path, work: Sequence[Any], one: Callable[[Any], Told], kept: Kept) -> Iterator[Told]:
    """What came of each, in their order; as many at once as there are processors."""
    context = multiprocessing.get_context("fork")
    with context.Pool(os.cpu_count(), initializer=_begin, initargs=(place,)) as pool:
        new = pool.imap(one, [each for each in work if kept.name(each) not in kept.told])
        for each in work:
            if kept.name(each) not in kept.told:
                kept.keep(each, next(new))
            yield kept.told[kept.name(each)]


def _begin(place: Path) -> None:
    """In each process: a shorter failing run is not looked for, since it changes what is told and never the points."""
    global _place
    _place, judge.TRIES = place, 0


def _cheat(pair: tuple[str, str]) -> Told:
    family, id = pair
    result = cheats.tried(model.exercise(id), family, _place)
    return family, id, result.share, result.message


def _right(handed: tuple[str, str, Any, int]) -> Told:
    name, id, cells, parts = handed
    answer = Answer(id, list(cells), len(cells) - 1)
    result = judged(model.exercise(id), answer, _place, key="attack", parts=parts)
    return name, id, result.share, result.message


def _families(told: Iterator[Told]) -> int:
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


if __name__ == "__main__":
    sys.exit(1 if some(sys.argv[1:]) else 0)
