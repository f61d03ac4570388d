"""Replay: several views of one run on one scrubber, forwards and backwards, in a notebook or in a page of its own.

    replay(run, "flow", "sequence", flight="UA1545-EWR-0208")
    export(run, "storm.html", flight="UA1545-EWR-0208")

All steps are computed here, beforehand; `replay.js` shows them without asking Python again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from eventlab.errors import Invalid, unknown
from eventlab.event import Message
from eventlab.stage import Stage
from eventlab.trace import TROUBLE, Record, Trace
from eventlab.views import boards, state, streams
from eventlab.views.drawing.output import component
from eventlab.views.drawing.picture import Picture, message
from eventlab.views.drawing.records import line, subject_of, travels_as
from eventlab.views.drawing.style import themed, variables
from eventlab.views.flow import moving as flow
from eventlab.views.motion.choice import Choice, chosen, is_about, spelt_out, subject
from eventlab.views.motion.steps import Change, View, first_few
from eventlab.views.player.page import page, write
from eventlab.views.sequence import moving as sequence

HERE = Path(__file__).parent
WHERE = "replay"
Moving = Callable[[Trace, Sequence[int]], View]


def _flow(trace: Trace, at: Sequence[int], choice: Choice = Choice()) -> View:
    return flow.moving(trace, at)


def _boards(trace: Trace, at: Sequence[int], choice: Choice = Choice(), *, truth: Any = None) -> View:
    return boards.moving(trace, at, subject=choice.subject, truth=truth)


def _streams(trace: Trace, at: Sequence[int], choice: Choice = Choice()) -> View:
    return streams.moving(trace, at, subject=choice.subject)


def _state(trace: Trace, at: Sequence[int], choice: Choice = Choice()) -> View:
    return state.moving(trace, at, subject=choice.subject, service=choice.service)


MOVING: dict[str, Callable[..., View]] = {
    "flow": _flow,
    "sequence": sequence.moving,
    "boards": _boards,
    "streams": _streams,
    "state": _state,
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
        script, style = (HERE / "replay.js").read_text("utf-8"), (HERE / "replay.css").read_text("utf-8")
        style = variables(".eventlab-page") + style
        return write(page(self.title, self.text, style, script, self.data), path)

    def __repr__(self) -> str:
        return self.text

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self.widget.still = True
        display(component(self.widget, self.text), raw=True)
        display(self.still)


@spelt_out(Choice)
def replay(run: Any, *views: str | Moving, **choice: Any) -> Replay | Picture:
    """Views of a run (or of a trace) linked on one scrubber; where there is nothing to show, a picture that says why.

    A view is one of "flow", "sequence", "boards", "streams", "state", or a function of trace and steps. Which steps
    there are says `Choice`. A run may bring its `architecture`, which is named in the title, and its `truth`, by which
    boards are judged.
    """
    trace: Trace = getattr(run, "trace", run)
    try:
        picked = _picked(trace, choice)
        at, note = first_few(trace, picked, WHERE)
        moving = [_moving(view, picked, getattr(run, "truth", None)) for view in views or ("flow", "sequence")]
        made = [make(trace, at) for make in moving]
    except Invalid as problem:
        return message("No replay", str(problem))
    title = " as ".join(part for part in (picked.subject or "The run", getattr(run, "architecture", "")) if part)
    return Replay(title, _data(trace, at, made, title, picked.subject, note), made[-1].still or made[-1].picture)


@spelt_out(Choice)
def export(run: Any, path: str | Path, *views: str | Moving, **choice: Any) -> Path:
    """Write a replay to one HTML page that needs no kernel and no network; views and choice are those of `replay`."""
    shown = replay(run, *views, **choice)
    if isinstance(shown, Picture):
        raise Invalid("replay", where="export", expected="something to show", found=shown.text)
    return shown.save(path)


def _picked(trace: Any, choice: dict[str, Any]) -> Choice:
    picked: Choice = chosen(Choice, choice, trace.stage if isinstance(trace, Trace) else Stage(), WHERE)
    return picked


def _moving(view: Any, choice: Choice, truth: Any) -> Moving:
    if not isinstance(view, str):
        if not callable(view):
            raise Invalid("view", where=WHERE, expected="its name, or a function of trace and steps", found=view)
        made: Moving = view
        return made
    if view not in MOVING:
        raise unknown("view", view, MOVING, where=WHERE)
    judged = {"truth": truth} if view == "boards" else {}
    return lambda trace, at: MOVING[view](trace, at, choice, **judged)


def _data(trace: Trace, at: Sequence[int], views: Sequence[View], title: str, about: str, note: str) -> dict[str, Any]:
    """All that the player shows, as it is written in JSON: see the types in `replay.js`."""
    records, stage = [trace[index] for index in at], trace.stage
    messages = {record.message.id: record.message for record in records if record.message is not None}
    return {
        "title": title,
        "about": about,
        "subject": stage.subject,
        "note": note,
        "steps": [
            {
                "time": stage.clock(record.at, fine=True),
                "says": " ".join(line(record, stage).split()[1:]),
                "message": record.message.id if record.message else "",
                "about": about if about and is_about(record, about, stage) else subject(record, stage),
                "fails": record.kind in TROUBLE,
                "changes": record.kind == "changed",
                "kind": travels_as(record, stage),
                "joined": joined,
            }
            for record, joined in zip(records, _joined(records), strict=True)
        ],
        "messages": {
            id: {"about": subject_of(each, stage), "says": _details(each, stage)} for id, each in messages.items()
        },
        "views": [_view(view) for view in views],
    }


def _joined(records: Sequence[Record]) -> list[bool]:
    """Whether each record is one more of several sends of one instant."""
    return [False] + [
        one.kind == other.kind == "sent" and (one.at, one.where) == (other.at, other.where)
        for one, other in pairwise(records)
    ]


def _view(view: View) -> dict[str, Any]:
    return {
        "name": view.name,
        "svg": view.picture.svg(live=True),
        "begin": list(map(_painted, view.begin)),
        "changes": [list(map(_painted, changes)) for changes in view.changes],
        "moves": view.moves,
        "focus": view.focus,
        "about": view.about,
    }


def _painted(change: Change) -> Change:
    """A change of a colour as the page writes colours."""
    if change.attribute not in ("fill", "stroke"):
        return change
    return change._replace(before=themed(change.before), after=themed(change.after))


def _details(message: Message, stage: Stage) -> str:
    """A message as people read it: one attribute a line, instants as clock times besides."""
    told = msgspec.to_builtins(message)
    told["data"] = _with_clocks(told.get("data", {}), stage)
    told["time"] = f"{stage.clock(message.time, fine=True)} ({message.time})"
    return json.dumps(told, indent=2, ensure_ascii=False)


def _with_clocks(value: Any, stage: Stage, *fields: str) -> Any:
    """The value with every instant in it as a clock time and the number that it is."""
    if isinstance(value, dict):
        return {key: _with_clocks(item, stage, *fields, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_clocks(item, stage, *fields) for item in value]
    instant = isinstance(value, int) and not isinstance(value, bool) and any(each in stage.instants for each in fields)
    return f"{stage.clock(value)} ({value})" if instant else value
