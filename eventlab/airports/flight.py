"""One flight as it really went, from the record of 2013."""

from __future__ import annotations

import msgspec


class Flight(msgspec.Struct, frozen=True):
    """One flight as it really went; only `seats` (where the aircraft is unknown) and `passengers` are modelled."""

    key: str  # "UA1545-EWR-0101": carrier, number, origin, month and day; unique in the year
    carrier: str
    number: int
    tail: str  # the aircraft's registration; "" when none is recorded (2,512 flights, all cancelled)
    origin: str
    dest: str
    seats: int
    passengers: int
    planned_departure: int
    planned_arrival: int
    departure: int | None  # None: it never left
    arrival: int | None  # None: it never came to its destination, or nobody noted when
    air_time: int | None  # minutes
    status: str  # how it went: "arrived", "cancelled" or "diverted" (of these, three in five arrived in the end)

    def state_at(self, instant: int) -> str:
        """Where the flight really was at an instant, from the record alone.

        "scheduled" before its time; "delayed" once the planned time has passed and it has not left, but will;
        "cancelled" once the planned time has passed and it never will; then "departed" and "arrived". A diverted
        flight is "diverted" from the moment at which it should have been there, until it arrives, if it does.
        (The record does not say when an airline gave a flight up: for that see `assumptions.cancelled_at`.)
        """
        if self.departure is None:
            return "cancelled" if instant >= self.planned_departure else "scheduled"
        if instant < self.departure:
            return "delayed" if instant >= self.planned_departure else "scheduled"
        if self.arrival is not None and instant >= self.arrival:
            return "arrived"
        due = self.departure + self.planned_arrival - self.planned_departure
        return "diverted" if self.status == "diverted" and instant >= due else "departed"
