"""Every regular expression of the package takes time in proportion to its text: none repeats what repeats itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import REPO

CALLS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
parser = re._parser  # type: ignore[attr-defined]


def patterns(source: str) -> Iterator[str | bytes]:
    """What is handed to `re`; a pattern that is not written out cannot be judged, and is an error."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            if ast.unparse(node.func.value) == "re":
                assert isinstance(node.args[0], ast.Constant), f"a pattern made elsewhere: {ast.unparse(node)}"
                yield node.args[0].value


def repeats(parsed: Any, inside: bool = False) -> bool:
    """Whether something that may come again and again stands within something that may."""
    for kind, value in parsed:
        name = str(kind)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, most, part = value
            many = most == parser.MAXREPEAT
            if (many and inside) or repeats(part, inside or many):
                return True
        else:
            parts = value if isinstance(value, tuple | list) else [value]
            for part in parts:
                for each in part if isinstance(part, list) else [part]:
                    if isinstance(each, parser.SubPattern) and repeats(each, inside):
                        return True
    return False


def test_no_regular_expression_of_the_package_repeats_a_repetition() -> None:
    found = 0
    for path in [*(REPO / "eventlab").rglob("*.py"), REPO / "workbook.py", *(REPO / "tools").glob("*.py")]:
        for pattern in patterns(path.read_text("utf-8")):
            found += 1
            assert not repeats(parser.parse(pattern)), f"{path.name}: {pattern!r}"
    assert found >= 6


@pytest.mark.parametrize("pattern", [r"^(\w+\s?)*$", r"(a*)*", r"(?:x+x+)+y", r"((a|b+)c*)+", r"(?:a{2,})*"])
def test_a_repeated_repetition_is_found(pattern: str) -> None:
    assert repeats(parser.parse(pattern))


@pytest.mark.parametrize("pattern", [r"a+b*", r"(?:ab?)+", r"-?[0-9]{1,6}", r"(?:\d{3}){2}"])
def test_a_single_repetition_is_allowed(pattern: str) -> None:
    assert not repeats(parser.parse(pattern))


def test_a_pattern_that_is_put_together_is_not_let_through() -> None:
    with pytest.raises(AssertionError, match="made elsewhere"):
        list(patterns("import re\nre.search(f'({word})*', text)"))
