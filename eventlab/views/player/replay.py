"""Replay: several views of one run on one scrubber, forwards and backwards, in a notebook or in a page of its own.

    replay(run, "flow", "sequence", flight="UA1545-EWR-0208")
    export(run, "storm.html", flight="UA1545-EWR-0208")

All steps are computed here, beforehand; `replay.js` shows them without asking Python again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from eventlab.errors import Invalid, unknown
from eventlab.event import Message
from eventlab.trace import Trace
from eventlab.views import boards, state, streams
from eventlab.views.drawing.picture import Picture, message
from eventlab.views.drawing.text import clock, line, page
from eventlab.views.flow import moving
from eventlab.views.motion import steps
from eventlab.views.motion.steps import View, subject_of
from eventlab.views.notebook import INSTANTS, component
from eventlab.views.sequence import diagram

HERE = Path(__file__).parent
MOVING: dict[str, Callable[..., View]] = {
    "flow": moving.moving,
    "sequence": diagram.moving,
    "boards": boards.moving,
    "streams": streams.moving,
    "state": state.moving,
}


class Replay:
    """A replay that shows itself: as a component in JupyterLab, as a sentence and a still picture anywhere else.

    It is two outputs. The first is the component, or the sentence where there is no kernel; the second is the picture,
    which the component hides. So a notebook that is opened again without its kernel still shows what was there.
    """

    def __init__(self, title: str, data: dict[str, Any], still: Picture) -> None:
        self.title, self.data, self.still = title, data, still

    @property
    def text(self) -> str:
        """What the replay shows, in words."""
        count = len(self.data["steps"])
        views = ", ".join(view["name"] for view in self.data["views"])
        return f"{self.title}: {count} steps, shown as {views}. {self.data['note']}".strip()

    @cached_property
    def widget(self) -> Any:
        """The component as a widget; its `step` can be read, set and linked."""
        from eventlab.views.player.widget import ReplayWidget

        return ReplayWidget(data=json.dumps(self.data, ensure_ascii=False))

    def save(self, path: str | Path) -> Path:
        """Write one page with everything in it, which needs no kernel and no network; gives its path back."""
        path = Path(path)
        script, style = (HERE / "replay.js").read_text("utf-8"), (HERE / "replay.css").read_text("utf-8")
        part = path.with_name(path.name + ".part")
        part.write_text(page(self.title, self.text, style, script, self.data), encoding="utf-8", newline="\n")
        part.replace(path)
        return path

    def __repr__(self) -> str:
        return self.text

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self.widget.still = True
        display(component(self.widget, self.text), raw=True)
        display(self.still)


def replay(
    run: Any,
    *views: str | Callable[[Trace, Sequence[int]], View],
    flight: str = "",
    service: str = "",
    since: int | None = None,
    until: int | None = None,
    receipts: bool = False,
) -> Replay | Picture:
    """Views of a run (or of a trace) linked on one scrubber; where there is nothing to show, a picture that says why.

    A view is one of "flow", "sequence", "boards", "streams", "state", or a function of trace and steps. The steps are
    those of one flight, of one service, between two instants (nanoseconds); `receipts` adds acknowledgements.
    """
    trace: Trace = getattr(run, "trace", run)
    try:
        found = steps.steps(trace, flight=flight, service=service, since=since, until=until, receipts=receipts)
        at, note = steps.first_few(found)
        truth = getattr(run, "truth", None)
        moving = [_moving(view, flight, service, truth) for view in views or ("flow", "sequence")]
        made = [make(trace, at) for make in moving]
    except Invalid as problem:
        return message("No replay", str(problem))
    architecture = getattr(run, "architecture", "")
    title = " as ".join(part for part in (flight or "The run", architecture) if part)
    return Replay(title, _data(trace, at, made, title, flight, note), made[-1].picture)


def export(run: Any, path: str | Path, *views: str | Callable[[Trace, Sequence[int]], View], **choice: Any) -> Path:
    """Write a replay to one HTML page that needs no kernel and no network; `choice` as for `replay`."""
    shown = replay(run, *views, **choice)
    if isinstance(shown, Picture):
        raise Invalid("replay", where="export", expected="something to show", found=shown.text)
    return shown.save(path)


def _moving(view: Any, flight: str, service: str, truth: Any) -> Callable[[Trace, Sequence[int]], View]:
    if not isinstance(view, str):
        made: Callable[[Trace, Sequence[int]], View] = view
        return made
    if view not in MOVING:
        raise unknown("view", view, MOVING, where="replay")
    chosen: dict[str, Any] = {"flight": flight} if flight and view in ("sequence", "boards", "state", "streams") else {}
    if service and view in ("state", "sequence"):
        chosen["service"] = service
    if truth is not None and view == "boards":
        chosen["truth"] = truth
    return lambda trace, at: MOVING[view](trace, at, **chosen)


def _data(trace: Trace, at: Sequence[int], views: Sequence[View], title: str, flight: str, note: str) -> dict[str, Any]:
    records = [trace[index] for index in at]
    messages = {record.message.id: record.message for record in records if record.message is not None}
    return {
        "title": title,
        "about": flight,
        "note": note,
        "steps": [
            {
                "time": clock(record.at, fine=True),
                "says": " ".join(line(record).split()[1:]),
                "message": record.message.id if record.message else "",
                "about": flight if flight and steps.about(record, flight) else steps.subject(record),
                "fails": record.kind in steps.FAILURES,
                "changes": record.kind == "changed",
            }
            for record in records
        ],
        "messages": {id: {"about": subject_of(each), "says": _details(each)} for id, each in messages.items()},
        "views": [
            {
                "name": view.name,
                "svg": view.picture.svg(),
                "begin": view.begin,
                "changes": view.changes,
                "moves": view.moves,
                "focus": view.focus,
                "about": view.about,
            }
            for view in views
        ],
    }


def _with_clocks(value: Any) -> Any:
    """The value with every instant in it as a clock time and the number that it is."""
    if isinstance(value, dict):
        return {key: _with_clocks(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_clocks(item) for item in value]
    return f"{clock(value)} ({value})" if isinstance(value, int) and value >= INSTANTS else value


def _details(message: Message) -> str:
    """A message as people read it: one attribute a line, instants as clock times besides."""
    told = _with_clocks(msgspec.to_builtins(message))
    told["time"] = f"{clock(message.time, fine=True)} ({message.time})"
    return json.dumps(told, indent=2, ensure_ascii=False)
