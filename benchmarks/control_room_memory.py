"""An hour of play in the control room: whether what the page and the kernel keep grows with it.

The morning of three flights under two architectures, played by a page in a real browser against a session in this
process. A round is what a learner does in a minute or so: play, stop a service, jump to the end and back, take the act
back, look at a message, show the room anew. Sixty rounds are an hour.
"""

from __future__ import annotations

import gc
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.control_room import BOSTON, THREE
from benchmarks.harness import Row, at_most
from eventlab.airports import Scenario
from eventlab.control_room import scripts
from eventlab.control_room.session import Session
from eventlab.views.player import page as pages

ROUNDS, WARM = 60, 12  # rounds of an hour, and those after which all that is made once is there
GROWTH = 1.0  # megabytes, or thousands of objects, that an hour may leave behind
MOUNT = """
function mount(root, setting) {
  const box = () => { const element = document.createElement("div"); root.append(element); return element; };
  window.said = [];
  window.facts = new facts_js.Facts(setting, (message) => window.said.push(message));
  let room = room_js.showRoom(box(), window.facts);
  window.again = () => { room.stop(); root.replaceChildren(); room = room_js.showRoom(box(), window.facts); };
  window.room = () => room;
}
"""


class Play:
    """A page and a session that hear each other."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.session = Session(Scenario(flights=BOSTON, questions=1), THREE[:2])
        self.end = self.session.setting["end"]
        self._told: list[Any] = []
        self.session.tell = self._told.append
        script = scripts.script("recorded").replace("function mount(", "function recorded(") + MOUNT
        path = folder / "room.html"
        path.write_text(pages.page("Room", "", scripts.style(), script, self.session.setting), "utf-8")
        self.shown = browser.new_page(viewport={"width": 1400, "height": 1000})
        self.shown.goto(path.as_uri())
        self._devtools = self.shown.context.new_cdp_session(self.shown)
        self._devtools.send("Performance.enable")

    def settle(self) -> None:
        """Carry messages to and fro until nobody has anything to say."""
        while True:
            said = self.shown.evaluate("() => window.said.splice(0)")
            for message in said:
                self.session.hear(message)
            while self.session.work(0.1):
                pass
            told, self._told[:] = json.dumps(self._told), []
            self.shown.evaluate("(told) => { for (const each of JSON.parse(told)) window.facts.hear(each); }", told)
            if not said and told == "[]":
                return

    def do(self, script: str, *given: Any) -> None:
        """Let the page do something, and wait until all is told."""
        self.shown.evaluate(script, list(given))
        self.shown.wait_for_timeout(60)
        self.settle()

    def round(self, number: int) -> None:
        """A minute of a learner's."""
        service = ("boards", "notices", "gates", "rebooking")[number % 4]
        self.do("([at]) => window.room().clock.go(at)", 300_000 + number * 1000)
        self.do(
            "([at, target]) => window.facts.act({kind: 'act', verb: 'stop', target, at})",
            300_000 + number * 1000,
            service,
        )
        self.do("() => { const {clock} = window.room(); clock.pace(600); clock.play(true); }")
        self.do("([end]) => { const {clock} = window.room(); clock.play(false); clock.go(end); }", self.end)
        self.do("() => document.querySelector('[data-service=boards]').dispatchEvent(new Event('click'))")
        self.do("() => window.room().clock.go(0)")
        self.do("() => window.facts.act({kind: 'undo'})")
        self.do("() => window.again()")

    def kept(self) -> dict[str, float]:
        """What is kept after all that is not needed has gone."""
        for _ in range(3):
            self._devtools.send("HeapProfiler.collectGarbage")
        found = {each["name"]: each["value"] for each in self._devtools.send("Performance.getMetrics")["metrics"]}
        gc.collect()
        return {
            "heap": found["JSHeapUsedSize"] / 1e6,
            "nodes": found["Nodes"] / 1e3,
            "listeners": found["JSEventListeners"] / 1e3,
            "objects": sum(type(each).__module__.startswith("eventlab.") for each in gc.get_objects()) / 1e3,
        }


def run(rounds: int) -> list[Row]:
    """Rows of what an hour leaves behind, once: it is the same in every round of a benchmark."""
    try:
        from playwright.sync_api import sync_playwright

        from tests.browser.lab import find_browser
    except ImportError:
        return [Row("control room: memory", "playwright is missing")]
    if find_browser() is None:
        return [Row("control room: memory", "no browser")]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        play = Play(browser, Path(folder))
        play.settle()
        kept = []
        for number in range(ROUNDS):
            play.round(number)
            if number + 1 in (WARM, ROUNDS):
                kept.append(play.kept())
        browser.close()
    early, late = kept
    words = {
        "heap": "MB of the page",
        "nodes": "thousand nodes",
        "listeners": "thousand listeners",
        "objects": "thousand objects of ours in Python",
    }
    grown = {key: max(0.0, late[key] - early[key]) for key in words}
    return [
        at_most(f"control room: an hour leaves {words[key]}", grown[key], GROWTH, f"more than {early[key]:.1f}")
        for key in words
    ]
