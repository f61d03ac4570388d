"""The room's widget: it computes between messages on the loop of its kernel, and lets go when nobody plays."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eventlab.airports import Scenario
from eventlab.control_room import control_room, widget
from tests.control_room.support import BOSTON


def test_a_widget_works_between_messages_and_rests_when_the_page_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "QUIET", 0.2)
    told: list[dict[str, Any]] = []
    rested: list[int] = []

    async def play() -> None:
        room = control_room(BOSTON, "request-driven")
        shown = room.widget
        room.session.tell = told.append
        monkeypatch.setattr(room.session, "rest", lambda: rested.append(1))
        shown._heard(shown, {"kind": "want", "at": 0.0, "until": 3_600_000.0}, [])
        for _ in range(200):
            await asyncio.sleep(0.02)
            if rested and any(message["kind"] == "told" and message["until"] >= 3_600_000.0 for message in told):
                break
        shown.close()

    asyncio.run(play())
    assert any(message["kind"] == "told" and message["until"] >= 3_600_000.0 for message in told)
    assert len(rested) == 2  # after a silence, and at the end


def test_a_room_has_a_picture_for_readers_without_a_kernel_unless_its_runs_take_long() -> None:
    room = control_room(BOSTON, "request-driven", ("publish/subscribe", {"inbox": False}))
    calm = room.still.text
    assert room.has_still and "Request-driven: 2 services wait" in calm and "Publish/subscribe, inbox=False: " in calm
    room.session.hear({"kind": "act", "at": 300_000, "verb": "stop", "target": "boards"})
    assert "boards stopped at 07:30" in room.still.text
    assert not control_room(Scenario(), "request-driven").has_still
