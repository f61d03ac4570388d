"""What is planned late happens as if it had been planned at the begin: the same records in the same order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.errors import Invalid
from eventlab.event import Command, Event
from eventlab.faults import Crash, Fault, Flaky, Partition, Slow, Workers, inject
from eventlab.lab import Lab
from eventlab.network import Delay
from eventlab.sim import SECOND

NAMES = ("shop", "mail", "bank")
moments = st.integers(1, 12)  # full seconds, so that many meet


def busy(seed: int = 0) -> Lab:
    """Three services which hear of each other's events at full seconds."""
    lab = Lab(seed)
    for name in NAMES:
        lab.service(name).on("order.*", lambda event: None, durable=name)
    for second in range(20):
        lab.at(second, lab.network.nodes["shop"].publish, Event("order.placed", {"number": second}))  # type: ignore[attr-defined]
    return lab


@st.composite
def faults(draw: st.DrawFn) -> list[Fault]:
    found: list[Fault] = []
    for _ in range(draw(st.integers(1, 5))):
        at = draw(moments)
        until, name = draw(st.one_of(st.none(), st.integers(1, 6).map(lambda n: at + n))), draw(st.sampled_from(NAMES))  # noqa: B023
        found.append(
            draw(
                st.sampled_from(
                    [
                        Crash(name, at, until),
                        Slow(name, 3.0, at, until),
                        Workers(name, 2, at, until),
                        Partition(name, at, until),
                        Flaky(at, until, loss=0.5),
                        Flaky(at, until, delay=0.7, pairs=(("bus", name),)),
                    ]
                )
            )
        )
    return sorted(found, key=lambda fault: fault.at)  # type: ignore[attr-defined]


@given(faults=faults())
@settings(max_examples=60, deadline=None)
def test_a_fault_that_is_planned_just_before_its_time_makes_the_same_trace(faults: list[Any]) -> None:
    planned, late = busy(), busy()
    inject(faults, planned.network, ahead=0)
    for number, fault in enumerate(faults):
        if late.sim.now < fault.at * SECOND - 1:
            late.sim.run(until=(fault.at * SECOND - 1) / SECOND)
        inject([fault], late.network, ahead=number)
    assert late.run().digest() == planned.run().digest()


def test_what_is_planned_first_comes_before_all_else_of_its_instant_in_order_of_rank() -> None:
    lab, seen = Lab(), list[str]()
    lab.sim.call_at(SECOND, seen.append, "planned")
    lab.sim.call_first(SECOND, 2, seen.append, "second")
    lab.sim.call_first(SECOND, 1, seen.append, "first")
    lab.run()
    assert seen == ["first", "second", "planned"]


def test_a_packet_under_way_is_treated_at_the_time_of_the_intervention_and_not_before() -> None:
    lab = Lab()
    lab.service("ear")
    client = lab.client("client")
    lab.at(1, client.tell, "ear", Command("hello"))
    lab.sim.call_first(SECOND + 5_000_000, 0, lab.network.intervene, 1, lambda packet, arrival: [])
    lab.run()
    assert [(record.kind, record.at) for record in lab.trace] == [("sent", SECOND), ("lost", SECOND + 5_000_000)]


def test_a_packet_that_has_arrived_is_not_changed_any_more() -> None:
    def trace(*late: Any) -> str:
        lab = Lab()
        lab.service("ear")
        lab.at(1, lab.client("client").tell, "ear", Command("hello"))
        for call in late:
            lab.sim.call_first(2 * SECOND, 0, lab.network.intervene, 1, call)
        return lab.run().digest()

    assert trace(lambda packet, arrival: []) == trace()


def test_more_workers_take_up_what_waits_and_go_when_they_are_done() -> None:
    lab = Lab()
    shop = lab.service("shop", work=Delay(1.0))
    shop.answers("sell", lambda command: None)
    client = lab.client("client")
    for _ in range(7):
        lab.at(0, client.tell, "shop", Command("sell"))
    lab.inject(Workers("shop", 2, 0.5, 1.5))
    lab.run()
    done = [round((record.at - lab.sim.begin) / SECOND, 1) for record in lab.trace.of("handled")]
    assert done == [1.0, 1.5, 1.5, 2.0, 2.5, 2.5, 3.5]
    assert [record.note for record in lab.trace.of("staffed")] == ["3", "1"]
    assert shop.workers == 1


def test_a_held_up_link_keeps_its_order_and_is_itself_again_afterwards() -> None:
    lab = Lab()
    lab.service("ear").answers("hello", lambda command: None)
    client = lab.client("client")
    for second in (1, 2, 3, 10):
        lab.at(second, client.tell, "ear", Command("hello"))
    lab.inject(Flaky(1.5, 2.5, delay=5.0, pairs=(("client", "ear"),)))
    lab.run()
    arrived = [int((record.at - lab.sim.begin) / SECOND) for record in lab.trace.of("received")]
    assert arrived == [1, 7, 7, 10]


@pytest.mark.parametrize("more", [0, -1, 1001, 1.5, True])
def test_a_number_of_workers_that_cannot_be_meant_is_refused(more: Any) -> None:
    with pytest.raises(Invalid, match=r"(?i)workers"):
        busy().inject(Workers("shop", more, 1))


def test_planned_in_the_usual_way_the_traces_may_differ() -> None:
    """The control: without a rank of its own, a fault comes after what was planned for its instant before it."""
    planned, late = busy(), busy()
    inject([Partition("shop", 5, 8)], planned.network, ahead=0)
    late.sim.run(until=4)
    inject([Partition("shop", 5, 8)], late.network)
    assert late.run().digest() != planned.run().digest()
