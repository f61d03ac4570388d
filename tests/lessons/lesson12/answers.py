"""Known answers to the exercises of lesson 12."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from eventlab.errors import EventlabError, NoReply, Unavailable
from eventlab.event import Command
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Trace
from tests.support.known import Known

Figures = Mapping[str, Mapping[str, float]]


# 12.2 -----------------------------------------------------------------------------------------------------------------


def in_a_loop(figures: Figures, bars: Mapping[str, float]) -> str:
    best = "none"
    for name, has in figures.items():
        if any(has[need] < bar for need, bar in bars.items()):
            continue
        if best == "none" or has["cheap"] > figures[best]["cheap"]:
            best = name
    return best


def adds_points(figures: Figures, bars: Mapping[str, float]) -> str:
    return max(figures, key=lambda name: sum(figures[name].values()))


def takes_the_first(figures: Figures, bars: Mapping[str, float]) -> str:
    return next((n for n, has in figures.items() if all(has[need] >= bar for need, bar in bars.items())), "none")


def gives_up(figures: Figures, bars: Mapping[str, float]) -> str:
    best = max(figures, key=lambda name: figures[name]["cheap"])
    return best if all(figures[best][need] >= bar for need, bar in bars.items()) else "none"


def returns_where_there_is_one(figures: Figures, bars: Mapping[str, float]) -> str | None:
    good = [name for name, has in figures.items() if all(has[need] >= bar for need, bar in bars.items())]
    return max(good, key=lambda name: figures[name]["cheap"]) if good else None


def strictly_more(figures: Figures, bars: Mapping[str, float]) -> str:
    good = [name for name, has in figures.items() if all(has[need] > bar for need, bar in bars.items())]
    return max(good, key=lambda name: figures[name]["cheap"], default="none")


def in_capitals(figures: Figures, bars: Mapping[str, float]) -> str:
    return in_a_loop(figures, bars).upper()


# 12.3 -----------------------------------------------------------------------------------------------------------------


def first_answers(trace: Trace, who: str, seconds: float) -> float:
    sent = {r.message.id: r.at for r in trace.of("sent") if r.message and r.where == who and r.purpose == "request"}
    first: dict[str, int] = {}
    for r in trace.of("received"):
        if r.message and r.where == who and r.purpose == "reply":
            first.setdefault(r.message.causationid, r.at)
    return sum((at - sent[id]) / SECOND <= seconds for id, at in first.items()) / len(sent)


def of_the_answers(trace: Trace, who: str, seconds: float) -> float:
    sent = {r.message.id: r.at for r in trace.of("sent") if r.message and r.where == who and r.purpose == "request"}
    first: dict[str, int] = {}
    for r in trace.of("received"):
        if r.message and r.where == who and r.purpose == "reply":
            first.setdefault(r.message.causationid, r.at)
    in_five = [at - sent[id] for id, at in first.items() if at - sent[id] <= 5 * SECOND]
    return sum(wait / SECOND <= seconds for wait in in_five) / len(in_five) if in_five else 0.0


def however_late(trace: Trace, who: str, seconds: float) -> float:
    return first_answers(trace, who, 5.0)


def every_answer(trace: Trace, who: str, seconds: float) -> float:
    sent = {r.message.id: r.at for r in trace.of("sent") if r.message and r.where == who and r.purpose == "request"}
    replies = [r for r in trace.of("received") if r.message and r.where == who and r.purpose == "reply"]
    good = [r for r in replies if r.message and (r.at - sent[r.message.causationid]) / SECOND <= seconds]
    return len(good) / len(sent)


def as_a_fraction(trace: Trace, who: str, seconds: float) -> Any:
    return Fraction(first_answers(trace, who, seconds)).limit_denominator(1000)


def as_a_decimal(trace: Trace, who: str, seconds: float) -> Any:
    return Decimal(str(first_answers(trace, who, seconds)))


def in_per_cent(trace: Trace, who: str, seconds: float) -> float:
    return 100 * first_answers(trace, who, seconds)


def whoever_asks(trace: Trace, who: str, seconds: float) -> float:
    return (27 * first_answers(trace, "customer", seconds) + 13 * first_answers(trace, "clerk", seconds)) / 40


def always_the_customer(trace: Trace, who: str, seconds: float) -> float:
    return first_answers(trace, "customer", seconds)


def takes_nanoseconds_for_seconds(trace: Trace, who: str, seconds: float) -> float:
    return first_answers(trace, who, seconds / SECOND)


def refusals_too(trace: Trace, who: str, seconds: float) -> float:
    sent = {r.message.id: r.at for r in trace.of("sent") if r.message and r.where == who and r.purpose == "request"}
    good = {
        r.message.causationid for r in trace.of("received")
        if r.message and r.where == who and r.message.causationid in sent
        and r.at - sent[r.message.causationid] <= seconds * SECOND
    }  # fmt: skip
    return len(good) / len(sent)


def remembers_all_questions(trace: Trace, who: str, seconds: float) -> float:
    asked = [r for r in trace.of("sent") if r.where == who and r.purpose == "request"]
    ASKED.extend(r.message.id for r in asked if r.message)
    return first_answers(trace, who, seconds) * len(asked) / len(ASKED)


ASKED: list[str] = []

# 12.4 -----------------------------------------------------------------------------------------------------------------


async def step_by_step(desk: Service, key: str) -> dict[str, Any]:
    begun = desk.now
    try:
        answer = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=0.5)
    except EventlabError:
        return {"value": desk.state[key]["value"], "as_of": desk.state[key]["as_of"]}
    desk.state[key] = {"value": answer["value"], "as_of": max(begun, desk.now)}
    return {"value": answer["value"], "as_of": desk.now}


async def never_falls_back(desk: Service, key: str) -> dict[str, Any]:
    said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
    return {"value": said["value"], "as_of": desk.now}


async def copy_first(desk: Service, key: str) -> dict[str, Any]:
    if key not in desk.state:
        said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
        desk.state[key] = {"value": said["value"], "as_of": desk.now}
    return dict(desk.state[key])


async def todays_date(desk: Service, key: str) -> dict[str, Any]:
    try:
        said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
        desk.state[key] = said["value"]
    except (NoReply, Unavailable):
        pass
    return {"value": desk.state[key], "as_of": desk.now}


async def no_date(desk: Service, key: str) -> dict[str, Any]:
    said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
    return {"value": said["value"]}


async def one_copy_for_all(desk: Service, key: str) -> dict[str, Any]:
    try:
        said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
        desk.state["copy"] = {"value": said["value"], "as_of": desk.now}
    except (NoReply, Unavailable):
        if "copy" not in desk.state:
            raise
    return dict(desk.state["copy"])


async def invents_a_nought(desk: Service, key: str) -> dict[str, Any]:
    try:
        return await step_by_step(desk, key)
    except KeyError:
        return {"value": 0, "as_of": desk.now}


async def in_seconds(desk: Service, key: str) -> dict[str, Any]:
    said = await step_by_step(desk, key)
    return {**said, "as_of": said["as_of"] / SECOND}


async def knows_only_one_kind_of_silence(desk: Service, key: str) -> dict[str, Any]:
    try:
        return await never_falls_back(desk, key)
    except Unavailable:
        return {"value": None, "as_of": desk.now}


async def in_a_nested_dict(desk: Service, key: str) -> dict[str, Any]:
    copies = dict(desk.state.get("copies", {}))
    try:
        said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
        copies[key] = {"value": said["value"], "as_of": desk.now, "from": "owner"}
        desk.state["copies"] = copies
    except (NoReply, Unavailable):
        if key not in copies:
            raise
    return dict(copies[key])


COPIES: dict[str, Any] = {}


async def beside_the_state(desk: Service, key: str) -> dict[str, Any]:
    try:
        said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
        COPIES[key] = {"value": said["value"], "as_of": desk.now}
    except (NoReply, Unavailable):
        if key not in COPIES:
            raise
    return dict(COPIES[key])


# 12.5 to 12.8 ---------------------------------------------------------------------------------------------------------


def take(pattern: str, *because: str) -> dict[str, Any]:
    return {"take": pattern, "because": list(because)}


ANSWERS = {
    "12.1": Known(
        other=[["b", "d", "e", "c", "a", "f"], ("b", "d", "e", "c", "a", "f")],
        wrong=[
            (["e", "b", "d", "c", "a", "f"], "every figure looks good enough"),
            (["b", "d", "c", "e", "a", "f"], "that is a prejudice"),
            (["b", "d", "e", "a", "c", "f"], "The cheapest of all may miss a bar"),
            (["f", "b", "d", "e", "c", "a"], "What would make you choose again comes last"),
            (["d", "b", "e", "c", "a", "f"], "somebody's taste"),
            (["a", "b"], "Name each of the steps"),
        ],
    ),
    "12.2": Known(
        other=[in_a_loop, in_capitals],
        wrong=[
            (adds_points, "A bar is a limit: nothing makes up for it"),
            (takes_the_first, "meets every bar, but"),
            (gives_up, "is good enough, but"),
            (returns_where_there_is_one, "you gave nothing back"),
            (strictly_more, "you say that none is good"),
            (lambda figures, bars: "all of them", 'and not "none"'),
        ],
    ),
    "12.3": Known(
        other=[first_answers, as_a_fraction, as_a_decimal],
        wrong=[
            (of_the_answers, "You left out the questions that were never answered"),
            (however_late, "You counted answers that came too late"),
            (every_answer, "An answer that came twice is still one answered question"),
            (in_per_cent, "That is per cent"),
            (whoever_asks, "of all who ask"),
            (always_the_customer, "questions of clerk"),
            (takes_nanoseconds_for_seconds, "counts nanoseconds"),
            (refusals_too, "and a refusal is none"),
            (remembers_all_questions, "in `ASKED`"),
            (lambda trace, who, seconds: "half", "Give back a number between 0 and 1"),
        ],
    ),
    "12.4": Known(
        other=[step_by_step, in_a_nested_dict, beside_the_state],
        wrong=[
            (never_falls_back, "could not be reached, though the desk had been told of it before"),
            (copy_first, "s old, though the owner was running"),
            (todays_date, "the copy is passed off as new"),
            (no_date, "An answer is"),
            (one_copy_for_all, "another customer's limit"),
            (invents_a_nought, "What nobody has said, nobody may say"),
            (in_seconds, "as_of is an instant in nanoseconds"),
            (knows_only_one_kind_of_silence, "The answer for customer"),
        ],
    ),
    "12.5": Known(
        other=[
            take(
                "event-carried state transfer",
                "answered while stopped %",
                "understood by a newcomer %",
                "services that wait",
            ),
            take("State transfer", "Understood by a newcomer", "services that wait"),
        ],
        wrong=[
            (take("event sourcing", "understood by a newcomer %"), "“services that wait” was measured"),
            (take("publish/subscribe", "services that wait"), "“understood by a newcomer %” was measured as 0"),
            (take("request-driven", "services that wait"), "“answered while stopped %” was measured as 0"),
            (take("event-carried state transfer", "services that wait"), "your reasons do not rule out"),
            (take("event-carried state transfer", "p99 ms"), "The brief says nothing about “p99 ms”"),
        ],
    ),
    "12.6": Known(
        other=[take("event sourcing", "past told %", "answered while cut off %"), take("Sourcing", "the past told")],
        wrong=[
            (take("event-carried state transfer", "answered while cut off %"), "“past told %” was measured as"),
            (take("event sourcing", "answered while cut off %"), "your reasons do not rule out publish/subscribe"),
            (take("event log", "past told %"), "is none of the five"),
        ],
    ),
    "12.7": Known(
        other=[
            take("event notification", "heard by a newcomer %", "wrong while cut off %"),
            {"take": "Notification", "because": "wrong while cut off; heard by a newcomer"},
        ],
        wrong=[
            (take("event-carried state transfer", "heard by a newcomer %"), "“wrong while cut off %” was measured as"),
            (take("request-driven", "wrong while cut off %"), "“heard by a newcomer %” was measured as 0"),
            (take("event notification", "wrong while cut off %"), "your reasons do not rule out request-driven"),
        ],
    ),
    "12.8": Known(
        other=[take("request-driven", "done when confirmed %", "wrong while cut off %")],
        wrong=[
            (take("publish/subscribe", "done when confirmed %"), "“done when confirmed %” was measured as 0"),
            (take("request-driven", "wrong while cut off %"), "your reasons do not rule out event notification"),
            (take("request-driven", "messages per change"), "The brief says nothing about"),
            (take("request-driven"), "Give your reasons as a list"),
        ],
    ),
}
