"""05.3: what the leader asks for next, from the events of a process alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.draws import Draws
from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.lesson05.town import STEPS
from eventlab.process import Process, standing
from eventlab.sim import SECOND
from eventlab.views.sagas import saga_diagram


def next_command(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> str:
    place, going = 0, "do"
    for event in events:
        name, what = event.split(".")
        if not 0 <= place < len(steps) or name != steps[place]["name"]:
            continue
        if going == "do" and what == "done":
            place += 1
        elif going == "do" and what == "refused":
            place, going = place - 1, "undo"
        elif going == "undo" and what == "undone":
            place -= 1
    return steps[place][going] if 0 <= place < len(steps) else ""


def judge(answer: Any, case: Case) -> None:
    """After each event of several processes: the one command that carries it on, or none at its end."""
    draws = Testbed(case).draws
    for _ in range(case.size):
        count = 2 + draws.below(3)
        process = Process("rebooking", STEPS[:count])
        steps = [{"name": step.name, "do": step.do, "undo": step.undo} for step in process.steps]
        events = _story(draws, process)
        for end in range(len(events) + 1):
            _look(answer, process, steps, events[:end])


def _story(draws: Draws, process: Process) -> list[str]:
    """The answers to the steps of a process up to its end; some come twice, at once or later."""
    names = [step.name for step in process.steps]
    no = draws.below(2 * len(names))  # the step that is refused; none, if there are not so many
    way = [f"{name}.done" for name in names[:no]]
    if no < len(names):
        way += [f"{names[no]}.refused", *(f"{name}.undone" for name in reversed(names[:no]))]
    story: list[str] = []
    for event in way:
        story.append(event)
        while draws.chance(0.3):
            story.append(story[draws.below(len(story))])
    return story


def _look(answer: Any, process: Process, steps: list[dict[str, str]], events: list[str]) -> None:
    given = answer([dict(step) for step in steps], list(events))
    real = [
        Event("rebooking.asked", {}, "anna"),
        *(Event(each, {}, "anna", time=n * SECOND) for n, each in enumerate(events, 1)),
    ]
    state = standing(process, real)
    step = next((step for step in process.steps if step.name == state["step"]), None)
    right = "" if step is None else step.do if state["going"] == "on" else step.undo
    if (given or "") == right:
        return
    told = f"after {', '.join(events) or 'nothing yet'}"
    marks = {len(events): f"now: {given!r:.40}, and it should be {right or 'nothing'!r}"}
    known = {command for each in process.steps for command in (each.do, each.undo)}
    if given and given not in known:
        message, kind = f"{given!r:.60} is no command of a step", "shape"
    elif events and events.count(events[-1]) > 1:
        message = f"{events[-1]} came again, {told}: what says nothing new changes nothing"
        message, kind = f"{message}; next is {right or 'nothing'}, not {given or 'nothing'}", "again"
    elif not right:
        message, kind = f"{told} the process is over, and {given} was still asked for", "over"
    elif not given:
        message, kind = f"{told} nothing was asked for, and the process stays where it is", "stopped"
    elif state["going"] == "back":
        message, kind = f"{told} the way leads back, from the last step that was done: {right}, not {given}", "back"
    else:
        message, kind = f"{told} comes {right}, not {given}", "on"
    picture = saga_diagram(process, real, marks=marks)
    raise Mistake(f"{message[:1].upper()}{message[1:]}.", picture=picture, kind=kind)


EXERCISE = read_exercise("05.3", judge, next_command, cases=lambda seed: Case(seed, 8), pure=True)
