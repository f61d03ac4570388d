"""How calls grow with the number of services depends on who asks whom."""

from __future__ import annotations

import pytest

from eventlab.lessons.lesson01.topologies import TOPOLOGIES, ask, calls_to_the_end
from eventlab.measures import requests


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_each_shape_has_its_number_of_connections_and_of_calls(n: int) -> None:
    counted = {}
    for name, shape in TOPOLOGIES.items():
        trace = ask(n, shape)
        inside = [call for call in requests.calls(trace) if call.caller != "passengers"]
        counted[name] = len(requests.connections(trace)), len(inside)
    assert counted == {"chain": (n - 1, n - 1), "star": (n - 1, n - 1), "layers": (n * (n - 1) // 2, 2 ** (n - 1) - 1)}


def test_tries_multiply_along_a_chain() -> None:
    assert calls_to_the_end(4, tries=3) == 3**3
