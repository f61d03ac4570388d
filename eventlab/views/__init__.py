"""Pictures and plain words, computed from the trace alone: what a run looked like, at any moment of it.

    flow_graph(run.trace)                                   # who talks to whom, and what went wrong
    replay(run, "flow", "sequence", flight="UA1545-EWR-0208")   # forwards and backwards

A function has the name of its module where it is all that the module is for: `from eventlab.views import replay` is
the function, `from eventlab.views.replay import Replay` still reaches what else is there.
"""

from eventlab.views.flow import flow_graph, layout
from eventlab.views.sequence import sequence_diagram
from eventlab.views.timeline import timeline
from eventlab.views.boards import departure_boards
from eventlab.views.streams import event_streams
from eventlab.views.state import service_state
from eventlab.views.rebuild import rebuild
from eventlab.views.causal import causal_tree
from eventlab.views.compare import side_by_side
from eventlab.views.apart import apart
from eventlab.views.replay import Replay, export, replay
from eventlab.views.what_if import WhatIf, what_if
from eventlab.views.source import source
from eventlab.views.chart import chart
from eventlab.views.show import Picture
from eventlab.views.table import Table, table
from eventlab.views.text import Prose, clock, escape, line, lines
from eventlab.views import reprs

reprs.install()  # in a notebook, messages, traces, runs, stores and services show themselves as tables

__all__ = [
    "flow_graph", "layout", "sequence_diagram", "timeline", "departure_boards", "event_streams",
    "service_state", "rebuild", "causal_tree", "side_by_side", "apart", "replay", "Replay", "export", "what_if",
    "WhatIf", "source", "chart", "Picture", "table", "Table", "Prose", "line", "lines", "clock", "escape",
]  # fmt: skip
