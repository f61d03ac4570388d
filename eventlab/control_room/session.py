"""A session: what stands behind one control room. It hears the page, and tells it what happens.

session = Session(scenario, ["request-driven", "event-carried state transfer"])
session.tell = send            called with each message for the page
session.hear(message)          a message from the page; never raises
session.work(0.02)             computes for about so long; True if there is more to do
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eventlab.airports.intervention import Intervention
from eventlab.airports.scenario import Scenario
from eventlab.control_room.acts import ON, Act, Acts, check_arrow
from eventlab.control_room.ahead import SOON, TICK, Ahead, Told
from eventlab.control_room.asked import knows, says, sending, where_is
from eventlab.control_room.cell import cell
from eventlab.control_room.chosen import Chosen, chosen, title
from eventlab.control_room.collecting import rare_collections
from eventlab.control_room.missions import as_plain, fitting
from eventlab.control_room.setting import setting, span
from eventlab.control_room.task import Task
from eventlab.door import door
from eventlab.errors import EventlabError, Invalid, unknown
from eventlab.times import SECOND, Instant

AT_ONCE = 0.1  # seconds of real time in which an act may show itself before the page is answered


class Session:
    """All that stands behind one control room. `since` and `until` are clock times; without them all of it is shown.

    An architecture is a name, or a name with options: `("publish/subscribe", {"inbox": False})`. `options` go to every
    architecture that knows them.
    """

    @door
    def __init__(
        self,
        scenario: Scenario,
        architectures: Sequence[str | Chosen],
        *,
        since: str = "",
        until: str = "",
        **options: Any,
    ) -> None:
        self.scenario = scenario
        self.chosen = chosen(architectures, options)
        begin, end, start = span(scenario, since, until)
        self.ahead = Ahead(scenario, self.chosen, begin, end)
        self.ahead.want(start, start + SOON)
        self.acts = Acts()
        self.is_seen = True  # whether the page is: while nobody looks, nothing is computed
        self.idles = sys.platform != "emscripten"  # a kernel in a browser has few cores: it does what is needed
        self._owed: list[str] = []  # what was asked for and needs whole runs
        names = [title(each) for each in self.chosen]
        fit = fitting(names, len({command.subject for command in scenario.commands}))
        self.setting = setting(scenario, names, begin, end, start, kernel=True, missions=as_plain(fit))
        self.task = Task(self.ahead)

    def __repr__(self) -> str:
        return f"<Session: {', '.join(map(title, self.chosen))}; {len(self.acts.all)} acts>"

    @property
    def tell(self) -> Callable[[Told], object]:
        """Who is called with each message for the page; nobody, until it is set."""
        return self.ahead.tell

    @tell.setter
    def tell(self, call: Callable[[Told], object]) -> None:
        self.ahead.tell = call

    # What the page says ------------------------------------------------------------------------------------------

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take a message from the page. What cannot be done is said in a sentence."""
        try:
            heard = HEARD.get(str(message.get("kind"))) if isinstance(message, Mapping) else None
            if heard is None:
                raise unknown("message", message, HEARD, where="the control room")
            self.is_seen = heard is not Session._hidden
            heard(self, message)
        except EventlabError as error:
            self.say(str(error))
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            self.say(f"The control room cannot make sense of this message ({type(error).__name__}: {error}).")

    def say(self, text: str) -> None:
        """Tell the page a sentence for its reader."""
        self.tell({"kind": "said", "text": text})

    def _want(self, message: Mapping[str, Any]) -> None:
        self.ahead.want(self.ahead.instant(message["at"]), self.ahead.instant(message["until"]))
        self.task.stale = True

    def _mission(self, message: Mapping[str, Any]) -> None:
        self.task.begin(message["id"])

    def _hint(self, message: Mapping[str, Any]) -> None:
        self.task.hint(message["id"])

    def _hidden(self, message: Mapping[str, Any]) -> None:
        """Nobody sees the page, until it says something else."""

    def _hello(self, message: Mapping[str, Any]) -> None:
        self.ahead.again()

    def _act(self, message: Mapping[str, Any]) -> None:
        verb, target, at = str(message["verb"]), str(message["target"]), self.ahead.instant(message["at"])
        if not self.ahead.begin <= at < self.ahead.end:
            raise Invalid("time of an act", where="the control room", expected="one that is shown", found=message["at"])
        if verb == "start":
            self._start(target, at)
            return
        if verb == "delay" and ">" not in target:
            verb = "late"
        a = None
        if ON.get(verb) == "packet":
            a, at = self._of_packet(message.get("a"), target, at)
        until, by = self._until(verb, message, at), float(message.get("by") or 0.0)
        data = self._edit(a, target, message.get("data") or {}) if verb == "edit" else {}
        check_arrow(Act(0, verb, target, at, until, by, a, data), [name for name, _ in self.chosen])
        self.acts.add(verb=verb, target=target, at=at, until=until, by=by, a=a, data=data)
        self._fork()

    def _until(self, verb: str, message: Mapping[str, Any], at: Instant) -> Instant | None:
        if message.get("until") is not None and ON.get(verb) != "packet":
            return self.ahead.instant(message["until"])
        return at + 60 * SECOND if ON.get(verb) == "arrow" else None

    def _of_packet(self, a: Any, target: str, at: Instant) -> tuple[int, Instant]:
        """The architecture of a packet, and when it can be treated: not before it has been sent."""
        course = self.ahead.leading[self._place(a)]
        record = sending(course.run.trace, int(target) if target.isdecimal() else target)
        sent = Instant(record.at + TICK - (record.at - self.ahead.begin) % TICK)
        if not where_is(course.run.trace, record.packet, max(at, sent)):
            raise Invalid("message", where="the control room", expected="one that is still under way", found=target)
        return self._place(a), max(at, sent)

    def _place(self, a: Any) -> int:
        if a.__class__ is not int or not 0 <= a < len(self.chosen):
            raise Invalid("architecture", where="the control room", expected=f"0 to {len(self.chosen) - 1}", found=a)
        place: int = a
        return place

    def _edit(self, a: int | None, target: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """What a message is to say instead; of one that carries facts, these facts."""
        said = sending(self.ahead.leading[a or 0].run.trace, int(target)).message
        assert said is not None
        facts = said.data.get("facts")
        if isinstance(facts, Mapping) and not any(name in said.data for name in data):
            data = {"facts": {**facts, **data}}
        Intervention("edit", int(target), data=data).edited(said)
        return dict(data)

    def _start(self, target: str, at: Instant) -> None:
        act = self.acts.open(target)
        if act is None or act.at >= at:
            raise Invalid("start", where="the control room", expected="a service that you stopped", found=target)
        self.acts.change(act.id, until=at)
        self._fork()

    def _fork(self) -> None:
        if self.ahead.fork(self.acts):
            self.task.stale = True
            self.work(AT_ONCE)

    def _change(self, message: Mapping[str, Any]) -> None:
        what: dict[str, Any] = {}
        if "at" in message:
            what["at"] = max(self.ahead.instant(message["at"]), Instant(self.ahead.begin))
        if "until" in message:
            what["until"] = None if message["until"] is None else self.ahead.instant(message["until"])
        if message.get("by") is not None:
            what["by"] = float(message["by"])
        self.acts.change(message["id"], **what)
        self._fork()

    def _remove(self, message: Mapping[str, Any]) -> None:
        self.acts.remove(message["id"])
        self._fork()

    def _undo(self, message: Mapping[str, Any]) -> None:
        self.acts.undo()
        self._fork()

    def _reset(self, message: Mapping[str, Any]) -> None:
        self.acts.clear()
        self._fork()

    def _ask(self, message: Mapping[str, Any]) -> None:
        a = self._place(message["a"])
        course, same = self.ahead.leading[a], {"a": a}
        if "packet" in message:
            packet = message["packet"]
            self.tell({"kind": "says", "packet": packet, **same, **says(course.run.trace, packet, self.ahead.moment)})
        else:
            at = self.ahead.instant(message["at"])
            found = knows(course.run, str(message["service"]), at)
            self.tell({"kind": "knows", "service": message["service"], "at": message["at"], **same, **found})

    def _cell(self, message: Mapping[str, Any]) -> None:
        self.tell({"kind": "cell", "text": self.cell(), "digests": []})
        self._owed.append("cell")

    def cell(self) -> str:
        """The text of the cell that makes the same runs again."""
        return cell(self.scenario, self.acts.all, self.chosen)

    def work(self, seconds: float) -> bool:
        """Compute for about so long and tell what is new; whether there is more to do. None while nobody looks."""
        if not self.is_seen:
            return False
        deadline = time.monotonic() + seconds
        try:
            with rare_collections():
                done = self.ahead.work(deadline)
                done = self.task.look() and done and self._pay(deadline)
                return not (done and (not self.idles or self.ahead.idle(deadline)))
        except KeyboardInterrupt:  # meant for a cell: what it tore apart here is computed anew
            self.ahead.rest()
            return True
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            self.say(f"The run cannot go on ({why}). Undo what you did last, or run the cell again.")
            self.ahead.rest()
            self.ahead.want(self.ahead.begin, self.ahead.begin)
            return False

    def rest(self) -> None:
        """Let go of what was computed, when nobody plays for a while; the acts stay, and playing on brings it back."""
        self.ahead.rest()

    def _pay(self, deadline: float) -> bool:
        """Do what needs whole runs; whether nothing is left to do."""
        if not self._owed:
            return True
        if not self.ahead.finish(deadline):
            return False
        self._owed.clear()
        self.tell({"kind": "cell", "text": self.cell(), "digests": self.ahead.digests()})
        return True

    def record(self) -> Told:
        """Everything there is to tell, for a page without a kernel: all runs from begin to end."""
        acts = [act.wire(self.ahead.moment) for act in self.acts.all]
        return {"setting": {**self.setting, "kernel": False}, **self.ahead.record(), "acts": acts}


HEARD: dict[str, Callable[[Session, Mapping[str, Any]], None]] = {
    "want": Session._want, "hello": Session._hello, "act": Session._act, "change": Session._change,
    "remove": Session._remove, "undo": Session._undo, "reset": Session._reset, "ask": Session._ask,
    "cell": Session._cell, "mission": Session._mission, "hint": Session._hint, "hidden": Session._hidden,
}  # fmt: skip
