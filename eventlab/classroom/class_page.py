"""The page for Monday: what went wrong how often, and answers that are the same, side by side."""

from __future__ import annotations

import io
import tokenize
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from eventlab.classroom.course import Course
from eventlab.classroom.judge import EMPTY, PARTLY, READING, WRONG
from eventlab.classroom.line import Line
from eventlab.classroom.markup import Markup, document, table, tag

FIRST = (WRONG, PARTLY, READING, EMPTY)  # what there is to talk about, then the rest: a narrow screen shows the left
SHORT = 120  # signs without comments: two that have thought alike may well write so little alike


def page(lines: Sequence[Line], notes: Mapping[str, Sequence[str]], course: Course) -> bytes:
    """The page of a class: a table, then each exercise, then what could not be read."""
    titles = course.titles
    headings = {id: f"{id} {titles.get(id, '')}" for id in dict.fromkeys(line.exercise for line in lines)}
    body = [_overview(lines, headings)]
    for id, heading in headings.items():
        body += _exercise(heading, [line for line in lines if line.exercise == id])
    told = [tag("li", f"{student}: {note}") for student in sorted(notes) for note in notes[student]]
    if told:
        body += [tag("h2", "What could not be read, or stands where it does not belong"), tag("ul", *told)]
    return document(f"{course.title or 'The class'}: what to talk about", body)


def _overview(lines: Sequence[Line], headings: Mapping[str, str]) -> Markup:
    found = {line.result.verdict for line in lines}
    words = [*(word for word in FIRST if word in found), *sorted(found.difference(FIRST))]
    rows = []
    for id, heading in headings.items():
        count = Counter(line.result.verdict for line in lines if line.exercise == id)
        rows.append([heading, *(str(count[word] or "") for word in words)])
    return table(["exercise", *words], rows, range(1, len(words) + 1))


def _exercise(heading: str, lines: Sequence[Line]) -> list[Markup]:
    """How often each mistake was made, with one of its messages; and answers that are the same."""
    wrong = [line for line in lines if line.result.kind and line.result.share < 1]
    same = _alike(lines)
    if not wrong and not same:
        return []
    body = [tag("h2", heading)]
    if wrong:
        kinds = sorted(Counter(line.result.kind for line in wrong).items(), key=lambda each: (-each[1], each[0]))
        said = {line.result.kind: line.result.message for line in reversed(wrong)}
        rows = [[str(count), said[kind][:600]] for kind, count in kinds]
        body.append(table(["how often", "what is said about it, for instance"], rows, [0]))
    for names, source in same:
        body += [tag("p", f"The same text, apart from comments and spaces: {', '.join(names)}.")]
        body += [tag("pre", source[:3000])]
    return body


def _alike(lines: Sequence[Line]) -> list[tuple[list[str], str]]:
    """Those whose answers are the same text, beside what was handed out and what is short."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        signs = signs_of(line.found.source)
        if len(signs) > SHORT and "NotImplementedError" not in signs and "for the group" not in " ".join(line.notes):
            found[signs].append(line)
    groups = [(sorted(each.student for each in same), same[0].found.source) for same in found.values() if len(same) > 1]
    return sorted(groups)


def signs_of(source: str) -> str:
    """A text without its comments and spaces; what is no Python, without its spaces."""
    try:
        words = [
            word.string for word in tokenize.generate_tokens(io.StringIO(source).readline)
            if word.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
        ]  # fmt: skip
    except (tokenize.TokenError, SyntaxError, RecursionError):
        words = source.split()
    return " ".join(words)
