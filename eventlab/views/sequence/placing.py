"""Where the texts of a sequence diagram stand: beside their lifelines, inside the picture, hiding little."""

from __future__ import annotations

from collections.abc import Sequence

from eventlab.stage import Stage
from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.style import SMALL
from eventlab.views.drawing.wording import duration
from eventlab.views.drawing.writing import label_width
from eventlab.views.sequence.labels import briefly, noted, said
from eventlab.views.sequence.parts import LEFT, Arrow, Note

ROOM = 360  # pixels for the text of an arrow or a note


def put_arrow_labels(arrows: Sequence[Arrow], right: float, *, subjects: bool) -> None:
    """The text stands above the arrow's begin, in the row that no other message has.

    Of several copies sent at once, each has its text on the other side, where none of the arrows is.
    """
    for arrow in arrows:
        way, bold = 1 if arrow["x2"] >= arrow["x1"] else -1, arrow["end"] == "lost"
        side = -way if arrow["beside"] else way
        text = fit(said(arrow, subjects), min(ROOM, right - LEFT - 8), SMALL, bold=True)
        if arrow["beside"] and not bold and _covers(arrow["x1"], text, side, right):
            text = briefly(arrow)
        arrow["label"], arrow["label_x"] = text, _beside(arrow["x1"], text, side, right, bold)
        arrow["label_wide"] = label_width(text, SMALL, bold=bold)
        arrow["label_y"] = arrow["y1"] - (0 if arrow["beside"] else 8)
        for again in arrow["again"]:
            again["label"] = "a second time" + ("" if again["delay"] is None else f", {duration(again['delay'])}")
            again["label_x"] = _beside(arrow["x2"], again["label"], way, right)
            again["label_wide"] = label_width(again["label"], SMALL, bold=True)
            again["label_y"] = again["y"]


def put_note_labels(
    notes: Sequence[Note], arrows: Sequence[Arrow], right: float, stage: Stage, *, subject: str
) -> None:
    """The text stands beside its dot, on the side where it hides fewer arrows."""
    for note in notes:
        note["words"] = text = fit(noted(note, stage, subject), min(ROOM, right - LEFT - 8), SMALL, bold=True)
        note["label_wide"] = label_width(text, SMALL, bold=True)
        crossings = [
            arrow["x1"] + (arrow["x2"] - arrow["x1"]) * (note["y"] - arrow["y1"]) / (arrow["y2"] - arrow["y1"])
            for arrow in arrows
            if arrow["y1"] < note["y"] < arrow["y2"]
        ]
        note["label_x"] = min(
            (_beside(note["x"], text, way, right) for way in (1, -1)),
            key=lambda begin: _hides(begin, text, note["x"], crossings),
        )


def _hides(begin: float, text: str, x: float, crossings: Sequence[float]) -> tuple[bool, int]:
    """Whether a text that begins there lies on its own lifeline, and on how many arrows."""
    end = begin + text_width(text, SMALL, bold=True)
    return begin - 5 < x < end + 5, sum(begin < crossing < end for crossing in crossings)


def _covers(x: float, text: str, way: int, right: float) -> bool:
    """Whether a text that stands beside a lifeline has no room there, and lies on it."""
    return _hides(_beside(x, text, way, right), text, x, ())[0]


def _beside(x: float, text: str, way: int, right: float, bold: bool = True) -> float:
    """The left end of a text beside a lifeline, inside the picture."""
    long = text_width(text, SMALL, bold=bold)
    return round(max(LEFT - 10, min(x + 9 if way > 0 else x - 9 - long, right - 6 - long)), 1)
