"""The five architectures: the same cast, the same day, and what each is like, as its trace shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import pytest

from eventlab.aggregate import Aggregate
from eventlab.airports import catalogue, flights, metrics, request_driven
from eventlab.airports.cast import Cast
from eventlab.airports.clocks import HOUR, MINUTE, SECOND
from eventlab.airports.metrics import MEASURES, PEOPLE
from eventlab.airports.rules import INTERESTS, REACTIONS, decide, evolve, news, show
from eventlab.airports.scenario import ARCHITECTURES, Run, Scenario, run, start
from eventlab.bus import Bus
from eventlab.decider import Decider
from eventlab.event import Command, Event, Refusal
from eventlab.faults import Crash, CrashBefore, Fault, Flaky, Partition, Slow, inject
from eventlab.network import LinkQuality, Network
from eventlab.projection import Projection
from eventlab.sim import Sim
from eventlab.subscription import matches
from eventlab.times import Instant
from eventlab.trace import Record

REQUESTS, PUBSUB, NOTIFICATION, TRANSFER, SOURCING = ARCHITECTURES
FRESH = [REQUESTS, NOTIFICATION]  # whoever answers asks first
EVENTS = [PUBSUB, NOTIFICATION, TRANSFER, SOURCING]
each = pytest.mark.parametrize("architecture", ARCHITECTURES)


def few() -> list[str]:
    """About sixty flights of the storm: all to Chicago, some to Boston, all that were diverted."""
    day = flights.flights("2013-02-08")
    boston = [flight.key for flight in day if flight.dest == "BOS" and flight.status != "diverted"]
    return [flight.key for flight in day if flight.dest == "ORD" or flight.status == "diverted"] + boston[::4]


SMALL = Scenario(flights=few())


@cache
def without_faults(architecture: str) -> Run:
    return run(SMALL, architecture)


def known(until: int | None = None) -> dict[str, dict[str, Any]]:
    """What is true about each flight: a fold of what the airlines say, by this file's own rules."""
    facts: dict[str, dict[str, Any]] = {}
    for command in SMALL.commands:
        if until is not None and command.time > until:
            break
        said = dict(command.data)
        status = catalogue_status(command.type)
        if status == "scheduled":
            said["estimate"] = said["planned"]
        row = facts.setdefault(command.subject, {"version": 0})
        row |= {**said, "status": status, "version": row["version"] + 1}
    return facts


def catalogue_status(type: str) -> str:
    return {
        "flight.schedule": "scheduled", "flight.delay": "delayed", "flight.depart": "departed",
        "flight.arrive": "arrived", "flight.cancel": "cancelled", "flight.divert": "diverted",
    }[type]  # fmt: skip


def comparable(run: Run) -> dict[str, Any]:
    """The services' states without what an architecture keeps for itself, and without what hangs on its timing."""
    states: dict[str, Any] = {}
    for service in ("gates", "boards", "notices", "rebooking", "baggage"):
        state = {
            key: {name: value for name, value in entry.items() if name != "versions"}
            for key, entry in run.states.get(service, {}).items()
        }
        for key, entry in state.items():
            if "flights" in entry:  # in the order in which the plans came in
                entry["flights"] = sorted(entry["flights"])
            elif service == "gates" and "origin" in entry:  # how much the last news said differs
                state[key] = {"gate": entry.get("gate", "")}
        states[service] = {key: entry for key, entry in state.items() if entry}
    return states


def without_gates(state: dict[str, Any]) -> dict[str, Any]:
    """A state of notices without the gates that were told: which gate is free hangs on the order of the news."""
    return {key: {name: value for name, value in entry.items() if name != "gates"} for key, entry in state.items()}


def boards(run: Run, *names: str) -> dict[str, tuple[Any, ...]]:
    rows = run.states["boards"]
    return {key: tuple(rows[key].get(name) for name in names) for key in SMALL.flights if key in rows}


def sent(run: Run, purpose: str, *, people: bool = False) -> list[Record]:
    return [r for r in run.trace.of("sent") if r.purpose == purpose and (people or r.where not in PEOPLE)]


