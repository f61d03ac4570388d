"""What learners do to a handler: each change is made by machine, and what the notebook then shows is looked at.

`python -m tests.notebooks.changes` tries every change at every handler of every notebook; the suite tries some.
"""

from __future__ import annotations

import ast
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from eventlab.lessons.judging import learner
from eventlab.views.cells_above import Code
from tests.support.kernel import NOTEBOOKS, Cell, Kernel, Ran, cells, forgotten, kernel, remember_runs

HANDLES = {"event", "command", "message", "state"}  # what a handler is given
EXERCISE = 'check("'
SHARE = 12  # one of so many changes in the suite; `python -m tests.notebooks.changes` tries all
LOOK = 0.1  # seconds of real time between two looks whether an endless loop has begun
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Change:
    """A cell with one of its functions changed."""

    how: str
    cell: Cell
    function: str
    source: str


class _Strip(ast.NodeTransformer):
    def visit_Await(self, node: ast.Await) -> ast.expr:
        value: ast.expr = self.generic_visit(node.value)  # type: ignore[assignment]
        return value


class _WrongKey(ast.NodeTransformer):
    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            node.slice = ast.Constant("wrong")
        self.generic_visit(node)
        return node


class _Misspell(ast.NodeTransformer):
    done = False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and not self.done:
            self.done, node.id = True, f"{node.id}x"
        return node


def _first(statement: str) -> Callable[[Function], None]:
    def change(function: Function) -> None:
        function.body[:0] = ast.parse(statement).body

    return change


def _by(transformer: type[ast.NodeTransformer]) -> Callable[[Function], None]:
    def change(function: Function) -> None:
        made = transformer()
        function.body = [made.visit(each) for each in function.body]

    return change


CHANGES: dict[str, Callable[[Function], None]] = {
    "raises": _first('raise ValueError("my own slip")'),
    "returns nothing": _first("return None"),
    "does not await": _by(_Strip),
    "looks up a wrong key": _by(_WrongKey),
    "counts": _first("global seen\nseen = globals().get('seen', 0) + 1"),
    "misspells a name": _by(_Misspell),
    "never ends": _first("while True: pass"),
}


def changes(path: Path) -> Iterator[Change]:
    """Every change that makes another program of a handler in a cell that is no exercise."""
    for cell in cells(path):
        if EXERCISE in cell.source:
            continue
        for place, each in enumerate(ast.parse(cell.source).body):
            if isinstance(each, Function) and HANDLES & {argument.arg for argument in each.args.args}:
                for how, change in CHANGES.items():
                    tree = ast.parse(cell.source)
                    change(tree.body[place])  # type: ignore[arg-type]
                    source = ast.unparse(ast.fix_missing_locations(tree))
                    if source != ast.unparse(ast.parse(cell.source)):
                        yield Change(how, cell, each.name, source)


def dependent(every: Sequence[Cell], changed: Cell) -> list[Cell]:
    """The cells further down that use what the changed one makes, or what such a cell makes."""
    made, found = set(Code(changed.source).makes), []
    for cell in every[changed.place + 1 :]:
        code = Code(cell.source)
        if made & code.wants and EXERCISE not in cell.source:
            found.append(cell)
            made |= code.makes
        else:
            made -= code.makes
    return found


def tried(it: Kernel, every: Sequence[Cell], change: Change) -> list[Ran]:
    """What the changed cell and those that depend on it show, in a notebook in which all has been run before."""
    if change.how == "never ends":
        over = threading.Event()
        reader = threading.Thread(target=_interrupt, args=(change.function, over))
        reader.start()
        ran = [it.run(change.source, change.cell.id)]
        over.set()
        reader.join()
        return [*ran, it.run(change.cell.source, f"{change.cell.id} repaired")]
    below = dependent(every, change.cell)
    return [it.run(change.source, change.cell.id), *(it.run(cell.source, cell.id) for cell in below)]


def _interrupt(function: str, over: threading.Event) -> None:
    """Press the button once the loop has begun, however long a busy machine needs until then."""
    while not over.wait(LOOK):
        if any(frame.f_code.co_name == function for frame in sys._current_frames().values()):
            os.kill(os.getpid(), signal.SIGINT)
            return


def complaints(change: Change, ran: Sequence[Ran]) -> list[str]:
    """What a learner would not understand: errors that are not his own, and his own error that nobody shows."""
    where = f"{change.cell.id} {change.function} {change.how}"
    own = f"in {change.function}\n"
    if change.how == "never ends":
        return [
            f"{where}, then {each.cell}: {_last(each)}"
            for each in ran
            if each.error and not ("KeyboardInterrupt" in each.error and own in each.error)
        ]
    found = [f"{where}, then {each.cell}: {_last(each)}" for each in ran if each.error and own not in each.error]
    if change.how == "raises" and not any("my own slip" in each.text + each.error for each in ran):
        found.append(f"{where}: its error is shown nowhere")
    return found


def _last(ran: Ran) -> str:
    return ran.error.strip().split("\n")[-1]


def not_understood(it: Kernel, every: Sequence[Cell], chosen: Iterable[Change]) -> list[Ran]:
    """Try these changes in a notebook in which all has been run: what a learner would not understand."""
    return [
        Ran(change.cell.id, "", words)
        for change in chosen
        for words in complaints(change, forgotten(lambda change=change: tried(it, every, change)))
    ]


def some(path: Path) -> list[Change]:
    """Some of the changes of a notebook, always the same: one of so many, and at least two if it has two."""
    there = list(changes(path))
    return there[:: max(1, min(SHARE, len(there) // 2))]


def run(path: Path) -> tuple[int, list[str]]:
    """Try all changes of a notebook: how many, and what is wrong."""
    every, chosen = cells(path), list(changes(path))
    with kernel() as it, pytest.MonkeyPatch.context() as patch:
        remember_runs(patch)
        patch.setattr(learner, "attempt", lambda exercise, answer: None)

        def all_of_them() -> list[Ran]:
            shown = [it.run(cell.source, cell.id) for cell in every]
            return [each for each in shown if each.error] + not_understood(it, every, chosen)

        return len(chosen), [each.error for each in forgotten(all_of_them)]


def main(names: Sequence[str]) -> int:
    wrong = 0
    for path in NOTEBOOKS:
        if names and path.name[:2] not in names:
            continue
        tries, found = run(path)
        wrong += len(found)
        print(f"{path.name}: {tries} changes, {len(found)} not understood", *found, sep="\n  ", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
