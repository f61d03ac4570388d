"""Measure what is promised where, and write it into docs/engines.md: every promise, under every engine.

python tools/engines.py [--write]

Each promise is a test of a contract that all engines of its kind are held to; the table says what that test found,
engine by engine. A promise that an engine does not keep stays in the table as broken. Needs the engines of `[engines]`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent
PAGE = REPO / "docs" / "engines.md"
BEGIN, END = "<!-- measured by tools/engines.py -->\n", "<!-- end of what was measured -->\n"
CONTRACTS: Mapping[str, Mapping[str, str]] = {  # each contract's suites, by engine
    "tests/support/store_conformance.py": {
        "in memory": "tests/core/test_store.py::TestInMemory",
        "SQLite file": "tests/core/test_store.py::TestInAFile",
        "PostgreSQL": "tests/engines/test_postgres_contract.py::TestInPostgreSQL",
    },
    "tests/support/bus_conformance.py": {
        "simulation": "tests/core/test_bus_contract.py::TestInSimulation",
        "JetStream": "tests/engines/test_jetstream_contract.py::TestOnJetStream",
    },
}
VERDICTS = {"failed": "BROKEN", "skipped": "not tried", "passed": "kept"}  # the worst first
Verdict = Callable[[str, str], str]


def promises(contract: str) -> list[str]:
    """The names of the contract's tests, in their order."""
    return re.findall(r"^    def (test_\w+)\(", (REPO / contract).read_text("utf-8"), re.M)


class Verdicts:
    """What pytest reports, by suite and promise; a promise of several cases is kept if all of them are."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], list[str]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Called by pytest for each phase of each test."""
        if report.when == "call" or report.outcome != "passed":
            suite, _, name = report.nodeid.split("[")[0].rpartition("::")
            self.found.setdefault((suite, name), []).append(report.outcome)

    def verdict(self, suite: str, promise: str) -> str:
        """One word, and how many cases it stands on."""
        outcomes = self.found.get((suite, promise), ["skipped"])
        worst = next(each for each in VERDICTS if each in outcomes)
        return VERDICTS[worst] + (f" ({len(outcomes)})" if len(outcomes) > 1 else "")


def measured() -> Verdicts:
    """Run the suites in this process."""
    import pytest

    verdicts = Verdicts()
    suites = [str(REPO / suite) for engines in CONTRACTS.values() for suite in engines.values()]
    pytest.main(["-q", "-p", "no:cacheprovider", *suites], [verdicts])
    return verdicts


def sentence(promise: str) -> str:
    """A test's name as the promise that it is."""
    return promise.removeprefix("test_").replace("_", " ")


def table(contract: str, verdict: Verdict) -> str:
    """One contract's promises, with what was found under each engine."""
    return "\n".join(_lines(contract, verdict)) + "\n"


def _lines(contract: str, verdict: Verdict) -> Iterator[str]:
    engines = CONTRACTS[contract]
    yield "| promise | " + " | ".join(engines) + " |"
    yield "|---" * (len(engines) + 1) + "|"
    for promise in promises(contract):
        found = " | ".join(verdict(suite, promise) for suite in engines.values())
        yield f"| {sentence(promise)} | {found} |"


def versions() -> str:
    """What was measured."""
    import apsw
    import psycopg

    from eventlab import engines
    from eventlab.engines.programs import nats_server

    with engines.local(nodes=1) as real, psycopg.connect(real.postgres) as connection:
        number = connection.info.server_version
    said = subprocess.run([nats_server(), "--version"], capture_output=True, text=True, check=True).stdout
    nats = said.split()[-1].removeprefix("v")
    return f"SQLite {apsw.sqlite_lib_version()}, PostgreSQL {number // 10_000}.{number % 10_000}, NATS {nats}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/engines.md")
    write = parser.parse_args().write
    verdicts = measured()
    tables = "\n".join(table(contract, verdicts.verdict) for contract in CONTRACTS)
    text = f"{date.today():%d %B %Y}, {versions()}; in brackets the number of cases.\n\n{tables}"
    print(text)
    if write:
        before, rest = PAGE.read_text("utf-8").split(BEGIN)
        PAGE.write_text(before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1], "utf-8", newline="\n")
    return int("BROKEN" in tables or "not tried" in tables)


if __name__ == "__main__":
    sys.exit(main())
