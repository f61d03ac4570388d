"""For each mission a way to win it, and a near miss, as acts of a page: times are New York's clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eventlab.airports.scenario import Scenario
from eventlab.control_room.chosen import Chosen
from eventlab.control_room.missions import missions
from tests.control_room.page import Page

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
HOUR = Scenario().leaving("15:00", "16:00")
ECST = "event-carried state transfer"


@dataclass(frozen=True)
class Do:
    """An act: `packet` finds the message among the motions of an architecture: from, to, type, the how manieth."""

    verb: str
    target: str = ""
    at: str = ""
    until: str = ""
    by: float = 0.0
    a: int = 0
    packet: tuple[str, str, str, int] | None = None


def stop(target: str, at: str, until: str = "") -> Do:
    return Do("stop", target, at, until)


def lose(a: int, *packet: Any) -> Do:
    return Do("drop", a=a, packet=packet)


def late(a: int, by: float, *packet: Any) -> Do:
    return Do("delay", a=a, by=by, packet=packet)


def room(mission: str) -> Page:
    """A room in which the mission can be won."""
    found = missions()[mission]
    return Page(BOSTON if found.flights == "few" else HOUR, [parsed(name) for name in found.rooms], idles=False)


def parsed(name: str) -> Chosen:
    """An architecture's name with its options, as the room shows it."""
    architecture, *options = name.split(", ")
    return architecture, {each.partition("=")[0]: each.endswith("True") for each in options}


def moment(page: Page, clock: str) -> float:
    """The page's moment of a clock time, with thousandths if need be."""
    time, _, thousandths = clock.partition(".")
    return page.session.ahead.moment(BOSTON.at(time)) + float(f"0.{thousandths or 0}") * 1000


def sent(page: Page, a: int, *way: str) -> list[list[Any]]:
    """The motions of an architecture from one to another that carry such a message, in order of time."""
    found = [motion for motion in page.motions[a].values() if (motion[3], motion[4], motion[6]) == way]
    return sorted(found, key=lambda motion: float(motion[0]))


def play(mission: str, *acts: Do) -> dict[str, Any]:
    """Do all this and play to the end; what is said of the mission then."""
    page = room(mission)
    ahead = page.session.ahead
    end = ahead.moment(ahead.end)
    for act in acts:
        if act.packet is not None:
            page.play(end)
            source, to, type, number = act.packet
            motion = sent(page, act.a, source, to, type)[number]
            page.say("act", verb=act.verb, target=str(motion[2]), a=act.a, at=motion[0], by=act.by)
        else:
            at, until = moment(page, act.at), moment(page, act.until) if act.until else None
            page.say("act", verb=act.verb, target=act.target, at=at, until=until, by=act.by)
    assert not page.said(), page.said()
    page.say("mission", id=mission)
    page.play(end)
    return [message for message in page.heard if message["kind"] == "mission"][-1]


FLIGHT = "flight.cancelled"
SOLUTIONS: dict[str, tuple[Do, ...]] = {
    "late": (stop("boards", "07:30", "07:45"),),
    "only-calls": (stop("boards", "07:30", "07:45"),),
    "late-everywhere": (stop("notices", "07:30", "07:39"),),
    "ten-seats": (stop("boards", "07:30", "09:30"),),
    "no-answers": (stop("boards", "07:34"),),
    "unmissed": (stop("bus", "07:30", "08:30"), stop("store", "07:30", "08:30")),
    "unnoticed": (stop("baggage", "07:30", "08:30"),),
    "told-twice": (
        lose(0, "notices", "bus", FLIGHT, 0), lose(1, "notices", "bus", FLIGHT, 0),
    ),
    "lost-for-an-hour": (lose(0, "operations", "bus", FLIGHT, 0),),
    "back-in-time": (
        late(0, 5400, "bus", "boards", "flight.departed", 0), late(1, 5400, "bus", "boards", "flight.departed", 0),
    ),
    "look-it-up": (stop("operations", "07:32:55.060", "07:45"),),
    "hundred": (Do("slow", "notices", "11:09:59", "11:14:59", by=10_000),),
    "keep": (stop("boards", "12:00", "17:00"),),
    "avalanche": (Do("slow", "operations", "14:00", "15:30", by=10_000),),
}  # fmt: skip
NEAR_MISSES: dict[str, tuple[Do, ...]] = {
    "late": (stop("boards", "07:30", "07:34"),),
    "only-calls": (stop("notices", "07:30", "07:45"),),
    "late-everywhere": (stop("boards", "07:30", "07:39"),),
    "ten-seats": (stop("boards", "07:30", "09:00"),),
    "no-answers": (stop("boards", "07:31"),),
    "unmissed": (stop("bus", "07:30", "08:30"), stop("baggage", "07:30", "08:30")),
    "unnoticed": (stop("notices", "07:30", "08:30"),),
    "told-twice": (lose(0, "bus", "notices", FLIGHT, 0), lose(1, "bus", "notices", FLIGHT, 0)),
    "lost-for-an-hour": (lose(0, "bus", "boards", FLIGHT, 0),),
    "back-in-time": (
        late(0, 20, "bus", "boards", "flight.departed", 0), late(1, 20, "bus", "boards", "flight.departed", 0),
    ),
    "look-it-up": (stop("operations", "07:30", "07:45"),),
    "hundred": (Do("slow", "notices", "11:09:59", "11:14:59", by=1_000),),
    "keep": (stop("boards", "12:00", ""),),
    "avalanche": (Do("slow", "operations", "14:00", "15:30", by=100),),
}  # fmt: skip
