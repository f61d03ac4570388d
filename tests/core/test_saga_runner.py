"""Long processes that somebody runs: led by one or carried on by each, they end right whatever goes wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from eventlab.errors import Invalid, Refused
from eventlab.event import Command, Event, Message
from eventlab.faults import Crash, CrashBefore, Flaky, Partition, Slow
from eventlab.lab import Lab
from eventlab.network import Delay
from eventlab.outbox import Outbox
from eventlab.participant import Participant, choreograph
from eventlab.process import START, Process, Step, evolve, standing
from eventlab.saga import Saga
from eventlab.saga_runner import SagaRunner, orchestrate
from eventlab.service import Service
from eventlab.store import Store
from tests.support.laboratory import lab

STEPS = (
    Step("seat", "seats", "seat.reserve", "seat.release"),
    Step("hotel", "hotels", "hotel.book", "hotel.cancel"),
    Step("payment", "payments", "payment.charge", "payment.refund"),
)
REBOOKING = Process("rebooking", STEPS, timeout=5, tries=3)
DAY = 24 * 3600


class Town:
    """Three services that do a step each, a desk, and passengers. `no` names what is refused: "hotel", "undo seat"."""

    work = Delay()

    def __init__(
        self, home: Lab, no: Collection[tuple[str, str]] = (), *, led: bool = True, outbox: bool = True
    ) -> None:
        self.home, self.no, self.store = home, no, Store()
        self.desk = home.service("desk")
        self.people = home.client("people")
        self.parts = [self._part(step) for step in STEPS]
        if outbox:
            for part in self.parts:
                Outbox(part.service, Store())
        self.runner = orchestrate(self.desk, self.store, REBOOKING) if led else None
        if not led:
            choreograph(REBOOKING, self.parts)

    def _part(self, step: Step) -> Participant:
        service = self.home.service(step.service, work=self.work)
        return Participant(
            service,
            step,
            do=partial(self._act, service, step.name),
            undo=partial(self._act, service, f"undo {step.name}"),
        )

    def _act(self, service: Service, what: str, message: Message) -> None:
        service.state[f"busy {what}"] = message.subject  # what a no must not leave behind
        if (message.subject, what) in self.no:
            raise Refused(f"no {what}")
        service.act(Event("acted", {"what": what}, message.subject))

    def ask(self, name: str, at: float = 0.0) -> None:
        self.home.at(at, self.people.publish, Event("rebooking.asked", {"passenger": name}, name))

    @property
    def dead(self) -> set[str]:
        """The processes of which the bus has an event among its dead letters."""
        return {letter.event.subject for each in self.home.bus.subscriptions.values() for letter in each.dead}

    def done(self, name: str) -> Counter[str]:
        """What was done in the world for one process, and how often."""
        acts = self.home.trace.of("acted")
        return Counter(str(r.message.data["what"]) for r in acts if r.message is not None and r.key == name)

    def state(self, name: str) -> Any:
        if self.runner is not None:
            return self.runner.state(name)
        return standing(REBOOKING, [event for event in self.home.bus.log if event.subject == name])


def types(events: Any, name: str) -> list[str]:
    return [event.type for event in events if event.subject == name]


def wrong(town: Town, name: str, *, silent: bool = False) -> list[str]:
    """What is not right about the end of a process. `silent`: somebody may have been away for good."""
    state, done = town.state(name), town.done(name)
    found = [f"{what} was done {times} times" for what, times in done.items() if times > 1]
    stays = {step.name for step in STEPS if done[step.name] and not done[f"undo {step.name}"]}
    found += [
        f"{step.name} was taken back but never done" for step in STEPS if done[f"undo {step.name}"] > done[step.name]
    ]
    match state["end"]:
        case "done" if stays != {"seat", "hotel", "payment"}:
            found.append(f"done, and only {stays} stays")
        case "compensated" if stays:
            found.append(f"compensated, and {stays} stays")
        case "stuck" if not stays <= set(state["kept"]) or (not silent and stays != set(state["kept"])):
            found.append(f"stuck with {state['kept']}, and {stays} stays")
        case "" if name not in town.dead:  # what the bus has given up is there for people, by name
            found.append(f"no end: at {state['step']!r}, {state['going']!r}")
    return found


# One process --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("led", [True, False])
@pytest.mark.parametrize(
    ("no", "end", "acts"),
    [
        ((), "done", ["seat", "hotel", "payment"]),
        (("seat",), "compensated", []),
        (("payment",), "compensated", ["seat", "hotel", "undo hotel", "undo seat"]),
        (("payment", "undo hotel"), "stuck", ["seat", "hotel", "undo seat"]),
    ],
)
def test_both_forms_of_one_process_do_the_same_and_end_alike(
    led: bool, no: tuple[str, ...], end: str, acts: Any
) -> None:
    town = Town(lab(), {("anna", what) for what in no}, led=led)
    town.ask("anna")
    town.home.run()
    assert town.state("anna")["end"] == end
    assert [r.message.data["what"] for r in town.home.trace.of("acted") if r.message is not None] == acts
    assert not wrong(town, "anna")
    assert town.state("anna")["kept"] == (("hotel",) if end == "stuck" else ())
    for part in town.parts:  # what was refused left nothing behind
        refused = {f"busy {what}" for what in no}
        assert not refused & set(part.service.state)


def test_the_leader_says_how_it_ended_and_the_stream_is_the_process() -> None:
    town = Town(lab(), {("anna", "payment")})
    town.ask("anna")
    town.home.run()
    assert town.runner is not None
    stream = [recorded.event for recorded in town.store.read("rebooking-anna")]
    assert types(stream, "anna") == [
        "rebooking.asked", "seat.done", "hotel.done", "payment.refused", "hotel.undone", "seat.undone",
        "rebooking.compensated",
    ]  # fmt: skip
    assert types(town.home.bus.log, "anna") == types(stream, "anna")
    assert stream[3].data == {"passenger": "anna", "reason": "no payment"}
    halfway = town.runner.state("anna", as_of=stream[2].time)
    assert (halfway["step"], halfway["going"]) == ("payment", "on")
    assert [r.note for r in town.home.trace.of("appended") if r.where == "desk"] == ["rebooking-anna"]  # its own word
    assert standing(REBOOKING, stream)["end"] == "compensated"


def test_without_an_answer_it_asks_again_and_then_takes_back_what_may_have_been_done() -> None:
    town = Town(lab())
    town.ask("anna")
    town.home.inject(Crash("payments", at=0, until=60))
    town.home.run()
    stream = [recorded.event for recorded in town.store.read("rebooking-anna")]
    assert types(stream, "anna")[3:6] == ["rebooking.overdue"] * 3
    gaps = [round((b.time - a.time) / 1e9) for a, b in pairwise(stream[2:6])]
    assert gaps == [5, 5, 5]
    assert town.state("anna")["end"] == "compensated" and not wrong(town, "anna")
    assert town.done("anna")["payment"] == 0


def test_who_never_answers_is_left_to_people_by_name() -> None:
    town = Town(lab())
    town.ask("anna")
    town.home.inject(Crash("hotels", at=0))
    town.home.run()
    assert town.state("anna")["end"] == "stuck" and town.state("anna")["kept"] == ("hotel",)
    assert not wrong(town, "anna", silent=True)
    assert town.done("anna") == {"seat": 1, "undo seat": 1}


def test_in_a_choreography_nobody_notices_that_somebody_is_away_for_good() -> None:
    town = Town(lab(), led=False)
    town.ask("anna")
    town.home.inject(Crash("hotels", at=0))
    town.home.run()
    assert town.state("anna")["end"] == "" and town.done("anna") == {"seat": 1}


def no_money(message: Message) -> None:
    raise Refused("no money")


def test_a_step_that_nothing_takes_back_is_passed_on_the_way_back() -> None:
    steps = [STEPS[0], Step("letter", "mail", "letter.send"), Step("payment", "payments", "payment.charge")]
    letter = Process("offer", steps)
    for led in (True, False):
        home = lab()
        work: list[Callable[[Message], object]] = [repr, repr, no_money]
        parts = [Participant(home.service(step.service), step, do=do) for step, do in zip(steps, work, strict=True)]
        if led:
            orchestrate(home.service("desk"), Store(), letter)
        else:
            choreograph(letter, parts)
        home.client("people").publish(Event("offer.asked", {}, "anna"))
        home.run()
        assert standing(letter, home.bus.log)["end"] == "compensated"
        assert [part.stands("anna") for part in parts] == ["undone", "done", "refused"]


def test_a_slow_command_that_arrives_behind_the_one_that_takes_it_back_is_not_done() -> None:
    home = lab()
    town = Town(home)
    seats, message = town.parts[0], Command("seat.release", {}, "anna", id="x-1")
    assert seats.undo(message).type == "seat.undone"
    late = seats.do(message.with_(type="seat.reserve"))
    assert late.type == "seat.refused" and late.data["reason"] == "it was taken back before"
    assert not town.done("anna")


# Timers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("until", "rings"), [(3.0, 5.0), (60.0, 61.0)])
def test_a_timer_survives_a_crash_and_rings_when_due_or_soon_after_the_restart(until: float, rings: float) -> None:
    town = Town(lab())
    town.ask("anna")
    town.home.inject(Crash("seats", at=0, until=until + 10), Crash("desk", at=1, until=until))
    town.home.run()
    events = [recorded.event for recorded in town.store.read("rebooking-anna")]
    late = next(event for event in events if event.type.endswith("overdue"))
    assert late.time / 1e9 == pytest.approx(rings, abs=0.1)
    assert not wrong(town, "anna")


def test_a_timer_is_void_when_the_process_has_gone_on() -> None:
    town = Town(lab())
    town.ask("anna")
    town.home.run()
    assert "rebooking.overdue" not in types(town.home.bus.log, "anna")


def test_a_process_begun_in_another_life_of_the_program_goes_on(tmp_path: Any) -> None:
    store = Store(tmp_path / "desk.db")
    store.append("rebooking-anna", Event("rebooking.asked", {"passenger": "anna"}, "anna", "people-1"))
    home = lab()
    for step in STEPS:
        Participant(home.service(step.service), step)
    runner = orchestrate(home.service("desk"), store, REBOOKING)
    home.run()
    assert runner.state("anna")["end"] == "done"


def test_a_runner_made_twice_does_nothing_twice_after_a_restart() -> None:
    def told(times: int) -> list[str]:
        town = Town(lab())
        for _ in range(times):
            orchestrate(town.desk, town.store, REBOOKING)
        town.ask("anna")
        town.home.inject(Crash("hotels", at=0, until=40), Crash("desk", at=1, until=3))
        town.home.run()
        assert not wrong(town, "anna")
        return [r.message.type for r in town.home.trace.of("sent") if r.purpose == "tell" and r.message is not None]

    assert told(2) == told(0)


# Whatever goes wrong ------------------------------------------------------------------------------------------

NAMES = [f"p{number}" for number in range(4)]
NODES = ("desk", "seats", "hotels", "payments", "bus")


class Busy(Town):
    """With services that need a while, so that most faults strike in the middle of a process."""

    work = Delay(0.3, 2.0)


def fault(chance: Random) -> Any:
    at = chance.uniform(0, 40)
    until, node = at + chance.choice((0.5, 7.0, 90.0)), chance.choice(NODES)
    service = chance.choice(NODES[:-1])
    match chance.randrange(6):
        case 0:
            return Crash(node, at, until)
        case 1:
            return CrashBefore(service, chance.choice(("publish", "acknowledge")), at, chance.choice((0.5, 30.0)))
        case 2:
            return Partition(service, at, until, () if chance.random() < 0.5 else ("bus",))
        case 3:
            return Slow(service, 200.0, at, until)
        case 4:
            return Flaky(at, until, loss=chance.choice((0.1, 0.5)))
    return Flaky(at, until, duplication=0.5, reordering=0.5)


def troubled(seed: int, led: bool, kind: type[Town]) -> Town:
    """Four processes, two to six faults that end, some refusals; and an owner that crashes in the middle of appends."""
    chance = Random(seed)
    whats = [*(step.name for step in STEPS), *(f"undo {step.name}" for step in STEPS)]
    no = {(name, what) for name in NAMES for what in whats if chance.random() < 0.15}
    town = kind(Lab(seed), no, led=led)
    for name in NAMES:
        town.ask(name, chance.uniform(0, 20))
    crashes = [chance.randrange(4, 16) for _ in range(2)]

    def appended() -> None:
        if town.store.position in crashes and town.desk.up:
            crashes.remove(town.store.position)
            town.desk.crash()
            town.home.at(town.home.sim.passed + 4, town.desk.restart)

    town.store.watch(appended)
    town.home.inject(*(fault(chance) for _ in range(chance.randint(2, 6))))
    town.home.run(DAY)
    return town


def begun(town: Town) -> list[str]:
    """Those whose wish the bus has heard: it may be lost on its way there."""
    return [event.subject for event in town.home.bus.log if event.type == "rebooking.asked"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_whatever_goes_wrong_for_a_while_every_process_ends_right_and_nothing_is_done_twice(
    seed: int, led: bool
) -> None:
    town = troubled(seed, led, Busy)
    assert town.home.sim.is_over
    for name in begun(town):
        assert not wrong(town, name, silent=True), (seed, led, name)


class Boxless(Busy):
    """A control: what a service says may be lost on its way to the bus."""

    def __init__(self, home: Lab, no: Collection[tuple[str, str]] = (), *, led: bool = True) -> None:
        super().__init__(home, no, led=led, outbox=False)


def found_out(kind: type[Town], *, led: bool = True) -> list[int]:
    """The seeds of which something ends wrong."""
    towns = [troubled(seed, led, kind) for seed in range(30)]
    return [n for n, town in enumerate(towns) if any(wrong(town, name, silent=True) for name in begun(town))]


class Careless(Busy):
    """A control: services that do what they are told as often as they are told."""

    def _part(self, step: Step) -> Participant:
        part = super()._part(step)

        def do(message: Message) -> Event:
            self._act(part.service, step.name, message)
            return Event(f"{step.name}.done", message.data, message.subject)

        part.do = do  # type: ignore[method-assign]
        part.service.answers(step.do, do, replace=True)
        return part


def test_services_that_remember_nothing_are_found_out() -> None:
    found = [
        seed for seed in range(20) if any(wrong(troubled(seed, True, Careless), name, silent=True) for name in NAMES)
    ]
    assert len(found) > 5


def test_a_choreography_needs_outboxes_and_a_leader_does_not() -> None:
    assert found_out(Boxless, led=False) and not found_out(Boxless, led=True)


def test_a_runner_that_does_nothing_after_a_restart_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forgets(self: SagaRunner) -> None: ...

    monkeypatch.setattr(SagaRunner, "_resume", forgets)
    assert len(found_out(Busy)) > 5


# The fold -------------------------------------------------------------------------------------------------------

TYPES = ["rebooking.asked", "rebooking.overdue", "rebooking.done", "weather.changed", "other"] + [
    f"{step.name}.{end}" for step in STEPS for end in ("done", "refused", "undone", "kept")
]


@given(st.lists(st.sampled_from(TYPES), max_size=60))
def test_the_fold_takes_any_events_and_an_end_is_an_end(history: list[str]) -> None:
    state: Any = START
    for type in history:
        after = evolve(REBOOKING, state, Event(type, {}, "anna"))
        assert not state["end"] or after == state
        assert (after["step"] == "") == (not after["going"] or bool(after["end"]))
        state = after


# What cannot be meant ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Process("a", []), "one or more"),
        (lambda: Process("a", [STEPS[0], STEPS[0]]), "a name of its own"),
        (lambda: Process("seat", STEPS), "a name of its own"),
        (lambda: Process("a", ["seat"]), "expected a Step"),
        (lambda: Process("a", STEPS, tries=0), "1 and up"),
        (lambda: Process("a", STEPS, timeout=0), "more than 0 seconds"),
        (lambda: choreograph(REBOOKING, []), "the parts of its steps, in their order"),
        (lambda: Participant(lab().service("mail"), STEPS[0]), "expected 'seats'|expected seats"),
        (lambda: Participant(lab().service("seats"), STEPS[0], do=_asynchronous), "a plain function"),
    ],
)
def test_what_cannot_be_meant_is_refused(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        make()


async def _asynchronous(message: Message) -> None: ...


def test_a_saga_that_sends_commands_to_nobody_stops_before_anything_is_kept() -> None:
    home, store = lab(), Store()
    lost = Saga(0, lambda state, event: Command("nobody.knows"), lambda state, event: state + 1)
    SagaRunner(home.service("desk"), store, "lost", lost, begins="lost.asked", hears="lost.more", to={})
    home.client("people").publish(Event("lost.asked", {}, "anna"))
    home.run()
    assert store.position == 0 and [r.where for r in home.trace.of("dead")] == ["bus"]
