"""What links and work are like, as data: how long something takes, and what becomes of messages on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eventlab.door import look_at_fields
from eventlab.draws import Draws
from eventlab.errors import Invalid, unknown
from eventlab.times import nanoseconds


@dataclass(frozen=True, slots=True)
class Delay:
    """How long something takes, in simulated seconds: at least `least`, and `extra` more.

    `extra` is drawn evenly between 0 and `extra` ("uniform") or is the mean of an exponential draw ("exponential").
    """

    least: float = 0.0
    extra: float = 0.0
    shape: str = "uniform"

    def __post_init__(self) -> None:
        look_at_fields(self, "least", "extra")
        nanoseconds(self.least), nanoseconds(self.extra)
        if self.shape not in ("uniform", "exponential"):
            raise unknown("shape", self.shape, ("uniform", "exponential"), where="Delay")

    def sampler(self, draws: Draws) -> Callable[[], int]:
        """A function that draws one duration in nanoseconds at each call."""
        least, extra = nanoseconds(self.least), nanoseconds(self.extra)
        if not extra:
            return lambda: least
        if self.shape == "exponential":
            exponential = draws.exponential
            return lambda: least + exponential(extra)
        random = draws.random
        return lambda: least + int(random() * extra)


@dataclass(frozen=True, slots=True)
class LinkQuality:
    """What a link does to messages: how long they take, and the shares that are lost, doubled and overtaken.

    Without reordering a link keeps the order in which messages were sent, as TCP does; a message that is chosen to be
    overtaken arrives `late` simulated seconds after its time. Every message takes `added` seconds more than `delay`.
    """

    delay: Delay = Delay(0.010, 0.005)
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    late: float = 1.0
    added: float = 0.0

    def __post_init__(self) -> None:
        look_at_fields(self, "late", "added")
        for name in ("loss", "duplication", "reordering"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise Invalid(f"share of {name}", where="LinkQuality", expected="0 to 1", found=share)
        nanoseconds(self.late), nanoseconds(self.added)


USUAL_QUALITY = LinkQuality()
