"""A scenario and its run: one day, one cast, one set of faults, under the architecture of your choice.

    storm = Scenario()
    storm = storm.with_(faults=[Crash("operations", "15:00", "15:45")])
    run(storm, "event notification").metrics

`start` gives a run that has not begun, to step through; `compare` puts the measures of all architectures side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from inspect import signature
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from eventlab import borders
from eventlab.airports import (
    catalogue,
    clocks,
    cores,
    event_notification,
    event_sourcing,
    flights,
    metrics,
    publish_subscribe,
    request_driven,
    state_transfer,
)
from eventlab.airports.cast import Cast
from eventlab.airports.frame import frame
from eventlab.airports.intervention import Intervention, packet_of
from eventlab.airports.metrics import Truth
from eventlab.airports.stage import STAGE
from eventlab.bus import Bus
from eventlab.door import door, look_at_fields
from eventlab.errors import Invalid, unknown
from eventlab.event import Command, Message
from eventlab.faults import Fault, Partition, inject
from eventlab.network import USUAL_QUALITY, LinkQuality, Network
from eventlab.sim import Sim
from eventlab.stage import Stage
from eventlab.times import Instant
from eventlab.trace import Record, Trace

if TYPE_CHECKING:
    import pandas

ARCHITECTURES: dict[str, Callable[..., None]] = {
    "request-driven": request_driven.wire,
    "publish/subscribe": publish_subscribe.wire,
    "event notification": event_notification.wire,
    "event-carried state transfer": state_transfer.wire,
    "event sourcing": event_sourcing.wire,
}
MOST_DAYS = 366  # in a row


@dataclass(frozen=True)
class Scenario:
    """What happens, whatever the architecture: the real flights of a day, what people ask, and what goes wrong.

    `days` is how many days there are, beginning with `day`: 28 of them leave up to 7 million records. `flights` limits
    them to some flights (their keys). `questions` is how often each flight's passengers ask.
    """

    day: str = "2013-02-08"
    flights: Sequence[str] = ()
    questions: int = 4
    faults: Sequence[Fault] = ()
    quality: LinkQuality = USUAL_QUALITY
    seed: int = 0
    interventions: Sequence[Intervention] = ()
    days: int = 1

    def __post_init__(self) -> None:
        borders.integer(self.days, "days", where="Scenario", least=1, most=MOST_DAYS)
        borders.integer(self.questions, "questions", where="Scenario", least=0)
        look_at_fields(self, "faults")  # which faults there are says `inject`
        borders.instance(self.faults, Sequence, "faults", where="Scenario")
        days = self._days
        planned = {flight.key for day in days for flight in flights.flights(day)} if self.flights else set()
        for key in self.flights:
            if key not in planned:
                raise Invalid("flight", where="Scenario", expected=f"a flight of {self.day}", found=key)

    def with_(self, **changes: Any) -> Scenario:
        """The same scenario with something changed."""
        return replace(self, **changes)

    def at(self, clock: str) -> Instant:
        """When New York's clocks show "15:04" ("15:04:30") on the first day, or "2013-02-10 15:04" on a later one."""
        short = isinstance(clock, str) and "-" not in clock
        return clocks.Local(clocks.instant(f"{clocks.day_of(self.day)} {clock}" if short else clock))

    @door
    def leaving(self, since: str, until: str) -> Scenario:
        """The same scenario with only the flights planned to leave from `since` until just before `until`."""
        chosen = flights.leaving(self.day, self.at(since), self.at(until))
        return self.with_(flights=[flight.key for flight in chosen])

    @property
    def stage(self) -> Stage:
        """Who acts, whatever the architecture, and how time is told."""
        return STAGE

    @property
    def begin(self) -> int:
        """The first instant: midnight, or when the first thing is said, if that is earlier."""
        return min(self.at("00:00"), *(command.time for command in self.commands))

    @property
    def commands(self) -> list[Command]:
        """What the airlines say, in order of time."""
        return self._only(command for day in self._days for _, command in flights.commands(day))

    @property
    def asked(self) -> list[Command]:
        """What passengers ask, in order of time."""
        return self._only(asked for day in self._days for _, asked in flights.questions(day, self.questions))

    def _only(self, said: Iterable[Command]) -> list[Command]:
        wanted = set(self.flights)
        chosen = [message for message in said if not wanted or message.subject in wanted]
        return chosen if self.days == 1 else sorted(chosen, key=attrgetter("time"))

    @property
    def _days(self) -> list[date]:
        """All days; `Invalid` for one that is not in the record."""
        first = clocks.day_of(self.day)
        return clocks.days(first, first + timedelta(days=self.days - 1))


BEHIND_FAULTS = 1 << 32  # ranks of interventions at an instant: higher than those of any faults
FEW = 50  # flights that are measured one architecture after the other: a process of its own would not pay
CUT_OFF_FROM = ("bus", "gates", "boards", "notices", "rebooking", "baggage")


@door
def producer_cut_off(since: str = "15:00", until: str = "15:45") -> Scenario:
    """The storm's flights of three hours, while nothing passes between operations and the other services or the bus.

    Airlines still reach operations: it goes on hearing news and can tell nobody. The flights are those planned to leave
    within three hours from 15:00. Take the faults away, `.with_(faults=[])`, to measure the same hours undisturbed.
    """
    afternoon = Scenario().leaving("15:00", "18:00")
    cut = Partition("operations", afternoon.at(since), afternoon.at(until), CUT_OFF_FROM)
    return afternoon.with_(faults=[cut])


