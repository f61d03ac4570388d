"""The front door: what `eventlab` exports, how it shows itself, and what it says to a wrong call."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

import eventlab
from eventlab import (
    Aggregate,
    Breaker,
    Breaking,
    Bulkhead,
    Command,
    Crash,
    DeadLetter,
    Decider,
    Downcast,
    Downcasters,
    Event,
    Inbox,
    Instant,
    Invalid,
    Lab,
    Outbox,
    Projection,
    Registry,
    Saga,
    Store,
    SubscriptionSettings,
    Upcast,
    Upcasters,
)
from eventlab.times import When
from tests.support import REPO

PUBLIC = {name: getattr(eventlab, name) for name in eventlab.__all__}


# What is there ---------------------------------------------------------------------------------------------


def test_all_names_what_the_package_holds_and_nothing_else() -> None:
    held = {
        name for name, value in vars(eventlab).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }  # fmt: skip
    assert held - {"Quality"} == set(eventlab.__all__)  # the name that `LinkQuality` had in version 0.1
    assert len(eventlab.__all__) == len(set(eventlab.__all__))


def test_the_readme_lists_every_public_name_and_no_other() -> None:
    readme = (REPO / "README.md").read_text("utf-8")
    listed = readme.split("<!-- names -->")[1].split("<!-- end of names -->")[0]
    assert set(re.findall(r"`(\w+)`", listed)) == set(eventlab.__all__)


def test_the_package_has_a_version_and_is_typed() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", eventlab.__version__)
    assert (REPO / "eventlab" / "py.typed").exists()


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_says_in_its_first_line_what_it_is(name: str) -> None:
    value = PUBLIC[name]
    if not isinstance(value, int | str):
        assert (inspect.getdoc(value) or "").split("\n")[0].endswith((".", ":", '"')), value


# Seconds outside, integers inside ----------------------------------------------------------------------------

POINTS = {"at", "until", "when", "since"}  # a number by one of these names is seconds since the beginning
DURATIONS = {"seconds", "timeout", "pause", "first", "ack_wait", "least", "extra", "late"}
FIELDS = {"Record", "Message", "Event", "Command", "Reply", "Refusal"}  # facts: what they hold are nanoseconds
INDEXES = {("Trace", "state", "at"), ("Trace", "states", "at")}  # not times, but records
INTERNAL = {("Trace", "add", "at"), ("Trace", "write", "at")}  # the fields of a record


def calls() -> list[tuple[str, str, inspect.Parameter, Any]]:
    found = []
    for name, value in PUBLIC.items():
        methods = [("", value)] if callable(value) and name not in FIELDS else []
        if inspect.isclass(value):
            methods += [(key, each) for key, each in inspect.getmembers(value, callable) if not key.startswith("_")]
        for method, call in methods:
            try:
                parameters = inspect.signature(call).parameters
                hints = get_type_hints(call.__init__ if inspect.isclass(call) else call)
            except (TypeError, ValueError, NameError):
                continue
            found += [(name, method, parameter, hints.get(key)) for key, parameter in parameters.items()]
    return found


def test_no_public_call_takes_nanoseconds_by_a_name_that_means_seconds_elsewhere() -> None:
    looked = 0
    for name, method, parameter, hint in calls():
        place = (name, method, parameter.name)
        if place in INDEXES | INTERNAL:
            continue
        if parameter.name in POINTS:
            assert hint in (When, When | None), f"{place} takes {hint}, not a When"
            looked += 1
        if parameter.name in DURATIONS:
            assert hint in (float, float | None), f"{place} takes {hint}, not seconds as a float"
            looked += 1
    assert looked > 15


def test_sixty_is_sixty_seconds_wherever_a_point_in_time_is_given() -> None:
    for until in (60, 60.0, "00:01:00", Instant(60 * eventlab.SECOND)):
        lab = Lab()
        mail = lab.service("mail")
        seen: list[int] = []
        lab.at(until, lambda seen=seen, lab=lab: seen.append(lab.sim.now))
        lab.inject(Crash("mail", at=30, until=until))
        lab.run(until=until)
        assert seen == [60 * eventlab.SECOND] and lab.sim.now == 60 * eventlab.SECOND and mail.up
        assert [record.at for record in lab.trace.of("crashed", "restarted")] == [30 * 10**9, 60 * 10**9]


@pytest.mark.parametrize("wrong", [60 * 10**9, -1, float("nan"), float("inf"), "noon", "24:60", None, True, [60]])
def test_what_is_no_point_in_time_is_refused_by_name(wrong: Any) -> None:
    lab = Lab()
    lab.service("mail")
    with pytest.raises(Invalid, match=r"expected seconds since the beginning .*, a clock time such as .*, or an Inst"):
        lab.at(wrong, print)
    with pytest.raises(Invalid, match="seconds since the beginning"):
        lab.inject(Crash("mail", at=wrong))


def test_a_clock_time_is_that_of_the_day_on_which_it_began() -> None:
    from eventlab import Sim

    sim = Sim(start=Instant(1_360_342_800 * 10**9))  # 2013-02-08 17:00 UTC
    sim.run(until="18:30")
    assert sim.now == (1_360_342_800 + 5400) * 10**9 and type(sim.now) is int
    assert Instant(5) + 3 == 8 and isinstance(Instant(5) + 3, Instant) and isinstance(3 + Instant(5), Instant)
    assert type(Instant(5) - Instant(3)) is int and isinstance(Instant(5) - 3, Instant)


@pytest.mark.parametrize(
    ("nanoseconds", "clock"),
    [
        (0, "0:00:00"), (65_500_000_000, "0:01:05.5"), (1_360_342_800 * 10**9 + 1, "2013-02-08 17:00:00.000000001 UTC"),
        (-1, "-1 ns"), (2**63 - 1, "9223372036854775807 ns"),
    ],
)  # fmt: skip
def test_an_instant_shows_itself_as_a_clock_does_and_is_written_as_its_number(nanoseconds: int, clock: str) -> None:
    assert repr(Instant(nanoseconds)) == clock and f"{Instant(nanoseconds)}" == str(nanoseconds)


# How it shows itself -----------------------------------------------------------------------------------------


def examples() -> dict[str, Any]:
    lab = Lab(seed=3)
    clerk = lab.service("clerk")
    store = Store()
    decider = Decider({}, lambda command, state: None, lambda state, event: state)
    event = Event("order.placed", {"pieces": 2}, "one", "clerk-1")
    process = eventlab.Process("sale", [eventlab.Step("payment", "clerk", "order.pay")])
    outbox = Outbox(clerk, store)
    store.append("order-one", [event])
    lab.run()
    made: dict[str, Any] = {
        "Aggregate": Aggregate(store, "order", decider), "Breaker": Breaker(clerk, "bank"),
        "Bulkhead": Bulkhead("b", limit=2),
        "Bus": lab.bus, "Client": lab.client("people"), "Command": Command("order.pay"), "Crash": Crash("clerk", 5),
        "CrashBefore": eventlab.CrashBefore("clerk", "publish", 5), "DeadLetter": DeadLetter(event, 3, "no"),
        "Decider": decider, "Delay": eventlab.Delay(1.0), "Event": event, "Flaky": eventlab.Flaky(5, loss=0.5),
        "Inbox": Inbox(clerk), "Instant": Instant(5), "Lab": lab, "LinkQuality": eventlab.LinkQuality(),
        "Message": event, "Network": lab.network, "Outbox": outbox, "Partition": eventlab.Partition("clerk", 5),
        "Projection": Projection("totals", lambda state, recorded: state, {}), "Record": lab.trace[0],
        "Recorded": next(iter(store.read_all())), "Refusal": eventlab.Refusal("order.pay"),
        "Reply": eventlab.Reply("order.pay"), "RetryBudget": eventlab.RetryBudget(), "Policy": eventlab.Policy(),
        "Proxy": eventlab.Proxy(clerk, eventlab.Policy()), "Process": process, "Step": process.steps[0],
        "Participant": eventlab.Participant(clerk, process.steps[0]),
        "SagaRunner": eventlab.orchestrate(clerk, Store(), process),
        "Saga": Saga({}, lambda state, event: None, lambda state, event: state), "Service": clerk, "Sim": lab.sim,
        "Slow": eventlab.Slow("clerk", 2.0, 5), "Workers": eventlab.Workers("clerk", 2, 5),
        "Stage": eventlab.Stage(), "Store": store,
        "SubscriptionSettings": SubscriptionSettings(), "Trace": lab.trace, "Upcast": Upcast("a", 1, 2, dict),
        "Upcasters": Upcasters(), "Breaking": Breaking("forward", {}, "no"), "Downcast": Downcast("a", 2, 1, dict),
        "Downcasters": Downcasters(), "Registry": Registry(),
    }  # fmt: skip
    store.close()
    return made


EXAMPLES = examples()
CLASSES = sorted(n for n, v in PUBLIC.items() if inspect.isclass(v) and not issubclass(v, Exception))


@pytest.mark.parametrize("name", CLASSES)
def test_every_public_class_shows_itself_in_a_line_and_never_by_its_address(name: str) -> None:
    shown = repr(EXAMPLES[name])
    assert 0 < len(shown) < 300 and "\n" not in shown
    assert " at 0x" not in shown and "object at" not in shown


def test_messages_and_records_show_what_is_set() -> None:
    assert repr(Event("order.placed", {"pieces": 2}, id="shop-1")) == (
        "Event(type='order.placed', data={'pieces': 2}, id='shop-1')"
    )
    lab = Lab()
    lab.service("mail").state["a"] = 1
    assert repr(lab.trace[0]) == "Record(index=0, at=0, kind='changed', where='mail', key='a', after=1)"
    assert repr(lab) == "<Lab at 0 s: mail; 1 records>"


# What it says to a wrong call --------------------------------------------------------------------------------


def nobody(message: Any) -> None: ...
def somebody(message: Any) -> None: ...


WRONG: dict[str, tuple[Callable[[Lab], Any], str]] = {
    "a misspelt setting": (
        lambda lab: lab.service("mail").on("a", nobody, durrable="x"),  # type: ignore[arg-type]
        r"unknown setting in mail\.on: expected did you mean durable\? The settings are durable, deliver, ack_wait",
    ),
    "a setting of nowhere": (
        lambda lab: lab.service("mail").on("a", colour="red"),  # type: ignore[arg-type]
        r"unknown setting in mail\.on: expected one of durable, deliver, .*, found 'colour'",
    ),
    "on without parentheses": (
        lambda lab: lab.service("mail").on(nobody),  # type: ignore[arg-type]
        r'decorator without parentheses in mail\.on: expected text: write @mail\.on\("order\.\*"\)',
    ),
    "answers without parentheses": (
        lambda lab: lab.service("mail").answers(nobody),  # type: ignore[arg-type]
        r'expected text: write @mail\.answers\("order\.pay"\)',
    ),
    "a pattern that is none": (lambda lab: lab.service("mail").on(3), r"name in mail\.on: expected text, found 3"),  # type: ignore[arg-type]
    "a handler that is none": (lambda lab: lab.service("mail").on("a", "b"), "expected a function of one message"),  # type: ignore[arg-type]
    "a command published": (
        lambda lab: lab.service("mail").publish(Command("order.pay")),  # type: ignore[arg-type]
        r"message in mail\.publish: expected an Event; a Command goes to one service: tell or request",
    ),
    "text published": (lambda lab: lab.service("mail").publish("hello"), "expected an Event; .*, found 'hello'"),  # type: ignore[arg-type]
    "an event told": (
        lambda lab: lab.service("mail").tell("mail", Event("a.b")),  # type: ignore[arg-type]
        r"message in mail\.tell: expected a Command; an Event goes to whoever subscribed: publish",
    ),
    "work that was not begun": (lambda lab: lab.start(nobody), "expected a coroutine: a call of an `async def`"),  # type: ignore[arg-type]
    "background work that was begun": (lambda lab: lab.service("mail").background(3), "without its parentheses"),  # type: ignore[arg-type]
    "a name that is none": (lambda lab: lab.service(3), "expected a new name, found 3"),  # type: ignore[arg-type]
    "a fault's class": (lambda lab: lab.inject(Crash), "unknown fault in faults: expected one of Crash"),  # type: ignore[arg-type]
    "a list of faults": (lambda lab: lab.inject([Crash("mail", 5)]), "unknown fault"),  # type: ignore[arg-type]
    "a duration in words": (lambda lab: eventlab.Delay("long"), "expected 0 to 1e9 seconds, found 'long'"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_a_wrong_call_ends_in_our_own_words(what: str) -> None:
    call, said = WRONG[what]
    with pytest.raises(Invalid, match=said):
        call(Lab())


@pytest.mark.parametrize("verb", ["request", "publish_confirmed"])
def test_a_wrong_message_that_is_awaited_ends_in_our_own_words(verb: str) -> None:
    lab = Lab()
    mail = lab.service("mail")
    wrong: Any = mail.request("mail", Event("a.b")) if verb == "request" else mail.publish_confirmed(Command("a"))  # type: ignore[arg-type]
    lab.start(wrong)
    with pytest.raises(Invalid, match=rf"message in mail\.{verb}: expected"):
        lab.run()


def test_a_place_that_is_taken_is_not_given_to_another_handler_in_silence() -> None:
    lab = Lab()
    mail = lab.service("mail")
    mail.on("order.*", nobody)
    mail.answers("mail.send", nobody)
    with pytest.raises(Invalid, match=r"second handler .*: expected one handler, and nobody is it"):
        mail.on("order.*", somebody)
    with pytest.raises(Invalid, match="second handler"):
        mail.answers("mail.send", somebody)
    mail.on("order.*", nobody)  # a cell that is run again
    mail.on("order.*", somebody, durable="another place")
    mail.answers("mail.send", somebody, replace=True)


def test_the_options_of_a_subscription_are_those_that_help_shows() -> None:
    shown = inspect.signature(eventlab.Service.on).parameters
    options = {name: each.default for name, each in shown.items() if each.kind is each.KEYWORD_ONLY}
    assert options == {
        name: each.default for name, each in inspect.signature(SubscriptionSettings).parameters.items()
    }  # fmt: skip
