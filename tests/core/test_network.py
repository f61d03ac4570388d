"""The network: messages take time, and sometimes get lost, doubled, overtaken or turned away."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from eventlab.errors import Invalid, NoReply, Unavailable
from eventlab.event import Command, Event
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import SECOND, Draws, Sim
from tests.support.laboratory import EVEN, Ear, ids, kinds, result, seconds


def pair(seed: int = 0, quality: LinkQuality = EVEN) -> tuple[Sim, Network, Ear, Ear]:
    sim = Sim(seed)
    network = Network(sim, quality)
    return sim, network, Ear(network, "gates"), Ear(network, "boards")


def note(number: int) -> Event:
    return Event("gate.assigned", id=f"e{number}")


# Delays ---------------------------------------------------------------------------------------------------


def test_a_message_takes_its_time_and_leaves_a_record_at_both_ends() -> None:
    sim, network, _, boards = pair()
    sim.call_at(SECOND, network.send, "gates", "boards", note(1), "tell", "a reference")
    sim.run()
    assert [(at, p.message.id, p.purpose, p.reference) for at, p in boards.heard] == [
        (seconds(1.010), "e1", "tell", "a reference")
    ]
    assert [(r.kind, r.at, r.where, r.other, r.packet, r.purpose) for r in sim.trace] == [
        ("sent", SECOND, "gates", "boards", 1, "tell"),
        ("received", seconds(1.010), "boards", "gates", 1, "tell"),
    ]


def test_a_delay_is_fixed_or_even_or_exponential() -> None:
    draws = Draws(3, "delays")
    assert {Delay(0.2).sampler(draws)() for _ in range(100)} == {seconds(0.2)}
    even = [Delay(0.2, 0.1).sampler(draws)() for _ in range(5000)]
    assert seconds(0.2) <= min(even) < seconds(0.201) and seconds(0.299) < max(even) < seconds(0.3)
    assert sum(even) / 5000 == pytest.approx(seconds(0.25), rel=0.01)
    tail = [Delay(0.2, 0.1, "exponential").sampler(draws)() for _ in range(5000)]
    assert min(tail) >= seconds(0.2) and max(tail) > seconds(0.7)
    assert sum(tail) / 5000 == pytest.approx(seconds(0.3), rel=0.03)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Delay(-0.1),
        lambda: Delay(0.1, math.nan),
        lambda: Delay(math.inf),
        lambda: Delay(0.1, 0.1, "gamma"),
        lambda: LinkQuality(loss=1.1),
        lambda: LinkQuality(duplication=-0.1),
        lambda: LinkQuality(reordering=math.nan),
        lambda: LinkQuality(late=-1.0),
    ],
)
def test_an_impossible_delay_or_share_is_refused(wrong: Any) -> None:
    with pytest.raises(Invalid):
        wrong()


# Order, loss, duplication, reordering ---------------------------------------------------------------------

DELAYS = st.builds(Delay, st.floats(0, 0.1), st.floats(0, 2), st.sampled_from(["uniform", "exponential"]))


@given(st.integers(0, 10**6), DELAYS, DELAYS, st.lists(st.floats(0, 0.5), min_size=1, max_size=30), st.floats(0, 0.5))
def test_without_reordering_a_link_keeps_the_order_in_which_messages_were_sent(
    seed: int, delay: Delay, later: Delay, pauses: list[float], loss: float
) -> None:
    sim, network, _, boards = pair(seed, LinkQuality(delay, loss=loss))
    at = 0
    for number, pause in enumerate(pauses):
        at += seconds(pause)
        sim.call_at(at, network.send, "gates", "boards", note(number), "tell")
        if number == len(pauses) // 2:
            sim.call_at(at, network.set_quality, LinkQuality(later, loss=loss))  # also when the link changes on the way
    sim.run()
    lost = {int(id[1:]) for id in ids(sim.trace, "lost")}
    assert boards.ids == [f"e{number}" for number in range(len(pauses)) if number not in lost]


def test_the_two_directions_and_other_pairs_do_not_wait_for_each_other() -> None:
    sim, network, gates, boards = pair(quality=LinkQuality(Delay(5)))
    network.send("gates", "boards", note(1), "tell")
    network.set_quality(EVEN)
    network.send("boards", "gates", note(2), "tell")
    sim.run()
    assert gates.heard[0][0] == seconds(0.010) and boards.heard[0][0] == seconds(5)


def send_many(quality: LinkQuality, count: int = 4000) -> tuple[Sim, Ear]:
    sim, network, _, boards = pair(11, quality)
    for number in range(count):
        sim.call_at(number * seconds(0.1), network.send, "gates", "boards", note(number), "tell")
    sim.run()
    return sim, boards


def test_the_share_of_lost_messages_is_as_asked_and_every_loss_is_recorded() -> None:
    sim, boards = send_many(LinkQuality(Delay(0.010), loss=0.2))
    lost = ids(sim.trace, "lost")
    assert len(lost) == pytest.approx(800, abs=100)  # four standard deviations
    assert sorted(lost + boards.ids) == sorted(ids(sim.trace, "sent"))
    assert {r.note for r in sim.trace.of("lost")} == {"lost on the way"}


def test_the_share_of_doubled_messages_is_as_asked_and_every_doubling_is_recorded() -> None:
    sim, boards = send_many(LinkQuality(Delay(0.010), duplication=0.2))
    doubled = ids(sim.trace, "duplicated")
    assert len(doubled) == pytest.approx(800, abs=100)
    assert sorted(boards.ids) == sorted(ids(sim.trace, "sent") + doubled)
    packets = [r.packet for r in sim.trace.of("received")]
    assert len(set(packets)) == 4000  # both arrivals belong to the same arrow


def test_the_share_of_overtaken_messages_is_as_asked() -> None:
    sim, boards = send_many(LinkQuality(Delay(0.010), reordering=0.1, late=0.35))
    assert sorted(boards.ids) == sorted(ids(sim.trace, "sent"))
    arrived = {packet.message.id: at for at, packet in boards.heard}
    late = [number for number in range(4000) if arrived[f"e{number}"] == number * seconds(0.1) + seconds(0.36)]
    assert len(late) == pytest.approx(400, abs=76)
    on_time = [number for number in range(4000) if arrived[f"e{number}"] == number * seconds(0.1) + seconds(0.01)]
    assert len(late) + len(on_time) == 4000  # the others do not wait for the late ones
    assert boards.ids != sorted(boards.ids, key=lambda id: int(id[1:]))


def test_a_link_may_lose_everything_or_double_everything() -> None:
    sim, boards = send_many(LinkQuality(loss=1.0), 50)
    assert boards.heard == [] and kinds(sim.trace) == ["sent", "lost"] * 50
    sim, boards = send_many(LinkQuality(Delay(0.010), duplication=1.0), 50)
    assert len(boards.heard) == 100


def test_the_faults_of_one_link_do_not_change_the_draws_of_another() -> None:
    def arrivals(other_traffic: bool) -> list[int]:
        sim = Sim(5)
        network = Network(sim, LinkQuality(Delay(0.01, 0.1), loss=0.1))
        ears = [Ear(network, name) for name in ("gates", "boards", "notices")]
        for number in range(100):
            if other_traffic:
                sim.call_at(number * SECOND, network.send, "gates", "notices", note(number), "tell")
                sim.call_at(number * SECOND, network.send, "boards", "gates", note(number), "tell")
            sim.call_at(number * SECOND, network.send, "gates", "boards", note(number), "tell")
        sim.run()
        return [at for at, _ in ears[1].heard]

    assert arrivals(True) == arrivals(False)


def test_one_pair_may_be_worse_than_the_others_in_both_directions() -> None:
    sim, network, gates, boards = pair()
    notices = Ear(network, "notices")
    network.set_quality(LinkQuality(loss=1.0), [("gates", "boards")])
    for one, other in (("gates", "boards"), ("boards", "gates"), ("gates", "notices"), ("notices", "gates")):
        network.send(one, other, note(1), "tell")
    sim.run()
    assert (len(gates.heard), len(boards.heard), len(notices.heard)) == (1, 0, 1)


# By hand and by rule --------------------------------------------------------------------------------------

BY_HAND: dict[str, tuple[Any, list[tuple[str, float]], list[tuple[str, str]]]] = {
    "dropped": (lambda packet, at: [], [], [("lost", "dropped by hand")]),
    "delayed": (lambda packet, at: [(at + seconds(0.5), packet)], [("e1", 0.510)], []),
    "doubled": (
        lambda packet, at: [(at, packet), (at + seconds(0.5), packet)],
        [("e1", 0.010), ("e1", 0.510)],
        [("duplicated", "by hand")],
    ),
    "changed": (
        lambda packet, at: [(at, replace(packet, message=note(7)))],
        [("e7", 0.010)],
        [],
    ),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_one_message_may_be_treated_by_hand_and_the_others_travel_as_before(what: str) -> None:
    intervention, arrivals, records = BY_HAND[what]
    sim, network, _, boards = pair()
    network.interventions = {2: intervention}
    for number in range(3):
        network.send("gates", "boards", note(number), "tell")
    sim.run()
    treated = [(packet.message.id, at / SECOND) for at, packet in boards.heard if packet.number == 2]
    assert treated == arrivals
    assert [(packet.message.id, at) for at, packet in boards.heard if packet.number != 2] == [
        ("e0", seconds(0.010)),
        ("e2", seconds(0.010)),
    ]
    assert [(r.kind, r.note) for r in sim.trace.of("lost", "duplicated")] == records


def test_treating_one_message_by_hand_does_not_change_the_luck_of_those_that_follow() -> None:
    """What if this one had been late? Everything else must be as it was."""

    def arrivals(intervention: Any) -> list[tuple[int, int]]:
        sim, network, _, boards = pair(3, LinkQuality(Delay(0.01, 0.1), loss=0.3, duplication=0.3, reordering=0.3))
        network.interventions = {10: intervention} if intervention else {}
        for number in range(60):
            sim.call_at(seconds(10 * number), network.send, "gates", "boards", note(number), "tell")
        sim.run()
        return [(packet.number, at) for at, packet in boards.heard if packet.number != 10]

    assert arrivals(lambda packet, at: [(at, packet)]) == arrivals(None)
    assert arrivals(lambda packet, at: []) == arrivals(None)


def test_a_message_that_must_not_be_sent_is_an_error_of_its_sender_and_leaves_no_trace() -> None:
    sim, network, gates, _ = asking()

    def check(message: Any) -> None:
        if message.type != "flight.describe":
            raise Invalid("type", where="test", expected="flight.describe", found=message.type)

    network.check = check
    with pytest.raises(Invalid, match=r"flight\.descrive"):
        gates.tell("operations", Command("flight.descrive"))
    with pytest.raises(Invalid, match=r"flight\.descrive"):
        result(sim, gates.request("operations", Command("flight.descrive")))
    assert len(sim.trace) == 0
    assert result(sim, gates.request("operations", Command("flight.describe"))) == {"status": "on time"}


# Partitions -----------------------------------------------------------------------------------------------


def test_nothing_passes_a_partition_until_it_is_healed() -> None:
    sim, network, gates, boards = pair()
    network.partition("gates", ["boards"])
    network.send("gates", "boards", note(1), "tell")
    network.send("boards", "gates", note(2), "tell")
    assert not network.connected("gates", "boards") and not network.connected("boards", "gates")
    sim.run()
    assert gates.heard == boards.heard == []
    assert [r.note for r in sim.trace.of("lost")] == ["partition", "partition"]
    network.heal("gates", ["boards"])
    assert network.connected("gates", "boards")
    network.send("gates", "boards", note(3), "tell")
    sim.run()
    assert boards.ids == ["e3"]
    assert kinds(sim.trace, "partitioned", "healed") == ["partitioned", "healed"]


def test_a_partition_from_everybody_leaves_the_others_connected() -> None:
    sim, network, _, boards = pair()
    notices = Ear(network, "notices")
    network.partition("gates")
    assert [(r.where, r.other) for r in sim.trace.of("partitioned")] == [("gates", "boards"), ("gates", "notices")]
    network.send("gates", "boards", note(1), "tell")
    network.send("boards", "notices", note(2), "tell")
    sim.run()
    assert boards.heard == [] and notices.ids == ["e2"]
    network.heal("gates")
    network.send("gates", "boards", note(3), "tell")
    sim.run()
    assert boards.ids == ["e3"]


def test_a_node_that_is_down_loses_what_arrives() -> None:
    sim, network, gates, boards = pair()
    boards.up = False
    network.send("gates", "boards", note(1), "tell")
    sim.run()
    assert boards.heard == gates.heard == []
    assert [r.note for r in sim.trace.of("lost")] == ["boards is down"]
    assert not network.connected("gates", "boards")


def test_the_watchers_hear_of_a_restart_and_of_the_end_of_a_partition() -> None:
    sim, network, _, _ = pair()
    service = Service("notices", network)
    told: list[int] = []
    network.watchers.add(lambda: told.append(sim.now))
    network.partition("gates")
    before = len(told)
    network.heal("gates")
    assert len(told) > before
    service.crash()
    before = len(told)
    service.restart()
    assert len(told) > before


# A definite no, and no answer -----------------------------------------------------------------------------


def asking(quality: LinkQuality = EVEN) -> tuple[Sim, Network, Service, Service]:
    sim = Sim()
    network = Network(sim, quality)
    gates, operations = Service("gates", network), Service("operations", network)
    operations.answers("flight.describe", lambda command: {"status": "on time"})
    return sim, network, gates, operations


def test_a_service_that_does_not_run_is_a_quick_no() -> None:
    sim, _, gates, operations = asking()
    operations.crash()
    with pytest.raises(Unavailable, match=r"operations cannot do 'flight\.describe' now: not running"):
        result(sim, gates.request("operations", Command("flight.describe")))
    assert sim.now == seconds(0.020)  # there and back


@pytest.mark.parametrize("fault", ["loss", "partition", "down behind a partition"])
def test_a_lost_request_is_no_answer_at_all(fault: str) -> None:
    sim, network, gates, operations = asking()
    if fault == "loss":
        network.set_quality(LinkQuality(loss=1.0))
    elif fault == "partition":
        network.partition("gates")
    else:
        operations.crash()
        sim.call_at(seconds(0.005), network.partition, "gates")  # the request is on its way; the no cannot come back
    with pytest.raises(NoReply, match=r"operations to 'flight.describe' within 5 s"):
        result(sim, gates.request("operations", Command("flight.describe")))
    assert sim.now == seconds(5)


# Names ----------------------------------------------------------------------------------------------------


def test_unknown_names_are_refused_and_leave_no_trace() -> None:
    sim, network, _, _ = pair()
    wrong: list[Any] = [
        lambda: network.send("gates", "baggage", note(1), "tell"),
        lambda: network.send("baggage", "gates", note(1), "tell"),
        lambda: network.node("baggage"),
        lambda: network.connected("gates", "baggage"),
        lambda: network.partition("baggage"),
        lambda: network.partition("gates", ["boards", "baggage"]),
        lambda: network.heal("gates", ["boards", "baggage"]),
        lambda: network.set_quality(LinkQuality(loss=1.0), [("gates", "boards"), ("gates", "baggage")]),
    ]
    for call in wrong:
        with pytest.raises(Invalid, match="unknown service") as caught:
            call()
        assert caught.value.found == "baggage"
        assert "gates, boards" in caught.value.expected
    assert len(sim.trace) == 0
    assert network.connected("gates", "boards")  # not half done either
    network.send("gates", "boards", note(1), "tell")
    sim.run()
    assert kinds(sim.trace) == ["sent", "received"]


@pytest.mark.parametrize("name", ["gates", ""])
def test_a_node_needs_a_name_of_its_own(name: str) -> None:
    _, network, _, _ = pair()
    with pytest.raises(Invalid, match="name of a node"):
        Ear(network, name)


def test_whoever_joins_while_one_is_cut_off_from_everybody_is_cut_off_too() -> None:
    _, network, _, _ = pair()
    network.partition("gates")
    Service("notices", network)
    assert not network.connected("gates", "notices") and network.connected("boards", "notices")
    network.heal("gates")
    Service("baggage", network)
    assert all(network.connected("gates", name) for name in ("notices", "baggage", "boards"))
