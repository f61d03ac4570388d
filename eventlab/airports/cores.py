"""The same work for several names at once, on the cores of the machine: each in a process of its own.

A simulation belongs to one thread, and Python runs one thread at a time. So what takes long is done by forks of this
process, which see everything that is here, and of which only the answers come back. Where there is no safe fork (macOS,
Windows), or one core alone, the work is done one after the other.
"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from eventlab import under_way

Answer = TypeVar("Answer")


def cores() -> int:
    """How many processes may work at once."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def for_each(
    work: Callable[[str], Answer], names: Sequence[str], most: int | None = None
) -> Iterator[tuple[str, Answer]]:
    """Name and answer of each, as they get ready; at most so many at once (default: as many as there are cores).

    An error of the work is raised here, and the rest is given up. `under_way` tells meanwhile how many are done.
    """
    ready: list[str] = []
    with under_way.told(lambda: (len(ready), len(names))):
        for name, answer in _each(work, names, most):
            ready.append(name)
            yield name, answer


def _each(work: Callable[[str], Answer], names: Sequence[str], most: int | None) -> Iterator[tuple[str, Answer]]:
    at_once = min(cores() if most is None else most, len(names))
    if at_once < 2:
        yield from ((name, work(name)) for name in names)
        return
    pool = concurrent.futures.ProcessPoolExecutor(at_once, multiprocessing.get_context("fork"), _remember, (work,))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # threads of a notebook: the forks use nothing that they hold
            ready = {pool.submit(_answer, name): name for name in names}
        for future in concurrent.futures.as_completed(ready):
            yield ready[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def show(name: str, done: int, all: int) -> None:
    """Say in a terminal how far it is; nowhere else, since what is printed in a notebook stays."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r{done} of {all}: {name:40}", end="\n" if done == all else "", file=sys.stderr, flush=True)


_work: list[Callable[[str], Any]] = []  # in a fork: what it does; so the work need not be put into bytes


def _remember(work: Callable[[str], Any]) -> None:
    _work[:] = [work]


def _answer(name: str) -> Any:
    return _work[0](name)
