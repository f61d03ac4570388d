"""`python -m benchmarks [store …] [--rounds N]`: run the benchmarks and say which goals hold.

Every module in this folder that has a `run(rounds) -> list[Row]` is a benchmark.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.harness import machine, table

NOT_BENCHMARKS = {"__init__", "__main__", "harness"}


def main() -> int:
    names = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - NOT_BENCHMARKS)
    names = [name for name in names if hasattr(import_module(f"benchmarks.{name}"), "run")]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Run benchmarks and say which goals hold."
    )
    parser.add_argument("benchmark", nargs="*", help=f"which ones: {', '.join(names)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=7, help="how often each case runs (default: 7)")
    arguments = parser.parse_args()
    if wrong := [name for name in arguments.benchmark if name not in names]:
        parser.error(f"unknown benchmark {', '.join(wrong)}: expected one of {', '.join(names)}")
    print(machine())
    missed = 0
    for name in arguments.benchmark or names:
        rows = import_module(f"benchmarks.{name}").run(arguments.rounds)
        goals = [row for row in rows if row.goal is not None]
        print(f"\n{name}\n{table(rows)}")
        print(f"{sum(row.holds is True for row in goals)} of {len(goals)} goals hold")
        missed += sum(row.holds is False for row in goals)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
