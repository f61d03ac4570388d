"""What a change of an answer does to its callers."""

from __future__ import annotations

import pytest

from eventlab.airports import Scenario
from eventlab.errors import Invalid
from eventlab.lessons.lesson01 import api_changes

FLIGHTS = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208"], questions=2)


def seen(change: str) -> tuple[set[str], set[tuple[str, str]]]:
    usual = api_changes.changed(FLIGHTS, "nothing").trace
    trace = api_changes.changed(FLIGHTS, change).trace
    return {row["what happens"] for row in api_changes.noticed(trace, usual)}, set(api_changes.breaches(trace))


def test_a_renamed_key_breaks_one_caller_loudly_and_another_one_silently() -> None:
    assert seen("further is now called events") == (
        {"fails: KeyError: 'further'"},
        {("operations", "gate.plan")},
    )
    words, breaches = seen("gate is now called stand")
    assert words == {"no error: passengers get an answer, and it is wrong"}
    assert breaches == {("boards", "gate.describe")}


@pytest.mark.parametrize("change", ["nothing", "stand comes beside gate"])
def test_a_further_key_breaks_nobody(change: str) -> None:
    assert seen(change) == ({"all as before"}, set())


def test_a_contract_names_what_is_missing_and_what_has_another_type() -> None:
    assert api_changes.broken({"gate": str, "seats": int}, {"gate": 7, "colour": "red"}) == [
        "gate is not str",
        "seats is missing",
    ]


def test_an_unknown_change_is_named() -> None:
    with pytest.raises(Invalid, match="unknown change"):
        api_changes.changed(FLIGHTS, "everything")