@dataclass
class Run:
    """A scenario under one architecture: stepped through with `step`, finished with `finish`, and then measured."""

    scenario: Scenario
    architecture: str
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check()
        network = Network(Sim(self.scenario.seed, start=self.scenario.begin), self.scenario.quality)
        self._put_up(Cast(network, Bus(network)))

    def _check(self) -> None:
        look_at_fields(self)
        _check(self.architecture)
        known = list(signature(ARCHITECTURES[self.architecture]).parameters)[1:]
        for option in self.options:
            if option not in known:
                raise unknown("option", option, known or ["none"], where=self.architecture)

    def _put_up(self, cast: Cast) -> None:
        """Wire a cast, which nothing has happened to yet, and plan what happens."""
        self.cast, self.sim, network = cast, cast.sim, cast.network
        self.sim.clock, self.sim.trace.stage, network.check = self.scenario.at, STAGE, catalogue.check
        inject(self.scenario.faults, network, ahead=0)  # the same in every architecture
        self._intervene(network)
        ARCHITECTURES[self.architecture](cast, **self.options)
        cast.schedule(self.scenario.commands, self.scenario.asked)

    def _intervene(self, network: Network) -> None:
        """Plan the interventions that have their time, behind the faults of one instant; note the others."""
        for rank, each in enumerate(self.scenario.interventions, BEHIND_FAULTS):
            if each.at is None:
                network.interventions[each.packet] = each.apply
            else:
                self.sim.call_first(self.sim.instant(each.at), rank, network.intervene, each.packet, each.apply)

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.sim.trace

    def step(self) -> list[Record]:
        """Let time pass until something happens; what it was, nothing when all is over."""
        return self.sim.step()

    def finish(self) -> Run:
        """Let time pass until all is over."""
        self.sim.run()
        return self

    @property
    def stage(self) -> Stage:
        """Who acts, and how time is told: as pictures and words want to know it."""
        return self.trace.stage

    @property
    def states(self) -> dict[str, dict[str, Any]]:
        """Every service's state, as the trace tells it."""
        return self.trace.states()

    @cached_property
    def truth(self) -> Truth:
        """What could be known about every flight, from when on: what pictures and measures compare with."""
        return metrics.truth_of(self.scenario.commands)[0]

    @cached_property
    def metrics(self) -> dict[str, float]:
        """What people felt and what it cost; see `metrics.measure`. Finishes the run."""
        self.finish()
        return metrics.measure(self.trace, self.scenario.commands)

    # The same run again, with one message treated otherwise ---------------------------------------------------------

    def without(self, what: Record | Message | str) -> Run:
        """The same scenario again, in which this message is lost: a record of its sending, the message, or its id."""
        return self._again("drop", what)

    def delayed(self, what: Record | Message | str, *, by: float) -> Run:
        """The same scenario again, in which this message comes `by` simulated seconds later."""
        return self._again("delay", what, by=by)

    def repeated(self, what: Record | Message | str, *, by: float = 1.0) -> Run:
        """The same scenario again, in which this message comes twice, the second time `by` simulated seconds later."""
        return self._again("repeat", what, by=by)

    def edited(self, what: Record | Message | str, **data: Any) -> Run:
        """The same scenario again, in which this message says something else."""
        return self._again("edit", what, data=data)

    def _again(self, verb: str, what: Record | Message | str, **how: Any) -> Run:
        intervention = Intervention(verb, packet_of(self.trace, what), **how)
        scenario = self.scenario.with_(interventions=(*self.scenario.interventions, intervention))
        return Run(scenario, self.architecture, self.options).finish()

    @property
    def digest(self) -> str:
        """The trace's digest: two runs with the same one were the same, record for record."""
        return self.trace.digest()

    def _repr_markdown_(self) -> str:
        from eventlab.views.notebook import of_run  # in a notebook alone

        return of_run(self)._repr_markdown_()

    def __repr__(self) -> str:
        return f"<Run of {self.scenario.day} as {self.architecture}: {len(self.trace)} records>"


def _check(name: str) -> None:
    if name not in ARCHITECTURES:
        raise unknown("architecture", name, ARCHITECTURES, where="run")


def start(scenario: Scenario, architecture: str, **options: Any) -> Run:
    """A run that has not begun: step through it. `options` are those of the architecture's `wire`."""
    return Run(scenario, architecture, options)


def run(scenario: Scenario, architecture: str, **options: Any) -> Run:
    """The scenario under the architecture, from beginning to end."""
    return start(scenario, architecture, **options).finish()


@door
def compare(
    scenario: Scenario,
    architectures: Iterable[str] = tuple(ARCHITECTURES),
    *,
    tell: Callable[[str, int, int], object] | None = None,
) -> pandas.DataFrame:
    """The measures of the same scenario under several architectures, a row each; on the cores side by side if long.

    After each, `tell` is called with its name, how many are done and how many there are; a terminal shows it anyway.
    """
    names = list(dict.fromkeys(architectures))
    for name in names:
        _check(name)
    at_once = 1 if 0 < len(scenario.flights) < FEW else None
    rows: dict[str, dict[str, float]] = {}
    # The last ones take the longest: begun first, they do not have a core to themselves in the end.
    for name, row in cores.for_each(lambda name: run(scenario, name).metrics, names[::-1], at_once):
        rows[name] = row
        (tell or cores.show)(name, len(rows), len(names))
    return frame({name: rows[name] for name in names}, index="architecture")
