"""What lesson 13 says of JetStream is what JetStream does: its scenes, and 62 people while the leader is killed."""

from __future__ import annotations

import asyncio
import re

import pytest

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")

from eventlab.engines import Engines
from eventlab.lessons.lesson13 import cluster, kept, promises
from eventlab.lessons.lesson13.ex2_announce import announce


def test_jetstream_does_what_is_kept_of_it(real: Engines) -> None:
    async def all_of_them() -> dict[str, str]:
        heard = await asyncio.gather(*(cluster.hearing(real, scene) for scene in promises.SCENES.values()))
        return dict(zip(promises.SCENES, heard, strict=True))

    assert asyncio.run(all_of_them()) == kept.promised()


def test_a_right_answer_tells_everybody_once_though_the_leader_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "KILLED", 1.0)
    monkeypatch.setattr(cluster, "DEAD", 2.0)
    monkeypatch.setattr(cluster, "SEATS", 6)
    for name in ("EVENTLAB_NATS", "EVENTLAB_POSTGRES"):  # nobody's own nodes are killed
        monkeypatch.delenv(name, raising=False)
    said = cluster.announced(announce)
    assert "6 of 6 were told, 0 of them twice" in said
    assert (pause := re.search(r"pause took ([\d.]+) seconds", said)) and float(pause[1]) > 1, "nothing was killed"