def published(run: Run) -> list[Event]:
    return [r.message for r in run.trace.of("published") if isinstance(r.message, Event)]


@dataclass
class ByHand:
    """The cast on a day made by hand."""

    cast: Cast
    sim: Sim

    @property
    def boards(self) -> dict[str, Any]:
        return self.sim.trace.state("boards")


def by_hand(architecture: str, commands: Iterable[Command], *faults: Fault, **options: Any) -> ByHand:
    sim = Sim(start=NOON - 9 * HOUR)
    network = Network(sim)
    network.check = catalogue.check
    cast = Cast(network, Bus(network))
    ARCHITECTURES[architecture](cast, **options)
    inject(faults, network)
    cast.schedule(commands, [])
    sim.run()
    return ByHand(cast, sim)


NOON = SMALL.at("12:00")
HAND = "UA1-EWR"


def say(word: str, minute: int, key: str = HAND, **data: Any) -> Command:
    """What the airline says at so many minutes after noon."""
    time = NOON + minute * MINUTE
    return Command(f"flight.{word}", {"flight": key, **data}, key, f"{key}/{word}-{minute}", "airlines", time)


def schedule(planned: int, key: str = HAND) -> Command:
    data = {"carrier": "UA", "origin": "EWR", "dest": "ORD", "planned": NOON + planned * MINUTE,
            "planned_arrival": NOON + (planned + 120) * MINUTE, "passengers": 80, "seats": 100}  # fmt: skip
    return say("schedule", -240, key, **data)


# The same cast ---------------------------------------------------------------------------------------------------


def test_the_small_day_has_something_of_everything() -> None:
    by_key = {flight.key: flight for flight in flights.flights("2013-02-08")}
    ways = Counter(by_key[key].status for key in SMALL.flights)
    assert set(ways) == {"cancelled", "arrived", "diverted"}
    assert 50 < len(SMALL.flights) < 70
    assert {"flight.delay", "flight.divert"} <= {command.type for command in SMALL.commands}


@each
def test_without_faults_all_end_in_the_same_state(architecture: str) -> None:
    assert comparable(without_faults(architecture)) == comparable(without_faults(PUBSUB))


@each
def test_without_faults_the_boards_show_the_truth_and_everybody_has_been_told(architecture: str) -> None:
    finished = without_faults(architecture)
    truth = known()
    shown = ("dest", "planned", "estimate", "status")
    assert boards(finished, *shown) == {key: tuple(truth[key][name] for name in shown) for key in truth}
    measured = finished.metrics
    assert (measured["answered %"], measured["out of date %"]) == (100, 0)
    assert [measured[name] for name in ("told late", "never told", "told twice", "blast radius", "recovery min")] == [
        0, 0, 0, 0, 0,
    ]  # fmt: skip
    notices = finished.states["notices"]
    for key, facts in truth.items():
        told = notices[key].get("told", {})
        assert told.get("cancelled") == (1 if facts["status"] == "cancelled" else None)
        assert told.get("rebooked") == told.get("cancelled")


@each
def test_operations_ends_with_the_fold_of_what_the_airlines_said(architecture: str) -> None:
    finished = without_faults(architecture)
    if architecture == SOURCING:
        assert finished.cast.store is not None
        flights = Aggregate(finished.cast.store, "flight", Decider({}, decide, evolve))
        found = {key: flights.load(key)[0] for key in SMALL.flights}
    else:
        found = finished.states["operations"]
    assert found == known()


@each
def test_passengers_are_conserved(architecture: str) -> None:
    rows = without_faults(architecture).states["rebooking"]
    flights = {key: row for key, row in rows.items() if "booked" in row}
    left = sum(row.get("left", 0) for row in flights.values())
    people = sum(row["passengers"] for row in known().values())
    assert left + sum(row["booked"] for row in flights.values()) == people
    assert all(0 <= row["booked"] <= row["seats"] for row in flights.values())
    assert left == without_faults(architecture).metrics["not rebooked"]


