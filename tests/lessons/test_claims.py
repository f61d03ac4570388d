"""The article's claims: each is shown by one lesson, in a cell of its own, by an assertion on what a run gave."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from functools import cache
from typing import Any, TypeGuard

import pytest

from tests.support import REPO
from tools import claims

# Which lesson shows which claims of the article: all forty of them.
LESSONS = {
    "01": "R1 R2 R3 R4 R5 R6 R7 I1 I2",
    "02": "I3",
    "03": "E1 E2 E3 E4 E5",
    "04": "E3",
    "05": "E6",
    "06": "N1 N2 N3 N4 N5 N6 N7",
    "07": "C1 C2 C3 C4 C5 C6 C7 C8",
    "08": "C5 N2",
    "09": "S1 S2 S3 S4 S5 S6 S7",
    "10": "S3 S4 S5 S6",
    "11": "S7",
    "12": "X1 X2",
    "13": "E3 I1",
}
CLAIMS = [(number, claim) for number, ids in LESSONS.items() for claim in ids.split()]


@cache
def cells(number: str) -> list[dict[str, Any]]:
    found = sorted((REPO / "notebooks").glob(f"{number}-*.ipynb"))
    assert len(found) == 1, f"one notebook for lesson {number}, found {[path.name for path in found]}"
    whole: list[dict[str, Any]] = json.loads(found[0].read_text("utf-8"))["cells"]
    return whole


@cache
def table(number: str) -> dict[str, Any]:
    return tomllib.loads((REPO / "tests" / "lessons" / f"lesson{number}" / "claims.toml").read_text("utf-8"))


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_the_tables_hold_each_claim_once_and_no_other() -> None:
    folders = sorted(path.parent.name for path in (REPO / "tests" / "lessons").glob("*/claims.toml"))
    assert folders == [f"lesson{number}" for number in LESSONS]
    listed = [(number, claim) for number in LESSONS for claim in table(number) if claim != "prose"]
    assert sorted(listed) == sorted(CLAIMS)


def test_the_page_of_claims_shows_every_claim_with_its_lesson_as_the_tables_have_it() -> None:
    assert claims.PAGE.read_text("utf-8") == claims.page(), "python tools/claims.py"
    listed = tomllib.loads((REPO / "tests" / "lessons" / "claims.toml").read_text("utf-8"))
    assert sum(len(part) for part in listed.values()) == 40
    assert {claim for _, claim in CLAIMS} <= {id for part in listed.values() for id in part}


def facts(expression: ast.expr) -> set[str]:
    """What an expression claims: the parts that `and` holds together. Each of them must be true."""
    if isinstance(expression, ast.BoolOp) and isinstance(expression.op, ast.And):
        return set().union(*(facts(part) for part in expression.values))
    return {ast.unparse(expression)}


def not_asserted(claim: str, code: str) -> set[str]:
    """The facts of a claim that no assertion of the code holds, each by itself."""
    asserted = [facts(node.test) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert)]
    asserted += [facts(node.args[0]) for node in ast.walk(ast.parse(code)) if _is_said(node)]
    return facts(ast.parse(claim, mode="eval").body) - set().union(*asserted)


def _is_said(node: ast.AST) -> TypeGuard[ast.Call]:
    """Where the claim hangs on what readers may change: `lesson_says(a < b, "…")` says so in words."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lesson_says"


@pytest.mark.parametrize(
    "code", ["assert a < b or True", "assert not a < b", "x = a < b", "assert a < b + 1", "assert f(a < b)", "assert c"]
)
def test_an_assertion_that_only_holds_the_words_of_a_claim_is_not_the_claim(code: str) -> None:
    assert not_asserted("a < b", code) == {"a < b"}


@pytest.mark.parametrize(
    "code", ["assert a < b", "assert c and (a < b)", "lesson_says(a < b, '')", "for x in y:\n    assert a < b, 'why'"]
)
def test_a_claim_may_be_asserted_beside_others(code: str) -> None:
    assert not_asserted("a < b", code) == set()
    assert not_asserted("a < b and d", code) == {"d"}


