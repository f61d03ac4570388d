"""Ten seats, more passengers, and payments that say no: what others see while a rebooking is under way.

The seats' handler is the reader's: whom does it turn away for good while seats are only *held*, and not yet *sold*?
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, Self

from eventlab.errors import Refused
from eventlab.event import Event, Message
from eventlab.lessons.lesson05.town import STEPS, Town
from eventlab.network import Delay
from eventlab.process import Process
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

SEATS, PASSENGERS, EVERY = 10, 20, 1.0  # how many; seconds between two passengers
PROCESS = Process("rebooking", STEPS, timeout=8, tries=6)
SPEEDS = {"payments": Delay(8, 6)}  # a bank takes its time, so its answers may come behind the first time-out
END = 300.0


def held(seats: Service) -> list[str]:
    """Who holds a seat, while the rest of the process is still open."""
    return list(seats.state.get("held", ()))


def sold(seats: Service) -> list[str]:
    """Who has a seat for good."""
    return list(seats.state.get("sold", ()))


def take(seats: Service, message: Message) -> None:
    """Hold a seat for the passenger."""
    seats.state["held"] = [*held(seats), message.subject]


def _release(seats: Service, message: Message) -> None:
    seats.state["held"] = [name for name in held(seats) if name != message.subject]


def _charge(payments: Service, message: Message) -> None:
    if int(message.subject.split()[-1]) % 3 == 0:
        raise Refused("the card is declined")


class LastSeats:
    """A flight's last seats, sold by the reader's `reserve(seats, message)`. Every third card is declined."""

    def __init__(self, reserve: Callable[[Service, Message], object], *, seed: int = 1) -> None:
        work: dict[str, Any] = {"seat.reserve": reserve, "seat.release": _release, "payment.charge": _charge}
        self.town = town = Town(PROCESS, work, seed=seed, speeds=SPEEDS)
        self.seats = town.services["seats"]
        self.names = [f"passenger {number + 1}" for number in range(PASSENGERS)]
        for number, name in enumerate(self.names):
            town.ask(name, at=EVERY * number)

        def sell(event: Event) -> None:  # the process is over, and the lock with it
            if event.subject in held(self.seats):
                _release(self.seats, event)
                self.seats.state["sold"] = [*sold(self.seats), event.subject]

        self.seats.on("rebooking.done", sell, durable="seats sold")

    def run(self) -> Self:
        """Let the sale pass."""
        self.town.run(END)
        return self

    @property
    def sold(self) -> int:
        """Seats sold for good."""
        return len(sold(self.seats))

    @property
    def turned_away(self) -> int:
        """Passengers who never held a seat."""
        return sum("seat.done" not in [event.type for event in self.town.events(name)] for name in self.names)

    @property
    def longest(self) -> float:
        """Seconds from the first wish to the end of the slowest process."""
        spans = [(events[-1].time - events[0].time) / SECOND for events in map(self.town.events, self.names)]
        return max(spans)

    def chart(self) -> Picture:
        """Seats taken, and seats sold for good, through time: what lies between may be taken back."""
        counts, at = {"held": 0, "sold": 0}, {0: (0, 0)}  # by whole second: a count stays until the next change
        for record in self.town.trace.of("changed"):
            if record.where == "seats" and record.key in counts:
                counts[record.key] = len(record.after or ())
                at[record.at // SECOND + 1] = sum(counts.values()), counts["sold"]
        times = range(max(at) + 1)
        stood = list(accumulate(times, lambda before, second: at.get(second, before), initial=at[0]))[1:]
        taken, certain = zip(*stood, strict=True)
        return chart(
            f"{self.sold} of {SEATS} seats sold; {self.turned_away} passengers turned away",
            x=list(times), x_title="seconds", y_title="seats", series={"taken": taken, "sold for good": certain},
            text="Between the two curves lies what may still be taken back.",
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<LastSeats: {self.sold} of {SEATS} sold>"
