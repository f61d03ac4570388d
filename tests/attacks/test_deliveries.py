"""What handlers do to a bus while it delivers, and the naive bus that each attack must find out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attacks.deliveries import ACTIONS, Naive, Ours, attacks, crowd, order, script

NAMES = tuple(attacks(long=False))
scripts = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 19), st.integers(0, 19)), max_size=60)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_handlers_do_everybody_gets_what_is_due(name: str) -> None:
    subscriptions, attack = attacks(long=False)[name]
    assert attack(Ours(**subscriptions)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_naive_bus_is_found_out(name: str) -> None:
    subscriptions, attack = attacks(long=False)[name]
    assert attack(Naive(**subscriptions)) != []


@given(scripts, st.integers(0, 100))
@settings(max_examples=100)
def test_any_script_of_coming_leaving_failing_and_publishing_gives_everybody_their_due(
    acts: list[tuple[str, int, int]], seed: int
) -> None:
    assert crowd(Ours(), acts, seed) == []


@pytest.mark.parametrize("action", ["unsubscribe", "raise"])
def test_each_of_these_alone_breaks_a_naive_bus(action: str) -> None:
    acts = [(action, who, whom) for _, who, whom in script(500, seed=1)]
    assert crowd(Naive(), acts) != [] and crowd(Ours(), acts) == []


def test_a_naive_bus_is_right_as_long_as_handlers_only_listen() -> None:
    """So it is the handlers' doing that the attacks find, not a mistake in the naive bus."""
    assert crowd(Naive(), [("nothing", 0, 0)] * 200) == [] and order(Naive(), events=1) == []
