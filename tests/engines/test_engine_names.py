"""Names for NATS: different names stay different, and filters let through what a pattern does."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("nats", reason="the engines are not installed")

from hypothesis import given
from hypothesis import strategies as st

from eventlab.engines.names import filters, token, topic
from eventlab.subscription import matches

PATTERNS = st.lists(
    st.builds(
        lambda words, end: ".".join([*words, *end]),
        st.lists(st.sampled_from(["flight", "gate", "ü", "*"]), min_size=1, max_size=3),
        st.sampled_from([[], [">"]]),
    ),
    min_size=1,
    max_size=3,
).map(" ".join)
TOPICS = st.lists(st.sampled_from(["flight", "gate", "ü", "left"]), min_size=1, max_size=4).map(".".join)


NAMES = st.text("a-_.=*> üF", min_size=1, max_size=6)


@given(NAMES, NAMES)
def test_a_token_is_one_word_and_tells_names_apart(one: str, other: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_=-]+", token(one))
    assert (token(one) == token(other)) == (one == other)


def lets_through(filter: str, subject: str) -> bool:
    """What NATS does with a filter."""
    wanted, words = filter.split("."), subject.split(".")
    if wanted[-1] == ">":
        return len(words) >= len(wanted) and lets_through(".".join([*wanted[:-1], "*"]), ".".join(words[: len(wanted)]))
    return len(wanted) == len(words) and all(want in ("*", word) for want, word in zip(wanted, words, strict=True))


@given(PATTERNS, TOPICS)
def test_filters_let_through_all_that_a_pattern_wants_and_never_overlap(pattern: str, type: str) -> None:
    through = [each for each in filters(pattern) if lets_through(each, topic(type))]
    if matches(pattern, type):
        assert through
    assert len(through) <= 1
