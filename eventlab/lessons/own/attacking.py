"""Attack the learner's own service with fault plans until it stands.

def my_hotels(service, people_on):
    async def book(event):
        flight = event.data["flight"]
        rooms = await people_on(event)
        service.state[flight] = rooms
        return Event("rooms.booked", {"flight": flight, "rooms": rooms}, flight)

    service.on("flight.cancelled", book, durable="hotels")

attack(my_hotels)   →  what is promised, looked at in the trace of 100 runs; the shortest run in which it breaks, drawn
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from eventlab import borders
from eventlab.event import Command, Event
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.memory import Memory
from eventlab.lessons.judging.messages import error_raised
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.own_state import OwnState
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.judging.verdict import Verdict
from eventlab.lessons.judging.watching import watched
from eventlab.lessons.own.fault_plans import CLOSE, FIRST, POISON, plan
from eventlab.lessons.own.promises import look
from eventlab.lessons.own.services import my_hotels
from eventlab.network import Delay
from eventlab.service import Service
from eventlab.subscription import Subscription

MOST = 300  # plans: more take longer than one waits
SECONDS = 10.0  # real time for all plans: a hundred take half a second
HOURS = 3600.0  # simulated seconds after which all must be over


def attack(hotels: Callable[..., Any], plans: int = 100) -> Attack:
    """Try `my_hotels(service, people_on)` on so many seeded fault plans; the last line of a cell shows what came of it.

    Promised is, whatever goes wrong: every person of a cancelled flight has exactly one room (`rooms.booked` was
    published for the flight, with its number of people, once), there is no room without a cancellation, and an event
    that nobody can read stops no others. `people_on(event)` asks operations, which can be away. What the function keeps
    outside the service's state is lost in a crash.
    """
    borders.function(hotels, "hotels", where="attack")
    borders.integer(plans, "plans", where="attack", least=1, most=MOST)
    exercise = replace(EXERCISE, runs=plans)
    verdict = Attack(exercise, attempt(exercise, hotels, SECONDS))
    if verdict.printed:
        print(verdict.printed.rstrip("\n"))
    return verdict


@dataclass(frozen=True, repr=False)
class Attack(Verdict):
    """What became of a service under attack."""

    @property
    def text(self) -> str:
        """The outcome in words."""
        if self.failure is None:
            plans = f"{self.exercise.runs} fault plan{'s' * (self.exercise.runs != 1)}"
            return f"hotels stands: {plans}, and each time every person has one room."
        return f"hotels falls: {self.failure.mistake.message}{self._where(self.failure)}"


class _Hotels(Service):
    """The service under attack: what its handlers raise is noted; what they keep outside the state, a crash loses."""

    raised: list[BaseException]

    def _subscribe(self, pattern: str, handler: Any, settings: Any) -> Subscription:
        self.on_crash.add(Memory(handler).restore)
        return super()._subscribe(pattern, watched(handler, self.raised), settings)


def judge(answer: Any, case: Case) -> None:
    """One fault plan: flights are cancelled one close behind the other, and every promise is looked at."""
    lab = Testbed(case)
    service = _Hotels("hotels", lab.network, lab.bus, work=Delay(0.05))
    service.raised, service.state = [], OwnState("hotels", lab.sim)
    airlines, operations = lab.client("airlines"), lab.service("operations", workers=4)
    people = {f"UA{number + 1}": 20 + 10 * lab.draws.below(12) for number in range(case.size)}
    operations.answers("people.count", lambda command: {"people": people[command.data["flight"]]})

    async def people_on(event: Event) -> int:
        flight = event.data["flight"]
        question = Command("people.count", {"flight": flight}, flight)
        reply = await service.request("operations", question)
        return int(reply["people"])

    answer(service, people_on)
    for number, flight in enumerate(people):
        cancelled = Event("flight.cancelled", {"flight": flight}, flight)
        lab.at(FIRST + CLOSE * number, airlines.publish, cancelled)
    endless: Mistake | None = None
    try:
        lab.run(HOURS)
    except Mistake as mistake:
        endless = mistake
    try:
        look(lab.trace, people, endless)
    except Mistake as mistake:
        raise _of_its_own(service.raised, mistake, answer) from None


def _of_its_own(raised: list[BaseException], mistake: Mistake, answer: Any) -> Mistake:
    """The mistake, or the error of the learner's own code behind it, told with its line."""
    trace = mistake.trace
    failed = [] if trace is None else [r for r in trace.of("failed") if r.where == "hotels" and r.message is not None]
    for error in raised:
        for record in failed:
            about = record.message.subject if record.message is not None else ""
            if about == mistake.flight != POISON and record.note.startswith(f"{type(error).__name__}: "):
                return error_raised(error, EXERCISE, inspect.unwrap(answer), mistake)
    return mistake


EXERCISE = Exercise(
    id="hotels",
    title="a service of one's own",
    kind="write",
    task="subscribe the service to flight.cancelled, and publish rooms.booked for the people of each flight",
    judge=judge,
    model=my_hotels,
    hints=("What has been handled is remembered by an Inbox.", "What is to be published is kept by an Outbox."),
    cases=plan,
    may_raise=True,
)
