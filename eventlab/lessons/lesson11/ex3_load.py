"""11.3: the state at a version, folded from the best snapshot that may be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed


def load(snapshots: Sequence[Any], read: Any, version: int, schema: str) -> int:
    state, last = 0, 0
    for snapshot in snapshots:
        if snapshot["schema"] == schema and last < snapshot["version"] <= version:
            state, last = snapshot["state"], snapshot["version"]
    for bags in read(last, version):
        state += bags
    return state


def judge(answer: Any, case: Case) -> None:
    """At every version: the right state, from as few events as possible."""
    draws = Testbed(case).draws
    bags = [1 + draws.below(9) for _ in range(case.size)]
    snapshots = []
    for _ in range(case.size // 2):
        at, schema = 1 + draws.below(case.size), ("v1", "v2")[draws.below(2)]
        snapshots.append({"version": at, "schema": schema, "state": sum(bags[:at]) * (1 if schema == "v2" else 100)})
    for version in range(case.size + 1):
        _look(answer, bags, snapshots, version)


def _look(answer: Any, bags: list[int], snapshots: list[dict[str, Any]], version: int) -> None:
    counted = [0]

    def read(after: int, upto: int) -> list[int]:
        counted[0] += max(0, upto - after)
        return bags[max(after, 0) : max(upto, 0)]

    given = answer([dict(each) for each in snapshots], read, version, "v2")
    right, told = sum(bags[:version]), f"At version {version}"
    usable = [each["version"] for each in snapshots if each["schema"] == "v2" and each["version"] <= version]
    least = version - max(usable, default=0)
    if given != right:
        later = any(each["version"] > version for each in snapshots)
        cause = "a snapshot of v1 counts in hundreds, one of a later version knows too much" if later else "look at v1"
        raise Mistake(f"{told} there are {right} bags, and yours are {given!r:.40}: {cause}.", kind="state")
    if counted[0] > least:
        message = f"{told} {counted[0]} events were read, and {least} are enough: take the latest snapshot that fits."
        raise Mistake(message, kind="many")


EXERCISE = read_exercise("11.3", judge, load, cases=lambda seed: Case(seed, 12), pure=True)
