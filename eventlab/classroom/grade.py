"""`class grade`: reads what a class has handed in, judges it, and writes grades, feedback and a page for Monday."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from eventlab.classroom import class_page, feedback, gradebook, limits
from eventlab.classroom.answers import Found, find, group_of, strangers, stub_name
from eventlab.classroom.batch import Job, judge_all
from eventlab.classroom.course import Course, read_course
from eventlab.classroom.gradebook import Grade
from eventlab.classroom.judge import Result
from eventlab.classroom.line import Line
from eventlab.classroom.records import result_of, told_by
from eventlab.classroom.results import PACKAGE, Results
from eventlab.classroom.shelf import shelf
from eventlab.classroom.submissions import Submission, submissions
from eventlab.errors import Invalid
from eventlab.lessons.judging.progress import write_whole

MISSING, EXEMPT = "missing", "exempt"
NOT_PROMISED = (
    "Each answer ran in a process of its own, with what this system has of these: {doors}.{user} Without a container "
    "or a user of its own this is no wall against somebody who breaks Python or the kernel: see docs/GRADING.md."
)
NO_USER = " It had no user of its own: {why}."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `class grade`."""
    parser.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS", help="a folder: a notebook, zip or folder each"
    )
    parser.add_argument("--out", type=Path, default=Path("grades.csv"), metavar="FILE", help="the table of grades")
    parser.add_argument("--lessons", default="", metavar="01,03", help="which lessons; all that the plan names, or all")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="points, late days and more (docs/GRADING.md)")
    parser.add_argument("--lms", type=Path, metavar="FILE", help="a CSV that Moodle or Canvas exported: fill a column")
    parser.add_argument("--column", default="", metavar="HEADING", help="which column of that file")
    parser.add_argument("--at-once", type=int, default=0, metavar="N", help="answers judged at once; one per core")


def run(options: argparse.Namespace) -> int:
    """Grade, and say what was written."""
    numbers = [each.strip() for each in options.lessons.split(",") if each.strip()]
    course = read_course(options.plan, numbers)
    if options.at_once < 0:
        raise Invalid("--at-once", where="class grade", expected="1 or more", found=options.at_once)
    exported = options.lms.read_bytes() if options.lms else None
    lines, handed_in, doors = grade(options.submissions, course, files_of(options.out), options.at_once)
    for path, content in _files(options, course, lines, handed_in, exported):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    students = len({line.student for line in lines})
    print(f"{options.out}: {students} students, {len(course.exercises)} exercises.")
    print(f"{files_of(options.out)}: a page of feedback for each student, and class.html.")
    if doors:
        why = limits.why_no_user(limits.libraries(str(PACKAGE)))
        print(NOT_PROMISED.format(doors="; ".join(doors), user=NO_USER.format(why=why) if why else ""))
    return 0


def files_of(out: Path) -> Path:
    """The folder beside the table, for all else."""
    return out.with_name(f"{out.stem}-files")


def grade(
    folder: Path, course: Course, place: Path, at_once: int = 0
) -> tuple[list[Line], list[Submission], list[str]]:
    """A line for each student and exercise, the submissions, and which doors this system could close."""
    handed_in = submissions(folder)
    results = Results(place / "results", course.grading.key)
    found = _found(handed_in, course)
    jobs = dict(_jobs(found, course, results))
    new = [job for job in jobs.values() if results.read(job.name) is None]
    doors: list[str] = []
    if new:
        bar = Bar(len({job.name for job in new}))
        with shelf() as ready:
            doors = feedback.doors_of(ready)
            judge_all(new, results, ready, course.grading.key, bar.next, at_once)
        bar.end()
    told = {one.student: told_by(one, course) for one in handed_in if one.records}
    lines = [
        _line(student, id, course, each, _read(results, jobs, student, id), told.get(student, {}).get(id, 0))
        for (student, id), each in found.items()
    ]
    if course.grading.groups:
        lines += of_groups(lines, handed_in, course)
    for one in handed_in:
        one.notes += strangers(one, list(course.titles))
    return sorted(lines, key=lambda line: (line.student, line.exercise)), handed_in, doors


