"""The law for borders, for the engines and the classroom: whatever of theirs stands behind a door.

Both rooms are walked: a new door, or a parameter without a right value here, fails. What has no door is called by what
has one. No server is started.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import eventlab.classroom
import eventlab.engines
from eventlab.airports import Scenario, start
from eventlab.engines import Engines, starting
from tests.support.borders import calls, ends_well

HOUR = Scenario().leaving("15:00", "15:05")
RIGHT: dict[str, Any] = {
    "nats": "nats://127.0.0.1:1", "postgres": "postgresql://127.0.0.1:1/x", "folder": Path(), "path": Path("plan.toml"),
    "engines": Engines("nats://127.0.0.1:1", "postgresql://127.0.0.1:1/x"), "run": start(HOUR, "request-driven"),
    "numbers": ["01"], "number": "01", "name": "Ada", "content": b"name,Grade\nAda,\n", "totals": {"Ada": 1.0},
    "student": "Ada", "words": "spring", "id": "03.1", "variant": "0", "answer": "ABC",
}  # fmt: skip


def modules() -> Iterator[Any]:
    for room in (eventlab.classroom, eventlab.engines):
        for each in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            if not each.name.endswith("__main__"):
                yield importlib.import_module(each.name)


def doors() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in modules():
        for name, found in vars(module).items():
            entrance = found.__init__ if inspect.isclass(found) else found
            code = getattr(entrance, "__code__", None)
            if getattr(found, "__module__", "") == module.__name__ and code and code.co_name == "entered":
                yield f"{module.__name__}.{name}", found


DOORS = dict(doors())


class Nobody:
    """A guardian of no servers."""

    def tell(self, line: str) -> None:
        """There is nothing to guard."""

    def close(self) -> None:
        """There is nothing to end."""


@pytest.fixture(autouse=True)
def without_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plan.toml").write_text("", "utf-8")
    monkeypatch.setattr(starting, "Guardian", Nobody)
    for name in ("_start_nats", "_start_postgres"):
        monkeypatch.setattr(starting, name, lambda *arguments: None)


@pytest.mark.parametrize("name", DOORS)
def test_every_door_of_the_engines_and_the_classroom_ends_every_call_well(name: str) -> None:
    found = DOORS[name]
    names = inspect.signature(found).parameters
    for call in calls(found, {key: value for key, value in RIGHT.items() if key in names}, together=5):
        ends_well(call, OSError)  # of a file or a folder, what the system says


def test_what_people_call_first_stands_behind_a_door() -> None:
    first = {"starting.local", "starting.Engines", "runtime.Runtime", "submissions.submissions", "plan.read_plan"}
    assert first <= {name.split(".", 2)[2] for name in DOORS}
