"""`python -m eventlab.classroom COMMAND …`: make the books of a class, or grade what it hands in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from eventlab.errors import EventlabError

COMMANDS = {  # a module each, with `add_arguments(parser)` and `run(options)`, which gives an exit code
    "student": "make the students' folder: no answers, no outputs",
    "answers": "make the book of answers: right ones, and the known wrong ones with their messages",
    "instructor": "make the instructor's book: a page for each lesson",
    "grade": "grade a folder of submissions",
}
MODULES = {"answers": "answer_key"}  # where a module is not called like its command


def commands() -> tuple[argparse.ArgumentParser, dict[str, Any]]:
    """What reads the arguments of every command, and the module of each."""
    parser = argparse.ArgumentParser(prog="workbook.py class", description=__doc__, allow_abbrev=False)
    each = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    known: dict[str, Any] = {}
    for name, words in COMMANDS.items():
        module = f"eventlab.classroom.{MODULES.get(name, name)}"
        if find_spec(module) is not None:
            known[name] = import_module(module)
            known[name].add_arguments(each.add_parser(name, help=words, description=words, allow_abbrev=False))
    return parser, known


def main(arguments: Sequence[str]) -> int:
    """Run one command; what is wrong with its arguments or files is one sentence and exit code 1."""
    parser, known = commands()
    options = parser.parse_args(arguments)
    try:
        return int(known[options.command].run(options) or 0)
    except (EventlabError, OSError) as problem:
        print(f"class {options.command}: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
