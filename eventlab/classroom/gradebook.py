"""Writes grades: a plain table, and one column in the file that a learning platform has exported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from eventlab.door import door
from eventlab.errors import Invalid, unknown

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet may take for a formula, at the begin of a cell
WHO = (  # the columns in which a student is looked for, the surest first
    "sis login id", "username", "user name", "email address", "email", "id number", "sis user id", "id", "identifier",
    "full name", "name", "student",
)  # fmt: skip


class Grade(msgspec.Struct, frozen=True):
    """A line of the table."""

    student: str
    exercise: str
    points: float
    most: float
    verdict: str


def table(grades: Iterable[Grade]) -> bytes:
    """The grades as CSV; no cell of it can be taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("student", "exercise", "points", "max", "verdict"))
    for each in grades:
        row = (each.student, each.exercise, number(each.points), number(each.most), each.verdict)
        writer.writerow([guarded(cell) for cell in row])
    return text.getvalue().encode()


def number(value: float) -> str:
    """Points as text: two places at most."""
    return f"{round(value + 1e-9, 2):g}"


def guarded(cell: str) -> str:
    """The cell with a sign before it if a spreadsheet could take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


# The file of a learning platform --------------------------------------------------------------------------------------


@door
def filled(content: bytes, totals: Mapping[str, float], column: str = "") -> tuple[bytes, list[str]]:
    """The exported file with one column filled, every other cell byte for byte; and who was not found in it.

    `column` is its heading; without one, “Grade” as Moodle calls it, or the only column that is empty.
    """
    codec = _codec(content)
    text = content.decode(codec)
    rows = list(_rows(text))
    if not rows or len(rows[0]) < 2:
        raise Invalid("LMS file", where="--lms", expected="CSV with a line of headings, as exported", found=text[:40])
    heads = [_value(text, cell).strip().lstrip("\ufeff") for cell in rows[0]]
    place = _column(heads, rows, text, column)
    found = _matches(heads, rows, text, totals)
    changes = [
        (row[place], _as_before(text, row[place], number(totals[found[number_]])))
        for number_, row in enumerate(rows) if number_ in found and len(row) > place
    ]  # fmt: skip
    for (begin, end), new in sorted(changes, reverse=True):
        text = text[:begin] + new + text[end:]
    return text.encode(codec), sorted(set(totals) - set(found.values()))


def _codec(content: bytes) -> str:
    """The encoding, one that gives the very same bytes back."""
    if content.startswith(b"PK"):
        raise Invalid("LMS file", where="--lms", expected="CSV; save the table as CSV", found="a workbook of Excel")
    codecs = ("utf-16-le", "utf-16-be") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "cp1252", "latin-1")
    for codec in codecs:
        try:
            if content.decode(codec).encode(codec) == content and (codec != "utf-16-be" or content[:1] == b"\xfe"):
                return codec
        except UnicodeError:
            continue
    return "latin-1"


def _rows(text: str) -> Iterator[list[tuple[int, int]]]:
    """Where each cell begins and ends, row by row, quotation marks and all."""
    head = text.partition("\n")[0]
    comma = max(",;\t", key=head.count)
    row: list[tuple[int, int]] = []
    begin, place, quoted = 0, 0, False
    for place, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif sign == comma:
            row.append((begin, place))
            begin = place + 1
        elif sign in "\r\n":
            if row or place > begin:
                yield [*row, (begin, place)]
            row, begin = [], place + 1
    if row or begin < len(text):
        yield [*row, (begin, len(text))]


def _value(text: str, cell: tuple[int, int]) -> str:
    raw = text[cell[0] : cell[1]]
    return raw[1:-1].replace('""', '"') if len(raw) > 1 and raw[0] == raw[-1] == '"' else raw


def _as_before(text: str, cell: tuple[int, int], new: str) -> str:
    return f'"{new}"' if text[cell[0] : cell[0] + 1] == '"' else new


def _column(heads: Sequence[str], rows: Sequence[list[tuple[int, int]]], text: str, column: str) -> int:
    if column:
        fits = [place for place, head in enumerate(heads) if head == column or re.sub(r" \(\d+\)$", "", head) == column]
        if len(fits) != 1:
            raise unknown("column", column, heads, where="--lms")
        return fits[0]
    if heads.count("Grade") == 1:
        return heads.index("Grade")
    empty = [
        place for place in range(len(heads))
        if all(len(row) <= place or not _value(text, row[place]).strip() for row in rows[1:])
    ]  # fmt: skip
    if len(empty) != 1:
        expected = f"the heading of the column to be filled, --column with one of {', '.join(heads)}"
        raise Invalid("column", where="--lms", expected=expected, found="none")
    return empty[0]


def _matches(
    heads: Sequence[str], rows: Sequence[list[tuple[int, int]]], text: str, totals: Mapping[str, float]
) -> dict[int, str]:
    """By the row's number: the student. In each column as it stands, then in small letters; never two for one."""
    lower = [head.casefold() for head in heads]
    places = [lower.index(name) for name in WHO if name in lower] or [0]
    found: dict[int, str] = {}
    for fold in (str, str.casefold):
        names = {fold(name): name for name in totals if name not in found.values()}
        for place in places:
            cells = [fold(_value(text, row[place]).strip()) if len(row) > place else "" for row in rows]
            for line, cell in enumerate(cells):
                for form in (cell, cell.partition("@")[0]):
                    fits = line and line not in found and form in names and names[form] not in found.values()
                    if fits and cells.count(cell) == 1:
                        found[line] = names[form]
    return found
