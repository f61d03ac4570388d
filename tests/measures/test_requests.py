"""Requests as a trace tells them."""

from __future__ import annotations

from contextlib import suppress

from eventlab import SECOND, Command, Crash, Delay, Network, NoReply, Partition, Refused, Service, Sim, Unavailable
from eventlab.airports import metrics
from eventlab.client import Client
from eventlab.faults import Fault, inject
from eventlab.measures import requests
from eventlab.measures.requests import Call


def asked(*faults: Fault, timeout: float = 2.0, work: float = 0.5, error: Exception | None = None) -> list[Call]:
    sim = Sim()
    network = Network(sim)
    people, shop = Client("people", network), Service("shop", network, work=Delay(work))

    def sell(command: Command) -> None:
        if error is not None:
            raise error

    async def ask() -> None:
        with suppress(NoReply, Refused, Unavailable):
            await people.request("shop", Command("sell"), timeout=timeout)

    shop.answers("sell", sell)
    inject(faults, network)
    sim.call_at(SECOND, lambda: sim.start(ask()))
    sim.run()
    return requests.calls(sim.trace)


def test_a_call_that_is_answered_lasts_until_its_answer_arrives() -> None:
    (call,) = asked()
    assert (call.caller, call.callee, call.type, call.outcome) == ("people", "shop", "sell", requests.ANSWERED)
    assert 0.52 <= call.waited <= 0.53


def test_every_way_to_get_no_answer_has_its_name() -> None:
    assert asked(error=Refused("sold out"))[0].outcome == requests.REFUSED
    failed = asked(error=KeyError("price"))[0]
    assert (failed.outcome, failed.note) == (requests.FAILED, "KeyError: 'price'")
    assert asked(Crash("shop", 0))[0].outcome == requests.DOWN
    assert asked(Partition("shop", 0))[0].outcome == requests.SILENT
    assert asked(Crash("shop", 1.25))[0].outcome == requests.SILENT


def test_an_answer_that_comes_too_late_ends_nothing() -> None:
    (call,) = asked(timeout=0.2)
    assert (call.outcome, call.waited) == (requests.SILENT, 0.2)


def call(since: float, until: float, outcome: str = requests.ANSWERED, **more: str) -> Call:
    words = {"caller": "boards", "callee": "gates", "type": "ask", "subject": "", "id": "1", **more}
    return Call(**words, since=round(since * SECOND), until=round(until * SECOND), outcome=outcome)  # type: ignore[arg-type]


def test_time_in_which_two_calls_are_under_way_counts_once() -> None:
    assert requests.together([call(0, 2), call(1, 3), call(5, 6)]) == 4
    assert requests.most_at_once([call(0, 2), call(1, 3), call(3, 6)]) == 2


def test_calls_are_counted_in_windows_of_time() -> None:
    some = [call(0, 1), call(9, 12, requests.SILENT), call(11, 12, requests.SILENT)]
    assert requests.through_time(some, seconds=10, until=30) == {"gates": [0.2, 0.1, 0.0]}
    assert requests.share_answered(some, seconds=10, until=30) == [50, 0, 100]


def test_of_a_repeated_message_the_first_try_counts() -> None:
    tries = [call(0, 1, requests.DOWN), call(5, 6), call(7, 8, id="2"), call(8, 8, requests.OPEN, id="3")]
    assert [each.since for each in requests.first_tries(tries)] == [0, 7 * SECOND, 8 * SECOND]
    assert requests.failing(requests.first_tries(tries)) == {"ask": (1, 2)}


def test_the_share_of_waiting_is_what_the_calls_of_one_operation_take_together() -> None:
    from eventlab.airports import Scenario, run

    flight = "9E3422-JFK-0208"
    trace = run(Scenario(flights=[flight], questions=1), "request-driven").trace
    total, waited = requests.waiting(trace, "operations", "flight.cancel", flight)
    own = [each for each in requests.calls(trace) if each.caller == "operations"]
    assert requests.most_at_once(own) == 1
    assert 0 < waited < total
    assert ("boards", "gates") in requests.connections(trace) and ("gates", "boards") not in requests.connections(trace)


def test_the_blast_radius_names_the_healthy_services_that_failed() -> None:
    from eventlab.airports import Scenario, run

    day = Scenario().leaving("09:00", "09:10")
    dark = day.with_(faults=[Crash("gates", day.at("07:00"), day.at("09:00"))])
    finished = run(dark, "request-driven")
    assert metrics.blast_radius(finished.trace) == {"operations", "boards"}
    assert finished.metrics["blast radius"] == 2
