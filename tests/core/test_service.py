"""A service: what its handlers may be and return, how work waits for workers, and what a crash leaves behind."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.client import Client
from eventlab.errors import ForeignAwait, Invalid, NoReply, OutsideSimulation, Refused, Unavailable
from eventlab.event import Command, Event, Message
from eventlab.network import Delay, LinkQuality, Network, Packet
from eventlab.service import Service
from eventlab.sim import SECOND, Sim
from eventlab.trace import Trace
from tests.support.laboratory import EVEN, Lab, ids, kinds, lab, result, seconds

DESCRIBE = Command("flight.describe", {"flight": "B6-1"})


def asking(**options: Any) -> tuple[Sim, Service, Service]:
    """gates asks, operations answers; every message takes 10 ms."""
    sim = Sim()
    network = Network(sim, EVEN)
    return sim, Service("gates", network), Service("operations", network, **options)


# Handlers -------------------------------------------------------------------------------------------------


def test_a_plain_handler_answers_a_request() -> None:
    sim, gates, operations = asking()

    @operations.answers("flight.describe")
    def describe(command: Command) -> dict[str, Any]:
        return {"flight": command.data["flight"], "status": "on time"}

    answer = result(sim, gates.request("operations", DESCRIBE))
    assert answer == {"flight": "B6-1", "status": "on time"}
    assert sim.now == seconds(0.020)
    assert describe(DESCRIBE)["status"] == "on time"  # the decorator leaves the function as it was


def test_an_async_handler_may_sleep_and_ask_others() -> None:
    sim, gates, operations = asking()
    weather = Service("weather", gates.network)
    weather.answers("weather.tell", lambda command: {"snow": True})

    @operations.answers("flight.describe")
    async def describe(command: Command) -> dict[str, Any]:
        await sim.sleep(1)
        sky = await operations.request("weather", Command("weather.tell"))
        return {"status": "cancelled" if sky["snow"] else "on time"}

    assert result(sim, gates.request("operations", DESCRIBE)) == {"status": "cancelled"}
    assert sim.now == seconds(1.040)


def test_events_are_published_and_the_dictionary_is_the_reply() -> None:
    home = lab()
    gates, operations = home.service("gates"), home.service("operations")
    operations.answers(
        "flight.cancel", lambda command: [Event("flight.cancelled"), {"done": True}, Event("crew.freed")]
    )
    assert result(home.sim, gates.request("operations", Command("flight.cancel"))) == {"done": True}
    assert [event.type for event in home.bus.log] == ["flight.cancelled", "crew.freed"]


def test_a_handler_with_nothing_to_say_gives_an_empty_reply() -> None:
    sim, gates, operations = asking()
    operations.answers("flight.describe", lambda command: None)
    assert result(sim, gates.request("operations", DESCRIBE)) == {}


def test_a_reply_cannot_be_changed_by_whoever_gets_it() -> None:
    sim, gates, operations = asking()
    own = {"seats": [1, 2]}
    operations.answers("flight.describe", lambda command: own)
    answer = result(sim, gates.request("operations", DESCRIBE))
    own["seats"].append(3)
    assert answer == {"seats": (1, 2)}
    with pytest.raises(TypeError):
        answer["seats"] = ()


@pytest.mark.parametrize("value", ["on time", 3, {1, 2}, Command("flight.cancel"), [Event("a.b"), "on time"], object()])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_wrong_return_value_is_a_failure_that_says_what_was_expected(value: Any, asynchronous: bool) -> None:
    home = lab()
    gates, operations = home.service("gates"), home.service("operations")

    async def later(command: Command) -> Any:
        return value

    operations.answers("flight.describe", later if asynchronous else lambda command: value)
    with pytest.raises(Unavailable, match="expected None, an Event, a dictionary"):
        result(home.sim, gates.request("operations", DESCRIBE))
    assert kinds(home.sim.trace, "failed", "handled", "published") == ["failed"]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_reply_that_no_message_can_carry_is_a_failure_too(asynchronous: bool) -> None:
    home = lab()
    gates, operations = home.service("gates"), home.service("operations")

    async def later(command: Command) -> Any:
        return {"when": {1, 2}}

    operations.answers("flight.describe", later if asynchronous else lambda command: {"when": {1, 2}})
    with pytest.raises(Unavailable, match="value in a message"):
        result(home.sim, gates.request("operations", DESCRIBE))
    assert kinds(home.sim.trace, "failed", "handled") == ["failed"]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_failing_handler_refuses_with_its_error_and_the_service_works_on(asynchronous: bool) -> None:
    sim, gates, operations = asking()

    def describe(command: Command) -> dict[str, Any]:
        if command.data["flight"] == "B6-1":
            raise KeyError("B6-1")
        return {"status": "on time"}

    async def later(command: Command) -> dict[str, Any]:
        await sim.sleep(1)
        return describe(command)

    operations.answers("flight.describe", later if asynchronous else describe)
    with pytest.raises(Unavailable, match="KeyError: 'B6-1'"):
        result(sim, gates.request("operations", DESCRIBE))
    assert [r.note for r in sim.trace.of("failed")] == ["KeyError: 'B6-1'"]
    other = Command("flight.describe", {"flight": "B6-2"})
    assert result(sim, gates.request("operations", other)) == {"status": "on time"}


def test_a_refusal_carries_its_reason_and_is_no_failure() -> None:
    sim, gates, operations = asking()

    def describe(command: Command) -> None:
        raise Refused("no such flight")

    operations.answers("flight.describe", describe)
    with pytest.raises(Refused) as caught:
        result(sim, gates.request("operations", DESCRIBE))
    assert (caught.value.service, caught.value.command) == ("operations", "flight.describe")
    assert caught.value.reason == "no such flight"
    assert kinds(sim.trace, "failed", "refused", "handled") == ["refused"]


def test_a_command_nobody_answers_is_refused_by_name() -> None:
    sim, gates, _ = asking()
    with pytest.raises(Refused, match=r"operations refused .*: there is no handler for flight\.describe"):
        result(sim, gates.request("operations", DESCRIBE))


def test_a_handler_that_awaits_something_foreign_fails_by_name() -> None:
    import asyncio

    sim, gates, operations = asking()

    async def describe(command: Command) -> None:
        await asyncio.sleep(0)

    operations.answers("flight.describe", describe)
    with pytest.raises(Unavailable, match="ForeignAwait: task 'operations'"):
        result(sim, gates.request("operations", DESCRIBE))

    async def careful(command: Command) -> dict[str, Any]:
        try:
            await asyncio.sleep(0)
        except ForeignAwait:
            return {"caught": True}
        return {}

    operations.answers("flight.describe", careful, replace=True)
    assert result(sim, gates.request("operations", DESCRIBE)) == {"caught": True}


def test_a_request_outside_a_handler_says_what_to_do_and_a_forgotten_await_warns() -> None:
    import asyncio

    sim, gates, operations = asking()
    operations.answers("flight.describe", lambda command: None)
    with pytest.raises(OutsideSimulation, match=r"sim\.start\("):
        asyncio.run(gates.request("operations", DESCRIBE))
    assert len(sim.trace) == 0  # nothing was sent either

    async def forgets() -> None:
        gates.request("operations", DESCRIBE)
        gc.collect()

    sim.start(forgets())
    with pytest.warns(RuntimeWarning, match="never awaited"):
        sim.run()


# Requests -------------------------------------------------------------------------------------------------


def test_an_answer_that_comes_too_late_is_ignored() -> None:
    sim, gates, operations = asking()

    async def slowly(command: Command) -> dict[str, Any]:
        await sim.sleep(command.data["pause"])
        return {"pause": command.data["pause"]}

    operations.answers("flight.describe", slowly)

    async def impatient() -> tuple[int, dict[str, Any]]:
        with pytest.raises(NoReply, match="within 2 s: it may or may not have been done"):
            await gates.request("operations", Command("flight.describe", {"pause": 3}), timeout=2)
        gave_up = sim.now
        answer = await gates.request("operations", Command("flight.describe", {"pause": 1}), timeout=3)
        return gave_up, dict(answer)

    assert result(sim, impatient()) == (2 * SECOND, {"pause": 1})  # not the first one's late reply
    assert kinds(sim.trace, "expired", "handled") == ["expired", "handled", "handled"]


def test_a_reply_that_arrives_twice_counts_once() -> None:
    sim, gates, operations = asking()
    operations.answers("flight.describe", lambda command: {"n": 1})
    gates.network.set_quality(LinkQuality(Delay(0.010), duplication=1.0))
    assert result(sim, gates.request("operations", DESCRIBE)) == {"n": 1}
    assert len(ids(sim.trace, "handled")) == 2  # the doubled request was handled twice: why inboxes exist


def test_a_request_to_an_unknown_service_is_invalid_and_nothing_is_left_behind() -> None:
    sim, gates, _ = asking()
    with pytest.raises(Invalid, match="unknown service"):
        result(sim, gates.request("baggage", DESCRIBE))
    assert gates._answers == {} and len(sim.trace) == 0


def test_a_client_asks_and_gets_answers_and_is_no_service() -> None:
    sim, _, operations = asking()
    operations.answers("flight.describe", lambda command: {"from": command.source})
    passenger = Client("passenger", operations.network)
    assert result(sim, passenger.request("operations", DESCRIBE)) == {"from": "passenger"}
    passenger.receive(Packet(99, "operations", "passenger", DESCRIBE, "reply", 99))  # nobody asked
    assert repr(passenger) and kinds(sim.trace, "failed") == []


def test_told_is_told_and_nobody_answers() -> None:
    sim, gates, operations = asking()
    heard = []
    operations.answers("flight.note", heard.append)
    gates.tell("operations", Command("flight.note"))
    sim.run()
    assert [command.id for command in heard] == ["gates-1"]
    assert kinds(sim.trace) == ["sent", "received", "handled"]


def test_a_publication_is_confirmed_by_the_bus_or_not_at_all() -> None:
    home = lab()
    gates = home.service("gates")
    event = result(home.sim, gates.publish_confirmed(Event("gate.assigned")))
    assert home.bus.log == [event] and home.sim.now == seconds(0.020)
    home.bus.crash()
    with pytest.raises(NoReply):
        result(home.sim, gates.publish_confirmed(Event("gate.assigned"), timeout=1))
    assert len(home.bus.log) == 1


# Workers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("workers", "ends"), [(1, [2.01, 4.01, 6.01, 8.01]), (2, [2.01, 2.01, 4.01, 4.01])])
@pytest.mark.parametrize("how", ["work", "sleep"])
def test_work_waits_for_a_worker_in_the_order_of_arrival(workers: int, ends: list[float], how: str) -> None:
    sim, gates, operations = asking(workers=workers, work=Delay(2.0 if how == "work" else 0.0))
    order = []

    async def handler(command: Command) -> None:
        if how == "sleep":
            await sim.sleep(2)
        order.append(command.data["n"])

    operations.answers("flight.note", handler)
    for number in range(4):
        gates.tell("operations", Command("flight.note", {"n": number}))
    sim.run(until=seconds(1))
    assert operations.backlog == 4 - workers
    sim.run()
    assert [r.at for r in sim.trace.of("handled")] == [seconds(end) for end in ends]
    assert order == [0, 1, 2, 3] and operations.backlog == 0


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_long_backlog_of_quick_work_does_not_recurse(asynchronous: bool) -> None:
    """One slow message, then ten thousand quick ones that all wait for it."""
    sim, gates, operations = asking()
    done = []

    async def slow(command: Command) -> None:
        await sim.sleep(10)

    async def quick_later(command: Command) -> None:
        done.append(command.data["n"])

    operations.answers("slow", slow)
    operations.answers("quick", quick_later if asynchronous else lambda command: done.append(command.data["n"]))
    gates.tell("operations", Command("slow"))
    for number in range(10_000):
        gates.tell("operations", Command("quick", {"n": number}))
    sim.run()
    assert done == list(range(10_000)) and operations.backlog == 0
    assert kinds(sim.trace, "failed") == []


KINDS_OF_WORK = ["plain", "sleeps", "fails", "wrong", "refuses"]


def test_a_service_needs_a_worker() -> None:
    sim = Sim()
    with pytest.raises(Invalid, match="workers in service gates"):
        Service("gates", Network(sim), workers=0)


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from(KINDS_OF_WORK), st.floats(0, 3)), max_size=25),
    st.lists(st.floats(0, 30), max_size=3),
)
def test_no_worker_is_ever_lost_or_won(workers: int, work: list[tuple[str, float]], crashes: list[float]) -> None:
    sim, gates, operations = asking(workers=workers, work=Delay(0.1, 0.5))
    busy = most = 0

    def handler(command: Command) -> Any:
        async def sleeps() -> None:
            nonlocal busy, most
            busy += 1
            most = max(most, busy)
            try:
                await sim.sleep(1)
            finally:
                busy -= 1

        match command.data["kind"]:
            case "sleeps":
                return sleeps()
            case "fails":
                raise ValueError("no")
            case "refuses":
                raise Refused("no")
            case "wrong":
                return "a sentence"
        return None

    operations.answers("work", handler)
    for kind, at in work:
        sim.call_at(seconds(at), gates.tell, "operations", Command("work", {"kind": kind}))
    for at in crashes:
        sim.call_at(seconds(at), operations.crash)
        sim.call_at(seconds(at + 0.5), operations.restart)
    sim.run()
    assert operations._idle == workers and operations.backlog == 0
    assert most <= workers
    ended = len(kinds(sim.trace, "handled", "failed", "refused"))
    assert ended <= len(work) and (crashes or ended == len(work))


# Stamps ---------------------------------------------------------------------------------------------------


def test_every_message_says_who_made_it_when_and_what_led_to_it() -> None:
    home = lab()
    gates, operations, boards = home.service("gates"), home.service("operations"), home.service("boards")
    seen: dict[str, Message] = {}

    @operations.answers("flight.cancel")
    def cancel(command: Command) -> list[Any]:
        seen["command"] = command
        return [Event("flight.cancelled", subject="B6-1"), {}]

    @boards.on("flight.*")
    async def show(event: Event) -> Event:
        seen["event"] = event
        await home.sim.sleep(1)
        await boards.request("operations", Command("flight.describe"))
        return Event("board.changed")

    @operations.answers("flight.describe")
    def describe(command: Command) -> None:
        seen["question"] = command

    @gates.on("board.>")
    def note(event: Event) -> None:
        seen["last"] = event

    home.sim.call_at(SECOND, lambda: gates.tell("operations", Command("flight.cancel")))
    home.sim.run()
    first, event, question, last = (seen[name] for name in ("command", "event", "question", "last"))
    assert (first.id, first.source, first.time) == ("gates-1", "gates", SECOND)
    assert (first.correlationid, first.causationid) == ("gates-1", "")
    assert (event.id, event.source, event.time) == ("operations-1", "operations", seconds(1.010))
    assert {m.correlationid for m in seen.values()} == {"gates-1"}
    assert event.causationid == first.id and question.causationid == event.id and last.causationid == event.id
    assert last.time == question.time + seconds(0.020)
    replies = [r.message for r in home.sim.trace.of("sent") if r.purpose == "reply" and r.message]
    assert [reply.causationid for reply in replies] == [question.id]
    every_id = {r.message.id for r in home.sim.trace.of("sent") if r.message}
    assert len(every_id) == 5  # cancel, cancelled, describe, its reply, changed


def test_what_a_message_says_already_is_kept() -> None:
    home = lab()
    gates = home.service("gates")
    event = gates.stamp(Event("a.b", id="mine", source="pen", time=7, correlationid="story", causationid="why"))
    assert (event.id, event.source, event.time, event.correlationid, event.causationid) == (
        "mine", "pen", 7, "story", "why",
    )  # fmt: skip


def test_background_work_begins_stories_of_its_own() -> None:
    home = lab()
    gates = home.service("gates")

    async def work() -> None:
        for _ in range(2):
            await home.sim.sleep(1)
            gates.publish(Event("gate.assigned"))

    gates.background(work)
    home.sim.run()
    assert [(e.id, e.correlationid, e.causationid) for e in home.bus.log] == [
        ("gates-1", "gates-1", ""),
        ("gates-2", "gates-2", ""),
    ]


def test_two_handlers_that_overlap_do_not_mix_up_their_causes() -> None:
    home = lab()
    gates, operations = home.service("gates"), home.service("operations", workers=2)

    async def work(command: Command) -> Event:
        await home.sim.sleep(command.data["pause"])
        operations.publish(Event("half.done", {"n": command.data["n"]}))
        await home.sim.sleep(1)
        return Event("all.done", {"n": command.data["n"]})

    operations.answers("work", work)
    for number, pause in enumerate((0.7, 0.3)):
        gates.tell("operations", Command("work", {"n": number, "pause": pause}))
    home.sim.run()
    assert len(home.bus.log) == 4
    assert {(e.data["n"], e.causationid) for e in home.bus.log} == {(0, "gates-1"), (1, "gates-2")}


# State ----------------------------------------------------------------------------------------------------


def test_every_change_of_state_is_a_record_and_no_change_is_none() -> None:
    sim = Sim()
    gates = Service("gates", Network(sim))
    gates.state["B4"] = {"flights": ["B6-1"]}
    gates.state["B4"] = {"flights": ["B6-1"]}
    gates.state["B4"] = {"flights": []}
    del gates.state["B4"]
    assert [(r.key, r.before, r.after) for r in sim.trace.of("changed")] == [
        ("B4", None, {"flights": ("B6-1",)}),
        ("B4", {"flights": ("B6-1",)}, {"flights": ()}),
        ("B4", {"flights": ()}, None),
    ]


def test_the_state_behaves_like_a_dictionary_and_cannot_be_changed_behind_its_back() -> None:
    gates = Service("gates", Network(Sim()))
    state = gates.state
    own = {"flights": ["B6-1"]}
    state["B4"] = own
    own["flights"].append("B6-2")
    assert state["B4"] == {"flights": ("B6-1",)} and list(state) == ["B4"] and len(state) == 1
    assert state.get("B5") is None and state.get("B5", 3) == 3 and "B5" not in state
    with pytest.raises(TypeError):
        state["B4"]["flights"] = ()
    with pytest.raises(KeyError):
        del state["B5"]
    state.update({"B5": 1, "B6": 2})
    assert state.pop("B5") == 1
    for key in state:  # changing while reading
        del state[key]
    assert dict(state) == {}


@pytest.mark.parametrize("value", [{1, 2}, object(), float("nan"), 2**63, b"bytes", {"deep": [{3: 4}]}])
def test_state_that_no_journal_can_hold_is_refused_and_nothing_changes(value: Any) -> None:
    sim = Sim()
    gates = Service("gates", Network(sim))
    gates.state["B4"] = 1
    with pytest.raises(Invalid):
        gates.state["B4"] = value
    assert dict(gates.state) == {"B4": 1} and len(sim.trace) == 1


def test_a_key_that_is_no_text_is_refused() -> None:
    sim = Sim()
    gates = Service("gates", Network(sim))
    with pytest.raises(Invalid, match="key"):
        gates.state[3] = 4
    assert len(sim.trace) == len(gates.state) == 0


SMALL = st.integers(0, 3)
VALUES = st.none() | st.booleans() | SMALL | st.sampled_from([0.0, 1.0, 2.5, "a"]) | st.lists(SMALL)


@given(st.lists(st.tuples(st.sampled_from("abc"), VALUES | st.just("delete")), max_size=30))
def test_the_live_state_is_the_fold_of_the_trace_at_any_record(steps: list[tuple[str, Any]]) -> None:
    sim = Sim()
    gates = Service("gates", Network(sim))
    for key, value in steps:
        if value == "delete":
            gates.state.pop(key, None)
        else:
            gates.state[key] = value
            frozen = tuple(value) if isinstance(value, list) else value
            assert repr(gates.state.get(key)) == repr(frozen)
        live = dict(gates.state)
        assert live == sim.trace.state("gates") and repr(live) == repr(sim.trace.state("gates"))


# Crash and restart ----------------------------------------------------------------------------------------


def crashing(home: Lab, durable: bool = True) -> Service:
    boards = home.service("boards", durable=durable)

    @boards.on("flight.*", durable="boards", ack_wait=2.0, backoff=(1.0,))
    async def show(event: Event) -> Event:
        boards.state[f"{event.id} seen"] = True
        await home.sim.sleep(1)
        boards.state[f"{event.id} shown"] = True
        return Event("board.changed")

    return boards


def test_a_crash_in_the_middle_of_a_handler_leaves_nothing_behind_and_it_is_done_again() -> None:
    home = lab()
    boards, gates = crashing(home), home.service("gates")
    gates.publish(Event("flight.cancelled"))
    home.sim.call_at(seconds(0.5), boards.crash)
    home.sim.call_at(seconds(0.6), boards.restart)
    home.sim.run(until=seconds(0.7))
    assert dict(boards.state) == {} and kinds(home.sim.trace, "changed", "handled") == []
    home.sim.run()
    assert dict(boards.state) == {"gates-1 seen": True, "gates-1 shown": True}
    assert kinds(home.sim.trace, "crashed", "restarted", "handled") == ["crashed", "restarted", "handled"]
    assert [event.type for event in home.bus.log] == ["flight.cancelled", "board.changed"]


@pytest.mark.parametrize("durable", [True, False])
def test_a_crash_keeps_the_state_only_if_it_is_durable(durable: bool) -> None:
    home = lab()
    boards = home.service("boards", durable=durable)
    boards.state.update({"a": 1, "b": 2})
    boards.crash()
    assert dict(boards.state) == ({"a": 1, "b": 2} if durable else {})
    assert home.sim.trace.state("boards") == dict(boards.state)
    boards.restart()
    assert dict(boards.state) == ({"a": 1, "b": 2} if durable else {})


def test_what_waited_for_a_worker_is_gone_after_a_crash() -> None:
    sim, gates, operations = asking(work=Delay(1))
    handled = []
    operations.answers("note", lambda command: handled.append(command.data["n"]))
    for number in range(5):
        gates.tell("operations", Command("note", {"n": number}))
    sim.call_at(seconds(1.5), operations.crash)
    sim.call_at(seconds(1.6), operations.restart)
    sim.call_at(seconds(1.7), gates.tell, "operations", Command("note", {"n": 9}))
    sim.run()
    assert handled == [0, 9]


def test_whoever_waits_for_a_crashed_service_waits_in_vain() -> None:
    sim, gates, operations = asking()

    async def describe(command: Command) -> dict[str, Any]:
        await sim.sleep(1)
        return {}

    operations.answers("flight.describe", describe)
    sim.call_at(seconds(0.5), operations.crash)
    with pytest.raises(NoReply):
        result(sim, gates.request("operations", DESCRIBE, timeout=10))
    assert sim.now == seconds(10)


def test_an_answer_for_an_earlier_life_is_ignored() -> None:
    sim, gates, operations = asking()

    async def describe(command: Command) -> dict[str, Any]:
        await sim.sleep(1)
        return {"n": command.data["n"]}

    operations.answers("flight.describe", describe)
    got = []

    async def ask() -> None:
        number = 1 if sim.now == 0 else 2
        answer = await gates.request("operations", Command("flight.describe", {"n": number}))
        got.append(answer["n"])

    gates.background(ask)
    sim.call_at(seconds(0.2), gates.crash)
    sim.call_at(seconds(0.3), gates.restart)  # asks again; the first answer comes while it waits for the second
    sim.run()
    assert got == [2]


def test_background_work_ends_with_a_crash_and_begins_anew_at_every_restart() -> None:
    sim, gates, _ = asking()
    began: list[int] = []
    beats: list[int] = []

    async def heart() -> None:
        began.append(sim.now)
        while True:
            await sim.sleep(1)
            beats.append(sim.now)

    gates.background(heart)
    for down, up in ((2.5, 10.0), (12.5, 20.0)):
        sim.call_at(seconds(down), gates.crash)
        sim.call_at(seconds(up), gates.restart)
    sim.run(until=seconds(22))
    assert began == [0, seconds(10), seconds(20)]
    assert beats == [seconds(at) for at in (1, 2, 11, 12, 21, 22)]
    gates.crash()


def test_an_error_in_background_work_comes_out_of_run() -> None:
    sim, gates, _ = asking()

    async def fails() -> None:
        raise ValueError("no such gate")

    gates.start(fails())
    with pytest.raises(ValueError, match="no such gate"):
        sim.run()


def test_crashing_or_restarting_twice_changes_nothing() -> None:
    sim, gates, _ = asking()
    gates.restart()
    gates.crash()
    gates.crash()
    gates.restart()
    gates.restart()
    assert kinds(sim.trace) == ["crashed", "restarted"] and gates.up


def test_a_service_that_is_down_sends_nothing() -> None:
    home = lab()
    gates, operations = home.service("gates"), home.service("operations")
    gates.crash()
    gates.publish(Event("gate.assigned"))
    gates.tell("operations", Command("note"))
    home.sim.run()
    assert kinds(home.sim.trace) == ["crashed"] and home.bus.log == [] and operations.backlog == 0


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_service_that_crashes_while_it_handles_says_nothing_more(asynchronous: bool) -> None:
    home = lab()
    boards, gates = home.service("boards"), home.service("gates")

    def show(event: Event) -> Event:
        boards.crash()
        return Event("board.changed")

    async def later(event: Event) -> Event:
        return show(event)

    boards.on("flight.*", later if asynchronous else show, durable="boards")
    gates.publish(Event("flight.cancelled"))
    home.sim.run(until=seconds(1))
    assert kinds(home.sim.trace, "handled", "acknowledged") == [] and len(home.bus.log) == 1
    assert [r.where for r in home.sim.trace.of("sent") if r.where == "boards"] == []
    boards.restart()
    assert boards._idle == 1


CRASHES: list[tuple[str, list[str], int]] = [
    ("publish", ["flight.cancelled", "board.changed"], 2),  # the work is done twice, told once
    ("acknowledge", ["flight.cancelled", "board.changed", "board.changed"], 2),  # done twice and told twice
]


@pytest.mark.parametrize(("step", "published", "handled"), CRASHES)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_crash_between_two_steps_of_finishing(
    step: str, published: list[str], handled: int, asynchronous: bool
) -> None:
    home = lab()
    boards, gates = home.service("boards"), home.service("gates")

    def show(event: Event) -> Event:
        boards.state["shown"] = int(boards.state.get("shown", 0)) + 1
        return Event("board.changed", {"n": boards.state["shown"]})

    async def later(event: Event) -> Event:
        return show(event)

    boards.on("flight.*", later if asynchronous else show, durable="boards", ack_wait=2.0)
    boards.crash_before[step].append(lambda: None)
    gates.publish(Event("flight.cancelled"))
    home.sim.call_at(seconds(1), boards.restart)
    home.sim.run()
    assert [event.type for event in home.bus.log] == published
    assert len(ids(home.sim.trace, "handled", "boards")) == handled == boards.state["shown"]
    assert kinds(home.sim.trace, "acknowledged") == ["acknowledged"]
    assert boards.crash_before == {"publish": [], "acknowledge": []}  # it happens once


def test_nobody_can_read_the_bus_without_having_one() -> None:
    _, gates, operations = asking()
    wrong: list[Callable[[], Any]] = [
        lambda: gates.on("flight.*", lambda event: None),
        lambda: gates.publish(Event("gate.assigned")),
    ]
    for call in wrong:
        with pytest.raises(Invalid, match="expected a service with a bus"):
            call()
    assert operations.bus is None


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_event_returned_by_a_service_without_a_bus_is_an_error_of_the_wiring(asynchronous: bool) -> None:
    sim, gates, operations = asking()

    async def later(command: Command) -> Event:
        return Event("flight.cancelled")

    operations.answers("flight.cancel", later if asynchronous else lambda command: Event("flight.cancelled"))
    with pytest.raises((Invalid, Unavailable), match="expected a service with a bus"):
        result(sim, gates.request("operations", Command("flight.cancel")))
    assert kinds(sim.trace, "handled") == []


def test_a_handler_given_later_takes_the_place_of_the_earlier_one() -> None:
    """A learner runs a cell again: the new handler counts, and nothing is delivered twice."""
    home = lab()
    boards, gates = home.service("boards"), home.service("gates")
    seen: list[str] = []
    for version in ("old", "new"):
        boards.on("flight.*", lambda event, version=version: seen.append(version))
        boards.answers("board.show", lambda command, version=version: seen.append(version))
    gates.publish(Event("flight.cancelled"))
    gates.tell("boards", Command("board.show"))
    home.sim.run()
    assert seen == ["new", "new"]


def test_the_trace_of_a_whole_story_has_no_loose_ends() -> None:
    home = lab()
    crashing(home)
    home.service("gates").publish(Event("flight.cancelled"))
    home.sim.run()
    loose_ends(home.sim.trace)


def loose_ends(trace: Trace) -> None:
    """Every arrow that begins ends: received or lost, and nothing arrives that was not sent."""
    sent = sorted(r.packet for r in trace.of("sent"))
    assert sent == list(range(1, len(sent) + 1))
    ended = [r.packet for r in trace.of("received", "lost")]
    doubled = [r.packet for r in trace.of("duplicated")]
    assert sorted(ended) == sorted(sent + doubled)