def test_the_state_of_a_flight_at_any_instant_is_what_the_airlines_had_said_by_then() -> None:
    store = without_faults(SOURCING).cast.store
    assert store is not None
    flights = Aggregate(store, "flight", Decider({}, decide, evolve))
    seen = Counter[str]()
    for number in range(20):
        # Airlines speak on the full second, and operations has understood long before the half one.
        instant = SMALL.at("03:20") + number * 53 * MINUTE + SECOND // 2
        truth = known(instant)
        for key in SMALL.flights:
            state, version = flights.load(key, as_of=instant)
            assert state == truth.get(key, {}), (key, instant)
            assert version == truth.get(key, {}).get("version", 0)
            seen[state.get("status", "unknown")] += 1
    assert min(seen[status] for status in ("unknown", *catalogue.STATUSES)) > 0, seen


# What each is like -----------------------------------------------------------------------------------------------


def test_request_driven_publishes_nothing() -> None:
    finished = without_faults(REQUESTS)
    assert not any(isinstance(r.message, Event) for r in finished.trace if r.kind != "acted")
    assert {r.purpose for r in finished.trace.of("sent")} == {"request", "reply"}
    assert len(finished.cast.bus.log) == 0


def test_in_request_driven_the_airline_waits_for_everybody() -> None:
    """The reply to the airline comes after all that was asked because of it has been answered."""
    finished = without_faults(REQUESTS)
    replied: dict[str, int] = {}
    for r in finished.trace.of("received"):
        if r.where == "airlines" and r.message is not None:
            replied[r.message.causationid] = r.index
    for r in finished.trace.of("received"):
        if r.where == "operations" and r.purpose == "reply" and r.message is not None:
            assert r.index < replied[r.message.correlationid]


@pytest.mark.parametrize("architecture", [PUBSUB, TRANSFER])
def test_with_news_of_their_own_services_ask_each_other_nothing(architecture: str) -> None:
    finished = without_faults(architecture)
    assert sent(finished, "request") == []
    assert (finished.metrics["requests"], finished.metrics["coupling"]) == (0, 0)


@pytest.mark.parametrize("architecture", [PUBSUB, SOURCING])
def test_in_publish_subscribe_and_event_sourcing_an_event_says_what_changed_and_no_more(architecture: str) -> None:
    shapes = defaultdict(set)
    finished = without_faults(architecture)
    said = published(finished) if architecture == PUBSUB else [each.event for each in finished.cast.store.read_all()]
    for event in said:
        shapes[event.type].add(" ".join(sorted(event.data)))
    assert shapes["flight.delayed"] == {"estimate flight"}
    assert shapes["flight.departed"] == {"departed flight"}
    assert shapes["gate.assigned"] == {"flight gate"}
    assert shapes["passengers.rebooked"] == {"flight left moved onto"}


def test_a_notification_carries_the_flight_and_nothing_else() -> None:
    assert {" ".join(event.data) for event in published(without_faults(NOTIFICATION))} == {"flight"}


def test_every_notification_that_is_heard_means_one_question_to_the_producer() -> None:
    finished = without_faults(NOTIFICATION)
    heard = Counter((r.where, r.message.id) for r in finished.trace.of("handled") if isinstance(r.message, Event))
    asked = Counter((r.where, r.message.causationid) for r in sent(finished, "request") if r.message)
    assert heard and all(asked[place] == times for place, times in heard.items())
    producer = {"flight": "operations", "gate": "gates", "passengers": "rebooking"}
    for r in sent(finished, "request"):
        assert r.message is not None
        assert r.other == producer[r.message.type.split(".")[0]]


def test_in_state_transfer_an_event_carries_all_facts_with_a_version() -> None:
    versions: dict[tuple[str, str], int] = defaultdict(int)
    for event in published(without_faults(TRANSFER)):
        known_by_then = set(catalogue.PLAN.split()) | {"flight", "estimate", "status", "version"}
        assert known_by_then <= set(event.data), event.type
        versions[event.subject, event.source] += 1
        assert event.data["version"] == versions[event.subject, event.source]
        if event.source == "operations":
            assert event.data["status"] == event.type.removeprefix("flight.")


