"""`python -m benchmarks [store …] [--rounds N] [--save]`: run the benchmarks and say which goals hold.

Every module in this folder that has a `run(rounds) -> list[Row]` is a benchmark. `--save` writes the results into
`README.md` and draws them in `results.svg`.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from importlib import import_module
from pathlib import Path

from benchmarks.harness import Row, machine, table
from benchmarks.picture import picture

HERE = Path(__file__).parent
NOT_BENCHMARKS = {"__init__", "__main__", "harness", "picture"}
BEGIN, END = "<!-- results -->\n", "<!-- end of results -->"


def main() -> int:
    names = sorted({path.stem for path in HERE.glob("*.py")} - NOT_BENCHMARKS)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Run benchmarks and say which goals hold."
    )
    parser.add_argument("benchmark", nargs="*", help=f"which ones: {', '.join(names)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=7, help="how often each case runs (default: 7)")
    parser.add_argument("--save", action="store_true", help="write the results into README.md and results.svg")
    arguments = parser.parse_args()
    if wrong := [name for name in arguments.benchmark if name not in names]:
        parser.error(f"unknown benchmark {', '.join(wrong)}: expected one of {', '.join(names)}")
    if arguments.save and arguments.benchmark:
        parser.error("--save takes the results of all benchmarks: name none")
    print(machine())
    results: dict[str, list[Row]] = {}
    for name in arguments.benchmark or names:
        results[name] = rows = import_module(f"benchmarks.{name}").run(arguments.rounds)
        print(f"\n{name}\n{table(rows)}\n{_verdict(rows)}", flush=True)
    everything = [row for rows in results.values() for row in rows]
    print(f"\nall: {_verdict(everything)}")
    if arguments.save:
        _save(results, everything)
    return 1 if any(row.holds is False for row in everything) else 0


def _verdict(rows: list[Row]) -> str:
    goals = [row for row in rows if row.goal]
    return f"{sum(row.holds is True for row in goals)} of {len(goals)} goals hold"


def _save(results: dict[str, list[Row]], everything: list[Row]) -> None:
    parts = [f"{date.today()}, {machine()}. {_verdict(everything)}.\n"]
    parts += [f"### {name}\n\n{table(rows, markdown=True)}\n\n{_verdict(rows)}.\n" for name, rows in results.items()]
    readme = HERE / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{chr(10).join(parts)}\n{END}{after}", "utf-8", newline="\n")
    (HERE / "results.svg").write_text(picture(everything).svg() + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
