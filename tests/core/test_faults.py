"""Faults as data: each does what it says, ends when it says, and is refused beforehand if it cannot be meant."""

from __future__ import annotations

import math
from typing import Any

import pytest

from eventlab.errors import Invalid, NoReply, Unavailable
from eventlab.event import Command, Event
from eventlab.faults import Crash, CrashBefore, Fault, Flaky, Partition, Slow, inject, never
from eventlab.network import Delay, LinkQuality
from eventlab.service import Service
from eventlab.sim import SECOND
from tests.support.laboratory import EVEN, Ear, Lab, kinds, lab, result, seconds


def home_with(*names: str, **options: Any) -> Lab:
    home = lab()
    for name in names:
        home.service(name, **options)
    return home


def story(home: Lab, *wanted: str) -> list[tuple[str, str, float]]:
    return [(r.kind, r.where, r.at / SECOND) for r in home.sim.trace.of(*wanted)]


# What each does -------------------------------------------------------------------------------------------


def test_a_crash_lasts_from_its_begin_to_its_end() -> None:
    home = home_with("gates")
    inject([Crash("gates", seconds(5), seconds(9)), Crash("bus", seconds(6), seconds(7))], home.network)
    home.sim.run()
    assert story(home, "crashed", "restarted") == [
        ("crashed", "gates", 5), ("crashed", "bus", 6), ("restarted", "bus", 7), ("restarted", "gates", 9),
    ]  # fmt: skip
    assert home.network.nodes["gates"].up and home.bus.up


def test_a_crash_without_end_is_for_good() -> None:
    home = home_with("gates")
    inject([Crash("gates", seconds(5)), Crash("bus", seconds(5), never)], home.network)
    home.sim.run()
    assert not home.network.nodes["gates"].up and not home.bus.up


def test_crashes_that_overlap_end_when_the_last_of_them_is_over() -> None:
    home = home_with("gates")
    for name in ("gates", "bus"):
        inject([Crash(name, seconds(5), seconds(9)), Crash(name, seconds(6), seconds(20))], home.network)
    home.sim.run()
    assert [line for line in story(home, "crashed", "restarted") if line[1] == "gates"] == [
        ("crashed", "gates", 5), ("restarted", "gates", 20),
    ]  # fmt: skip
    assert kinds(home.sim.trace, "crashed", "restarted") == ["crashed", "crashed", "restarted", "restarted"]


@pytest.mark.parametrize("step", ["publish", "acknowledge"])
def test_a_crash_between_two_steps_happens_once_and_is_over_after_its_pause(step: str) -> None:
    home = home_with("gates", "pilot")
    gates, pilot = home.network.nodes["gates"], home.network.nodes["pilot"]
    assert isinstance(gates, Service) and isinstance(pilot, Service)
    gates.on("flight.*", lambda event: Event("gate.assigned"), durable="gates")
    inject([CrashBefore("gates", step, seconds(5), pause=2.5)], home.network)
    for at in (1, 6, 20):
        home.sim.call_at(seconds(at), pilot.publish, Event("flight.delayed"))
    home.sim.run()
    assert story(home, "crashed", "restarted") == [("crashed", "gates", 6.02), ("restarted", "gates", 8.52)]
    assert len(kinds(home.sim.trace, "handled")) == 4  # 1, 6, 6 again, 20


def test_a_crash_between_two_steps_revives_nobody_from_a_later_crash() -> None:
    home = home_with("gates", "pilot")
    gates, pilot = home.network.nodes["gates"], home.network.nodes["pilot"]
    assert isinstance(gates, Service) and isinstance(pilot, Service)
    gates.on("flight.*", lambda event: None, durable="gates")
    inject([CrashBefore("gates", "acknowledge", seconds(5), pause=2.0), Crash("gates", seconds(50))], home.network)
    home.sim.call_at(seconds(6), pilot.publish, Event("flight.delayed"))
    home.sim.run()
    assert story(home, "crashed", "restarted") == [
        ("crashed", "gates", 6.02), ("restarted", "gates", 8.02), ("crashed", "gates", 50),
    ]  # fmt: skip
    assert not gates.up


def test_a_crash_meanwhile_is_not_the_crash_between_two_steps() -> None:
    home = home_with("gates")
    gates = home.network.nodes["gates"]
    inject([CrashBefore("gates", "acknowledge", seconds(5), pause=2.0), Crash("gates", seconds(50))], home.network)
    home.sim.run()
    assert story(home, "crashed", "restarted") == [("crashed", "gates", 50)] and not gates.up