def test_full_events_weigh_more_than_thin_ones_and_callbacks_more_than_both() -> None:
    weight = {name: without_faults(name).metrics["MB"] for name in ARCHITECTURES}
    assert weight[PUBSUB] < weight[TRANSFER] < weight[NOTIFICATION]


def test_request_driven_and_notification_couple_and_wait_the_others_do_not() -> None:
    coupling = {name: without_faults(name).metrics["coupling"] for name in ARCHITECTURES}
    waiting = {name: without_faults(name).metrics["p50 ms"] for name in ARCHITECTURES}
    for coupled in FRESH:
        assert coupling[coupled] > 0
        for free in (PUBSUB, TRANSFER, SOURCING):
            assert waiting[coupled] > waiting[free]
    assert (coupling[PUBSUB], coupling[TRANSFER]) == (0, 0)
    assert coupling[SOURCING] == 5, "everybody but operations waits for the one store to read what others wrote"


# Event sourcing --------------------------------------------------------------------------------------------------


def test_everything_decided_is_in_the_store_and_everything_in_the_store_is_published() -> None:
    finished = without_faults(SOURCING)
    store = finished.cast.store
    assert store is not None
    stored = [recorded.event for recorded in store.read_all()]
    assert [event.id for event in stored] == [event.id for event in published(finished)]
    decided = Counter(event.causationid for event in stored if event.type.startswith("flight."))
    assert decided == Counter(command.id for command in SMALL.commands)
    assert [r.message.id for r in finished.trace.of("appended") if r.message] == [event.id for event in stored]
    assert {event.subject for event in stored} == set(SMALL.flights)


def test_every_state_is_a_projection_that_can_be_made_again_from_nothing() -> None:
    finished = without_faults(SOURCING)
    assert finished.cast.store is not None

    def shown(rows: dict[str, Any], event: Event) -> dict[str, Any]:
        rows = dict(rows)
        if matches(INTERESTS["boards"], event.type):
            show(rows, event.type, news(event), event.time)
        return rows

    projection = Projection("boards again", shown, {})
    projection.catch_up(finished.cast.store)
    assert projection.state == finished.states["boards"]


