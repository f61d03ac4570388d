"""An instructor's plan for one book: which lessons, what title and date, how many points, what is held back."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import msgspec

from eventlab.classroom.variants import variant_of
from eventlab.door import door
from eventlab.errors import Invalid, unknown
from eventlab.lessons.judging import model
from eventlab.lessons.judging.model import Exercise, Question


class Plan(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the file of `--plan` may say; all of it may be left out but the lessons."""

    lessons: list[str] = []
    title: str = ""
    due: str = ""  # as it shall be read: "Friday, 4 December, 18:00"
    second_hints: bool = True
    points: dict[str, float] = {}  # by exercise; one point each, if nothing is said
    reveal: dict[
        str, str
    ] = {}  # by lesson ("01") or question ("01.a"): the word without which its outcome is held back
    variant: str = ""  # what letters, numbers and names are drawn from, the same for all
    variants: str = ""  # or words of your own: they are drawn from these and each student's name
    grading: dict[str, object] = {}  # what `class grade` reads in the same file (docs/GRADING.md)
    own: list[str] = []  # folders of exercises of the instructor's own, seen from the plan's folder

    def exercises(self) -> list[Exercise]:
        """All exercises of these lessons."""
        return [each for number in self.lessons for each in model.lesson(number).exercises]

    def for_student(self, name: str) -> Plan:
        """The same plan for one student; `Invalid` without words from which variants are drawn."""
        if not self.variants:
            expected = 'variants = "words of your own" in the plan, so that grading finds the same'
            raise Invalid("variants", where="the plan", expected=expected, found="none")
        return msgspec.structs.replace(self, variant=variant_of(name, self.variants))

    def points_for(self, id: str) -> float:
        """What an exercise is worth."""
        return self.points.get(id, 1.0)

    def word_for(self, question: Question) -> str:
        """The word for the outcome of a question; empty if it is not held back."""
        return self.reveal.get(question.id, self.reveal.get(question.id.split(".")[0], ""))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that all books share."""
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that is new, empty, or such a book")
    parser.add_argument("--lessons", default="", metavar="01,03", help="which lessons; all that the plan names, or all")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="title, date, points and more (docs/INSTRUCTORS.md)")


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that is meant by a command's arguments; `Invalid` names what is wrong with it."""
    plan = read_plan(options.plan) if options.plan else Plan()
    numbers = [each.strip() for each in options.lessons.split(",") if each.strip()] or plan.lessons or model.lessons()
    return checked(msgspec.structs.replace(plan, lessons=numbers))


@door
def read_plan(path: Path) -> Plan:
    """The plan in a file; folders of own exercises are found from there."""
    try:
        plan = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Plan)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as problem:
        expected = f"TOML with {', '.join(Plan.__struct_fields__)}"
        raise Invalid("plan", where=str(path), expected=expected, found=str(problem)) from problem
    return msgspec.structs.replace(plan, own=[str(path.parent / each) for each in plan.own])


def checked(plan: Plan) -> Plan:
    """The plan, if it speaks only of what there is."""
    for number in plan.lessons:
        if number not in model.lessons():
            raise unknown("lesson", number, model.lessons(), where="--lessons")
    ids = [each.id for each in plan.exercises()]
    for id, points in plan.points.items():
        if id not in ids and id.split(".")[0] in model.lessons():
            raise unknown("exercise", id, ids, where="the plan's points")
        if not 0 <= points <= 1000:
            raise Invalid("points", where=f"exercise {id}", expected="0 to 1000", found=points)
    asked = [each.id for number in plan.lessons for each in model.lesson(number).predictions]
    for key, word in plan.reveal.items():
        if key not in (*plan.lessons, *asked):
            raise unknown("lesson or question", key, [*plan.lessons, *asked], where="the plan's reveal")
        if not word.strip():
            raise Invalid("word", where=f"the plan's reveal of {key}", expected="a word", found=word)
    return plan
