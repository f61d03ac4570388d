"""`python -m tests.mutants.shortest [ID …] [--tries N]`: how near is the failing run that is shown to the shortest one?

For every known wrong answer, what the search finds is held against the shortest of many tries: smaller cases, other
seeds, fewer faults.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import partial
from itertools import combinations
from random import Random
from typing import Any

from eventlab.lessons.judging.attempt import failure_in, failures
from eventlab.lessons.judging.memory import Memory
from eventlab.lessons.judging.model import Exercise, Mistake
from eventlab.lessons.judging.reading import as_meant
from eventlab.lessons.judging.report import Failure
from tests.mutants.trying import exercises, known

SLACK, FEW = 1.25, 2  # times the shortest of all tries, or so many records more


def shown(exercise: Exercise, answer: Any) -> Failure | None:
    """The failing run that a verdict shows."""
    found = list(failures(exercise, answer))
    return found[-1] if found else None


def shortest(exercise: Exercise, answer: Any, kind: str, tries: int) -> int:
    """The fewest records of a run that fails in this way, among so many cases drawn by chance."""
    chance, read = Random(1), as_meant(exercise, answer)
    attempt, best = partial(failure_in, exercise, read, memory=Memory(read)), 10**9
    for _ in range(tries):
        case = exercise.cases(chance.randrange(1000))
        faults = [each for n in range(len(case.faults) + 1) for each in combinations(case.faults, n)]
        failure = attempt(replace(case, size=chance.randint(1, case.size), faults=chance.choice(faults)))
        if failure is not None and failure.mistake.kind == kind and failure.mistake.trace is not None:
            best = min(best, len(failure.mistake.trace))
    return best


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants.shortest", description=(__doc__ or "").split("\n\n")[1]
    )
    parser.add_argument("id", nargs="*", help='exercises such as "06.1", or lessons such as "06"; all without one')
    parser.add_argument("--tries", type=int, default=2000)
    arguments, long = parser.parse_args(), 0
    for exercise in exercises():
        if exercise.runs == 1 or (arguments.id and not exercise.id.startswith(tuple(arguments.id))):
            continue
        for answer, _ in known(exercise).wrong:
            try:
                failure = shown(exercise, answer)
            except Mistake:
                continue
            if failure is None or failure.mistake.trace is None or failure.case is None:
                continue
            length = len(failure.mistake.trace)
            least = min(length, shortest(exercise, answer, failure.mistake.kind, arguments.tries))
            far = length > max(SLACK * least, least + FEW)
            long += far
            name = getattr(answer, "__name__", str(answer)[:40])
            print(f"{exercise.id} {name}: {length} records; the shortest has {least}{'  <- LONG' * far}", flush=True)
    return 1 if long else 0


if __name__ == "__main__":
    sys.exit(main())