@pytest.mark.parametrize("service", ["gates", "notices", "rebooking", "baggage"])
def test_reading_the_store_again_leads_to_the_same_state_and_decisions(service: str) -> None:
    finished = without_faults(SOURCING)
    assert finished.cast.store is not None
    state: dict[str, Any] = {}
    decided: list[Event] = []
    for recorded in finished.cast.store.read_all():
        if matches(INTERESTS[service], recorded.event.type):
            # `now` was a moment later; the rules look at full minutes
            decided += REACTIONS[service](state, recorded.event.type, news(recorded.event), recorded.event.time)
    stored = [r.event for r in finished.cast.store.read_all() if r.event.source == service]
    assert [(event.type, event.data) for event in decided] == [(event.type, event.data) for event in stored]
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in state.items()}
    found = finished.states.get(service, {})
    assert plain == {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def test_the_chain_of_hashes_holds_and_every_event_knows_its_cause() -> None:
    store = without_faults(SOURCING).cast.store
    assert store is not None
    store.verify()
    ids = {recorded.event.id for recorded in store.read_all()} | {command.id for command in SMALL.commands}
    assert all(recorded.event.causationid in ids for recorded in store.read_all())


def test_snapshots_change_nothing_but_the_work() -> None:
    plain, with_snapshots = without_faults(SOURCING), run(SMALL, SOURCING, snapshot_every=2)
    assert with_snapshots.digest == plain.digest
    assert with_snapshots.cast.store is not None
    assert with_snapshots.cast.store.snapshot(f"flight-{SMALL.flights[0]}") is not None


# Event notification and its cache --------------------------------------------------------------------------------


def test_a_cache_saves_questions() -> None:
    cached = run(SMALL.with_(questions=8), NOTIFICATION, cache=1800.0)
    fresh = run(SMALL.with_(questions=8), NOTIFICATION)
    assert cached.metrics["requests"] < fresh.metrics["requests"]
    assert cached.metrics["p50 ms"] < fresh.metrics["p50 ms"]
    assert comparable(cached)["notices"] == comparable(fresh)["notices"]


def test_a_cache_answers_without_the_producer_and_may_be_wrong() -> None:
    asked = SMALL.with_(questions=15, faults=[down("operations")])
    cached, fresh = run(asked, NOTIFICATION, cache=3600.0).metrics, run(asked, NOTIFICATION).metrics
    assert cached["answered %"] > fresh["answered %"]
    assert cached["out of date %"] > 10 * fresh["out of date %"]


# Event-carried state transfer and its versions -------------------------------------------------------------------


def out_of_order(check_versions: bool) -> Run:
    """A day on which a third of all messages come half an hour late, and nobody remembers what was handled."""
    unruly = SMALL.with_(quality=LinkQuality(reordering=0.3, late=1800.0))
    begun = start(unruly, TRANSFER, check_versions=check_versions)
    for service in begun.cast.consumers.values():
        service.inbox = None
    return begun.finish()


def overwritten(finished: Run) -> list[tuple[str, str]]:
    """The rows in which an older status of a flight took the place of a newer one, and that newer one."""
    order = {status: number for number, status in enumerate("scheduled delayed departed diverted arrived".split())}
    order["cancelled"] = 9
    steps = (r for r in finished.trace.of("changed") if r.where == "boards" and r.before and r.after)
    return [
        (r.key, r.before["status"])
        for r in steps
        if order[r.after["status"]] < order[r.before.get("status", "scheduled")]
    ]


def test_older_news_never_overwrite_newer_ones() -> None:
    finished = out_of_order(check_versions=True)
    truth = known()
    assert overwritten(finished) == []
    assert boards(finished, "status", "estimate") == {k: (row["status"], row["estimate"]) for k, row in truth.items()}
    steps = [(r.before.get("versions"), r.after.get("versions", {})) for r in finished.trace.of("changed") if r.before]
    known_before = [(before, after) for before, after in steps if before and before != after]
    assert known_before
    assert all(after[owner] >= version for before, after in known_before for owner, version in before.items())


def test_the_control_without_versions_believes_whatever_came_last() -> None:
    assert overwritten(out_of_order(check_versions=False))


def test_news_whose_handling_failed_once_are_not_taken_for_old(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [ValueError("the board is dark"), ValueError("still")]

    def flickering(*arguments: Any) -> list[Event]:
        if failures:
            raise failures.pop()
        return show(*arguments)

    monkeypatch.setitem(REACTIONS, "boards", flickering)
    assert HAND in by_hand(TRANSFER, [schedule(60)]).boards
    assert failures == []


@pytest.mark.parametrize("architecture", EVENTS)
def test_gates_that_are_behind_do_not_bring_old_facts_back_to_the_boards(architecture: str) -> None:
    other = schedule(90, "UA2-EWR")  # takes the gate that the first one would have at its new time
    story = [schedule(30), say("delay", 0, estimate=NOON + 90 * MINUTE), say("cancel", 10), other]
    gates_down = Crash("gates", NOON - MINUTE, NOON + 20 * MINUTE)
    found = by_hand(architecture, story, gates_down)
    assert found.boards[HAND]["status"] == "cancelled"
    assert found.boards[HAND]["estimate"] == NOON + 90 * MINUTE


# The contract ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faulty", [False, True], ids=["a good day", "a bad day"])
@each
def test_every_message_fits_the_catalogue(architecture: str, faulty: bool) -> None:
    at = SMALL.at
    bad = [down("operations"), Flaky(at("08:00"), at("12:00"), loss=0.05, duplication=0.05)]
    finished = run(SMALL.with_(faults=bad), architecture) if faulty else without_faults(architecture)
    checked = Counter[str]()
    for r in finished.trace:
        if r.message is not None and not isinstance(r.message, Refusal):
            catalogue.check(r.message)
            if r.kind == "acted":
                continue  # nobody sends it
            checked[type(r.message).__name__] += 1
    assert checked["Command"] > 0 and checked["Reply"] > 0
    assert (checked["Event"] > 0) is (architecture != REQUESTS)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Event("flight.canceled", {"flight": HAND}, HAND), "did you mean flight.cancelled"),
        (Event("flight.cancelled", {"flight": HAND, "reeson": "snow"}, HAND), "did you mean reason?"),
        (Event("flight.delayed", {"flight": HAND, "estimate": "soon"}, HAND), "nanoseconds since 1970"),
    ],
    ids=["type", "key", "value"],
)
def test_a_handler_that_returns_a_misspelt_event_fails_with_words_that_help(wrong: Event, words: str) -> None:
    begun = start(SMALL.with_(flights=SMALL.flights[:1]), PUBSUB)
    begun.cast.operations.answers("flight.schedule", lambda command: wrong, replace=True)
    begun.finish()
    notes = {r.note for r in begun.trace.of("failed") if r.where == "operations"}
    assert len(notes) == 1
    assert notes.pop().startswith("Invalid: ")
    assert all(words in r.note for r in begun.trace.of("failed"))
    assert not any(r.message == wrong or r.message.type == wrong.type for r in begun.trace.of("sent") if r.message)
    assert published(begun) == []


