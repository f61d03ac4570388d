"""What the bus promises whatever goes wrong: random plans of faults, all healed in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from hypothesis import event as sometimes
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.event import Event
from eventlab.faults import Crash, CrashBefore, Fault, Flaky, Partition, Slow, inject
from eventlab.network import Delay, LinkQuality
from eventlab.outbox import Inbox
from eventlab.service import Service
from tests.support.laboratory import Lab, ids, lab, seconds

CONSUMERS = ("gates-a", "gates-b", "gates-c")
LINKS = tuple(("bus", name) for name in CONSUMERS)

instants = st.integers(0, 100).map(seconds)
spans = st.tuples(instants, st.integers(1, 30).map(seconds)).map(lambda span: (span[0], span[0] + span[1]))
consumers = st.sampled_from(CONSUMERS)
shares = st.sampled_from([0.0, 0.1, 0.5, 0.9])

crashes = st.builds(lambda name, span: Crash(name, *span), st.sampled_from([*CONSUMERS, "bus"]), spans)
partitions = st.builds(lambda name, span: Partition(name, *span, others=("bus",)), consumers, spans)
halfway = st.builds(
    lambda name, step, at, pause: CrashBefore(name, step, at, pause=pause),
    consumers,
    st.sampled_from(["publish", "acknowledge"]),
    instants,
    st.floats(0, 40),
)
slow = st.builds(lambda name, span: Slow(name, 20.0, *span), consumers, spans)
flaky = st.builds(
    lambda span, loss, duplication, reordering: Flaky(*span, loss, duplication, reordering, pairs=LINKS),
    spans,
    shares,
    shares,
    shares,
)
faults = st.lists(crashes | partitions | halfway | slow | flaky, max_size=8)


class Plan(NamedTuple):
    seed: int
    members: int
    asynchronous: bool
    max_ack_pending: int
    subjects: int
    faults: list[Any]


plans = st.builds(
    Plan,
    seed=st.integers(0, 10**6),
    members=st.integers(1, 3),
    asynchronous=st.booleans(),
    max_ack_pending=st.sampled_from([1, 3, 100]),
    subjects=st.integers(1, 6),
    faults=faults,
)


class Outcome(NamedTuple):
    home: Lab
    log: list[Event]
    handled: dict[str, list[Event]]  # by member, in the order in which the work was done
    most_pending: int


def run(given_plan: Plan, *, inbox: bool = False, settle: bool = True, **options: Any) -> Outcome:
    """Sixty events, one every second or so, to consumers that share the work while all those things go wrong."""
    home = lab(given_plan.seed, LinkQuality(Delay(0.01, 0.3)))
    pilot = home.service("pilot")
    handled: dict[str, list[Event]] = defaultdict(list)
    most_pending = 0
    services = [home.service(name, workers=2, work=Delay(0.1, 2.0, "exponential")) for name in CONSUMERS]

    def handler(service: Service) -> Any:
        def work(event: Event) -> Event:
            nonlocal most_pending
            for subscription in home.bus.subscriptions.values():
                most_pending = max(most_pending, len(subscription.pending))
            handled[service.name].append(event)
            service.state[event.id] = int(service.state.get(event.id, 0)) + 1
            return Event("gate.assigned")

        async def later(event: Event) -> Event:
            await home.sim.sleep(home.sim.random("handlers").random())
            return work(event)

        return later if given_plan.asynchronous else work

    wanted = {"durable": "gates", "ack_wait": 4.0, "max_deliver": 10**6, "backoff": (0.5, 3.0)}
    wanted |= {"max_ack_pending": given_plan.max_ack_pending} | options
    if not wanted["durable"]:
        wanted = {}
    for service in services[: given_plan.members]:
        if inbox:
            Inbox(service)
        service.on("flight.*", handler(service), **wanted)
    inject(given_plan.faults, home.network)
    for number in range(60):
        made = Event("flight.delayed", {"n": number}, subject=f"s{number % given_plan.subjects}", id=f"e{number}")
        home.sim.call_at(seconds(2 * number), pilot.publish, made)
    home.sim.run()
    log = [event for event in home.bus.log if event.type == "flight.delayed"]
    if settle:
        subscription = home.bus.subscriptions["gates"]
        assert subscription.backlog == 0, "something is still pending though nothing is planned any more"
        assert set(subscription.members.values()) == {0}
    return Outcome(home, log, handled, most_pending)


def happened(outcome: Outcome) -> None:
    for kind in sorted({record.kind for record in outcome.home.sim.trace}):
        sometimes(kind)


@given(plans)
@settings(max_examples=60)
def test_nothing_is_lost_and_every_subject_keeps_its_order(given_plan: Plan) -> None:
    outcome = run(given_plan)
    happened(outcome)
    trace = outcome.home.sim.trace
    times = Counter(ids(trace, "handled"))
    assert [event.id for event in outcome.log if not times[event.id]] == []  # at least once
    assert ids(trace, "dead") == []
    for subject in range(given_plan.subjects):
        published = [event.id for event in outcome.log if event.subject == f"s{subject}"]
        first_time = [id for id in dict.fromkeys(ids(trace, "handled")) if id in published]
        assert first_time == published
    assert outcome.most_pending <= given_plan.max_ack_pending


@given(plans)
@settings(max_examples=40)
def test_with_an_inbox_every_event_has_its_effect_once_and_in_order(given_plan: Plan) -> None:
    """Effectively once: at least once, and a handler whose second time changes nothing. One consumer, for its inbox."""
    outcome = run(given_plan._replace(members=1), inbox=True)
    (name,) = outcome.handled or {CONSUMERS[0]: []}
    assert dict(outcome.home.sim.trace.state(name)) == {event.id: 1 for event in outcome.log}
    for subject in range(given_plan.subjects):
        done = [event.id for event in outcome.handled[name] if event.subject == f"s{subject}"]
        assert done == [event.id for event in outcome.log if event.subject == f"s{subject}"]


@given(plans)
@settings(max_examples=30)
def test_with_few_tries_every_event_is_handled_or_a_dead_letter(given_plan: Plan) -> None:
    outcome = run(given_plan, max_deliver=2)
    handled = set(ids(outcome.home.sim.trace, "handled"))
    dead = [letter.event.id for letter in outcome.home.bus.subscriptions["gates"].dead]
    assert len(dead) == len(set(dead))
    assert handled | set(dead) == {event.id for event in outcome.log}
    assert ids(outcome.home.sim.trace, "dead") == dead


@given(plans)
@settings(max_examples=30)
def test_without_a_durable_name_an_event_comes_at_most_once(given_plan: Plan) -> None:
    doubling = [fault for fault in given_plan.faults if not isinstance(fault, Flaky)]
    outcome = run(given_plan._replace(faults=doubling), settle=False, durable="")
    assert "acknowledged" not in {record.kind for record in outcome.home.sim.trace}
    for name, events in outcome.handled.items():
        seen = [event.data["n"] for event in events]
        assert len(seen) == len(set(seen)), name


@given(plans)
@settings(max_examples=20)
def test_the_same_seed_and_the_same_faults_give_the_same_trace(given_plan: Plan) -> None:
    """D6 of the simulation's promises: a failing plan can be replayed."""
    assert run(given_plan).home.sim.trace.digest() == run(given_plan).home.sim.trace.digest()


def test_the_faults_do_strike() -> None:
    """The laws above would hold easily if nothing ever went wrong."""
    everything: list[Fault] = [
        Crash("gates-a", seconds(10), seconds(40)),
        Crash("bus", seconds(50), seconds(55)),
        CrashBefore("gates-b", "acknowledge", seconds(5), pause=10.0),
        Partition("gates-a", seconds(60), seconds(80), others=("bus",)),
        Flaky(seconds(82), seconds(110), 0.5, 0.5, 0.5, pairs=LINKS),
    ]
    outcome = run(Plan(1, 2, True, 100, 3, everything))
    found = Counter(record.kind for record in outcome.home.sim.trace)
    for kind in ("crashed", "restarted", "partitioned", "healed", "lost", "duplicated", "retried", "acknowledged"):
        assert found[kind] > 0, kind
    again = [id for id, times in Counter(ids(outcome.home.sim.trace, "handled")).items() if times > 1]
    assert again, "some events are handled twice: at least once is not exactly once"
    assert len(outcome.log) < 60, "what is published while the bus is down is lost"
