"""Whole runs as one number each: the same trace, record for record, on every machine and in every process.

A change that is meant to change the traces renews the numbers with

    python tests/test_golden.py

and the difference of `golden_digests.json` says which architectures it touched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # as a script

from eventlab.airports import flights  # noqa: E402
from eventlab.airports.scenario import ARCHITECTURES, Run, Scenario, run  # noqa: E402
from eventlab.faults import Crash, CrashBefore, Flaky, Slow  # noqa: E402

GOLDEN = HERE / "golden_digests.json"
STORM = Scenario()


def bad_day() -> Scenario:
    """The flights to Chicago, and something of every fault."""
    chicago = Scenario(flights=[flight.key for flight in flights.flights("2013-02-08") if flight.dest == "ORD"], seed=7)
    at = chicago.at
    return chicago.with_(
        faults=[
            Crash("operations", at("12:00"), at("12:45")),
            CrashBefore("gates", "publish", at("08:00")),
            CrashBefore("notices", "acknowledge", at("09:00")),
            Slow("rebooking", 20.0, at("10:00"), at("11:00")),
            Flaky(at("14:00"), at("16:00"), loss=0.05, duplication=0.1, reordering=0.1),
        ]
    )


def outcome(finished: Run) -> str:
    """What came of it for people: the boards without gates, who was told what, who got a seat, where the bags are.

    (Which gate is free first hangs on milliseconds, and so on the architecture.)
    """
    states: dict[str, Any] = {}
    for service in ("boards", "notices", "rebooking", "baggage"):
        state = finished.states[service]
        outcome_alone = {
            key: {name: value for name, value in entry.items() if name not in ("gate", "gates", "versions", "flights")}
            for key, entry in sorted(state.items())
        }
        states[service] = {key: entry for key, entry in outcome_alone.items() if entry}
    return sha256(json.dumps(states, sort_keys=True).encode()).hexdigest()


def small_digests() -> dict[str, str]:
    return {architecture: run(bad_day(), architecture).digest for architecture in ARCHITECTURES}


def renew() -> None:
    """Write the numbers as they are now."""
    storm, outcomes = {}, set()
    for architecture in ARCHITECTURES:
        finished = run(STORM, architecture)
        storm[architecture] = finished.digest
        outcomes.add(outcome(finished))
    assert len(outcomes) == 1, "the architectures no longer lead to the same end"
    numbers = {"a bad day to Chicago": small_digests(), "the storm": storm, "the storm's outcome": outcomes.pop()}
    GOLDEN.write_text(json.dumps(numbers, indent=2) + "\n", "utf-8")


def golden() -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads(GOLDEN.read_text("utf-8"))
    return numbers


MEANT = "the trace has changed; if that is meant, renew the numbers: python tests/test_golden.py"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_storm_is_the_same_trace_as_ever_and_ends_the_same_in_every_architecture(architecture: str) -> None:
    finished = run(STORM, architecture)
    assert outcome(finished) == golden()["the storm's outcome"], MEANT
    assert finished.digest == golden()["the storm"][architecture], MEANT


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_a_bad_day_is_the_same_trace_in_every_process_under_any_hash_seed(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, __file__, "small"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert json.loads(done.stdout) == golden()["a bad day to Chicago"], MEANT


def test_the_digest_notices_a_single_record() -> None:
    finished = run(bad_day(), "publish/subscribe")
    assert finished.digest == golden()["a bad day to Chicago"]["publish/subscribe"], MEANT
    finished.trace.add(finished.sim.now, "restarted", "gates")
    assert finished.digest != golden()["a bad day to Chicago"]["publish/subscribe"]


if __name__ == "__main__":
    if sys.argv[1:] == ["small"]:
        print(json.dumps(small_digests()))
    else:
        renew()
