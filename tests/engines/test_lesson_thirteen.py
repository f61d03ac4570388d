"""What lesson 13 says of JetStream is what JetStream does: its scenes, and 62 people while the leader is killed."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")

from eventlab.engines import Engines
from eventlab.event import Event
from eventlab.lessons.lesson13 import cluster, kept, morning, promises, seats
from eventlab.lessons.lesson13.ex2_announce import announce


def test_jetstream_does_what_is_kept_of_it(real: Engines) -> None:
    async def all_of_them() -> dict[str, str]:
        heard = await asyncio.gather(*(cluster.hearing(real, scene) for scene in promises.SCENES.values()))
        return dict(zip(promises.SCENES, heard, strict=True))

    assert asyncio.run(all_of_them()) == kept.promised()


@pytest.fixture
def own_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes of this test alone are killed, sooner and for a shorter time."""
    monkeypatch.setattr(cluster, "KILLED", 1.0)
    monkeypatch.setattr(cluster, "DEAD", 2.0)
    for name in ("EVENTLAB_NATS", "EVENTLAB_POSTGRES"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("own_nodes")
def test_a_right_answer_tells_everybody_once_though_the_leader_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SEATS", 6)
    said = cluster.announced(announce)
    assert "6 of 6 were told, 0 of them twice" in said
    assert (pause := re.search(r"pause took ([\d.]+) seconds", said)) and float(pause[1]) > 1, "nothing was killed"


@pytest.mark.usefixtures("own_nodes")
def test_all_62_are_told_here_by_a_handler_that_remembers_though_the_leader_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seats, "EVERY", 0.05)  # three seconds of search are enough to be killed in

    def tell(notices: Any, event: Event) -> None:
        if event.id not in notices.state:
            notices.state[event.id] = True
            notices.act(event, note="told")

    picture = cluster.people(tell)
    assert picture.text.startswith("On real engines, here") and "62 of 62 were told, 0 of them twice" in picture.text


@pytest.mark.usefixtures("own_nodes")
def test_the_boston_morning_ends_here_as_it_ends_in_simulation() -> None:
    *services, end = cluster.boston().rows
    assert len(services) == len(morning.HEARS) and end[-1] == "the same"
