"""The page on real engines says what the contracts say today: no promise is missing, old, or of unknown outcome."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from tools import engines

PAGE = engines.PAGE.read_text("utf-8")
MEASURED = PAGE.split(engines.BEGIN)[1].split(engines.END)[0]


@pytest.mark.parametrize("contract", engines.CONTRACTS)
def test_every_promise_of_a_contract_stands_on_the_page_as_kept_by_every_engine(contract: str) -> None:
    plain = re.sub(r"kept \(\d+\)", "kept", MEASURED)
    assert engines.table(contract, lambda suite, promise: "kept") in plain, "python tools/engines.py --write"


def test_the_page_was_measured_with_todays_sqlite() -> None:
    apsw = pytest.importorskip("apsw")
    assert f"SQLite {apsw.sqlite_lib_version()}, PostgreSQL" in MEASURED, "python tools/engines.py --write"


def test_a_promise_that_one_case_breaks_is_broken_and_one_that_never_ran_was_not_tried() -> None:
    verdicts = engines.Verdicts()
    for case, outcome in (("a", "passed"), ("b", "failed"), ("c", "passed")):
        report = SimpleNamespace(when="call", outcome=outcome, nodeid=f"tests/t.py::Suite::test_it[{case}::x]")
        verdicts.pytest_runtest_logreport(report)
    assert verdicts.verdict("tests/t.py::Suite", "test_it") == "BROKEN (3)"
    assert verdicts.verdict("tests/t.py::Suite", "test_other") == "not tried"
