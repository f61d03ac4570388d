"""What goes wrong with Anna's rebooking, by name, and how it ends: led by a desk, and led by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eventlab.faults import Crash
from eventlab.lessons.lesson05.knowing import knows
from eventlab.lessons.lesson05.town import Town
from eventlab.sim import SECOND

ANNA = "anna"
TROUBLES: dict[str, dict[str, Any]] = {
    "none": {},
    "payment says no": {"no": ("payment.charge",)},
    "and hotels cannot cancel": {"no": ("payment.charge", "hotel.cancel")},
    "hotels stops for good": {"faults": (Crash("hotels", 0.5),)},
    "hotels stops for 40 s": {"faults": (Crash("hotels", 0.5, 40.5),)},
    "who asks hotels stops for 30 s": {},
}
ENDS = {"done": "done", "compensated": "all taken back", "stuck": "stuck", "": "no end"}


@lru_cache(32)
def in_trouble(trouble: str, *, led: bool) -> Town:
    """Anna's rebooking with this trouble. The same one gives the same run, so it is kept."""
    settings = TROUBLES[trouble]
    if trouble == list(TROUBLES)[-1]:
        settings = {"faults": (Crash("desk" if led else "seats", 0.45, 30.45),)}
    return Town(led=led, **settings).ask(ANNA).run()


@dataclass(frozen=True)
class Trials:
    """Anna's rebooking in every trouble, led or not."""

    led: bool

    def town(self, trouble: str) -> Town:
        """One of the runs."""
        return in_trouble(trouble, led=self.led)

    @property
    def unfinished(self) -> list[str]:
        """The troubles in which her rebooking has no end, ten minutes later."""
        return [trouble for trouble in TROUBLES if not self.town(trouble).standing(ANNA)["end"]]

    @property
    def knows(self) -> float:
        """The share of the events of her undisturbed rebooking that the best-informed service met, in percent."""
        return max(knows(self.town("none"), ANNA).values())

    def told(self, trouble: str) -> str:
        """How it ended, and after how many seconds."""
        town = self.town(trouble)
        state, events = town.standing(ANNA), town.events(ANNA)
        kept = f" ({', '.join(state['kept'])})" if state["kept"] else ""
        if not state["end"]:
            return f"no end (at {state['step']})"
        return f"{ENDS[state['end']]}{kept}, {(events[-1].time - events[0].time) / SECOND:.0f} s"


def endings() -> list[dict[str, str]]:
    """Every trouble as a row of a table."""
    led, alone = Trials(True), Trials(False)
    return [{"trouble": each, "a desk leads": led.told(each), "nobody leads": alone.told(each)} for each in TROUBLES]