def test_a_slow_service_needs_so_many_times_as_long() -> None:
    home = lab()
    gates, pilot = home.service("gates", work=Delay(0.1)), home.service("pilot")
    gates.answers("note", lambda command: None)
    inject([Slow("gates", 30.0, seconds(5), seconds(10))], home.network)
    for at in (1, 6, 11):
        home.sim.call_at(seconds(at), pilot.tell, "gates", Command("note"))
    home.sim.run()
    assert [at for _, _, at in story(home, "handled")] == [1.11, 9.01, 11.11]
    assert [(r.note, r.at) for r in home.sim.trace.of("slowed")] == [("30", seconds(5)), ("1", seconds(10))]


def test_a_partition_cuts_off_from_everybody_or_from_some() -> None:
    home = home_with("gates", "operations", "boards")
    inject(
        [
            Partition("gates", seconds(1), seconds(2)),
            Partition("gates", seconds(3), seconds(4), others=("boards",)),
        ],
        home.network,
    )
    connected: dict[float, list[bool]] = {}

    def look() -> None:
        connected[home.sim.now / SECOND] = [
            home.network.connected("gates", other) for other in ("operations", "boards", "bus")
        ]

    for at in (0.5, 1.5, 2.5, 3.5, 4.5):
        home.sim.call_at(seconds(at), look)
    home.sim.run()
    assert connected == {
        0.5: [True] * 3, 1.5: [False] * 3, 2.5: [True] * 3, 3.5: [True, False, True], 4.5: [True] * 3,
    }  # fmt: skip


