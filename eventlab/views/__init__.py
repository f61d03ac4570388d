"""Pictures and plain words, computed from the trace alone: what a run looked like, at any moment of it.

    flow_graph(run.trace)                                   # who talks to whom, and what went wrong
    replay(run, "flow", "sequence", flight="UA1545-EWR-0208")   # forwards and backwards

What a notebook calls is imported from here. The rooms behind it, from the bottom: `drawing`, `motion`; the pictures
(`sequence`, `flow`, `charts` and the single modules); `player` and `controls`, which show pictures that change.
"""

from eventlab.views.flow.graph import flow_graph, layout
from eventlab.views.sequence.diagram import sequence_diagram
from eventlab.views.timelines import timeline
from eventlab.views.boards import departure_boards
from eventlab.views.streams import event_streams
from eventlab.views.state import service_state
from eventlab.views.rebuilt import rebuild
from eventlab.views.causal import causal_tree
from eventlab.views.dead_letters import dead_letter_queue
from eventlab.views.sagas import saga_diagram
from eventlab.views.versions import version_lanes, version_matrix
from eventlab.views.lags import read_model_lag
from eventlab.views.bitemporal import two_times
from eventlab.views.charts.growth import growth_chart
from eventlab.views.charts.side_by_side import side_by_side
from eventlab.views.divergence import apart
from eventlab.views.player.replay import Replay, export, replay
from eventlab.views.controls.what_if import WhatIf, what_if
from eventlab.views.source_code import source
from eventlab.views.charts.chart import chart
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.table import Table, table
from eventlab.views.drawing.records import line, lines
from eventlab.views.drawing.text import Prose, escape
from eventlab.views.drawing.wording import clock
from eventlab.views.notebook import of_message, show_with
from eventlab.views.cells_above import fetch_what_is_missing
from eventlab.views.own_errors import tell_own_errors
from eventlab.views.waiting import tell_how_far

show_with(None)  # in a notebook, messages, traces, stores and services show themselves as tables
fetch_what_is_missing()  # in a notebook, a cell may be run before those above it
tell_own_errors()  # in a notebook, the errors of handlers that stand in cells are told
tell_how_far()  # in a notebook, a cell that takes long shows how far it is

__all__ = [
    "flow_graph", "layout", "sequence_diagram", "timeline", "departure_boards", "event_streams",
    "service_state", "rebuild", "causal_tree", "side_by_side", "apart", "replay", "Replay", "export", "what_if",
    "WhatIf", "source", "chart", "Picture", "table", "Table", "Prose", "line", "lines", "clock", "escape",
    "of_message", "dead_letter_queue", "saga_diagram", "version_matrix", "version_lanes",
    "read_model_lag", "two_times", "growth_chart",
    "show_with",
]  # fmt: skip
