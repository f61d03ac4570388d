"""The simulated bus under the contract of a bus; `tests/engines` has the same on JetStream."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.support.bus_conformance")

from eventlab.lab import Lab  # noqa: E402
from tests.support.bus_conformance import BusContract, Play, play_with  # noqa: E402


class Simulated(Lab):
    """A laboratory whose `run` can be awaited."""

    async def run(self) -> object:  # type: ignore[override]
        return super().run()


class TestInSimulation(BusContract):
    @pytest.fixture
    def play(self) -> Play:
        return play_with(Simulated)
