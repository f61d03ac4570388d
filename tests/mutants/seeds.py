"""`python -m tests.mutants.seeds [ID …] [--seeds N]`: on how many seeds does each known answer pass?

Every right answer must hold on all of them; every wrong one must be caught by at least a third.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from eventlab.lessons.judging.attempt import failure_in
from eventlab.lessons.judging.memory import Memory
from eventlab.lessons.judging.model import Exercise, Mistake
from eventlab.lessons.judging.reading import as_meant
from tests.mutants.trying import exercises, known

SHARE = 3  # of so many seeds, one at least finds a wrong answer


@dataclass(frozen=True)
class Held:
    """On how many seeds an answer was refused; `first` is what was said the first time."""

    exercise: str
    answer: str
    right: bool
    refused: int
    seeds: int
    first: str

    @property
    def is_well(self) -> bool:
        """Whether that is as it should be."""
        return self.refused == 0 if self.right else self.refused * SHARE >= self.seeds


def answers(exercise: Exercise) -> Iterator[tuple[Any, bool]]:
    """The known answers to an exercise, and whether each is right."""
    given = known(exercise)
    yield exercise.model, True
    yield from ((answer, True) for answer in given.other)
    yield from ((answer, False) for answer, _ in given.wrong)


def held(exercise: Exercise, answer: Any, right: bool, seeds: Iterable[int], enough: int = 0) -> Held:
    """Try an answer on these seeds; of a wrong one until it is refused on `enough`, if that is given."""
    exercise.prepare()
    name, wanted, said = getattr(answer, "__name__", str(answer)[:60]), list(seeds), []
    try:
        read = as_meant(exercise, answer)
    except Mistake as mistake:  # no run is needed to see it
        return Held(exercise.id, name, right, len(wanted), len(wanted), mistake.message)
    memory = Memory(read)
    failed = ((seed, failure_in(exercise, read, exercise.cases(seed), memory)) for seed in wanted)
    refused = (f"seed {seed}: {failure.mistake.message}" for seed, failure in failed if failure is not None)
    said += islice(refused, None if right or not enough else enough)
    memory.restore()
    return Held(exercise.id, name, right, len(said), len(wanted), said[0] if said else "")


def depends_on_seeds(exercise: Exercise) -> bool:
    """Whether there is any chance in the judge: letters in an order, and tables against bars, have none."""
    return exercise.kind not in ("order", "decide") or exercise.runs > 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.seeds", description="Try seeds.")
    parser.add_argument("id", nargs="*", help='exercises such as "06.1", or lessons such as "06"; all without one')
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--wrong", type=int, default=60, help="seeds for each wrong answer")
    arguments, bad = parser.parse_args(), 0
    for exercise in exercises():
        if not depends_on_seeds(exercise) or (arguments.id and not exercise.id.startswith(tuple(arguments.id))):
            continue
        for answer, right in answers(exercise):
            found = held(exercise, answer, right, range(arguments.seeds if right else arguments.wrong))
            bad += not found.is_well
            kind, mark = "right" if right else "wrong", "" if found.is_well else "  <- " + found.first[:200]
            print(f"{exercise.id} {kind} {found.answer}: refused on {found.refused} of {found.seeds}{mark}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
