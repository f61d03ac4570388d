"""The sequence diagram step by step: what is still to come is not shown, a line shows how far time has come."""

from __future__ import annotations

from collections.abc import Sequence

from eventlab.door import door
from eventlab.trace import Trace
from eventlab.views.drawing.style import GROUND, INK
from eventlab.views.motion.choice import Choice
from eventlab.views.motion.steps import Mover, View, checked, loosen
from eventlab.views.sequence.diagram import arranged, draw

NARROW = 620  # pixels: beside another picture
HIDDEN, ON_ITS_WAY, SEEN = "0", "0.55", "1"  # what is still to come is not shown


@door
def moving(trace: Trace, at: Sequence[int], choice: Choice = Choice()) -> View:
    """The diagram of these records, step by step.

    A message is seen to leave at the step of its sending, and stands there in full once it has arrived.
    """
    at = checked(trace, at, "sequence diagram")
    plan = arranged(trace, at, len(at) + 1, NARROW)
    plan = {**plan, "top": plan["top"] - 18 * len(plan["told"]), "told": [], "short": "message by message"}
    drawn = draw(plan, choice.subject or choice.service)
    picture = loosen(drawn)
    mover = Mover("sequence diagram", picture, drawn)
    top = plan["top"]
    parts = _with_grounds(plan["parts"], {box.part for box in picture.boxes if box.part.endswith(".ground")})
    arrows = {arrow["part"]: arrow for arrow in plan["arrows"]}
    ended = {  # arrows whose end is a step of its own
        part for index in set(at) & parts.keys() if trace[index].kind in ("received", "lost") for part in parts[index]
    }
    _begin(mover, {part for index in at for part in parts.get(index, ())})
    for index in at:
        sent = trace[index].kind == "sent"
        for part in parts.get(index, ()):
            mover.set(part, "opacity", ON_ITS_WAY if sent and part in ended else SEEN)
            if sent and part in arrows:
                arrow = arrows[part]
                mover.move((arrow["x1"], top + arrow["y1"]), (arrow["x2"], top + arrow["y2"]))
        mover.set("now", "stroke", INK)
        mover.set("now", "transform", f"translate(0 {top + plan['rows'][index] + 6:g})")
        mover.look_at("now")
        mover.step()
    return mover.view


def _with_grounds(parts: dict[int, list[str]], grounds: set[str]) -> dict[int, list[str]]:
    """The parts that each record brings, with the grounds of their texts."""
    return {
        index: [*names, *(ground for name in names if (ground := f"{name}.ground") in grounds)]
        for index, names in parts.items()
    }


def _begin(mover: Mover, parts: set[str]) -> None:
    for part in sorted(parts):
        mover.begin(part, "opacity", HIDDEN)
    mover.begin("now", "stroke", GROUND)
    mover.begin("now", "opacity", "0.5")
    mover.begin("now", "transform", "translate(0 0)")
