"""JetStream's nodes and PostgreSQL's disk are full: that is said, nothing is lost, and with room it goes on."""

from __future__ import annotations

import sys

import pytest

from tests.attacks.children import alone

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit to the size of a process's files")
def test_what_postgresql_acknowledged_before_its_log_was_full_is_there_when_it_goes_on() -> None:
    wrong, counts = alone("full_engines.attack", "log")
    assert wrong == {}
    assert counts["appends refused"] == 5 and counts["events kept"] > 500


def test_jetstream_says_that_it_is_full_and_keeps_what_it_acknowledged() -> None:
    wrong, counts = alone("full_engines.attack", "JetStream")
    assert wrong == {}
    assert counts["events refused"] == 2 and counts["events kept"] > 50
