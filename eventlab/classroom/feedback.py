"""A student's page: one HTML file without scripts that says what was found, and draws the run that failed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from eventlab.classroom import gradebook, limits
from eventlab.classroom.children import Child
from eventlab.classroom.course import Course
from eventlab.classroom.line import Line
from eventlab.classroom.markup import Markup, document, tag


def name(student: str) -> str:
    """The file of a student's page: his name as far as any file may be called so, and what tells it from others."""
    plain = re.sub(r"[^A-Za-z0-9@._-]+", "-", student).strip(".-")[:60] or "student"
    if plain == student:
        return f"{plain}.html"
    return f"{plain}-{hashlib.sha256(student.encode('utf-8', 'backslashreplace')).hexdigest()[:6]}.html"


def page(student: str, lines: Sequence[Line], notes: Sequence[str], course: Course) -> bytes:
    """The page of one student."""
    total, most = sum(line.points for line in lines), sum(line.most for line in lines)
    points = f"{gradebook.number(total)} of {gradebook.number(most)} points"
    body = [tag("p", tag("strong", points)), *(tag("p", note, kind="note") for note in notes)]
    titles = course.for_student(student).titles
    for line in lines:
        body += _exercise(line, titles.get(line.exercise, ""))
    return document(f"{course.title or 'Feedback'}: {student}", body)


def _exercise(line: Line, title: str) -> list[Markup]:
    result = line.result
    points = f"{gradebook.number(line.points)} of {gradebook.number(line.most)}"
    body = [tag("h2", f"{line.exercise} {title}"), tag("p", tag("strong", f"{result.verdict}, {points}"))]
    body += [tag("p", result.message)] if result.message else []
    body += [tag("p", note, kind="note") for note in line.notes if note != result.message]
    if result.picture:
        body.append(tag("div", Markup(result.picture), kind="picture"))
    if result.printed:
        body += [tag("p", "In that run it printed:"), tag("pre", result.printed)]
    return body


def doors_of(shelf: Path) -> list[str]:
    """In words: which of a submission's doors this system can close."""
    child = Child(shelf, 30.0)
    try:
        child.load([[1, 'check("00.0", None)']], [0, "00.0", ""])
        return [limits.WORKS[each] for each in child.doors if each in limits.WORKS]
    finally:
        child.close()