def flaky_lab(*faults: Fault, quality: LinkQuality | None = None) -> list[tuple[int, float, list[int]]]:
    """Which of ten messages a second arrive, by second; for the pairs gates-boards and gates-notices."""
    home = lab(7)
    ears = [Ear(home.network, name) for name in ("boards", "notices")]
    Ear(home.network, "gates")
    if quality is not None:
        home.network.set_quality(quality, [("gates", "boards")])
    inject(faults, home.network)
    for number in range(100):
        for ear in ears:
            home.sim.call_at(
                seconds(number / 10), home.network.send, "gates", ear.name, Event("x.y", id=str(number)), "tell"
            )
    home.sim.run()
    found = []
    for second in range(10):
        counts = [sum(1 for id in ear.ids if int(id) // 10 == second) for ear in ears]
        delay = min(
            (at - seconds(int(p.message.id) / 10) for at, p in ears[0].heard if int(p.message.id) // 10 == second),
            default=0,
        )
        found.append((second, delay / SECOND, counts))
    return found


def test_flaky_links_are_themselves_again_afterwards() -> None:
    found = flaky_lab(Flaky(seconds(3), seconds(6), loss=1.0))
    assert [counts for _, _, counts in found] == [[10, 10]] * 3 + [[0, 0]] * 3 + [[10, 10]] * 4


def test_some_links_may_be_flaky_and_the_others_not() -> None:
    found = flaky_lab(Flaky(seconds(3), seconds(6), duplication=1.0, pairs=(("gates", "boards"),)))
    assert [counts for _, _, counts in found] == [[10, 10]] * 3 + [[20, 10]] * 3 + [[10, 10]] * 4


@pytest.mark.parametrize("pairs", [(), (("gates", "boards"),)])
def test_a_flaky_link_keeps_its_own_delay_and_gets_its_own_quality_back(pairs: tuple[tuple[str, str], ...]) -> None:
    own = LinkQuality(Delay(0.5), duplication=1.0)
    found = flaky_lab(Flaky(seconds(3), seconds(6), loss=0.5, pairs=pairs), quality=own)
    assert [delay for _, delay, _ in found] == [0.5] * 10
    assert [counts[0] for _, _, counts in found[:3] + found[6:]] == [20] * 7
    assert 20 < sum(counts[0] for _, _, counts in found[3:6]) < 60  # what it loses, it cannot double


def test_two_flaky_times_that_overlap_end_each_at_its_own_end() -> None:
    found = flaky_lab(Flaky(seconds(2), seconds(5), loss=1.0), Flaky(seconds(4), seconds(7), loss=1.0))
    assert [counts for _, _, counts in found] == [[10, 10]] * 2 + [[0, 0]] * 5 + [[10, 10]] * 3
    found = flaky_lab(
        Flaky(seconds(2), seconds(6), loss=1.0, pairs=(("gates", "boards"),)),
        Flaky(seconds(4), seconds(8), duplication=1.0, pairs=(("gates", "notices"),)),
    )
    assert [counts for _, _, counts in found] == [
        [10, 10], [10, 10], [0, 10], [0, 10], [0, 20], [0, 20], [10, 20], [10, 20], [10, 10], [10, 10],
    ]  # fmt: skip


def test_without_end_links_stay_flaky() -> None:
    found = flaky_lab(Flaky(seconds(3), loss=1.0))
    assert [counts for _, _, counts in found] == [[10, 10]] * 3 + [[0, 0]] * 7


def test_a_request_during_a_fault_ends_in_a_refusal_or_in_no_answer() -> None:
    home = home_with("gates", "operations")
    gates, operations = home.network.nodes["gates"], home.network.nodes["operations"]
    assert isinstance(gates, Service) and isinstance(operations, Service)
    operations.answers("flight.describe", lambda command: {})
    inject(
        [Crash("operations", seconds(1), seconds(2)), Partition("operations", seconds(3), seconds(10))], home.network
    )
    outcomes: list[type] = []

    async def ask() -> None:
        for _ in range(4):
            try:
                await gates.request("operations", Command("flight.describe"), timeout=0.5)
                outcomes.append(dict)
            except (Unavailable, NoReply) as error:
                outcomes.append(type(error))
            await home.sim.sleep(1.2)

    result(home.sim, ask())
    assert outcomes == [dict, Unavailable, dict, NoReply]


# What cannot be meant -------------------------------------------------------------------------------------

LATE, EARLY = seconds(200), seconds(100)
WRONG: dict[str, tuple[Any, str]] = {
    "crash of nobody": (Crash("baggage", LATE), "baggage"),
    "crash of something that cannot crash": (Crash("ear", LATE), "ear"),
    "crash that ends before it begins": (Crash("gates", LATE, EARLY), "end of a fault"),
    "crash that ends as it begins": (Crash("gates", LATE, LATE), "end of a fault"),
    "crash in the past": (Crash("gates", seconds(5), LATE), "instant"),
    "crash at no instant": (Crash("gates", math.nan), "point in time"),
    "crash in seconds": (Crash("gates", 150.5e9, 160.5e9), "point in time"),
    "crash with a broken end": (Crash("gates", LATE, float(LATE + 1)), "point in time"),
    "step nobody knows": (CrashBefore("gates", "commit", LATE), "commit"),
    "step of the bus": (CrashBefore("bus", "publish", LATE), "bus"),
    "step of nobody": (CrashBefore("baggage", "publish", LATE), "baggage"),
    "step in the past": (CrashBefore("gates", "publish", seconds(5)), "instant"),
    "pause that is none": (CrashBefore("gates", "publish", LATE, pause=-1.0), "duration"),
    "pause without end": (CrashBefore("gates", "publish", LATE, pause=math.nan), "duration"),
    "slow nobody": (Slow("baggage", 2.0, LATE), "baggage"),
    "slow bus": (Slow("bus", 2.0, LATE), "bus"),
    "slow by nothing": (Slow("gates", 0.0, LATE), "factor"),
    "slow by no number": (Slow("gates", math.nan, LATE), "factor"),
    "slow for ever": (Slow("gates", math.inf, LATE), "factor"),
    "slow in the past": (Slow("gates", 2.0, seconds(5)), "instant"),
    "slow backwards": (Slow("gates", 2.0, LATE, EARLY), "end of a fault"),
    "partition of nobody": (Partition("baggage", LATE), "baggage"),
    "partition from nobody": (Partition("gates", LATE, others=("bus", "baggage")), "baggage"),
    "partition backwards": (Partition("gates", LATE, EARLY), "end of a fault"),
    "partition in the past": (Partition("gates", seconds(5)), "instant"),
    "flaky beyond everything": (Flaky(LATE, loss=1.5), "loss"),
    "flaky by no number": (Flaky(LATE, duplication=math.nan), "duplication"),
    "flaky backwards": (Flaky(LATE, EARLY, loss=0.5), "end of a fault"),
    "flaky in the past": (Flaky(seconds(5), loss=0.5), "instant"),
    "flaky with nobody": (Flaky(LATE, loss=0.5, pairs=(("gates", "baggage"),)), "baggage"),
    "something else": ("earthquake", "earthquake"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_meant_is_refused_and_nothing_at_all_is_planned(wrong: str) -> None:
    home = home_with("gates")
    Ear(home.network, "ear")
    home.sim.run(until=seconds(50))
    fault, named = WRONG[wrong]
    with pytest.raises(Invalid, match=named):
        inject([Crash("gates", LATE), fault, Crash("bus", LATE)], home.network)
    home.sim.run()
    assert len(home.sim.trace) == 0 and home.sim.now == seconds(50)  # not even the faults before it


def test_the_error_says_which_names_there_are() -> None:
    home = home_with("gates", "boards")
    with pytest.raises(Invalid) as caught:
        inject([Slow("bus", 2.0, LATE)], home.network)
    assert caught.value.expected == "one of gates, boards"
    with pytest.raises(Invalid) as caught:
        inject([Crash("baggage", LATE)], home.network)
    assert caught.value.expected == "one of bus, gates, boards"


def test_no_faults_are_no_faults() -> None:
    home = home_with("gates")
    inject([], home.network)
    home.sim.run()
    assert len(home.sim.trace) == 0 and home.network.quality == EVEN
