"""The town of lesson 05: what a leader, a time-out and a lock do, not only on the day that the lesson shows."""

from __future__ import annotations

import pytest

from eventlab.errors import Refused, Unavailable
from eventlab.event import Message
from eventlab.faults import Crash
from eventlab.lessons.lesson05.knowing import ORDERS, changed, changes, compared, known, knows
from eventlab.lessons.lesson05.last_seats import SEATS, LastSeats, held, sold, take
from eventlab.lessons.lesson05.scenes import TROUBLES, Trials, endings
from eventlab.lessons.lesson05.town import REBOOKING, Town
from eventlab.service import Service


@pytest.mark.parametrize("led", [True, False])
@pytest.mark.parametrize("no", ["flight.rebook", "seat.reserve", "hotel.book", "payment.charge"])
def test_led_or_not_the_same_is_done_and_taken_back(led: bool, no: str) -> None:
    town = Town(led=led, no=[no], seed=3).ask("anna").run()
    assert town.standing("anna")["end"] == "compensated"
    types = [event.type for event in town.events("anna") if not event.type.startswith("rebooking")]
    done = [type.split(".")[0] for type in types if type.endswith(".done")]
    assert types[len(done)].endswith(".refused")
    assert [type.split(".")[0] for type in types[len(done) + 1 :]] == done[::-1]


def test_only_a_leader_ends_what_gets_no_answer_and_only_he_knows_the_whole() -> None:
    led, alone = Trials(led=True), Trials(led=False)
    assert led.unfinished == [] and alone.unfinished == ["hotels stops for good"]
    assert led.knows == 100 > 2 * alone.knows
    assert [row["trouble"] for row in endings()] == list(TROUBLES)
    assert "no end (at hotel)" in endings()[3].values()


def test_a_time_out_takes_back_what_would_have_come_and_who_waits_gets_it() -> None:
    ends = [
        Town(led=led, faults=[Crash("hotels", 0.5, 60)], seed=5).ask("anna").run().standing("anna")["end"]
        for led in (True, False)
    ]
    assert ends == ["compensated", "done"]


@pytest.mark.parametrize("order", ORDERS)
def test_a_change_of_the_process_touches_fewer_services_where_one_leads(order: str) -> None:
    after = changed(REBOOKING, ORDERS[order])
    led, alone = (set(changes(REBOOKING, after, led=each)) for each in (True, False))
    new = {step.service for step in (*after.steps, *REBOOKING.steps)} - {"flights", "seats", "hotels", "payments"}
    assert "desk" in led and new <= led and len(led) < len(alone)
    assert changes(REBOOKING, REBOOKING, led=True) == [] == changes(REBOOKING, REBOOKING, led=False)
    assert [row["services"] for row in compared(REBOOKING, after)] == [str(len(led)), str(len(alone))]


def test_what_a_service_knows_is_what_it_has_sent_and_heard() -> None:
    town = Town(led=True).ask("anna").run()
    assert knows(town, "anna")["desk"] == 100 > knows(town, "anna")["payments"] > 0
    assert known(REBOOKING)[0] == {"service": "desk", "a desk leads": "100%", "nobody leads": "–"}


def _sells(seats: Service, message: Message, lock: bool) -> None:
    if len(held(seats)) + len(sold(seats)) == SEATS:
        raise Unavailable("ask again") if lock and held(seats) else Refused("no seat left")
    take(seats, message)


def test_a_lock_sells_seats_that_stay_empty_without_it_and_takes_longer() -> None:
    plain, locked = (
        LastSeats(lambda seats, message, lock=lock: _sells(seats, message, lock), seed=2).run()
        for lock in (False, True)
    )
    assert plain.sold < locked.sold <= SEATS and plain.turned_away > locked.turned_away
    assert plain.longest < locked.longest
    assert f"{plain.sold} of {SEATS} seats sold" in plain.chart().text


def test_a_mistake_of_the_learner_comes_out_and_a_failure_does_not() -> None:
    def divides(payments: Service, message: Message) -> object:
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        Town(work={"payment.charge": divides}).ask("anna").run()
    assert "records" in repr(Town().ask("anna").run())
