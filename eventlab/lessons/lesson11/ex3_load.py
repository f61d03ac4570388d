"""11.3: the state at a version, folded from the best snapshot that may be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.views import chart


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
        snapshots.append({"version": at, "schema": schema, "state": sum(bags[:at])})
    for version in range(case.size + 1):
        _look(answer, bags, snapshots, version, "v2")
        _look(answer, bags, snapshots, version, "v3")


def _look(answer: Any, bags: list[int], snapshots: list[dict[str, Any]], version: int, schema: str) -> None:
    counted = [0]

    def read(after: int, upto: int) -> list[int]:
        counted[0] += max(0, upto - after)
        return bags[max(after, 0) : max(upto, 0)]

    told_in = [{**each, "state": each["state"] * (1 if each["schema"] == schema else 100)} for each in snapshots]
    given = answer(told_in, read, version, schema)
    right, told = sum(bags[:version]), f"At version {version}"
    known = {each["version"]: each["state"] for each in snapshots if each["schema"] == schema}
    least = version - max((at for at in known if at <= version), default=0)
    message, kind = f"{told} there are {right} bags, and yours are {given!r:.40}", "state"
    if given != right and given in [state for at, state in known.items() if at > version]:
        message += ": a snapshot of a later version knows of bags that came later."
    elif given in [100 * each["state"] + sum(bags[each["version"] : version]) for each in snapshots]:
        message += ": a snapshot of another schema counts in another way."
    elif given != right:
        message += ": the state of the snapshot, or 0 without one, and all that `read` gives behind it."
    elif counted[0] > least and counted[0] == version:
        message, kind = f"{told} all {version} events were read, as if there were no snapshot.", "many"
    elif counted[0] > least:
        message, kind = f"{told} {counted[0]} events were read, and {least} are enough: a later snapshot fits.", "many"
    else:
        return
    x = list(range(len(bags) + 1))
    series: dict[str, list[float | None]] = {
        "right": [sum(bags[:at]) for at in x],
        "snapshot": [known.get(at) for at in x],
    }
    raise Mistake(message, picture=chart(told, x=x, series=series, x_title="version", y_title="bags"), kind=kind)


EXERCISE = read_exercise("11.3", judge, load, cases=lambda seed: Case(seed, 12), pure=True)
