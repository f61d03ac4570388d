"""`python -m tests.mutants [ID …]` makes every mutant of every right answer and says which ones pass unlisted."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from tests.mutants.trying import exercises, listed, mutants, tried


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Try mutants of right answers.")
    parser.add_argument("id", nargs="*", help='exercises such as "06.1", or lessons such as "06"; all without one')
    parser.add_argument("--say", action="store_true", help="show each mutant and what is said about it")
    arguments = parser.parse_args()
    wrong, right = 0, []
    for exercise in exercises():
        if arguments.id and not exercise.id.startswith(tuple(arguments.id)):
            continue
        count: Counter[str] = Counter()
        for name, mutant in mutants(exercise):
            found = tried(exercise, name, mutant)
            outcome = "refused" if found.said else "right" if found.is_listed else "PASSES"
            right += found.entries if outcome == "right" else []
            count[outcome] += 1
            if outcome == "PASSES" or arguments.say:
                print(f"{exercise.id} {name}: {mutant.words}  ->  {outcome} {found.said}", flush=True)
        wrong += count["PASSES"]
        told = ", ".join(f"{count[each]} {each}" for each in ("refused", "right", "PASSES") if count[each])
        print(f"{exercise.id}: {count.total()} mutants, {told}", flush=True)
    unused = [
        entry for entry in listed() if entry not in right and (not arguments.id or entry.exercise in arguments.id)
    ]
    for entry in unused:
        print(f"listed, but refused or not made: {entry.exercise} {entry.mutants}")
    return 1 if wrong or unused else 0


if __name__ == "__main__":
    sys.exit(main())
