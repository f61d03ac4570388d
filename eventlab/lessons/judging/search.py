"""Look for the shortest run in which an answer fails as it did: fewer things, fewer faults, other seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from eventlab.lessons.judging.model import Case
from eventlab.lessons.judging.report import Failure

TRIES = 220  # runs that are tried
SEEDS = 32  # of them, for each number of things

Try = Callable[[Case], Failure | None]


def shorter(attempt: Try, cases: Callable[[int], Case], found: Failure, tries: int = TRIES) -> Iterator[Failure]:
    """Failing runs of the same kind, each shorter than the one before: the last one is the shortest that was found."""
    if found.case is None or (found.mistake.trace is None and found.mistake.picture is None):
        return  # there is no run to be seen
    best, left = found, tries
    for size, seed in _order(found.case):
        if best.case is not None and size > best.case.size:
            continue  # with more things it is hardly ever shorter
        failure, used = _simplest(attempt, replace(cases(seed), size=size), found.mistake.kind)
        left -= used
        if failure is not None and failure.length < best.length:
            best = failure
            yield best
        if left <= 0:
            return


def _order(case: Case) -> Iterator[tuple[int, int]]:
    """Sizes and seeds: first the seed that failed with every size, so that the needed size is known; then others."""
    yield from ((size, case.seed) for size in range(1, case.size + 1))
    yield from ((size, seed) for size in range(1, case.size + 1) for seed in range(SEEDS) if seed != case.seed)


def _simplest(attempt: Try, case: Case, kind: str) -> tuple[Failure | None, int]:
    """The failure of a case without the faults that it does not need, and how many runs were tried."""
    best = _alike(attempt, case, kind)
    tries = 1
    for fault in case.faults if best is not None else ():
        assert best is not None and best.case is not None
        faults = tuple(other for other in best.case.faults if other is not fault)
        without = _alike(attempt, replace(best.case, faults=faults), kind)
        tries += 1
        if without is not None and without.length[0] <= best.length[0]:
            best = without
    return best, tries


def _alike(attempt: Try, case: Case, kind: str) -> Failure | None:
    failure = attempt(case)
    return failure if failure is not None and failure.mistake.kind == kind else None
