"""The stage of the airports: who acts, from left to right, where they stand, and whose clocks are read."""

from __future__ import annotations

from eventlab.airports.catalogue import FIELDS
from eventlab.stage import Board, Stage

PEOPLE = ("airlines", "passengers")
ORDER = (*PEOPLE, "operations", "bus", "store", "gates", "boards", "rebooking", "notices", "baggage")
ANGLES = {"operations": 180.0, "gates": 112.0, "rebooking": 58.0, "notices": 14.0, "baggage": -38.0, "boards": -112.0}
AIRPORTS = {"EWR": "Newark", "JFK": "John F. Kennedy", "LGA": "LaGuardia"}

STAGE = Stage(
    actors=ORDER,
    people=PEOPLE,
    buses=("bus",),
    stores=("store",),
    angles=ANGLES,
    zone="America/New_York",
    instants=(*(field for field, (kind, _) in FIELDS.items() if kind == "instant"), "taken", "time"),
    subject="flight",
    board=Board("boards", AIRPORTS),
)
