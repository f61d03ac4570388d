"""Who could talk to whom under each architecture: an arrow that could have been used is part of the story."""

from __future__ import annotations

from eventlab.airports.event_notification import PRODUCERS
from eventlab.airports.request_driven import CALLS
from eventlab.airports.rules import INTERESTS

WITHOUT_BUS = "request-driven"
WITH_STORE = "event sourcing"
Way = tuple[str, str, str]  # from, to, kind
PEOPLE: tuple[Way, ...] = (
    ("airlines", "operations", "people"), ("passengers", "boards", "people"), ("notices", "passengers", "people"),
)  # fmt: skip
ANNOUNCE = ("operations", "gates", "rebooking", "baggage")  # services from which news comes


def ways(architecture: str) -> list[Way]:
    """All arrows that this architecture could use: from whom, to whom, and which kind."""
    if architecture == WITHOUT_BUS:
        called = dict.fromkeys(name for names in CALLS.values() for name in names)
        asked = [("operations", name, "request") for name in called]
        return [*PEOPLE, *asked, ("boards", "operations", "request"), ("boards", "gates", "request")]
    heard: list[Way] = [("bus", name, "event") for name in INTERESTS]
    if architecture == WITH_STORE:
        stored = [(name, "store", "stored") for name in (*ANNOUNCE, "notices")]
        reads = [(name, "store", "request") for name in INTERESTS]
        return [*PEOPLE, ("store", "bus", "event"), *heard, *stored, *reads]
    told: list[Way] = [(name, "bus", "event") for name in ANNOUNCE]
    asked = _called_back() if architecture == "event notification" else []
    return [*PEOPLE, *told, *heard, *asked]


def _called_back() -> list[Way]:
    """Whoever hears that something happened asks the one that said so."""
    found: dict[Way, None] = {}
    for name, types in INTERESTS.items():
        for topic in dict.fromkeys(type.split(".")[0] for type in types.split()):
            if PRODUCERS[topic] != name:
                found[name, PRODUCERS[topic], "request"] = None
    return list(found)
