"""Small scenarios and random faults for the control room's tests."""

from __future__ import annotations

from hypothesis import strategies as st

from eventlab.airports.scenario import ARCHITECTURES, Scenario
from eventlab.faults import Crash, Fault, Flaky, Partition, Slow
from eventlab.times import Instant

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=2)
DAY = 86_400
NAMES = ("operations", "bus", "gates", "boards", "notices", "rebooking", "baggage", "store")
minutes = st.integers(0, 12 * 60)


def at(minute: float) -> Instant:
    """So many minutes after midnight in New York."""
    return BOSTON.at("00:00") + round(minute * 60_000_000_000)


@st.composite
def faults(draw: st.DrawFn) -> list[Fault]:
    """Up to four faults of any kind, which end or do not."""
    found: list[Fault] = []
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(minutes)
        until = draw(st.one_of(st.none(), st.integers(1, 240).map(lambda more: at(begin + more))))  # noqa: B023
        name, kind = draw(st.sampled_from(NAMES)), draw(st.sampled_from([Crash, Slow, Partition, Flaky]))
        if kind is Crash:
            found.append(Crash(name, at(begin), until))
        elif kind is Slow:
            found.append(Slow(name if name != "bus" else "gates", 200.0, at(begin), until))
        elif kind is Partition:
            found.append(Partition(name, at(begin), until))
        else:
            shares = draw(st.sampled_from([(0.3, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.4), (0.2, 0.2, 0.2)]))
            found.append(Flaky(at(begin), until, *shares))
    return found


architectures = st.sampled_from(list(ARCHITECTURES))
