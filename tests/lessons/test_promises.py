"""Each sentence of a task is held by a property of its judge, in a case in which it matters: `promises.toml`."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from eventlab.lessons.judging import model
from eventlab.lessons.judging.attempt import failures
from tests.mutants.trying import known

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parents[1] / "notebooks"


class Promise(msgspec.Struct, forbid_unknown_fields=True):
    """A sentence of a task, the kinds of mistake that hold it, the case in which it matters, and who breaks it."""

    exercise: str
    says: str
    kinds: list[str]
    case: str
    broken_by: list[str]


class Promises(msgspec.Struct, forbid_unknown_fields=True):
    promise: list[Promise]


PROMISES = [
    promise
    for number in model.lessons()
    for promise in msgspec.toml.decode((HERE / f"lesson{number}/promises.toml").read_bytes(), type=Promises).promise
]
WRITTEN = [
    exercise.id
    for number in model.lessons()
    for exercise in model.lesson(number).exercises
    if exercise.kind in ("repair", "fill", "write")
]


def told(id: str) -> str:
    """What a lesson says about an exercise: its task, and the texts of the notebook."""
    (path,) = NOTEBOOKS.glob(f"{id.split('.')[0]}-*.ipynb")
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return " ".join(" ".join([*texts, model.exercise(id).task]).split())


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: f"{promise.exercise} {promise.says[:40]}")
def test_a_sentence_of_a_task_is_held_by_a_property(promise: Promise) -> None:
    assert " ".join(promise.says.split()) in told(promise.exercise)
    exercise = model.exercise(promise.exercise)
    wrong = {getattr(answer, "__name__", ""): answer for answer, _ in known(exercise).wrong}
    assert promise.broken_by
    for name in promise.broken_by:
        failure = next(iter(failures(exercise, wrong[name])), None)
        assert failure is not None, name
        assert failure.mistake.kind in promise.kinds, (name, failure.mistake.kind)


def test_every_answer_in_code_has_a_promise() -> None:
    assert set(WRITTEN) == {promise.exercise for promise in PROMISES}
