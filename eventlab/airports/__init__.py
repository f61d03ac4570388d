"""One storm, five architectures: New York's airports on 8 February 2013, and every other day of that year.

Read the five side by side: `request_driven`, `publish_subscribe`, `event_notification`, `state_transfer` and
`event_sourcing`. `cast` and `rules` are what they share.
"""

from eventlab.airports.scenario import ARCHITECTURES, Run, Scenario, compare, producer_cut_off, run, start

__all__ = ["ARCHITECTURES", "Run", "Scenario", "compare", "producer_cut_off", "run", "start"]
