"""Every cell of every notebook in a reader's hands: run twice, in any order, alone; every control moved from elsewhere.

And handlers are changed, as learners do.

All cases are made from the notebooks as they are. A kernel in this process runs them, and forks forget.
"""

from __future__ import annotations

import re
from builtins import __dict__ as builtin
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from eventlab.lessons.judging import learner
from eventlab.views import WhatIf
from eventlab.views.cells_above import Code, needed
from tests.attacks.widgets import controls, walk
from tests.notebooks.changes import Change, not_understood, some
from tests.support.kernel import NOTEBOOKS, Cell, Kernel, Ran, cells, forgotten, in_all_orders, kernel, remember_runs

pytestmark = pytest.mark.slow
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
EXERCISE = re.compile(r"^check\(\"\d\d\.\d\"", re.M)
MOVES = 5


@pytest.fixture
def it(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    remember_runs(monkeypatch)
    monkeypatch.setattr(learner, "attempt", lambda exercise, answer: None)  # answers are judged elsewhere
    with kernel() as it:
        yield it


def failures(ran: list[Ran]) -> list[str]:
    return [f"{each.cell}: {each.error[-600:]}" for each in ran if each.error]


@each_notebook
def test_every_cell_runs_twice_and_in_any_order_and_alone_and_controls_work_elsewhere_and_changes_are_understood(
    it: Kernel, path: Path
) -> None:
    every, changed = cells(path), some(path)
    ran = forgotten(lambda: [*_twice(it, every, changed), *_alone(it, every)])
    assert failures(ran) == []
    assert [each.text for each in ran if "First, from further up" in each.text] == []
    assert {each.cell for each in ran} >= {f"{cell.id}, {how}" for cell in every[1:] for how in ("last", "alone")}
    assert ("what_if(" in path.read_text("utf-8")) <= any("WhatIf" in each.cell for each in ran)


def _twice(it: Kernel, every: list[Cell], changed: list[Change]) -> list[Ran]:
    foreign = {id(each) for each in controls()}
    ran = [it.run(cell.source, cell.id) for cell in every for _ in range(2)]
    ran += not_understood(it, every, changed)
    mine = [each for each in controls() if id(each) not in foreign]
    ran += [it.run(cell.source, f"{cell.id}, last") for cell in reversed(every)]
    return ran + _elsewhere(mine)


def _elsewhere(mine: list[Any]) -> list[Ran]:
    """Each control at its ends, and moved some times in a thread that is not the cells'."""
    found: list[Ran] = []

    for each in mine:
        if isinstance(each, WhatIf):
            each.make = _once(each.make)

    def move() -> None:
        for place, control in enumerate(mine):
            problems = walk([control], MOVES, place, dear=1.0)["problems"]
            found.append(Ran(f"{type(control).__name__} {control!r}"[:90], "", "\n".join(problems)))

    thread = Thread(target=move)
    thread.start()
    thread.join()
    assert len(found) == len(mine)
    assert all(words for each in mine if isinstance(each, WhatIf) for words in each.ends())
    return found


def _once(make: Callable[..., Any]) -> Callable[..., Any]:
    """Make the same choice once: what is tried are the ways of choosing."""
    known: dict[tuple[int, ...], Any] = {}

    def made(**values: Any) -> Any:
        name = tuple(map(id, values.values()))  # a control keeps what there is to choose
        if name not in known:
            known[name] = make(**values)
        return known[name]

    return made


def _alone(it: Kernel, every: list[Cell]) -> list[Ran]:
    """What `cells_above` does in a notebook, for all cells at once: cells that need the same others share them."""
    it.begin_anew()
    first = it.run(every[0].source, every[0].id)
    known, codes = {*it.shell.user_ns, *builtin}, [Code(cell.source) for cell in every]
    orders = []
    for cell in every[1:]:
        above = needed(codes[: cell.place], codes[cell.place], known)
        orders.append([*(every[place] for place in above), replace(cell, id=f"{cell.id}, alone")])
    return [first, *in_all_orders(it, orders)]


def test_a_cell_that_needs_others_says_so_and_gets_them(it: Kernel) -> None:
    every = cells(next(path for path in NOTEBOOKS if path.name.startswith("03-")))
    it.run(every[0].source)
    wanting = next(cell for cell in every if "hotels_stop" in cell.source and "what_if(" in cell.source)
    ran = it.run(wanting.source)
    assert not ran.error
    assert ran.text.startswith("First, from further up: ") and "boston" in ran.text.split("\n")[0]
    assert "First, from further up" not in it.run(wanting.source).text


def test_a_cell_whose_need_cannot_be_met_says_why(it: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    it.run("import eventlab.views")
    assert "NameError" in it.run("print(nobody_makes_this)").error
    broken = tmp_path / "broken.ipynb"
    broken.write_text(
        '{"cells": [{"cell_type": "code", "source": "x = 1 / 0"}, {"cell_type": "code", "source": "x + 1"}]}', "utf-8"
    )
    monkeypatch.setenv("JPY_SESSION_NAME", str(broken))
    ran = it.run("x + 1")
    assert "NameError" in ran.error
    assert "`x = 1 / 0` fails: ZeroDivisionError: division by zero" in ran.text


@each_notebook
def test_every_exercise_runs_alone_in_a_fresh_kernel(it: Kernel, path: Path) -> None:
    asking = [cell for cell in cells(path) if EXERCISE.search(cell.source)]
    assert not path.name[:2].isdigit() or path.name.startswith("00") or len(asking) >= 5
    for cell in asking:
        (ran,) = forgotten(lambda cell=cell: [it.run(cell.source, cell.id)])
        assert failures([ran]) == []
        assert Code(cell.source).wants <= {*builtin, "display"}, f"{cell.id} uses what it does not import"
