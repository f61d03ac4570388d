"""Watchers: what is done stays done, and every one of them is called."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.lab import Lab
from eventlab.store import Store
from eventlab.watchers import Watchers
from tests.support import store_door


def broken() -> None:
    raise ValueError("a picture could not be drawn")


def test_one_that_fails_robs_nobody_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    watchers, heard = Watchers("the test"), []
    for callback in (lambda: heard.append(1), broken, lambda: heard.append(2)):
        watchers.add(callback)
    watchers.tell()
    assert heard == [1, 2]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("eventlab", logging.ERROR)
    assert "the test" in record.message
    assert record.exc_info and "could not be drawn" in str(record.exc_info[1])


def test_an_interrupt_comes_after_all_have_been_called() -> None:
    watchers, heard = Watchers("the test"), []

    def interrupted() -> None:
        raise KeyboardInterrupt

    watchers.add(interrupted)
    watchers.add(lambda: heard.append(1))
    with pytest.raises(KeyboardInterrupt):
        watchers.tell()
    assert heard == [1]
    with pytest.raises(KeyboardInterrupt):
        watchers.tell()  # and is no end of it
    assert heard == [1, 1]


def test_who_leaves_while_they_are_told_is_not_called_any_more() -> None:
    watchers, heard = Watchers("the test"), []
    watchers.add(lambda: leave())
    leave = watchers.add(lambda: heard.append("the leaver"))
    watchers.tell()
    assert heard == []


def test_what_a_watcher_sets_off_is_told_afterwards_however_long_the_chain() -> None:
    store, depth = Store(), [0]

    def react() -> None:
        depth.append(depth[-1] + 1)
        assert depth[-1] == 1
        if store.position < 3_000:
            store.append("chain", Event("noted", id=f"e-{store.position}"))
        depth.append(depth[-1] - 1)

    store.watch(react)
    store.append("chain", Event("noted", id="first"))
    assert (store.position, max(depth)) == (3_000, 1)


def test_an_append_is_done_whatever_its_watchers_do(caplog: pytest.LogCaptureFixture) -> None:
    store, heard = Store(), []
    store.watch(broken)
    store.watch(lambda: heard.append(store.position))
    assert store.append("flight-1", Event("noted", id="1")).position == 1
    assert (len(store), heard, len(caplog.records)) == (1, [1], 1)


def test_news_that_an_interrupt_kept_back_come_with_the_repetition() -> None:
    store, heard = Store(), []
    interrupts = [KeyboardInterrupt]

    def interrupted(tell: Callable[[], None]) -> None:
        if interrupts:
            raise interrupts.pop()
        tell()

    store_door.telling(store, interrupted)
    store.watch(lambda: heard.append(store.position))
    with pytest.raises(KeyboardInterrupt):
        store.append("flight-1", Event("noted", id="1"))
    assert (store.position, heard) == (1, [])
    for _ in range(3):
        assert store.append("flight-1", Event("noted", id="1")).duplicate
    assert heard == [1]


@pytest.mark.parametrize("callback", [None, "print", 7])
def test_what_cannot_be_called_is_refused_at_once(callback: object) -> None:
    with pytest.raises(Invalid, match="a function"):
        Store().watch(callback)  # type: ignore[arg-type]


def test_a_failing_watcher_of_a_network_or_of_a_crash_robs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The bus is a watcher too: it sends again what a crash kept from arriving."""
    lab, heard = Lab(), []
    desk = lab.service("desk")
    desk.on("seat.wanted", lambda event: heard.append(event.type), durable="desk")
    lab.network.watchers.add(broken)
    desk.on_crash.add(broken)
    desk.on_crash.add(lambda: heard.append("crashed"))
    desk.crash()
    lab.service("pilot").publish(Event("seat.wanted"))
    lab.at(5, desk.restart)
    lab.run()
    assert heard == ["crashed", "seat.wanted"]
    assert len(caplog.records) >= 3
