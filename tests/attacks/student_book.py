"""Answers in the students' book: right ones are solved and wrong ones are not, though no model answer is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from eventlab.classroom import folders, student
from eventlab.classroom.plan import Plan
from eventlab.lessons.judging import model
from eventlab.lessons.lesson07 import ex5_copy_or_ask
from eventlab.lessons.lesson09 import ex4_decide
from tests.support import REPO

# Wrong answers that the open cases of a book let pass: what they do wrong shows only in what they add of their own.
PASS_THERE = {("09.2", "remembers_by_itself"), ("09.2", "changes_it_within")}

# What the known answers take from modules that a students' book has in another form.
LENT = {
    ex4_decide.__name__: {"ALLOWED": ex4_decide.ALLOWED, "PAST": ex4_decide.PAST},
    ex5_copy_or_ask.__name__: {"MODEL": ex5_copy_or_ask.MODEL},
}
TRY = """
import json, sys
from importlib import import_module
from eventlab.lessons.judging import book, model
from eventlab.lessons.judging.attempt import attempt
assert book.is_for_students()
for name, values in json.loads(sys.argv.pop(1)).items():
    for key, value in values.items():
        setattr(import_module(name), key, {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()})
found = []
for id in sys.argv[1:]:
    known, exercise = import_module(f"tests.lessons.lesson{id[:2]}.answers").ANSWERS[id], model.exercise(id)
    for each in known.other:
        failure = attempt(exercise, each)
        found.append([id, getattr(each, "__name__", repr(each)), True, failure and str(failure.mistake.message)])
    for each, words in known.wrong:
        failure = attempt(exercise, each)
        found.append([id, getattr(each, "__name__", repr(each)), False, failure and str(failure.mistake.message)])
print(json.dumps(found))
"""


def tried(ids: Sequence[str], folder: Path) -> list[str]:
    """What is wrong with the verdicts in a students' book that is written into this folder."""
    place = folder / "book"
    folders.write_folder(place, student.book(Plan(lessons=sorted({id.split(".")[0] for id in ids}))))
    lent = {name: values for name, values in LENT.items() if any(f"lesson{id[:2]}." in name for id in ids)}
    paths = os.pathsep.join([str(place), str(REPO)])
    environment = {**os.environ, "PYTHONPATH": paths, "EVENTLAB_PROGRESS": ":memory:"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRY, json.dumps(lent), *ids],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return [done.stderr[-2000:]]
    found = json.loads(done.stdout)
    print(f"{len(found)} answers to {len(ids)} exercises")
    return [
        f"{id} {name}: {'right, but ' + message if message else 'wrong, and passes'}"
        for id, name, right, message in found
        if right is bool(message) and (id, name) not in PASS_THERE
    ]


def main(long: bool) -> int:
    """All exercises, or every third."""
    ids = [each.id for number in model.lessons() for each in model.lesson(number).exercises]
    with tempfile.TemporaryDirectory() as folder:
        broken = tried(ids if long else ids[::3], Path(folder))
    print("\n".join(broken) or "every verdict is that of the whole book")
    return len(broken)
