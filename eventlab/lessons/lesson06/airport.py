"""What several exercises of the lesson begin with: gates that know every gate, and boards that ask."""

from __future__ import annotations

from eventlab.event import Event
from eventlab.lessons.judging.testbed import Testbed
from eventlab.service import Service


def airport(lab: Testbed) -> tuple[Service, Service]:
    """Gates, which knows every flight's gate, and boards."""
    gates, boards = lab.service("gates"), lab.service("boards", workers=4)
    gates.answers("gate.describe", lambda asked: {"gate": gates.state[asked.data["flight"]]})
    return gates, boards


def change(gates: Service, flight: str, gate: str) -> None:
    """Another gate: gates notes it and tells that something has changed."""
    if gates.up:
        gates.state[flight] = gate
        gates.publish(Event("gate.changed", {"flight": flight}, flight))
