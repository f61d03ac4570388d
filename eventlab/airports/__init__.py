"""One storm, five architectures: New York's airports on 8 February 2013, and every other day of that year."""

from eventlab.airports.scenario import ARCHITECTURES, Run, Scenario, compare, run, start

__all__ = ["ARCHITECTURES", "Run", "Scenario", "compare", "run", "start"]
