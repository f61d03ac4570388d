"""A moving view out of still pictures: one picture for each step, drawn by the same code as the picture that stands.

All pictures of a film have the same parts in the same places. What differs from one to the next becomes a change.
Also here: what such views share, the choice of a moment and the cutting of texts to the width of a column.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from eventlab.errors import Invalid
from eventlab.trace import Trace
from eventlab.views.drawing.picture import GREY, INK, Box, Label, Picture
from eventlab.views.drawing.text import plain
from eventlab.views.motion.steps import Mover, View

WIDTH = 830
MARKED = "#ffe2cc"  # the ground of what is wrong or has just changed: a sign and words say the same
GROUND_NEW = "#e3f1fa"  # the ground of what is new
BLUE, GREEN, RED = "#0072B2", "#009E73", "#D55E00"  # of Okabe and Ito, which colour-blind people can tell apart

Shape = Box | Label


def film(name: str, pictures: Iterable[Picture]) -> View:
    """A view that shows one of these pictures at each step; it is the last one that stands when nothing moves.

    Boxes and labels that have a `part` may differ, lines and everything else must not.
    """
    drawn = list(pictures)
    first = {shape.part: _attributes(shape) for shape in _parts(drawn[0])}
    news = [list(_news(before, after)) for before, after in pairwise(drawn)]
    mover = Mover(name, drawn[-1])
    for part, attribute in dict.fromkeys((part, attribute) for each in news for part, attribute, _ in each):
        mover.begin(part, attribute, first[part][attribute])
    mover.step()
    for each in news:
        for part, attribute, value in each:
            mover.set(part, attribute, value)
        mover.step()
    return mover.view


def _news(before: Picture, after: Picture) -> Iterator[tuple[str, str, str]]:
    """What the later picture shows otherwise: part, attribute, value."""
    for old, new in zip(_parts(before), _parts(after), strict=True):
        if old is not new and old != new:
            values = _attributes(old)
            yield from ((new.part, name, value) for name, value in _attributes(new).items() if value != values[name])


def _parts(picture: Picture) -> list[Shape]:
    shapes: list[Shape] = [*picture.boxes, *picture.labels]
    return [shape for shape in shapes if shape.part]


def _attributes(shape: Shape) -> Mapping[str, str]:
    """What of a shape can change, as it stands in the SVG."""
    if isinstance(shape, Label):
        return {
            "text": plain(shape.text),
            "x": f"{shape.x:g}",
            "y": f"{shape.y:g}",
            "fill": shape.colour,
            "font-weight": "bold" if shape.bold else "normal",
            "data-message": shape.message,
        }
    return {
        "x": f"{shape.x - shape.width / 2:g}",
        "y": f"{shape.y - shape.height / 2:g}",
        "width": f"{shape.width:g}",
        "height": f"{shape.height:g}",
        "fill": shape.fill,
        "stroke": shape.border,
        "data-message": shape.message,
    }


# Moments --------------------------------------------------------------------------------------------------------------


def moment(trace: Trace, at: int | None, when: int | None, where: str) -> tuple[int, int]:
    """The index of the last record that counts, and the instant: that record's, or `when` itself.

    `at` is a record's index, `when` an instant in nanoseconds; without both, it is the end of the trace.
    """
    last = len(trace) - 1
    if last < 0:
        raise Invalid("trace", where=where, expected="at least one record", found="an empty trace")
    if when is not None:
        begin, end = trace[0].at, trace[last].at
        if not begin <= when <= end:
            raise Invalid("when", where=where, expected=f"an instant of the run, {begin} to {end}", found=when)
        return bisect_right(trace.records, when, key=lambda record: record.at) - 1, when
    if at is not None and not 0 <= at <= last:
        raise Invalid("at", where=where, expected=f"a record's index, 0 to {last}", found=at)
    index = last if at is None else at
    return index, trace[index].at


def checked(trace: Trace, steps: Sequence[int], where: str) -> Sequence[int]:
    """The steps, if they are indexes of records in ascending order, and there is one."""
    last = len(trace) - 1
    if not steps or steps[0] < 0 or steps[-1] > last or any(a > b for a, b in pairwise(steps)):
        expected = f"ascending indexes of records, 0 to {last}"
        raise Invalid("steps", where=where, expected=expected, found=list(steps[:5]))
    return steps


# Texts ----------------------------------------------------------------------------------------------------------------

_WIDTHS = {
    **dict.fromkeys("ijl|'.,:;!I ", 0.28),
    **dict.fromkeys("frt-()[]/", 0.36),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZwm", 0.72),
    **dict.fromkeys("MW✕▸●→…@%", 1.0),
}


@lru_cache(20_000)
def fitted(text: str, width: float, size: int = 12) -> str:
    """The text, cut off with … where it would be wider than a column."""
    room = width / size
    for place, letter in enumerate(text):
        room -= _WIDTHS.get(letter, 0.56)
        if room < 0:
            return text[: max(0, place - 2)].rstrip() + "…"
    return text


def heading(text: str, *notes: str, part: str = "") -> list[Label]:
    """A title and lines under it."""
    labels = [Label(18, 22, fitted(text, WIDTH - 30, 16), 16, INK, bold=True, left=True, part=part)]
    for number, note in enumerate(notes):
        name = f"{part}.{number}" if part else ""
        labels.append(Label(18, 46 + 18 * number, fitted(note, WIDTH - 30, 12), 12, GREY, left=True, part=name))
    return labels


def number(count: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 row", "24 rows"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
