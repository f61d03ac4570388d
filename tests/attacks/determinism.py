"""Seeds in many processes, under other hash seeds, clocks, languages, flags and Pythons: one and the same digest.

EVENTLAB_PYTHONS names further Pythons that have msgspec, apsw and pytest, with the separator of PATH between them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from hashlib import sha256
from itertools import cycle, islice
from random import Random
from typing import Any

from eventlab.airports.scenario import ARCHITECTURES, run, start
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.trace import Record
from tests.attacks.fault_plans import CONTROLS, Run, make
from tests.support import REPO
from tests.test_golden import STORM, bad_day, golden

FLAGS: tuple[tuple[str, ...], ...] = ((), ("-O",), ("-OO",), ("-X", "dev"), ("-X", "utf8=0"))
ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland")
LANGUAGES = ("C", "tr_TR.UTF-8", "C.UTF-8", "de_DE.UTF-8")


def pythons() -> list[str]:
    """This Python, and those that EVENTLAB_PYTHONS names."""
    return [sys.executable, *filter(None, os.environ.get("EVENTLAB_PYTHONS", "").split(os.pathsep))]


def variants(count: int) -> Iterator[tuple[list[str], dict[str, str]]]:
    """So many ways to start a process; neighbours differ in everything, and no two share a random hash seed."""
    ways = zip(cycle(pythons()), cycle(FLAGS), cycle(ZONES), cycle(LANGUAGES), strict=False)
    for number, (python, flags, zone, language) in enumerate(islice(ways, count)):
        surroundings = {"TZ": zone, "LC_ALL": language, "PYTHONHASHSEED": str(number) if number < 4 else "random"}
        yield [python, *flags], surroundings


def whole(digests: dict[str, str]) -> str:
    """The digests of all architectures as one."""
    return sha256("".join(digests[name] for name in ARCHITECTURES).encode()).hexdigest()


def of_seeds(count: int) -> list[str]:
    """The digest of a bad day in all architectures, for so many seeds."""
    days = (bad_day().with_(seed=seed) for seed in range(1, count + 1))
    return [whole({name: run(day, name).digest for name in ARCHITECTURES}) for day in days]


def ask(variant: tuple[list[str], dict[str, str]], what: str) -> dict[str, Any]:
    """What a process of its own answers: its digest of the `what`, and how it differs from others."""
    command, surroundings = variant
    environment = {**os.environ, **surroundings, "PYTHONPATH": str(REPO)}
    done = subprocess.run(
        [*command, "-m", "tests.attacks.determinism", what],
        cwd=REPO, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command} {surroundings}: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def careless(seed: int) -> str:
    """The control: a simulation that breaks ties as a set happens to be ordered."""
    chance, log = Random(seed), []
    for _ in range(100):
        log += [(service, chance.random()) for service in {"operations", "gates", "boards", "notices"}]
    return sha256(repr(log).encode()).hexdigest()


def answer(what: str) -> dict[str, Any]:
    """What this process has to say, as the parent asks."""
    if what.endswith("seeds"):
        digest = " ".join(of_seeds(int(what.split()[0])))
    elif what == "nothing":
        digest = ""
    else:
        scenario = STORM if what == "storm" else bad_day()
        digest = whole({name: run(scenario, name).digest for name in ARCHITECTURES})
    return {
        "digest": digest,
        "careless": careless(7),
        "python": ".".join(map(str, sys.version_info[:2])),
        "hash": hash("storm"),
        "zone": time.timezone,
        "flags": [sys.flags.optimize, sys.flags.dev_mode],
    }


@lru_cache
def expected(what: str) -> str:
    """The kept digest: that of all architectures on the storm, or on a bad day to Chicago. Other seeds are run here."""
    if what.endswith("seeds"):
        return " ".join(of_seeds(int(what.split()[0])))
    return whole(golden()["the storm" if what == "storm" else "a bad day to Chicago"])


def processes(count: int, what: str) -> tuple[list[str], list[str], str]:
    """Run so many processes: what was wrong, what makes the attack invalid, and what was seen."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each thread only waits for its process
        answers = list(pool.map(lambda variant: ask(variant, what), variants(count)))
    wrong = [f"{each}" for each in answers if each["digest"] != expected(what)]
    different = {key: len({str(each[key]) for each in answers}) for key in ("hash", "zone", "flags", "careless")}
    invalid = [f"{key} was the same in all processes" for key, number in different.items() if number < 2]
    versions = sorted({each["python"] for each in answers})
    digests = len(set(expected(what).split()))
    seen = f"{what}: {count} processes, Python {', '.join(versions)}, digest {expected(what)[:16]}… "
    seen += f"({digests} in all): {len(wrong)} processes differ; careless control: {different['careless']} digests"
    if what.endswith("seeds") and digests < int(what.split()[0]):
        invalid.append("seeds do not matter")
    return wrong, invalid, seen


