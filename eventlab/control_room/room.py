"""The control room in a cell: one to three architectures on one clock, and the faults are in your hands.

control_room(storm, "request-driven", "event-carried state transfer")
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from eventlab.airports.scenario import Scenario
from eventlab.control_room import page
from eventlab.control_room.ahead import LARGE
from eventlab.control_room.chosen import Chosen
from eventlab.control_room.session import Session
from eventlab.door import door
from eventlab.views.controls.blocks import stacked
from eventlab.views.drawing.output import component
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.wording import sentence_case
from eventlab.views.flow.graph import flow_graph


class Room:
    """A control room that shows itself in JupyterLab; `save` makes a page of it.

    It is two outputs, as a replay is: the page, or a sentence where there is no kernel; and a still picture, which the
    page hides.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def text(self) -> str:
        """What the room shows, in words."""
        setting = self.session.setting
        return f"{setting['title']}: {setting['day']}, {', '.join(setting['architectures'])}. Run the cell to act."

    @cached_property
    def widget(self) -> Any:
        """The page as a widget."""
        from eventlab.control_room.widget import RoomWidget  # in a notebook alone

        return RoomWidget(self.session)

    @property
    def has_still(self) -> bool:
        """Whether the room shows its picture: of a whole day it does not, whose runs would take too long."""
        return len(self.session.scenario.commands) <= LARGE

    @property
    def still(self) -> Picture:
        """Who talks to whom under each architecture from begin to end, with all acts, as one picture."""
        setting = self.session.setting
        runs = zip(self.session.ahead.runs_out(), setting["architectures"], strict=True)
        graphs = [flow_graph(ran.trace, title=sentence_case(name)) for ran, name in runs]
        return stacked(setting["day"], graphs)

    def save(self, path: str | Path) -> Path:
        """Write the run as it stands, with all acts, as one page that needs no kernel; gives its path back."""
        return page.save(self.session.record(), path)

    def __repr__(self) -> str:
        return self.text

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self.widget.still = self.has_still
        display(component(self.widget, self.text), raw=True)  # type: ignore[no-untyped-call]
        if self.has_still:
            # The picture is made only now: the page need not wait for it.
            display(self.still.shown(), raw=True)  # type: ignore[no-untyped-call]


@door
def control_room(scenario: Scenario, *architectures: str | Chosen, **options: Any) -> Room:
    """The scenario under one to three architectures, under your hands; `options` are those of `Session`."""
    return Room(Session(scenario, architectures, **options))