# Faults ----------------------------------------------------------------------------------------------------------


def down(service: str, since: str = "12:00", until: str = "12:45") -> Crash:
    return Crash(service, SMALL.at(since), SMALL.at(until))


AT = SMALL.at
FAULTS: dict[str, Fault] = {
    **{f"{name} down": down(name) for name in ("operations", "gates", "boards", "notices", "rebooking", "bus")},
    "baggage slow": Slow("baggage", 500.0, AT("12:00"), AT("13:00")),
    "operations cut off": Partition("operations", AT("12:00"), AT("12:45")),
    "boards cut off from the bus": Partition("boards", AT("12:00"), AT("12:45"), ("bus",)),
    "everything flaky": Flaky(AT("03:00"), AT("20:00"), loss=0.03, duplication=0.05, reordering=0.05),
    "crash before publish": CrashBefore("operations", "publish", AT("12:00")),
    "crash before acknowledge": CrashBefore("notices", "acknowledge", AT("12:00")),
}


class Bad(NamedTuple):
    """What is left of a bad day once its trace has been read."""

    states: dict[str, Any]
    boards: dict[str, tuple[Any, ...]]
    metrics: dict[str, float]
    given: dict[str, str]  # the gate that each flight had last


@cache
def bad_day(architecture: str, fault: str) -> Bad:
    finished = run(SMALL.with_(faults=[FAULTS[fault]]), architecture)  # and it does finish
    given = {}
    for r in finished.trace.of("changed"):
        if r.where == "gates" and r.after and r.after.get("gate"):
            given[r.key] = r.after["gate"]
    rows = boards(finished, "planned", "estimate", "status", "gate")
    return Bad(comparable(finished), rows, finished.metrics, given)


@pytest.mark.parametrize("fault", FAULTS)
@each
def test_a_fault_that_ends_leaves_no_trace_on_the_boards(architecture: str, fault: str) -> None:
    bad = bad_day(architecture, fault)
    assert {key: row[:3] for key, row in bad.boards.items()} == {
        key: (row["planned"], row["estimate"], row["status"]) for key, row in known().items()
    }
    measured = bad.metrics
    assert list(measured) == list(MEASURES)
    assert 0 <= measured["out of date %"] <= 100
    assert 50 < measured["answered %"] <= 100
    assert all(value >= 0 for value in measured.values()), measured
    assert measured["recovery min"] < 60
    assert measured["blast radius"] <= 6
    assert measured["never told"] == 0


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("architecture", [PUBSUB, TRANSFER, SOURCING])
def test_whoever_hears_every_event_ends_as_if_nothing_had_happened(architecture: str, fault: str) -> None:
    """What hangs on the order of news of several flights may differ: who got which gate, and which seat."""
    bad, usual = bad_day(architecture, fault), comparable(without_faults(architecture))
    for service in ("notices", "baggage"):
        assert without_gates(bad.states[service]) == without_gates(usual[service])
    assert bad.metrics["told twice"] == 0
    assert {key: gate for key, (*_, gate) in bad.boards.items() if gate} == bad.given


