"""What takes long and is under way now, for whoever shows how far it is. Nobody needs to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

clocks: list[Callable[[], float]] = []  # of simulations whose time is passing: how many seconds have passed
works: list[Callable[[], tuple[int, int]]] = []  # each tells how many parts of how many are done


@contextmanager
def told(far: Callable[[], tuple[int, int]]) -> Iterator[None]:
    """Inside the block, `far` tells how many parts of how many are done."""
    works.append(far)
    try:
        yield
    finally:
        works.remove(far)


def each(items: Sequence[Item]) -> Iterator[Item]:
    """The items one after the other; how many are done is told meanwhile."""
    done = 0
    with told(lambda: (done, len(items))):
        for done, item in enumerate(items):  # noqa: B007  (`done` is what is told)
            yield item
