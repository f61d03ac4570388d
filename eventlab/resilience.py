"""The usual help against failing requests: try again, within a budget; stop trying for a while; keep some workers free.

A failure is what another try may mend: `NoReply` and `Unavailable`. A definite no (`Refused`) is an answer: it is
never tried again, and it says that the callee works. `proxy` puts all of it together, for every call of a service.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from eventlab import borders
from eventlab.door import door
from eventlab.errors import Invalid, NoReply, Refused, Unavailable
from eventlab.sim import Draws, nanoseconds

Call = Callable[[], Awaitable[Any]]


class Clock(Protocol):
    """Whatever has a time: a service (or a whole simulation)."""

    @property
    def now(self) -> int: ...
    async def sleep(self, seconds: float) -> None: ...


@door
async def retry(
    clock: Clock,
    call: Call,
    *,
    tries: int = 3,
    first: float = 0.5,
    factor: float = 2.0,
    longest: float = 300.0,
    jitter: Draws | None = None,
    budget: RetryBudget | None = None,
) -> Any:
    """The result of `call()`, tried up to `tries` times; the last error if all fail, or if the `budget` is spent.

    The pause before the second try is `first` simulated seconds, each further one `factor` times as long (exponential
    backoff), but none longer than `longest`. With `jitter`, a pause is drawn evenly between 0 and that, so that many
    callers do not return all at once ("full jitter": Marc Brooker, "Exponential Backoff and Jitter", 2015).
    """
    _at_least_one("tries", tries, "retry")
    nanoseconds(first), nanoseconds(longest)
    if not factor > 0:
        raise Invalid("factor", where="retry", expected="more than 0", found=factor)
    pause = min(first, longest)
    if budget is not None:
        budget.earn()
    for _ in range(tries - 1):
        try:
            return await call()
        except (NoReply, Unavailable):
            if budget is not None and not budget.spend():
                raise
            await clock.sleep(pause if jitter is None else pause * jitter.random())
            pause = min(pause * factor, longest)
    return await call()


def _at_least_one(what: str, number: int, where: str) -> None:
    if number < 1:
        raise Invalid(what, where=where, expected="1 or more", found=number)


class RetryBudget:
    """Lets callers try again for a `share` of their first tries: so much load retries can add, and no more.

    A token bucket: a first try earns `share` of a token, a further one costs a whole one, and the bucket holds at most
    `most`, with which it begins. So after n first tries there were at most `most + share * n` others. All calls to
    one callee share a budget. Sources: RetryBudget of Twitter's Finagle; retry throttling of gRPC, which counts in
    thousandths too.
    """

    @door
    def __init__(self, *, share: float = 0.1, most: int = 10) -> None:
        _at_least_one("most", most, "retry budget")
        if not 0 <= share <= 1000:
            raise Invalid("share", where="retry budget", expected="0 or more, at most 1000", found=share)
        self.share, self.most = round(share * 1000), most * 1000  # in thousandths: no sum of them is ever off
        self._saved = self.most

    def __repr__(self) -> str:
        return f"<RetryBudget: {self.tokens:g} of {self.most // 1000} tokens, {self.share / 1000:g} for each first try>"

    @property
    def tokens(self) -> float:
        """How many further tries it allows at this moment."""
        return self._saved / 1000

    def earn(self) -> None:
        """Note a first try."""
        self._saved = min(self.most, self._saved + self.share)

    def spend(self) -> bool:
        """Take a token for a further try; False if there is none."""
        if self._saved < 1000:
            return False
        self._saved -= 1000
        return True


class Breaker:
    """A circuit breaker: after `limit` failures in a row, calls end at once for `pause` simulated seconds.

    Then one call is let through (half open): its success closes the circuit, its failure opens it again.
    Source: Michael Nygard, "Release It!", 2007.
    """

    @door
    def __init__(self, clock: Clock, name: str, *, limit: int = 5, pause: float = 30.0) -> None:
        _at_least_one("limit", limit, f"breaker {name}")
        self.clock, self.name, self.limit, self.pause = clock, name, limit, nanoseconds(pause)
        self.failures = 0
        self._epoch = 0  # how often it has opened or closed: what a call of an earlier epoch leads to says nothing now
        self._closed_again = 0  # the instant from which a call is let through
        self._trying = False

    def __repr__(self) -> str:
        return f"<Breaker {self.name}: {self.state}, {self.failures} failures of {self.limit}>"

    @property
    def state(self) -> str:
        """`closed` (calls pass), `open` (calls are refused) or `half open` (one call may try)."""
        if self.failures < self.limit:
            return "closed"
        return "open" if self.clock.now < self._closed_again else "half open"

    async def call(self, call: Call) -> Any:
        """The result of `call()`; `Unavailable` at once while the circuit is open."""
        borders.function(call, "call", where=f"breaker {self.name}")
        state = self.state
        if state == "open" or (state == "half open" and self._trying):
            raise Unavailable(f"the circuit breaker of {self.name} is open")
        epoch, tries = self._epoch, state == "half open"
        self._trying = self._trying or tries
        try:
            result = await call()
        except (NoReply, Unavailable):
            if epoch == self._epoch:
                self._failed()
            raise
        except Refused:
            if epoch == self._epoch:
                self._worked()
            raise
        finally:
            if tries:
                self._trying = False
        if epoch == self._epoch:
            self._worked()
        return result

    def _failed(self) -> None:
        self.failures += 1
        if self.failures >= self.limit:
            self._epoch += 1
            self._closed_again = self.clock.now + self.pause

    def _worked(self) -> None:
        if self.failures >= self.limit:
            self._epoch += 1
        self.failures = 0


class Bulkhead:
    """At most `limit` calls at a time; one more is refused at once, so that a slow callee cannot take every worker."""

    @door
    def __init__(self, name: str, *, limit: int) -> None:
        _at_least_one("limit", limit, f"bulkhead {name}")
        self.name, self.limit = name, limit
        self.running = 0

    def __repr__(self) -> str:
        return f"<Bulkhead {self.name}: {self.running} of {self.limit} running>"

    async def call(self, call: Call) -> Any:
        """The result of `call()`; `Unavailable` at once while `limit` calls are running."""
        borders.function(call, "call", where=f"bulkhead {self.name}")
        if self.running >= self.limit:
            raise Unavailable(f"the bulkhead of {self.name} is full: {self.limit} calls are running")
        self.running += 1
        try:
            return await call()
        finally:
            self.running -= 1