def ties(count: int, seed: int = 5) -> list[str]:
    """Plan so many calls for few instants; they must come in the order of instants, and of planning within each."""

    class Incomparable:
        def __lt__(self, other: object) -> bool:
            raise AssertionError("a payload was compared")

    sim, chance, happened = Sim(), Random(seed), []
    payload = Incomparable()
    planned = [(chance.randrange(7), number) for number in range(count)]
    for instant, number in planned:
        sim.call_at(instant, lambda at, number, payload: happened.append((at, number)), instant, number, payload)
    sim.run()
    return [] if happened == sorted(planned) else ["ties did not come in the order of planning"]


def topologies(count: int) -> list[str]:
    """Put more names into a random crowd of named draws: those that were there draw the same as before."""
    wrong = []
    for seed in range(count):
        chance = Random(seed)
        names = [f"service {number}" for number in chance.sample(range(10**6), chance.randint(1, 12))]
        alone, crowd = Sim(seed), Sim(seed)
        turns = [*names, "more", "and more"] * 20
        chance.shuffle(turns)
        drawn: dict[str, list[float]] = {name: [] for name in turns}
        for name in turns:
            drawn[name].append(crowd.random(name).random())
        for name in names:
            draws = alone.random(name)
            if [draws.random() for _ in range(20)] != drawn[name]:
                wrong.append(f"seed {seed}, {name}")
    return wrong


def cuts(count: int, *, late: bool = False) -> tuple[int, list[str]]:
    """Stop a day at random moments: the fold of the trace up to there is what every service has in its hands.

    Returns at how many moments it stopped, and where they differed. `late`, the control, folds a step too late.
    """
    wrong, chance, compared = [], Random(4), 0
    for architecture in ARCHITECTURES:
        begun = start(STORM if count > 100 else bad_day(), architecture)
        live = {node.name: node.state for node in begun.cast.network.nodes.values() if isinstance(node, Service)}
        folded: dict[str, dict[str, Any]] = {name: {} for name in live}
        before: list[Record] = []
        within = 80_000 if count > 100 else 2_000  # steps
        steps, stops = 0, {chance.randrange(within) for _ in range(count // len(ARCHITECTURES))}
        while records := begun.step():
            for record in before if late else records:
                if record.kind == "changed" and record.after is not None:
                    folded[record.where][record.key] = record.after
                elif record.kind == "changed":
                    folded[record.where].pop(record.key, None)
            before = records
            steps += 1
            if steps in stops:
                compared += 1
                if folded != {name: dict(state) for name, state in live.items()}:
                    wrong.append(f"{architecture}, at record {len(begun.trace)}")
    return compared, wrong


def replays(times: int) -> list[str]:
    """Let a failing seed fail again and again: always the same way, record for record."""
    careless_wiring = CONTROLS["no inbox"]
    seed = next(seed for seed in range(100) if Run(make(seed), careless_wiring).carry_out())
    found = set()
    for _ in range(times):
        failing = Run(make(seed), careless_wiring)
        found.add((failing.carry_out(), failing.trace.digest()))
    return [] if len(found) == 1 else [f"seed {seed} failed in {len(found)} ways"]


def main(long: bool) -> int:
    wrong, invalid = [], []
    for count, what in ((16, "storm"), (160, "8 seeds")) if long else ((4, "bad day"), (4, "8 seeds")):
        different, pointless, seen = processes(count, what)
        print(seen, flush=True)
        wrong, invalid = wrong + different, invalid + pointless
    compared, parted = cuts(1_000 if long else 100)
    _, noticed = cuts(100, late=True)
    print(f"{compared} random cuts; control, a fold one step late: found out at {len(noticed)} of 100")
    if not noticed:
        invalid.append("a late fold was not found out")
    for what, problems in {
        "random cuts": parted,
        "a million ties" if long else "100,000 ties": ties(1_000_000 if long else 100_000),
        "200 random crowds of names": topologies(200),
        "100 replays of a failing seed" if long else "10 replays": replays(100 if long else 10),
    }.items():
        print(f"{what}: {len(problems)} wrong")
        wrong += problems
    for problem in wrong:
        print(f"WRONG: {problem}")
    for problem in invalid:
        print(f"INVALID: {problem}")
    return len(wrong) + len(invalid)


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1])))
