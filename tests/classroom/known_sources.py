"""The known answers of the tests as a student would hand them in: source text of cells, with a call of `check`."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from eventlab.lessons.judging import model
from eventlab.lessons.judging.model import Exercise
from tests.mutants import trying
from tests.mutants.making import Mutant

EVOLVE = 'return {**flight, **event.data, "status": event.type.removeprefix("flight.")}'


@dataclass(frozen=True)
class Handed:
    """One answer: the cells, and for a wrong one what is said about it."""

    id: str
    name: str
    cells: tuple[tuple[int, str], ...]
    words: str = ""


def models() -> list[Handed]:
    """The model answer of every exercise."""
    return [_model(each) for number in model.lessons() for each in model.lesson(number).exercises]


def right() -> list[Handed]:
    """All right answers: the models and the others."""
    return [*models(), *(each for number in model.lessons() for each in _known(number) if not each.words)]


def right_mutants() -> list[Handed]:
    """The mutants of right answers that the check in the lesson finds right too, and that are functions."""
    found = []
    for exercise in trying.exercises():
        for name, mutant in trying.mutants(exercise):
            listed = callable(mutant.answer) and trying.Tried(exercise.id, name, mutant, "").is_listed
            if listed and not trying.tried(exercise, name, mutant).said:  # the list's * stands for wrong ones, too
                found.append(_mutant(exercise, name, mutant))
    return found


def _mutant(exercise: Exercise, name: str, mutant: Mutant) -> Handed:
    """A mutant behind the source of what it was made from, whose names it uses."""
    origin = next(each for each in (exercise.model, *trying.known(exercise).other) if _name(each) == name)
    module = sys.modules[origin.__module__]
    source = inspect.getsource(module)
    given = {each: f"{each} = {getattr(module, each, None)!r}" for each in ("MODEL", "ALLOWED", "PAST")}
    for each, line in {**given, "evolve": f"def evolve(flight, event):\n    {EVOLVE}"}.items():
        if re.search(rf"import .*\b{each}\b", source):
            source = f"{line}\n{source}"
    lines = linecache.getlines(mutant.answer.__code__.co_filename)  # with the helpers beside it
    changed = f"{source}\n\nSHARED, FIRST = {{}}, {{}}\n{''.join(lines)}"
    return _handed(exercise.id, f"{name}: {mutant.words}", changed, mutant.answer.__name__)


def _name(answer: object) -> str:
    return str(getattr(answer, "__name__", ""))


def wrong() -> list[Handed]:
    """All wrong answers that are known, each with the words that are meant for it."""
    return [each for number in model.lessons() for each in _known(number) if each.words]


def _model(exercise: Exercise) -> Handed:
    if callable(exercise.model):
        source = inspect.getsource(sys.modules[exercise.model.__module__])
        if "import evolve" in source:  # a student has it in his notebook, from the exercise before
            source = f"def evolve(flight, event):\n    {EVOLVE}\n{source}"
        return _handed(exercise.id, "model", source, exercise.model.__name__)
    return _handed(exercise.id, "model", "", repr(exercise.model))


@cache
def _known(number: str) -> list[Handed]:
    module = import_module(f"tests.lessons.lesson{number}.answers")
    source = Path(str(module.__file__)).read_text("utf-8")
    for name in ("MODEL", "ALLOWED", "PAST"):  # what a student reads in the notebook
        if re.search(rf"import .*\b{name}\b", source):
            source = f"{name} = {getattr(module, name)!r}\n{source}"
    if "evolve" in source and number == "09":
        source = f"def evolve(flight, event):\n    {EVOLVE}\n{source}"
    found = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "ANSWERS":
            assert isinstance(statement.value, ast.Dict)
            for key, known in zip(statement.value.keys, statement.value.values, strict=True):
                if key is not None and isinstance(known, ast.Call):
                    found += _of(ast.literal_eval(key), known, source)
    return found


def _of(id: str, known: ast.Call, source: str) -> list[Handed]:
    parts = {each.arg: each.value for each in known.keywords}
    other, wrong = parts["other"], parts["wrong"]
    found = []
    if isinstance(other, ast.List):
        found += [_handed(id, ast.unparse(each), source, ast.unparse(each)) for each in other.elts]
    if isinstance(wrong, ast.List):
        for each in wrong.elts:
            assert isinstance(each, ast.Tuple)
            answer, words = each.elts
            try:
                said = ast.literal_eval(words)
            except ValueError:
                continue
            found.append(_handed(id, ast.unparse(answer), source, ast.unparse(answer), said))
    return found


def _handed(id: str, name: str, source: str, answer: str, words: str = "") -> Handed:
    check = f'from eventlab.lessons import check\n\ncheck("{id}", {answer})\n'
    return Handed(id, name[:60], ((1, source), (2, check)), words)
