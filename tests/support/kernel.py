"""A kernel in this process: cells are run as a notebook runs them, and what is tried may be forgotten again.

Some hundred cells, each in several orders, cost some hundred kernels otherwise.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import eventlab.airports
import eventlab.control_room  # it runs what a hand changes: nothing of it is remembered
import eventlab.lessons
from eventlab.lessons.judging import apart
from eventlab.lessons.lesson01 import stops, topologies
from eventlab.views.cells_above import fetch_what_is_missing
from eventlab.views.notebook import show_with
from eventlab.views.own_errors import OwnErrors, tell_own_errors
from eventlab.watchers import HANDLERS
from tests.support import REPO
from tests.support.store_door import adopt_all, all_known

NOTEBOOKS = sorted((REPO / "notebooks").glob("*.ipynb"))
PATIENCE = 600  # seconds of real time, for a whole tree of cells on a busy machine


@dataclass(frozen=True)
class Cell:
    """A code cell: its place among the code cells of its notebook, its id, its source and its tags."""

    place: int
    id: str
    source: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Ran:
    """What a cell did: the text that it shows, and its error with the traceback, "" if there is none."""

    cell: str
    text: str
    error: str


def cells(path: Path) -> list[Cell]:
    """The code cells of a notebook."""
    content = json.loads(path.read_text("utf-8"))["cells"]
    code = [each for each in content if each["cell_type"] == "code"]
    return [
        Cell(place, each["id"], "".join(each["source"]), tuple(each["metadata"].get("tags", ())))
        for place, each in enumerate(code)
    ]


def remember_runs(patch: pytest.MonkeyPatch) -> None:
    """Let the same simulation be run once: cells are tried here, not simulations."""
    known: dict[bytes, tuple[Any, Any]] = {}

    def remembered(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*about: Any, **options: Any) -> Any:
            if any(callable(each) for each in options.values()):
                return work(*about, **options)  # what a reader's function does may change while its name does not
            named = [id(each) if callable(each) else each for each in about]
            name = pickle.dumps((work.__name__, named, options))
            if name not in known:
                known[name] = about, work(*about, **options)  # what was named by its id must not go away
            result = known[name][1]
            return copy(result) if work.__name__ == "compare" else result

        return call

    works = (eventlab.airports.run, eventlab.airports.compare, topologies.ask, stops.stopped)
    instead = [(work, remembered(work)) for work in works]
    for module in _holders():
        for name, value in list(vars(module).items()):
            for work, quick in instead:
                if value is work:
                    patch.setattr(module, name, quick)
    patch.setattr(apart, "MEMORY", 4 << 30)


def _holders() -> list[ModuleType]:
    """The modules that may hold a simulation under a name of their own: the airports, and those of the lessons.

    All are imported first: one that came later would keep what is remembered when the test is over.
    """
    for each in pkgutil.walk_packages(eventlab.lessons.__path__, "eventlab.lessons."):
        if "lesson13" not in each.name:  # that one talks to real engines
            import_module(each.name)
    rooms = ("eventlab.airports", "eventlab.lessons.lesson")
    return [module for name, module in list(sys.modules.items()) if name.startswith(rooms)]


class Kernel:
    """IPython's shell, begun anew in the folder of the notebooks."""

    def __init__(self) -> None:
        settings = Config()
        settings.HistoryManager.enabled = False
        settings.InteractiveShell.colors = "nocolor"
        self.shell = InteractiveShell.instance(config=settings)
        show_with(None)  # as the first import of the views does in a kernel
        fetch_what_is_missing()
        tell_own_errors()

    def begin_anew(self) -> None:
        """Forget all names, as a restart does."""
        self.shell.reset(new_session=True)

    def run(self, source: str, cell: str = "") -> Ran:
        """Run one cell."""
        with capture_output() as shown:
            result = self.shell.run_cell(source, store_history=False)
        problem = result.error_before_exec or result.error_in_exec
        error = "" if problem is None else "".join(traceback.format_exception(problem))
        texts = [str(each.data.get("text/plain", "")) for each in shown.outputs]
        return Ran(cell, "\n".join([shown.stdout, shown.stderr, *texts]).strip(), error)


@contextmanager
def kernel() -> Iterator[Kernel]:
    """A fresh kernel; afterwards nothing of it is left."""
    before = Path.cwd()
    os.chdir(REPO / "notebooks")
    try:
        with all_known():
            yield Kernel()
    finally:
        HANDLERS.handlers.clear()
        HANDLERS.setLevel(logging.NOTSET)
        HANDLERS.propagate = True
        InteractiveShell.clear_instance()
        os.chdir(before)


def forgotten(work: Callable[[], Sequence[Ran]]) -> list[Ran]:
    """What the work gives; whatever else it does is forgotten, as it is done in a fork of this process."""

    def say() -> Iterator[bytes]:
        adopt_all()
        _leave_out_pytest()
        try:
            ran = work()
        except BaseException:
            ran = [Ran("all of it", "", traceback.format_exc())]
        yield json.dumps([asdict(each) for each in ran]).encode()

    heard = apart.run_apart(say, PATIENCE)
    assert heard.end == "done" and heard.last is not None, f"a cell ended its kernel: {heard.end}"
    return [Ran(**each) for each in json.loads(heard.last)]


def _leave_out_pytest() -> None:
    """Let pytest write nothing of what handlers raise: for each of thousands it would make its traceback into text."""
    HANDLERS.handlers[:] = [each for each in HANDLERS.handlers if isinstance(each, OwnErrors)]


def in_all_orders(it: Kernel, orders: Sequence[Sequence[Cell]]) -> list[Ran]:
    """Run several sequences of cells, each from where the kernel stands; what they begin with alike is run once."""
    found: list[Ran] = []
    firsts = list(dict.fromkeys(order[0] for order in orders if order))
    for first in firsts:
        rests = [order[1:] for order in orders if order and order[0] == first]

        def branch(first: Cell = first, rests: Any = rests) -> list[Ran]:
            return [it.run(first.source, first.id), *in_all_orders(it, rests)]

        found += forgotten(branch)
    return found
