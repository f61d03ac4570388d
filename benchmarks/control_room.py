"""The control room against the clock: frames a second while it plays, and how long a jump takes, in a real browser.

The morning of three flights under two architectures, and an hour of the whole storm under three, each for ten seconds.
A frame is what the browser really drew: on a machine that does other things at the same time there are fewer.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness import Row, at_most
from eventlab.airports import Scenario
from eventlab.control_room import page
from eventlab.control_room.session import Session
from eventlab.faults import Crash

BOSTON = ["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"]
THREE = ("request-driven", "event-carried state transfer", "event notification")
GOALS = {"morning": ("three flights, two architectures", 60), "storm": ("hour of the storm, three architectures", 30)}
SECONDS = 10
JUMP = 100.0  # milliseconds that a jump may take
PLAYED = """async ([begin, seconds]) => {
    const { clock, benchmark } = document.querySelector(".eventlab-room").room;
    const times = [];
    let on = true;
    const frame = (now) => { times.push(now); if (on) requestAnimationFrame(frame); };
    clock.go(begin); clock.pace(60); benchmark.length = 0; clock.play(true); requestAnimationFrame(frame);
    await new Promise((done) => setTimeout(done, seconds * 1000));
    on = false; clock.play(false);
    const drawn = [...benchmark].sort((one, other) => one - other);
    const jumps = [0.9, 0.1, 0.6, 0.3].map((share) => {
        const now = performance.now(); clock.go(share * clock.end); return performance.now() - now;
    });
    return { frames: times.length / seconds, draw: drawn[drawn.length >> 1], jump: Math.max(...jumps),
             heap: performance.memory ? performance.memory.usedJSHeapSize / 1e6 : 0 };
}"""


@cache
def records() -> dict[str, tuple[float, dict[str, Any]]]:
    """What is played: from which moment (milliseconds), and the record."""
    boston = Scenario(flights=BOSTON, questions=1)
    boston = boston.with_(faults=[Crash("boards", boston.at("07:30"), boston.at("09:30"))])
    morning = Session(boston, THREE[:2]).record()
    storm = Session(Scenario(), THREE, since="14:00", until="15:00").record()
    return {"morning": (morning["setting"]["start_at"], morning), "storm": (0.0, storm)}


def run(rounds: int) -> list[Row]:
    """Rows of both: frames a second against the goal, milliseconds of drawing a frame, and of a jump."""
    try:
        from playwright.sync_api import sync_playwright

        from tests.browser.lab import find_browser
    except ImportError:
        return [Row("control room", "playwright is missing")]
    if find_browser() is None:
        return [Row("control room", "no browser")]
    rows = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for name, (begin, record) in records().items():
            found = [_played(browser, page.save(record, Path(folder) / f"{name}.html"), begin) for _ in range(rounds)]
            rows += _rows(*GOALS[name], {key: median(each[key] for each in found) for key in found[0]})
        browser.close()
    return rows


def _played(browser: Any, path: Path, begin: float) -> dict[str, float]:
    shown = browser.new_page(viewport={"width": 1600, "height": 1000})
    shown.goto(path.as_uri())
    shown.wait_for_timeout(1000)
    found: dict[str, float] = shown.evaluate(PLAYED, [begin, SECONDS])
    shown.close()
    return found


def _rows(name: str, goal: int, found: dict[str, float]) -> list[Row]:
    frames = found["frames"]
    what = f"{frames:.0f} frames/s, drawn in {found['draw']:.1f} ms, {found['heap']:.0f} MB"
    return [
        # A screen shows 60 frames a second, and a count may miss one.
        Row(f"control room: {name}", what, goal=f"≥ {goal} frames/s", reached=(frames + 1) / goal),
        at_most(f"control room: jump, {name}", found["jump"], JUMP, "ms"),
    ]
