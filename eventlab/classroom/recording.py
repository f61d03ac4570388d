"""Records what a right answer gives in the open cases, for those judges that hold the rule itself."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from eventlab.errors import Refused
from eventlab.lessons.judging.model import Exercise
from eventlab.lessons.judging.recorded import Call, Recorded, as_data
from eventlab.trace import Trace

# Exercises whose judge computes the right result beside the answer's, and how two results compare.
REFEREES: Mapping[str, str] = {
    "01.3": "members", "02.3": "pair", "04.3": "pair", "05.3": "word", "08.3": "names",
    "09.2": "facts", "09.4": "events", "10.2": "word", "12.2": "choice", "12.3": "number",
}  # fmt: skip
KEPT = ("09.2", "09.4")  # those that must leave what they are given as it was
CASES, CALLS, TRACES = 8, 40, 3  # cases that are recorded; calls of each at most; cases of those that read traces
MODULE = '''"""{id}: the open cases. Whoever grades tries others."""

from pathlib import Path

from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.recorded import judge_recorded


{heading}
    {gone}


EXERCISE = read_exercise(
    "{id}", judge_recorded(Path(__file__).with_name("{file}")), {name}, runs={runs}, pure={pure}
)
'''


def recorded_files(exercise: Exercise, gone: str) -> tuple[str, dict[str, bytes]]:
    """The module that takes the exercise's place in a student's book, and the files of its cases, by name."""
    files: dict[str, bytes] = {}

    def keep(trace: Trace) -> str:
        name = f"open-{exercise.id}-{len(files)}.jsonl"
        content = _saved(trace)
        same = next((each for each, kept in files.items() if kept == content), name)
        files[same] = content
        return same

    cases = [_calls(exercise, seed, keep) for seed in range(TRACES if exercise.id == "12.3" else CASES)]
    parameters = list(inspect.signature(exercise.model).parameters)
    same, kept = REFEREES[exercise.id], exercise.id in KEPT
    recorded = Recorded(parameters, same, kept, [each for each in cases if each])
    name = f"open-{exercise.id}.json"
    files[name] = msgspec.json.encode(recorded, enc_hook=int) + b"\n"
    source = MODULE.format(
        id=exercise.id, heading=_heading(exercise.model), gone=gone, file=name, name=exercise.model.__name__,
        runs=len(recorded.cases), pure=exercise.pure,
    )  # fmt: skip
    return source, files


def _calls(exercise: Exercise, seed: int, keep: Any) -> list[Call]:
    """What the model was given and gave in one case; the same call once."""
    found: list[Call] = []

    def model(*given: Any) -> Any:
        arguments = [as_data(each, keep) for each in given]
        try:
            gave = exercise.model(*given)
        except Refused:
            _add(found, Call(arguments, None, True))
            raise
        _add(found, Call(arguments, as_data(gave, keep)))
        return gave

    exercise.judge(model, exercise.cases(seed))
    return found[:CALLS]


def _add(calls: list[Call], call: Call) -> None:
    if call not in calls:
        calls.append(call)


def _heading(model: Any) -> str:
    return f"def {model.__name__}({', '.join(inspect.signature(model).parameters)}):"


def _saved(trace: Trace) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trace.jsonl")
        trace.save(path)
        return path.read_bytes()


def referees(exercises: Sequence[Exercise]) -> list[str]:
    """Those of the exercises whose own judge is not given out."""
    return [each.id for each in exercises if each.id in REFEREES]
