"""One storm, five architectures: New York's airports on 8 February 2013, and every other day of that year.

Read the five side by side: `request_driven`, `publish_subscribe`, `event_notification`, `state_transfer` and
`event_sourcing`. `cast` and `rules` are what they share; `experiments` is what the lessons measure.
"""

from eventlab.airports.scenario import ARCHITECTURES, Run, Scenario, compare, run, start
from eventlab.airports.experiments import (
    apis, callbacks, calls, copies, history, listeners, one_fact, outages, queues, shapes,
)  # fmt: skip

__all__ = ["ARCHITECTURES", "Run", "Scenario", "compare", "run", "start",
           "apis", "callbacks", "calls", "copies", "history", "listeners", "one_fact", "outages", "queues",
           "shapes"]  # fmt: skip
