"""The students' book: a folder that opens by `python3 workbook.py`, with no model answer and no output in it.

What stands in it: the launcher and its lock, the data, the package without model answers (and without this one, the
classroom), and the notebooks of the chosen lessons, with the instructor's title, date and points.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from eventlab.classroom import added, folders, handouts, variants
from eventlab.classroom.notebooks import HERE, notebook_path, read, written
from eventlab.classroom.plan import Plan, plan_of
from eventlab.classroom.plan import add_arguments as add_shared
from eventlab.classroom.recording import REFEREES, recorded_files
from eventlab.classroom.stripping import GONE, without_models
from eventlab.classroom.texts import exercises_toml, questions_toml
from eventlab.lessons.judging import held, model
from eventlab.lessons.judging.model import Exercise
from eventlab.lessons.judging.prose import LESSONS, ExerciseText, read_tables

START = "notebooks/00-start-here.ipynb"
ALONE = ("workbook.py", "requirements.lock", "LICENSE", "docs/claims.md")  # taken as they stand, if they are there
NOT_TAKEN = ("eventlab/classroom/", "data/build.py", "data/.gitattributes")
ENDINGS = {".py", ".toml", ".js", ".css", ".json", ".typed", ".md", ".csv", ".gz", ".svg", ".html"}
README = """# {title}

Start with `python3 workbook.py` (Python 3.11 or newer): it sets everything up beside itself and opens the notebooks.
The first start takes a minute or two and needs a network; after that none is needed.

{due}Hand in the notebooks of the lessons as they stand, saved: {notebooks}.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `class student`."""
    add_shared(parser)
    parser.add_argument("--variant", default="", metavar="NAME", help="draw letters, numbers, names for this student")


def run(options: argparse.Namespace) -> int:
    """Make the book, and say what stands in it."""
    plan = plan_of(options)
    plan = plan.for_student(options.variant) if options.variant else plan
    folders.check_place(options.out)
    files = book(plan)
    folders.write_folder(options.out, files)
    print(f"{options.out}: {len(plan.lessons)} lessons, {len(files)} files, no model answers.")
    if open_cases := [each.id for each in plan.exercises() if each.id in REFEREES]:
        print(f"Checked there against open cases alone: {', '.join(open_cases)} (others are tried when you grade).")
    print(f"Zip it now. Then open it as your students will: python3 {options.out / 'workbook.py'}")
    return 0


def book(plan: Plan) -> dict[str, bytes]:
    """Every file of the book, by its path; the same for the same plan and the same workbook, byte for byte."""
    files = dict(_taken(plan.lessons))
    for number in plan.lessons:
        files |= lesson_files(plan, number)
    files |= added.student_files(plan)
    words = {
        each.id: (each, plan.word_for(each))
        for number in plan.lessons
        for each in model.lesson(number).predictions
        if plan.word_for(each)
    }
    if words:
        files["eventlab/lessons/held.json"] = held.seal(words)
    said = {"book": "students", "title": plan.title, "due": plan.due, "lessons": plan.lessons, "variant": plan.variant}
    files["eventlab/lessons/book.json"] = json.dumps(said, indent=1, ensure_ascii=False).encode() + b"\n"
    return files | _notebooks(plan, files)


def _notebooks(plan: Plan, files: dict[str, bytes]) -> dict[str, bytes]:
    """The notebooks; their links lead only to what is in the book."""
    own = added.notebooks(plan)
    names = {f"notebooks/{notebook_path(number).name}": number for number in plan.lessons}
    there = [*files, *names, *own, START]
    found = {name: written(handouts.lesson_handout(plan, number, there)) for name, number in names.items()}
    found[START] = written(handouts.start_handout(plan, read(HERE / START), there))
    due = f"Due: {plan.due}.\n" if plan.due else ""
    listed = ", ".join(f"`{name}`" for name in sorted([*names, *own]))
    title = plan.title or "Event-driven architecture: a workbook"
    return found | own | {"README.md": README.format(title=title, due=due, notebooks=listed).encode()}


def _taken(numbers: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """What is handed out as it stands: no other lessons, and nothing that Python or a learner has left."""
    for name in ALONE:
        if (HERE / name).exists():
            yield name, (HERE / name).read_bytes()
    for path in sorted([*(HERE / "eventlab").rglob("*"), *(HERE / "data").rglob("*")]):
        name = path.relative_to(HERE).as_posix()
        if path.is_file() and path.suffix in ENDINGS and not name.startswith(NOT_TAKEN):
            parts = path.relative_to(HERE).parts
            if not (parts[:2] == ("eventlab", "lessons") and parts[2].startswith("lesson")):
                yield name, path.read_bytes()


def lesson_files(plan: Plan, number: str) -> dict[str, bytes]:
    """The lesson's folder: its judges without models, its words without what the plan leaves out."""
    folder, lesson = LESSONS / f"lesson{number}", model.lesson(number)
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in ENDINGS}
    for path in sorted(folder.glob("ex*.py")):
        files |= _module(path, lesson.exercises)
    texts = dict(read_tables(folder / "exercises.toml", ExerciseText))
    texts = {id: variants.lettered(id, said, plan.variant) for id, said in texts.items()}
    files["exercises.toml"] = exercises_toml(texts, second_hints=plan.second_hints)
    files["questions.toml"] = questions_toml(lesson, lambda question: bool(plan.word_for(question)))
    return {f"eventlab/lessons/lesson{number}/{name}": content for name, content in files.items()}


def _module(path: Path, exercises: Sequence[Exercise]) -> dict[str, bytes]:
    """A module of exercises as students get it, with the files that its judges read."""
    module = import_module(f"eventlab.lessons.{path.parent.name}.{path.stem}")
    own = [each for each in exercises if each in (*getattr(module, "EXERCISES", ()), getattr(module, "EXERCISE", None))]
    referees = [each for each in own if each.id in REFEREES]
    if referees:
        text, files = recorded_files(referees[0], GONE)
        return {path.name: text.encode(), **files}
    return {path.name: without_models(path.read_text("utf-8"), own).encode()}
