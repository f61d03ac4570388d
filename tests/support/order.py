"""Which tests begin first when several workers share them, and which of them stay together."""

from __future__ import annotations

from typing import Any

# These wait for elections, starts and time-outs, and leave their core to others meanwhile. One cluster serves them all.
ENGINES = "tests/engines/"
EACH_APART = "tests/notebooks/test_cells.py"  # a test is a whole notebook, and shares nothing with the next one
FIRST = (
    ENGINES,
    EACH_APART,
    "tests/live/test_like_a_browser.py",
    "tests/mutants/test_mutants.py",
    "tests/classroom/",
    "tests/lessons/test_lessons.py",
    "tests/test_launcher",
    "tests/control_room/",
    "tests/attacks/",
    "tests/lessons/lesson12/",
    "tests/test_house_rules.py",
    "tests/views/test_replay.py",
)


def place(nodeid: str) -> int:
    """Where a test's file stands in the order of beginning; files of the same place keep the order of their names."""
    return next((number for number, begins in enumerate(FIRST) if nodeid.startswith(begins)), len(FIRST))


def unit(nodeid: str) -> str:
    """Tests with the same unit run in one worker, one after the other."""
    if nodeid.startswith(ENGINES):
        return ENGINES
    return nodeid if nodeid.startswith(EACH_APART) else nodeid.split("::")[0]


def scheduler(config: Any, log: Any) -> Any:
    """Gives each worker the next unit, in the order in which they were collected."""
    from xdist.scheduler import LoadScopeScheduling

    class Units(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit(nodeid)

    config.option.loadscopereorder = False  # it would let the units with most tests begin first, not the longest
    return Units(config, log)
