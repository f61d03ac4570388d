"""What an instructor sets for grading: the table `[grading]` in the plan's file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from eventlab.classroom import added, variants
from eventlab.door import door
from eventlab.errors import Invalid, unknown
from eventlab.lessons.judging import model
from eventlab.lessons.judging.added import read_words
from eventlab.lessons.judging.model import Exercise

ALL = "all"


class Late(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a late day costs, and who was late by how many."""

    per_day: float = 0.0  # the share of the points that each day takes
    days: dict[str, int] = {}  # by student


class Grading(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What `[grading]` may say; all of it may be left out."""

    key: str = "eventlab"  # what hidden runs are drawn from, and results are sealed with: words of your own
    parts: dict[str, int] = {}  # by exercise: into how many parts its points fall; 0, the default: all or nothing
    late: Late = Late()
    exempt: dict[str, list[str]] = {}  # by student: exercises that do not count, or "all"
    variant_of: dict[str, str] = {}  # whose file is not called as --variant was: his name there
    told: float = 0.0  # the share of the points for what only a handed-in record of progress calls solved
    groups: bool = False  # whether a line such as “Group: anna, ben” in a notebook gives both the points


class Course(msgspec.Struct, frozen=True):
    """All that grading needs to know, beside the submissions."""

    lessons: list[str]
    title: str = ""
    due: str = ""
    points: dict[str, float] = {}
    variant: str = ""
    variants: str = ""
    own: list[str] = []  # folders of exercises of the instructor's own
    grading: Grading = Grading()

    @property
    def exercises(self) -> list[Exercise]:
        """All exercises of these lessons that are worth something."""
        found = [each for number in self.lessons for each in model.lesson(number).exercises]
        found += [added.exercise(Path(folder), self.variant) for folder in self.own]
        return [each for each in found if self.points_for(each.id) > 0]

    @property
    def titles(self) -> dict[str, str]:
        """What each exercise is called, by its id."""
        return {each.id: each.title for each in self.exercises}

    @property
    def own_words(self) -> dict[str, tuple[str, str]]:
        """Of each own exercise, by its id: its folder, and what the answer to it is called where it begins."""
        read = {folder: read_words(Path(folder)) for folder in self.own}
        return {words.id: (folder, words.name) for folder, words in read.items()}

    def for_student(self, student: str) -> Course:
        """The same course with the variant that this student was given."""
        return msgspec.structs.replace(self, variant=self.variant_for(student))

    def variant_for(self, student: str) -> str:
        """The variant that this student was given, whatever his notebook says."""
        name = self.grading.variant_of.get(student, student)
        return variants.variant_of(name, self.variants) if self.variants else self.variant

    def points_for(self, id: str) -> float:
        """What an exercise is worth."""
        return self.points.get(id, 1.0)

    def is_exempt(self, student: str, id: str) -> bool:
        """Whether this exercise does not count for this student."""
        named = self.grading.exempt.get(student, [])
        return id in named or ALL in named

    def kept(self, student: str) -> float:
        """The share of the points that late days leave."""
        late = self.grading.late
        return max(0.0, 1.0 - late.per_day * late.days.get(student, 0))


@door
def read_course(path: Path | None, numbers: Sequence[str]) -> Course:
    """The course that a plan's file describes; `numbers` of lessons come before those of the plan."""
    said: dict[str, Any] = {}
    if path is not None:
        try:
            said = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise Invalid("plan", where=str(path), expected="a TOML file", found=str(problem)) from problem
    try:
        course = msgspec.convert({**said, "lessons": list(numbers) or said.get("lessons") or model.lessons()}, Course)
    except msgspec.ValidationError as problem:
        expected = f"title, lessons, points, and [grading] with {', '.join(Grading.__struct_fields__)}"
        raise Invalid("plan", where=str(path), expected=expected, found=str(problem)) from problem
    if path is not None:
        course = msgspec.structs.replace(course, own=[str(path.parent / each) for each in course.own])
    return _checked(course)


def _checked(course: Course) -> Course:
    for number in course.lessons:
        if number not in model.lessons():
            raise unknown("lesson", number, model.lessons(), where="lessons")
    ids = [each.id for number in course.lessons for each in model.lesson(number).exercises]
    ids += course.own_words
    asked = [*course.grading.parts, *(id for named in course.grading.exempt.values() for id in named if id != ALL)]
    for id in asked:
        if id not in ids and (id.split(".")[0] in course.lessons or id.split(".")[0] not in model.lessons()):
            raise unknown("exercise", id, ids, where="[grading]")
    if not 0 <= course.grading.late.per_day <= 1:
        raise Invalid("per_day", where="[grading.late]", expected="0 to 1", found=course.grading.late.per_day)
    if not 0 <= course.grading.told <= 1:
        raise Invalid("told", where="[grading]", expected="0 to 1", found=course.grading.told)
    return course
