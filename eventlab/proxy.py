"""A proxy as in a service mesh: time-outs, retries, budget, breaker and bulkhead for every request of a service.

    calls = Proxy(boards, Policy(timeout=1, tries=3, share=0.1))
    flight = await calls.request("operations", command)  # as boards.request, and with all of that

What it cannot know is the business: whether a command may be done twice, and what to say instead of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from eventlab import borders
from eventlab.client import Client
from eventlab.door import door, look_at_fields
from eventlab.errors import Invalid
from eventlab.event import Command
from eventlab.resilience import Breaker, Bulkhead, Call, RetryBudget, retry
from eventlab.sim import nanoseconds

FOR_EVER = 1e8  # seconds: three years


@dataclass(frozen=True, slots=True)
class Policy:
    """What a proxy does for every call; a part that is None is left out. Times in simulated seconds."""

    timeout: float | None = 5.0  # of each try; None: wait for ever
    tries: int | None = None  # in all, the first one counted
    pause: float | None = None  # before the second try; each further one is twice as long; None: none at all
    jitter: bool | None = None  # draw each pause between nothing and that
    share: float | None = None  # retry budget: further tries for each first one
    limit: int | None = None  # breaker: opens after so many failures in a row
    open_for: float | None = None  # breaker: for how long nobody passes then (30 s if not said)
    room: int | None = None  # bulkhead: how many calls to one callee at once

    def __post_init__(self) -> None:
        look_at_fields(self)
        for name, needs in (("pause", "tries"), ("share", "tries"), ("jitter", "pause"), ("open_for", "limit")):
            if getattr(self, name) is not None and getattr(self, needs) is None:
                raise Invalid(name, where="policy", expected=f"{needs} beside it", found=getattr(self, name))
        for name in ("timeout", "pause", "open_for"):
            nanoseconds(getattr(self, name) or 0.0)
        for name in ("tries", "limit", "room"):
            if (number := getattr(self, name)) is not None:
                borders.integer(number, name, where="policy", least=1)
        RetryBudget(share=self.share or 0.0)

    @property
    def settings(self) -> list[str]:
        """The names of what is set: each is a number that somebody has to choose, and to choose again."""
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]

    @property
    def parts(self) -> list[str]:
        """What is at work: each has a state or a time of its own, to be watched and understood."""
        known = {
            "time-out": "timeout",
            "retry": "tries",
            "backoff": "pause",
            "jitter": "jitter",
            "retry budget": "share",
            "breaker": "limit",
        }
        known |= {"bulkhead": "room"}
        return [part for part, setting in known.items() if getattr(self, setting) is not None]


class Proxy:
    """Sends the requests of a client as a `Policy` says, with a budget, a breaker and a bulkhead for each callee.

    The retry is outside, then breaker, bulkhead and time-out: each try counts for the breaker by itself. All tries of
    a command bear one id, by which the callee can know it again (`Inbox`).
    """

    @door
    def __init__(self, client: Client, policy: Policy) -> None:
        self.client, self.policy = client, policy
        self.budgets: dict[str, RetryBudget] = {}
        self.breakers: dict[str, Breaker] = {}
        self.bulkheads: dict[str, Bulkhead] = {}

    def __repr__(self) -> str:
        return f"<Proxy of {self.client.name}: {', '.join(self.policy.parts)}>"

    async def request(self, to: str, command: Command, *, timeout: float | None = None) -> Mapping[str, Any]:
        """As `Client.request`, and with its errors; `timeout` replaces the policy's, for each try."""
        policy, client = self.policy, self.client
        if to not in self.budgets:
            self._know(to)
        command = client.stamp(command)
        seconds = next((each for each in (timeout, policy.timeout) if each is not None), FOR_EVER)

        async def ask() -> Mapping[str, Any]:
            return await client.request(to, command, timeout=seconds)

        call = self._guarded(to, ask)
        first, jitter = policy.pause or 0.0, client.random(f"pauses for {to}") if policy.jitter else None
        budget = None if policy.share is None else self.budgets[to]
        reply: Mapping[str, Any] = await retry(
            client, call, tries=policy.tries or 1, first=first, jitter=jitter, budget=budget
        )
        return reply

    def _know(self, to: str) -> None:
        policy, client = self.policy, self.client
        self.budgets[to] = RetryBudget(share=policy.share or 0.0)
        if policy.limit is not None:
            open_for = 30.0 if policy.open_for is None else policy.open_for
            self.breakers[to] = Breaker(client, to, limit=policy.limit, pause=open_for)
        if policy.room is not None:
            self.bulkheads[to] = Bulkhead(to, limit=policy.room)

    def _guarded(self, to: str, ask: Call) -> Call:
        """The call with bulkhead and breaker around it, as far as there are any."""
        breaker, bulkhead = self.breakers.get(to), self.bulkheads.get(to)
        inner = ask if bulkhead is None else lambda: bulkhead.call(ask)
        return inner if breaker is None else lambda: breaker.call(inner)