def _found(handed_in: list[Submission], course: Course) -> dict[tuple[str, str], Found]:
    """The answer of each student to each exercise, in the variant that is his."""
    own = course.own_words
    asked = [(id, own[id][1] if id in own else stub_name(id)) for id in course.titles]
    found: dict[tuple[str, str], Found] = {}
    for one in handed_in:
        variant = course.variant_for(one.student)
        found |= {(one.student, id): find(one, id, name, variant) for id, name in asked}
    return found


def _jobs(found: Mapping[Any, Found], course: Course, results: Results) -> Iterator[tuple[Any, Job]]:
    """What is to be judged, by student and exercise."""
    own = course.own_words
    for (student, id), each in found.items():
        if each.answer is not None and not course.is_exempt(student, id):
            parts, (folder, _) = course.grading.parts.get(id, 0), own.get(id, ("", ""))
            yield (student, id), Job(results.name(each.answer, parts, folder), each.answer, parts, folder)


def _read(results: Results, jobs: Mapping[Any, Job], student: str, id: str) -> Result | None:
    return results.read(jobs[student, id].name) if (student, id) in jobs else None


def _line(student: str, id: str, course: Course, found: Found, result: Result | None, told: int) -> Line:
    most = course.points_for(id)
    if course.is_exempt(student, id):
        return Line(student, id, 0.0, found, Result(EXEMPT, message="It does not count for you."))
    if result is None and told:
        result = result_of(told, found.notes[-1], course.grading.told)
    if result is None:
        return Line(student, id, most, found, Result(MISSING, message=found.notes[-1]))
    notes, kept = list(found.notes), course.kept(student)
    if kept < 1:
        days = course.grading.late.days[student]
        notes.append(f"{days} day{'s' * (days != 1)} late: {100 * kept:g}% of the points are left.")
    return Line(student, id, most, found, result, most * result.share * kept, notes)


def of_groups(lines: Sequence[Line], handed_in: Sequence[Submission], course: Course) -> Iterator[Line]:
    """The same lines for those whose names stand in a notebook and who have handed in nothing themselves."""
    own = {one.student.casefold() for one in handed_in}
    for one in handed_in:
        for name in group_of(one):
            if name.casefold() not in own:
                own.add(name.casefold())
                for line in lines:
                    if line.student == one.student:
                        yield _for_member(line, name, course)


def _for_member(line: Line, name: str, course: Course) -> Line:
    if course.is_exempt(name, line.exercise):
        return _line(name, line.exercise, course, line.found, None, 0)
    notes = [*line.notes, f"Handed in by {line.student} for the group."]
    return msgspec.structs.replace(line, student=name, notes=notes)


def _files(
    options: argparse.Namespace, course: Course, lines: list[Line], handed_in: list[Submission], exported: bytes | None
) -> Iterator[tuple[Path, bytes]]:
    """Every file that is written, with its content."""
    place = files_of(options.out)
    notes = {one.student: one.notes for one in handed_in}
    for student in sorted({line.student for line in lines}):
        own = [line for line in lines if line.student == student]
        yield place / "feedback" / feedback.name(student), feedback.page(student, own, notes.get(student, []), course)
    yield place / "class.html", class_page.page(lines, notes, course)
    if exported is not None:
        totals: dict[str, float] = {}
        for line in lines:
            totals[line.student] = totals.get(line.student, 0.0) + line.points
        content, lost = gradebook.filled(exported, totals, options.column)
        for student in lost:
            print(f"{student} is not in {options.lms}: no cell was filled for this one.", file=sys.stderr)
        yield options.out.with_name(f"{options.lms.stem}-filled{options.lms.suffix}"), content
    grades = [Grade(x.student, x.exercise, x.points, x.most, x.result.verdict) for x in lines]
    yield options.out, gradebook.table(grades)


class Bar:
    """How far it is: a bar in a terminal, nothing elsewhere."""

    def __init__(self, count: int) -> None:
        self.count, self.done, self.shown = count, 0, sys.stderr.isatty()

    def next(self, job: Job) -> None:
        """One more is done."""
        self.done += 1
        if self.shown:
            full = 30 * self.done // self.count
            print(f"\r[{'#' * full}{'.' * (30 - full)}] {self.done} of {self.count} answers", end="", file=sys.stderr)

    def end(self) -> None:
        """Leave the bar's line."""
        if self.shown:
            print(file=sys.stderr)