def test_with_operations_down_two_leave_questions_open_and_three_answer_with_what_they_know() -> None:
    asked = SMALL.with_(questions=12, faults=[down("operations", "15:00", "15:45")])
    measured = {name: run(asked, name).metrics for name in ARCHITECTURES}
    for name in FRESH:
        assert measured[name]["answered %"] < 100
        assert measured[name]["blast radius"] >= 1
    for name in (PUBSUB, TRANSFER, SOURCING):
        assert measured[name]["answered %"] == 100
        assert measured[name]["out of date %"] > 10 * max(measured[fresh]["out of date %"] for fresh in FRESH)
        assert measured[name]["blast radius"] == 0
    assert len({measured[name]["told late"] for name in ARCHITECTURES}) == 1, "nobody can tell what nobody heard"


def test_with_notices_down_requests_stop_everybody_and_events_wait_for_one() -> None:
    measured = {name: run(SMALL.with_(faults=[down("notices")]), name) for name in ARCHITECTURES}
    assert measured[REQUESTS].metrics["blast radius"] == 1  # operations
    assert measured[REQUESTS].metrics["out of date %"] > 0 or measured[REQUESTS].metrics["wrong board h"] > 0
    for name in EVENTS:
        assert measured[name].metrics["blast radius"] == 0
        assert measured[name].metrics["told late"] > 0  # that much is beyond any architecture
        assert measured[name].metrics["wrong board h"] < 0.01


def test_a_half_done_round_of_calls_leaves_somebody_untold_for_good() -> None:
    """The rebooking was done at the first try; at the second it has nothing new to say, and nobody hears of it."""
    notices = run(SMALL.with_(faults=[down("notices")]), REQUESTS).states["notices"]
    told = [entry.get("told", {}) for entry in notices.values()]
    assert any("cancelled" in words and "rebooked" not in words for words in told)


def alone(hour: int) -> Command:
    """A cancellation after this hour around which nothing else happens for ten seconds."""
    commands = SMALL.commands
    for before, command, after in zip(commands, commands[1:], commands[2:], strict=False):
        if command.type == "flight.cancel" and command.time > SMALL.at(f"{hour}:00"):
            if command.time - before.time > 10 * SECOND and after.time - command.time > 10 * SECOND:
                return command
    raise AssertionError("no such cancellation")


def test_without_an_outbox_a_crash_before_publishing_loses_the_news_for_good() -> None:
    lost = alone(10)
    careless = SMALL.with_(faults=[CrashBefore("operations", "publish", Instant(lost.time - SECOND))])
    finished = run(careless, PUBSUB, outbox=False)
    people = known()[lost.subject]["passengers"]
    assert finished.metrics["never told"] == people
    assert finished.states["operations"][lost.subject]["status"] == "cancelled"
    assert finished.states["boards"][lost.subject]["status"] != "cancelled"
    assert "told" not in finished.states["notices"][lost.subject]


@pytest.mark.parametrize("architecture", [PUBSUB, NOTIFICATION, TRANSFER])
def test_with_an_outbox_the_same_crash_loses_nothing(architecture: str) -> None:
    crash = CrashBefore("operations", "publish", Instant(alone(10).time - SECOND))
    finished = run(SMALL.with_(faults=[crash]), architecture)
    assert [r.where for r in finished.trace.of("crashed")] == ["operations"]
    assert comparable(finished)["notices"] == comparable(without_faults(architecture))["notices"]
    assert finished.metrics["never told"] == 0