@pytest.mark.parametrize(("number", "claim"), CLAIMS)
def test_a_claim_is_asserted_in_one_cell_on_what_a_run_gave(number: str, claim: str) -> None:
    shown = [cell for cell in cells(number) if f"claim-{claim}" in cell["metadata"].get("tags", [])]
    assert len(shown) == 1, f"one cell tagged claim-{claim}"
    entry = table(number)[claim]
    assert set(entry) == {"assertion", "figure"} and entry["figure"]
    missing = not_asserted(entry["assertion"], source(shown[0]))
    assert not missing, f"not asserted in the cell: {missing}"
    names = {node.id for node in ast.walk(ast.parse(entry["assertion"])) if isinstance(node, ast.Name)}
    assert names, "an assertion without a name says nothing about a run"
    assert shown[0]["execution_count"] and not any(out["output_type"] == "error" for out in shown[0]["outputs"])
    # A name that is only ever a literal comes from no run.
    whole = ast.parse(
        "\n".join(code for cell in cells(number) if cell["cell_type"] == "code" for code in [_plain(cell)])
    )
    literal = {
        target.id
        for node in ast.walk(whole)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert names - literal, f"{sorted(names)} are written down, not measured"


def _plain(cell: dict[str, Any]) -> str:
    return "\n".join(line for line in source(cell).splitlines() if not line.startswith("%"))


@pytest.mark.parametrize("number", LESSONS)
def test_what_is_said_of_a_run_holds_in_the_lesson_as_it_is(number: str) -> None:
    assert "In yours that is not so" not in outputs(number)


# Figures in prose -----------------------------------------------------------------------------------------------------

# A number as a reader sees it: two digits or more, with a comma, point, colon or % in it, or one digit with a unit.
NUMBER = re.compile(
    r"(?<![\w.,:/#`-])(\d[\d,.:]*\d(?:\s?%)?|\d\s?%)"
    r"|(?<![\w.,:/#`-])(\d(?=\s(?:ms|s|seconds?|minutes?|hours?|times|passengers|people|flights|messages|bytes|requests)\b))"
)
# Code, links, the minutes in headings, the article's date, years, and numbers of lessons and exercises.
NOT_RESULTS = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+|^#+ [^\n]*\(\d+ minutes?[^)\n]*\)|\| \d+, and \d+ \|$"
    r"|\b29 February\b|\b(?:19|20)\d\d\b|\[\d\d\b"
    r"|\blessons? \d\d\b|(?<=exercise )\d\d\.\d|(?<=exercises )\d\d\.\d|(?<=^### )\d\d\.\d|\(\d\d\.\d(?= to|;|,|\))"
    r"|(?<= to )\d\d\.\d|(?<= and )\d\d\.\d(?!\s?%)|\b\d\d\.[a-z0-9]\b(?=</summary>)",
    re.S | re.M,
)


def numbers(text: str) -> list[str]:
    """The numbers in a Markdown text, but for code, links and the minutes in headings."""
    return [(found[0] or found[1]).replace(" ", "") for found in NUMBER.findall(NOT_RESULTS.sub(" ", text))]


def outputs(number: str) -> str:
    """All that the lesson's code says: its source, and its outputs as text."""
    texts = []
    for cell in cells(number):
        if cell["cell_type"] == "code":
            texts.append(source(cell))
            for output in cell["outputs"]:
                data = output.get("data", {})
                texts += ["".join(data.get(kind, "")) for kind in ("text/plain", "text/markdown")]
                texts.append("".join(output.get("text", "")))
    return "\n".join(texts)


@pytest.mark.parametrize("number", LESSONS)
def test_every_number_in_the_prose_comes_from_a_run_or_has_its_reason(number: str) -> None:
    told = re.sub(r"(?<=\d) (?=%)", "", outputs(number))
    known = set(re.findall(r"\d[\d,.:]*\d\s?%?|\d%?", told))
    known = {value.strip() for value in known}  # a space or the end of a line may follow
    known |= {value.rstrip("%") for value in known}
    reasons = table(number).get("prose", {})
    assert all(len(reason) > 8 for reason in reasons.values())
    excused = {value for text in reasons for value in numbers(text) or [text]}
    prose = [
        (cell, value) for cell in cells(number) if cell["cell_type"] == "markdown" for value in numbers(source(cell))
    ]
    missing = [
        value for _, value in prose if value not in known and value.rstrip("%") not in known and value not in excused
    ]
    assert missing == [], "numbers in the prose that no output shows; compute them, or give a reason under [prose]"
    used = {value for _, value in prose}
    assert excused <= used, f"reasons for numbers that are not there: {sorted(excused - used)}"


def test_numbers_are_found_where_a_reader_sees_them() -> None:
    assert numbers("At 15:02, 472 of 930 flights; 4,755 people, 12.5 %, 3 times") == [
        "15:02", "472", "930", "4,755", "12.5%", "3",
    ]  # fmt: skip
    assert numbers("`x = 45`, [link](a/12.html), lesson v2, three 1 of") == []
    assert numbers("## Run it (10 minutes)\nand 10 minutes") == ["10"]
    assert numbers("## Practice (7 minutes for the two core exercises; 14 more)\n| Practice | two | 7, and 14 |") == []
