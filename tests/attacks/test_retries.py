"""Trying again is harmless for ever, and trying something else under the same ids is refused."""

from __future__ import annotations

import os

import pytest

from eventlab.store import Store
from tests.attacks.children import alone
from tests.attacks.retries import SHORT, Forgetful, control


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_the_same_events_again_get_the_first_answer_and_others_a_conflict() -> None:
    wrong, counts = alone("retries.attack", SHORT)
    assert wrong == {}
    assert counts.get("unanswered, stored", 0) > 0, "no client was killed between its append and the answer"
    assert counts["repeated much later"] > SHORT


@pytest.mark.parametrize(("store", "new_ids"), [(Store, "-again"), (Forgetful, "")], ids=["new ids", "ids forgotten"])
def test_new_ids_and_forgotten_ids_are_found_out(store: type, new_ids: str) -> None:
    assert control(store(), new_ids)["not marked as a repetition"] == 20
