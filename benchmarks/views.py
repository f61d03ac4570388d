"""Pictures against the clock: a view of a thousand records, 200 steps of a replay, a control that runs again.

A rate is pictures a second. The reference does what each goal allows and nothing else: it takes 0.2 s for a picture,
1 s for a prepared replay, 0.5 s for a control. So a ratio of 1 is the limit, and more is faster than it must be.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from benchmarks.harness import Case, Row, at_most, measure
from eventlab import airports
from eventlab.airports import Run, Scenario, flights
from eventlab.faults import Crash, Flaky
from eventlab.measures.traffic import percentile
from eventlab.trace import Trace
from eventlab.views import (
    Picture,
    apart,
    causal_tree,
    departure_boards,
    event_streams,
    flow_graph,
    rebuild,
    replay,
    sequence_diagram,
    service_state,
    timeline,
    what_if,
)
from eventlab.views.motion.steps import steps

RECORDS, STEPS = 1_000, 200
VIEW, PREPARED, REDRAWN = 0.2, 1.0, 0.5  # seconds that the goals allow
LEAST_SHARE = 1.0


@cache
def storm() -> Run:
    """Some flights of the storm with losses, duplicates and an outage, under the architecture with most messages."""
    chosen = [flight.key for flight in flights.flights("2013-02-08")][300:320]
    day = Scenario(flights=chosen, questions=1)
    faults = [Crash("operations", day.at("10:00"), day.at("10:45")),
              Flaky(day.at("03:00"), day.at("23:00"), loss=0.05, duplication=0.05)]  # fmt: skip
    return airports.run(day.with_(faults=faults), "event notification")


@cache
def thousand() -> Trace:
    """A thousand records from the middle, as a trace of their own would have them."""
    trace = Trace(stage=storm().trace.stage)
    for each in storm().trace.records[1_000 : 1_000 + RECORDS]:
        trace.add(each.at, each.kind, each.where, each.message, each.other, each.packet, each.purpose, each.note,
                  each.key, each.before, each.after)  # fmt: skip
    return trace


@cache
def flight() -> str:
    """The flight that most of the thousand records are about."""
    subjects = [each.message.subject for each in thousand() if each.message is not None and each.message.subject]
    return max(sorted(set(subjects)), key=subjects.count)


@cache
def hour() -> Scenario:
    """The flights that were to leave between three and four, and everything that happened to them."""
    day = Scenario()
    return day.leaving("15:00", "16:00")


def views() -> dict[str, Callable[[], Picture]]:
    trace = thousand()
    half = Trace(trace.records[: RECORDS // 2], trace.stage)
    return {
        "flow graph": lambda: flow_graph(trace),
        "sequence diagram": lambda: sequence_diagram(trace),
        "timeline": lambda: timeline(trace),
        "boards": lambda: departure_boards(trace, truth=storm().truth),
        "streams": lambda: event_streams(trace),
        "state": lambda: service_state(trace),
        "causal tree": lambda: causal_tree(trace, flight()),
        "rebuild": lambda: rebuild(trace, lambda state, event: {**state, event.subject: event.type}),
        "apart": lambda: apart(trace, half),
    }


def drawn(make: Callable[[], Picture]) -> int:
    """The picture in all its forms, as a cell shows it."""
    picture = make()
    if not (picture.lines or picture.boxes):
        raise AssertionError(f"nothing was drawn: {picture.text}")
    json.dumps(picture._repr_mimebundle_())
    return 1


def prepared() -> Any:
    """A replay of 200 steps in two views; its size is a goal too."""
    last = storm().trace[steps(storm().trace)[STEPS - 1]].at
    made: Any = replay(storm(), "flow", "sequence", until=last)
    data = made.data
    if len(data["steps"]) < STEPS:
        raise AssertionError(f"{len(data['steps'])} steps, {STEPS} are to be measured")
    return data


def again(control: Any) -> int:
    """Somebody moves the control: the hour is run again and what the browser gets is made."""
    picked = control.widget.picked[0]
    control.widget.picked = [1 - picked]
    if f'"picked": [{1 - picked}]' not in control.widget.shown:
        raise AssertionError("the control showed nothing new")
    return 1


def control() -> Any:
    def make(minutes: int) -> Picture:
        fault = Crash("operations", hour().at("15:00"), hour().at("15:00") + minutes * 60 * 10**9)
        return flow_graph(airports.run(hour().with_(faults=[fault]), "request-driven").trace)

    made = what_if(make, minutes=[15, 45])
    assert made.widget
    return made


def allowed(seconds: float) -> Case:
    def wait(_: object) -> int:
        time.sleep(seconds)
        return 1

    return Case(f"what is allowed, {seconds:g} s", wait)


def run(rounds: int) -> list[Row]:
    cases = [allowed(VIEW)]
    for name, make in views().items():
        drawn(make)  # what is loaded once is not part of a picture
        cases.append(Case(name, lambda _, make=make: drawn(make), goal=LEAST_SHARE))
    rows = measure(f"view of {RECORDS:,} records", "pictures", cases, rounds)
    two = Case("replay in two views", lambda _: len(prepared()) and 1, goal=LEAST_SHARE)
    rows += measure(f"{STEPS} steps prepared", "replays", [allowed(PREPARED), two], min(rounds, 5))
    moved = Case("an hour of the storm", again, control, goal=LEAST_SHARE)
    rows += measure("control runs again", "redraws", [allowed(REDRAWN), moved], min(rounds, 5))
    return [*rows, at_most("control runs again: 19 of 20 hours of the storm", 1e3 * p95(), 60, "ms"), size()]


def p95() -> float:
    """Seconds of the processor within which 19 of 20 redraws are done."""
    made, taken = control(), []
    for _ in range(40):
        begun = time.process_time()
        again(made)
        taken.append(time.process_time() - begun)
    return percentile(taken, 0.95)


def size() -> Row:
    """How large a replay is: a million bytes are allowed."""
    data = prepared()
    count, number = len(json.dumps(data).encode()), len(data["steps"])
    return at_most(f"replay: the size of {STEPS} steps, of {number} prepared", count / 1e6 * STEPS / number, 1, "MB")
