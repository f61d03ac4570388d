"""A door lets in what fits the types of a signature in deed, also where it has another name."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy
import pandas
import pytest

from eventlab.door import door
from eventlab.errors import Invalid


@door
def take(names: Sequence[str] = (), number: float = 0.0, count: int = 0) -> tuple[Any, ...]:
    return list(names), number, count


def test_an_index_or_an_array_is_a_sequence_of_what_it_holds() -> None:
    for names in (("a", "b"), ["a", "b"], pandas.Index(["a", "b"]), numpy.array(["a", "b"])):
        assert take(names)[0] == ["a", "b"]
    for wrong in ("ab", {"a": 1}, {"a", "b"}, pandas.Index([1, 2]), None):
        with pytest.raises(Invalid, match="names"):
            take(wrong)


def test_a_number_is_a_number_whoever_made_it() -> None:
    for number in (1, 1.5, numpy.float64(1.5), numpy.int64(3), Fraction(1, 2)):
        assert take(number=number)[1] == number
    assert take(count=numpy.int64(3))[2] == 3
    for wrong in (True, "1", float("nan"), 2**70, None):
        with pytest.raises(Invalid, match="number"):
            take(number=wrong)
