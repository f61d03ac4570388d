"""An event that changes its shape: three programs of a board get an old event and a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventlab.event import Event
from eventlab.lab import Lab
from eventlab.upcast import Upcast, Upcasters

OLD = Event("gate.changed", {"flight": "UA1", "gate": "5-07"})
NEW = Event("gate.changed", {"flight": "UA2", "terminal": "5", "gate": "07"}).with_(dataschema="gate.changed:2")


def split(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of version 1 in the shape of version 2: the gate's text taken apart."""
    terminal, gate = data["gate"].split("-")
    return {**data, "terminal": terminal, "gate": gate}


today = Upcasters(Upcast("gate.changed", 1, 2, split))


def shown_by(program: Callable[[Event], Any]) -> dict[str, Any]:
    """What a board with this program shows of both events, and how many of them it can never handle."""
    lab = Lab(1)
    gates, board = lab.service("gates"), lab.service("board")
    shown: list[str] = []
    board.on("gate.changed", lambda event: shown.append(str(program(event))), durable="board")
    for event in (OLD, NEW):
        gates.publish(event)
    lab.run()
    dead = len(lab.bus.subscriptions["board"].dead)
    return {"program": program.__name__, "it shows": ", ".join(shown), "dead letters": dead}
