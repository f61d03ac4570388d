"""Random choices at every control of every lesson, in its kernel, as the browser sends them: nothing raises.

A step is one message of a component: other values of a control, an answer to a question, another step of a replay. What
a control cannot show it says in place of its figure: that counts as a failure here.
"""

from __future__ import annotations

import gc
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

import nbformat
from nbclient import NotebookClient

from eventlab.lessons.judging.question_form import QuestionForm
from eventlab.views.controls.what_if import WhatIf
from eventlab.views.player.replay import Replay
from tests.support import REPO

SHORT, LONG = 100, 1_500  # steps in each notebook
FAILED = ("nothing can be shown", "This does not work")


def controls() -> list[Any]:
    """Everything in this process that somebody can turn or click."""
    kinds = (WhatIf, QuestionForm, Replay)
    found = [each for each in gc.get_objects() if isinstance(each, kinds)]
    return sorted(found, key=lambda each: (type(each).__name__, repr(each)[:400]))


def turn(control: Any, chance: Random) -> dict[str, Any]:
    """A message that the control's component may send."""
    match control:
        case WhatIf():
            picked = [chance.randrange(len(values)) for values in control.choices.values()]
            if chance.random() < 0.1:  # from another version of the page, say
                picked = chance.choice([[], [*picked, 0], [99] * len(picked), [-1] * len(picked)])
            return {"picked": picked}
        case QuestionForm():
            question = chance.choice(control.questions)
            return {"chosen": {**control.widget.chosen, question.id: chance.choice(question.options).key}}
        case _:
            return {"step": chance.choice([-1, 0, 10**6, chance.randrange(500)])}


def walk(found: Iterable[Any], steps: int, seed: object, dear: float = 0.1) -> dict[str, Any]:
    """Take so many random steps; what failed, and the milliseconds of each step by kind of control.

    `dear` is the share of the steps that run something again.
    """
    chance, problems, took = Random(f"{seed}"), [], {}
    again = [each for each in found if isinstance(each, WhatIf)]
    others = [each for each in found if not isinstance(each, WhatIf)]
    for number in range(steps):
        kind = again if again and (not others or chance.random() < dear) else others
        control = chance.choice(kind)
        message = turn(control, chance)
        begun = time.perf_counter()
        try:
            control.widget.set_state(message)
            shown = control.widget.shown if isinstance(control, WhatIf) else repr(control)
        except Exception as error:
            shown = f"This does not work: {type(error).__name__}: {error}"
        took.setdefault(type(control).__name__, []).append((time.perf_counter() - begun) * 1e3)
        if any(words in shown for words in FAILED):
            problems.append(f"step {number}, {message}: {shown[:300]}")
    return {"steps": steps, "controls": len(again) + len(others), "problems": problems, "took": took}


CELL = """
import json
from tests.attacks.widgets import controls, walk
print(json.dumps(walk(controls(), {steps}, {seed!r})))
"""


def in_notebook(path: Path, steps: int) -> dict[str, Any]:
    """Run a notebook and take so many steps at its controls."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(CELL.format(steps=steps, seed=path.name)))
    NotebookClient(notebook, timeout=1000, resources={"metadata": {"path": str(path.parent)}}).execute()
    found: dict[str, Any] = json.loads(notebook.cells[-1].outputs[0].text)
    return found


def failing_control(fails: Callable[[Any], bool]) -> WhatIf:
    """The control of this attack: a control that fails at some of its values."""

    def make(number: int) -> str:
        return str(1 / (not fails(number)))

    return WhatIf(make, {}, {"number": list(range(20))})


def main(long: bool) -> int:
    os.environ["PYTHONPATH"], os.environ["EVENTLAB_PROGRESS"] = str(REPO), ":memory:"
    steps, wrong, took = LONG if long else SHORT, 0, {}
    done = 0
    with tempfile.TemporaryDirectory() as own:
        os.environ["IPYTHONDIR"] = own
        for path in sorted((REPO / "notebooks").glob("[01g]*.ipynb")):
            if "what_if(" not in path.read_text("utf-8"):
                continue
            found = in_notebook(path, steps)
            done += found["steps"]
            problems = found["problems"]
            print(
                f"{path.name}: {found['controls']} controls, {found['steps']:,} steps, {len(problems)} wrong",
                flush=True,
            )
            print("\n".join(f"WRONG: {problem}" for problem in problems[:5]), end="\n" * bool(problems))
            wrong += len(problems)
            for kind, times in found["took"].items():
                took.setdefault(kind, []).extend(times)
    for kind, times in took.items():
        parts = quantiles(times, n=20)
        print(
            f"{kind}: {len(times):,} steps, half within {parts[9]:.1f} ms, 19 of 20 within {parts[18]:.1f} ms,", end=" "
        )
        print(f"the slowest {max(times):.0f} ms, {sum(each > 100 for each in times):,} above 100 ms")
    planted = failing_control(lambda number: number == 7)
    caught = walk([planted], 400, "planted")["problems"]
    print(f"{done:,} steps, {wrong} wrong; control, a control that fails at one value of twenty: {len(caught)} of 400")
    return wrong + (not caught) + (done < steps)
