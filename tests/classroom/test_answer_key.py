"""The book of answers: every cell runs by itself, and its verdict is the one that stands beside it."""

from __future__ import annotations

import builtins
import symtable
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from eventlab.classroom import answer_key
from eventlab.classroom.complete import cell_of
from eventlab.classroom.notebooks import source
from eventlab.lessons.judging import learner, model


def answers(id: str) -> Iterator[tuple[str, Any]]:
    known = answer_key.known(id)
    yield "right", model.exercise(id).model
    yield from (("right", each) for each in known.other)
    yield from (("wrong", each) for each, _ in known.wrong)


def unknown_names(text: str) -> set[str]:
    """What a cell uses, and neither makes nor imports."""
    whole = symtable.symtable(text, "cell", "exec")
    symbols = [whole.lookup(name) for name in whole.get_identifiers()]
    there = {each.get_name() for each in symbols if each.is_assigned() or each.is_imported() or each.is_namespace()}
    found, scopes = set(), [whole]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        outer = [each for each in scope.get_symbols() if each.is_global() or scope is whole]
        found |= {each.get_name() for each in outer if each.is_referenced()}
    return {name for name in found - there if not hasattr(builtins, name)}


@pytest.mark.parametrize("number", model.lessons())
def test_every_answer_is_a_cell_that_runs_by_itself(number: str) -> None:
    for exercise in model.lesson(number).exercises:
        for _, answer in answers(exercise.id):
            text, name = cell_of(answer)
            assert name.isidentifier() and unknown_names(f"{text}\n{name}") == set(), exercise.id


def test_what_is_missing_in_a_cell_is_found() -> None:
    assert unknown_names("def f(x):\n    return g(x, len(y))\n") == {"g", "y"}


@pytest.mark.parametrize("id", ["01.1", "05.2", "12.2"])
def test_each_cell_run_as_it_stands_has_the_verdict_that_stands_beside_it(
    id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENTLAB_PROGRESS", ":memory:")
    verdicts: list[Any] = []
    judged = learner.check
    monkeypatch.setattr("eventlab.lessons.check", lambda *given: verdicts.append(judged(*given)))
    book = list(answer_key.exercise_cells(model.exercise(id), answer_key.known(id)))
    told = "right"
    for number, cell in enumerate(book[1:]):
        text = source(cell)
        if cell["cell_type"] == "markdown":
            told = text
            continue
        run(text, tmp_path / f"answer_{number}.py")
        assert verdicts[-1].solved is text.startswith("# right"), text
        if text.startswith("# wrong"):
            assert "passes" not in told and "“" in told
            assert answer_key.without_place(verdicts[-1].failure.mistake.message) in told
    assert len(verdicts) >= 5


def test_a_message_names_no_line_of_a_file_that_students_do_not_have() -> None:
    assert answer_key.without_place("TypeError in line 114 of your code: no") == "TypeError in a line of your code: no"


def run(text: str, path: Path) -> None:
    """Run a cell as a module of its own."""
    path.write_text(text, "utf-8")
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[path.stem]


def test_the_same_book_comes_out_each_time() -> None:
    cells = [list(answer_key.exercise_cells(model.exercise("12.1"), answer_key.known("12.1"))) for _ in range(2)]
    assert cells[0] == cells[1] and len({cell["id"] for cell in cells[0]}) == len(cells[0])