def test_without_an_inbox_a_crash_before_acknowledging_tells_people_twice() -> None:
    command = alone(10)
    crash = CrashBefore("notices", "acknowledge", Instant(command.time - SECOND))
    people = known()[command.subject]["passengers"]
    careless = run(SMALL.with_(faults=[crash]), PUBSUB, inbox=False)
    careful = run(SMALL.with_(faults=[crash]), PUBSUB)
    assert careless.metrics["told twice"] == people
    assert careless.states["notices"][command.subject]["told"]["cancelled"] == 2
    assert careful.metrics["told twice"] == 0
    assert [r.where for r in careful.trace.of("crashed")] == ["notices"]
    assert [r.where for r in careful.trace.of("ignored")] == ["notices"]


def test_on_a_bad_network_the_inbox_makes_it_effectively_once() -> None:
    bad = SMALL.with_(faults=[Flaky(AT("03:00"), AT("22:00"), loss=0.05, duplication=0.2, reordering=0.2)])
    careful, careless = run(bad, PUBSUB), run(bad, PUBSUB, inbox=False)
    for kind in ("lost", "duplicated", "retried", "ignored"):
        assert any(careful.trace.of(kind)), kind
    assert careful.metrics["told twice"] == careful.metrics["never told"] == 0
    assert careless.metrics["told twice"] > 0
    told, usual = (comparable(r)["notices"] for r in (careful, without_faults(PUBSUB)))
    assert without_gates(told) == without_gates(usual)


@each
def test_operations_down_for_good_ends_the_run_too(architecture: str) -> None:
    finished = run(SMALL.with_(faults=[Crash("operations", AT("12:00"))]), architecture)
    assert len(finished.trace) < 100_000
    assert finished.metrics["never told"] > 0
    assert finished.metrics["recovery min"] != finished.metrics["recovery min"]  # not a number: it never recovered


@pytest.mark.parametrize("service", ["notices", "boards"])
def test_a_called_service_down_for_good_ends_the_run_too(service: str) -> None:
    finished = run(SMALL.with_(faults=[Crash(service, AT("12:00"))]), REQUESTS)
    assert len(finished.trace) < 200_000


# Reading them side by side ---------------------------------------------------------------------------------------


def wirings() -> Iterator[tuple[str, str]]:
    for name, wire in ARCHITECTURES.items():
        path = wire.__code__.co_filename
        with open(path, encoding="utf-8") as file:
            yield name, file.read()


def test_each_architecture_is_a_short_module_with_the_same_beginning() -> None:
    for name, text in wirings():
        assert len(text.splitlines()) <= 180, name
        assert text.lower().startswith(f'"""{name}:'), "its first sentence begins with its name"
        assert "def wire(cast: Cast" in text


def test_the_truth_that_the_metrics_use_is_the_truth_of_this_file() -> None:
    truth, passengers = metrics.truth_of(SMALL.commands)
    facts = known()
    assert passengers == {key: row["passengers"] for key, row in facts.items()}
    assert {key: moments[-1][1:] for key, moments in truth.items()} == {
        key: (row["status"], row["estimate"]) for key, row in facts.items()
    }


def test_operations_calls_exactly_those_whom_an_event_interests() -> None:
    happens = {r.message.type for r in without_faults(PUBSUB).trace.of("published") if r.message}
    assert happens <= set(request_driven.CALLS) <= set(catalogue.TYPES)
    for event_type, called in request_driven.CALLS.items():
        assert set(called) == {name for name, pattern in INTERESTS.items() if matches(pattern, event_type)}, event_type


@each
def test_a_key_of_a_state_names_a_thing_and_its_entry_says_what_is_known_of_it(architecture: str) -> None:
    places = {place for command in SMALL.commands for place in (command.data.get("dest"),) if place}
    for service, state in without_faults(architecture).states.items():
        for key, entry in state.items():
            assert isinstance(entry, Mapping), (service, key)
            named = key in SMALL.flights or key in places or key.split("-")[0] in ("JFK", "LGA", "EWR")
            assert named and " " not in key, (service, key)


def test_no_architecture_names_the_simulation() -> None:
    for name, text in wirings():
        assert "eventlab.sim" not in text and ".sim." not in text, name
