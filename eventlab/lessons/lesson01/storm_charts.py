"""What a storm of questions looks like: how many come, how many are answered, how long people wait."""

from __future__ import annotations

from eventlab.lessons.lesson01.retry_storm import RetryStorm
from eventlab.measures import requests
from eventlab.sim import SECOND
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

WINDOW = 5.0  # seconds
GATES = 75  # ms that the gates need for one request, on average


def answered_chart(storm: RetryStorm, *, slow: tuple[float, float] = (30, 50)) -> Picture:
    """The share of the tries that were answered in time, through the run; `slow`: when the gates were, in seconds."""
    until = storm.sim.now / SECOND
    got = requests.share_answered(storm.questions, seconds=WINDOW, until=until)
    last = round(until - 2 * WINDOW)  # those who asked at the very end have no answer yet
    return chart(
        f"At second {last}, {got[int(last / WINDOW)]:.0f}% are answered",
        x=[WINDOW * (n + 0.5) for n in range(len(got))], x_title="seconds", y_title="%",
        series={"answered (%)": got}, spans=[("gates slow", *slow)] if slow[1] > slow[0] else [],
    )  # fmt: skip


def load_chart(storm: RetryStorm, *, slow: tuple[float, float] = (30, 50)) -> Picture:
    """The calls a second that each service gets, through the run."""
    until, seconds = storm.sim.now / SECOND, 2 * WINDOW
    load = requests.through_time(storm.calls, seconds=seconds, until=until)
    boards = load["boards"]
    return chart(
        "Calls to each service", x=[seconds * (n + 0.5) for n in range(len(boards))], series=load,
        x_title="seconds", y_title="calls a second", spans=[("gates slow", *slow)],
        text=f"To the boards {boards[0]:.0f} a second before, {boards[-2]:.0f} long after the cause",
    )  # fmt: skip


def median_wait(rate: float, factor: float) -> float:
    """How long patient people wait at the boards (the middle one, in ms), with gates that need `factor` times as long.

    `rate` people come a second, for a minute; nobody asks twice.
    """
    patient = RetryStorm(rate, tries=1, patience=60, wait=60)
    patient.slow("gates", factor, 0.001, 60)
    times = sorted(call.waited for call in patient.run(60).questions)
    return 1000 * times[len(times) // 2]
