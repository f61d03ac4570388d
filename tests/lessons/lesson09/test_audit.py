"""What a store tells about its events."""

from __future__ import annotations

from functools import reduce

from eventlab import Command, Event, Store
from eventlab.airports import Scenario
from eventlab.airports.rules import decide, evolve
from eventlab.lessons.lesson09 import audit

AT = Scenario().at


def a_store() -> Store:
    store = Store()
    store.append(
        "flight-A1",
        [
            Event(
                "flight.scheduled",
                {"flight": "A1", "planned": AT("07:00")},
                "A1",
                "o1",
                "operations",
                AT("03:10"),
                "",
                "c1",
            ),
            Event(
                "flight.delayed",
                {"flight": "A1", "estimate": AT("08:30")},
                "A1",
                "o2",
                "operations",
                AT("06:40"),
                "",
                "c2",
            ),
        ],
    )
    moved = {"flight": "A1", "gate": "LGA-25", "before": "LGA-23"}
    store.append("gate-A1", Event("gate.changed", moved, "A1", "g1", "gates", AT("06:41"), "", "o2"))
    return store


def test_the_context_of_an_event_is_its_place_its_time_its_maker_and_its_cause() -> None:
    rows = audit.context(a_store().read_all())
    assert [row["nr"] for row in rows] == [1, 2, 3]
    assert rows[2] == {
        "nr": 3, "time": "06:41:00", "type": "gate.changed", "made by": "gates", "id": "g1", "caused by": "o2",
    }  # fmt: skip


def test_a_decisions_trail_names_what_set_it_off_and_what_began_it() -> None:
    store = a_store()
    decided = store.find("g1")
    assert decided is not None
    told = audit.trail(store, decided)
    for words in ("LGA-23 → LGA-25", "gates", "06:41:00", "flight.delayed (o2)", "caused by c2"):
        assert words in told


def test_a_gates_plan_is_told_in_order_of_time() -> None:
    rows = audit.taken({"B": (AT("09:00"), AT("10:00")), "A": (AT("07:00"), AT("08:00"))})
    assert rows == [
        {"flight": "A", "from": "07:00", "until": "08:00"},
        {"flight": "B", "from": "09:00", "until": "10:00"},
    ]


def test_the_volume_grows_with_the_days() -> None:
    one, ten = audit.volume(a_store(), 1), audit.volume(a_store(), 10)
    assert "3 events" in one and "1 such days would be 3 events" in one and "10 such days would be 30 events" in ten


def test_the_gates_rule_asked_again_decides_the_same_and_says_what_was_in_the_way() -> None:
    planned = {"flight": "B2", "origin": "LGA", "planned": AT("08:20")}
    mine = {"flight": "A1", "origin": "LGA", "planned": AT("07:00")}
    store = Store()
    for number, data in enumerate((mine, planned), 1):
        event = Event(
            "flight.scheduled", data, str(data["flight"]), f"s{number}", "operations", AT("03:00"), "", f"c{number}"
        )
        store.append(f"flight-{data['flight']}", event)
    later = Event("flight.delayed", {"flight": "A1", "estimate": AT("08:00")}, "A1", "d1", "operations", AT("06:00"))
    store.append("flight-A1", later)
    moved = {"flight": "A1", "gate": "LGA-02", "before": "LGA-01"}
    store.append("gate-A1", Event("gate.changed", moved, "A1", "g1", "gates", AT("06:01"), "", "d1"))
    decided = store.find("g1")
    assert decided is not None
    again, gates = audit.decided_again(store, decided)
    assert again[0].data == moved
    assert "at LGA-01, B2 was in the way" in audit.why(decided, gates)
    assert "2 events of the flight; it was delayed, to leave at 08:00" in audit.known(store, "A1", AT("06:01"))


def test_a_flight_that_was_cancelled_by_mistake_can_leave_once_that_is_corrected() -> None:
    delayed = [recorded.event for recorded in a_store().read("flight-A1")]
    corrected = [*delayed, Event("flight.cancelled"), Event("flight.delayed", {"estimate": AT("11:30")})]
    leaves = Command("flight.depart", {"flight": "A1", "departed": AT("11:34")}, "A1")
    assert [event.type for event in decide(leaves, reduce(evolve, corrected, {}))] == ["flight.departed"]
