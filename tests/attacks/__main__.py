"""`python -m tests.attacks` lists the attacks; `python -m tests.attacks NAME … [--long]` runs them.

Every module of this folder with a `main(long)` is an attack: it prints what it did and found, and gives back the number
of promises that were broken. A run in which the faults did not really strike counts as broken too.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType


def attacks() -> dict[str, ModuleType]:
    """All attacks by name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    found: dict[str, ModuleType] = {}
    for name in names:
        if not name.startswith("test_"):
            with suppress(ModuleNotFoundError):  # the engines' packages are not everybody's
                found[name] = import_module(f"tests.attacks.{name}")
    return {name: module for name, module in found.items() if hasattr(module, "main")}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description="Attack what is promised.")
    parser.add_argument("attack", nargs="*", help="which ones; `all` for all; without a name they are listed")
    parser.add_argument("--long", action="store_true", help="as often as it takes, which may be an hour")
    arguments, known = parser.parse_args(), attacks()
    if not arguments.attack:
        for name, module in known.items():
            print(f"{name:<14} {(module.__doc__ or '').strip().splitlines()[0]}")
        return 0
    if wrong := [name for name in arguments.attack if name not in (*known, "all")]:
        parser.error(f"unknown attack {', '.join(wrong)}: expected one of {', '.join(known)}, all")
    broken = 0
    for name in known if "all" in arguments.attack else arguments.attack:
        print(f"== {name}", flush=True)
        broken += known[name].main(arguments.long)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
