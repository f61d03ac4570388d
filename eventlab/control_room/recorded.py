"""A whole run as plain data, for a page without a kernel: it plays and can be looked into."""

from __future__ import annotations

from typing import Any

from eventlab.airports.scenario import Scenario, start
from eventlab.control_room.setting import setting, span
from eventlab.control_room.told import Teller
from eventlab.control_room.tracks import MILLISECOND
from eventlab.times import Instant


def recorded(scenario: Scenario, *architectures: str, since: str = "", until: str = "") -> dict[str, Any]:
    """`setting`, and in `told` all that there is to tell of each architecture."""
    begin, end, first = span(scenario, since, until)
    told = []
    for number, architecture in enumerate(architectures):
        run = start(scenario, architecture)
        teller = Teller(run, begin)
        run.sim.run(until=Instant(end))
        teller.advance(end)
        told.append(
            {"kind": "told", "run": 0, "a": number, "from": 0, "until": (end - begin) / MILLISECOND}
            | teller.take()
        )
    return {"setting": setting(scenario, architectures, begin, end, first, kernel=False), "told": told}
