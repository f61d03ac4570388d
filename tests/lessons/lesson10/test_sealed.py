"""What lesson 10 seals with where the library is missing: it must seal, bind each value to its place, and say so."""

from __future__ import annotations

import sys

import pytest

from eventlab import Event
from eventlab.lessons.judging import instead
from eventlab.lessons.lesson10 import sealed
from eventlab.lessons.lesson10.forgetting import STEPS, Desk
from eventlab.shredding import FORGOTTEN, Keys, Shredder, Unreadable

ANNA = Event("seat.booked", {"who": "p-1", "name": "Anna Berg", "meal": ["no", "nuts"]}, id="desk-1")


@pytest.fixture
def shredder() -> Shredder:
    return Shredder(Keys(), {"seat.booked": ["name", "meal"]}, person="who", cipher=sealed.StandIn)


def test_what_is_sealed_opens_again_and_the_same_event_gives_the_same_bytes(shredder: Shredder) -> None:
    hidden = shredder.seal(ANNA)
    assert "Anna" not in str(hidden) and shredder.seal(ANNA) == hidden
    assert shredder.open(hidden) == ANNA


def test_what_was_moved_or_changed_does_not_open(shredder: Shredder) -> None:
    hidden = shredder.seal(ANNA)
    text = hidden.data["name"]["sealed:1"]
    moved = hidden.with_(data={**hidden.data, "name": hidden.data["meal"], "meal": hidden.data["name"]})
    changed = hidden.with_(data={**hidden.data, "name": {"sealed:1": ("B" if text[0] == "A" else "A") + text[1:]}})
    for wrong in (moved, changed, hidden.with_(id="desk-2")):
        with pytest.raises(Unreadable):
            shredder.open(wrong)


def test_who_is_forgotten_cannot_be_read(shredder: Shredder) -> None:
    hidden = shredder.seal(ANNA)
    shredder.keys.forget("p-1")
    assert shredder.open(hidden).data["name"] == FORGOTTEN


def test_without_the_library_the_lesson_is_the_same_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_it = [Desk(seats).forget(STEPS[:steps]).places() for steps in range(5)]
    monkeypatch.setitem(sys.modules, "cryptography", None)
    instead._tell.cache_clear()
    assert [Desk(seats).forget(STEPS[:steps]).places() for steps in range(5)] == with_it
    assert capsys.readouterr().out.count("The package `cryptography` is not here") == 1
    assert isinstance(Desk(seats).shredder._cipher(b"0" * 64), sealed.StandIn)


def seats(rows: dict[str, str], event: Event) -> dict[str, str]:
    name = event.data.get("name")
    return {**rows, event.data["seat"]: name} if name else rows
