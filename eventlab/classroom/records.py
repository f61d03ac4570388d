"""Records of progress that were handed in: what a student says of himself where there is no answer to be judged."""

from __future__ import annotations

from eventlab.classroom.course import Course
from eventlab.classroom.judge import Result
from eventlab.classroom.submissions import Submission
from eventlab.errors import Invalid
from eventlab.lessons.judging import handed_in

TOLD = "by own record"


def told_by(submission: Submission, course: Course) -> dict[str, int]:
    """At which attempt a student's records say that he has solved what; what is wrong with one goes to his notes."""
    told: dict[str, int] = {}
    said = {"title": course.title, "due": course.due, "variant": course.variant_for(submission.student)}
    for name, content in submission.records:
        try:
            one = handed_in.opened(content, said)
        except Invalid as problem:
            submission.notes.append(f"{name}: {problem.found}")
            continue
        told |= one.done.solved
        if one.student.casefold() != submission.student.casefold():
            submission.notes.append(f"{name}: this record of progress is {one.student}'s.")
    return told


def result_of(attempt: int, why: str, share: float) -> Result:
    """What is said of an exercise without an answer that a record calls solved."""
    return Result(
        TOLD if share else "missing", share, f"{why} Your record of progress says: solved at attempt {attempt}."
    )
