"""04.5: settings of a subscription, for an hour with a broken message, a broken printer, and lost acknowledgements."""

from __future__ import annotations

from collections import Counter
from typing import Any

from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.faults import Flaky
from eventlab.lab import Lab
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.network import Delay
from eventlab.sim import SECOND
from eventlab.subscription import SubscriptionSettings
from eventlab.trace import Trace

DOWN, UP = 600.0, 1200.0  # the printer is out of paper for ten minutes
LATE, FAILED, AGAIN = 1800.0, 60, 15  # the bars: seconds, failed tries, flights worked on twice
MODEL = {"ack_wait": 60, "max_deliver": 15, "pause": 60, "on_dead": "skip"}


def measured(settings: dict[str, Any], seed: int, size: int = 60) -> tuple[dict[str, int], Trace]:
    """An hour under these settings: what became of the messages, as numbers, and the trace."""
    lab = Lab(seed)
    meals, operations = lab.service("meals", workers=10, work=Delay(10, 30)), lab.client("operations")

    def hand_out(event: Event) -> None:
        if DOWN <= lab.sim.passed < UP:
            raise OSError("no paper")
        meals.state[event.data["flight"]] = event.data["people"]

    chosen = {name: settings[name] for name in ("ack_wait", "max_deliver", "on_dead")}
    meals.on("flight.cancelled", hand_out, durable="meals", backoff=[settings["pause"]], **chosen)
    for number in range(size):
        flight, at = f"UA{number + 1}", 3600 / size * number
        data = {"flight": flight} if number == 3 else {"flight": flight, "people": 100}
        lab.at(at, operations.publish, Event("flight.cancelled", data, ("EWR", "JFK", "LGA")[number % 3]))
    lab.inject(Flaky(0, 3600, loss=0.05, pairs=(("meals", "bus"),)))
    trace = lab.run(7200.0)
    return _counts(trace, size), trace


def _counts(trace: Trace, size: int) -> dict[str, int]:
    said = {r.message.data["flight"]: r.at for r in trace.of("published") if r.message}
    done = {r.key: r.at for r in reversed(list(trace.of("changed")))}
    healthy = [flight for flight in said if flight != "UA4"]
    waits = [(done[flight] - said[flight]) / SECOND for flight in healthy if flight in done]
    worked = Counter(r.message.id for r in trace.of("handled") if r.message)
    dead = [r for r in trace.of("dead") if r.message and r.message.data["flight"] != "UA4"]
    return {
        "given up": len(dead), "never done": size - 1 - len(waits), "longest wait": round(max(waits, default=0)),
        "failed tries": sum(1 for _ in trace.of("failed")), "worked on twice": sum(n > 1 for n in worked.values()),
    }  # fmt: skip


def trial(settings: dict[str, Any], seeds: int = 5) -> list[dict[str, int]]:
    """The numbers of some hours under these settings, a row for each."""
    return [{"hour": seed + 1, **measured(settings, 1000 + seed)[0]} for seed in range(seeds)]


def judge(answer: dict[str, Any], case: Case) -> None:
    """No healthy message is given up or waits too long; little is tried in vain, and little done twice."""
    try:
        SubscriptionSettings(
            "meals", ack_wait=answer["ack_wait"], max_deliver=answer["max_deliver"], backoff=[answer["pause"]],
            on_dead=answer["on_dead"],
        )  # fmt: skip
    except (Invalid, TypeError) as error:
        raise Mistake(f"these settings cannot be meant: {error}", kind="shape") from None
    found, _ = measured(answer, case.seed)
    given_up, never, wait = found["given up"], found["never done"], found["longest wait"]
    if given_up:
        message = f"{given_up} healthy messages were given up while the printer had no paper for ten minutes:"
        raise Mistake(f"{message} the tries were over before it had paper again.", kind="given up")
    if never or wait > LATE:
        told = f"{never} flights never got their vouchers" if never else f"one flight waited {wait / 60:.0f} minutes"
        message = f"{told} ({LATE / 60:.0f} minutes are allowed): the broken message held its whole airport up."
        raise Mistake(message, kind="late")
    if found["worked on twice"] > AGAIN:
        message = f"{found['worked on twice']} flights were worked on twice ({AGAIN} are allowed): the bus sends again"
        raise Mistake(f"{message} after {answer['ack_wait']} s, and the work takes up to 40.", kind="twice")
    if found["failed tries"] > FAILED:
        raise Mistake(
            f"{found['failed tries']} tries failed ({FAILED} are allowed): what cannot work now is tried too often.",
            kind="tries",
        )


EXERCISE = read_exercise("04.5", judge, MODEL, cases=lambda seed: Case(seed, 1), runs=6)
