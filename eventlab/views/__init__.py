"""Pictures and plain words, computed from the trace alone: what a run looked like, at any moment of it."""

from eventlab.views.flow import flow_graph, layout
from eventlab.views.show import Picture
from eventlab.views.table import Table, table
from eventlab.views.text import Prose, clock, escape, line, lines

__all__ = ["flow_graph", "layout", "Picture", "table", "Table", "Prose", "line", "lines", "clock", "escape"]
