"""The replay component in a real browser, in an exported page with the network cut off: keys, buttons and clicks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from eventlab.airports.stage import STAGE
from eventlab.event import Event
from eventlab.trace import TROUBLE, Trace
from eventlab.views.motion.steps import steps
from eventlab.views.player.replay import Replay, replay

from .lab import Browser

BREAK = "document.title='broken'"
F1, F2 = "B61-JFK-0208", "B62-JFK-0208"
EVIL = f'</script><img src=x onerror="{BREAK}"><svg onload="{BREAK}">${{alert(1)}}`*$x$'


def story() -> Trace:
    """Two flights; the second message gets lost, one service stops and comes back, and a text tries to be a script."""
    trace = Trace(stage=STAGE)
    evil = Event("flight.delayed", {"flight": EVIL, "reason": EVIL}, EVIL, "a-9", "airlines", 3)
    for packet, (at, flight) in enumerate([(1, F1), (2, F2), (5, F1)], 1):
        event = Event("flight.delayed", {"flight": flight, "estimate": at}, flight, f"a-{packet}", "airlines", at)
        trace.add(at * 10**9, "sent", "airlines", event, "bus", packet, "publish")
        if packet == 2:
            trace.add(at * 10**9, "lost", "bus", event, "airlines", packet, "publish", "lost on the way")
        else:
            trace.add(at * 10**9 + 1, "received", "bus", event, "airlines", packet, "publish")
            trace.add(at * 10**9 + 2, "changed", "boards", key=flight, before=None, after={"estimate": at})
    trace.add(6 * 10**9, "crashed", "boards")
    trace.add(7 * 10**9, "restarted", "boards")
    trace.add(8 * 10**9, "sent", "airlines", evil, "bus", 9, "publish")
    trace.add(8 * 10**9, "received", "bus", evil, "airlines", 9, "publish")
    trace.add(8 * 10**9, "changed", "boards", key=EVIL, before=None, after=EVIL)
    return trace


@pytest.fixture
def shown() -> Replay:
    made = replay(story(), "flow", "sequence", "boards", "state")
    assert isinstance(made, Replay)
    return made


@pytest.fixture
def page(browser: Browser, shown: Replay, tmp_path: Path) -> Iterator[Page]:
    """The exported page, opened from the file, with every request but that for the file itself counted as a fault."""
    path = shown.save(tmp_path / "replay.html")
    page = browser.page()
    requests: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.context.set_offline(True)
    page.goto(path.as_uri())
    page.wait_for_selector(".eventlab-replay .says")
    page.focus(".eventlab-replay")
    yield page
    assert requests == [path.as_uri()]
    assert problems == []
    page.close()


def at(page: Page) -> int:
    return int(page.input_value(".scrubber"))


def looks(page: Page) -> Any:
    """Everything a step can change, of every view."""
    parts = "[...document.querySelectorAll('.picture [data-id]')]"
    attributes = "['opacity', 'fill', 'stroke', 'stroke-dasharray', 'visibility'].map((a) => p.getAttribute(a))"
    return page.evaluate(f"{parts}.map((p) => [p.dataset.id, p.textContent, ...{attributes}])")


def test_arrow_keys_step_forward_and_back_and_back_is_exact(page: Page) -> None:
    seen = [looks(page)]
    last = int(page.get_attribute(".scrubber", "max") or 0)
    for step in range(1, last + 1):
        page.keyboard.press("ArrowRight")
        assert at(page) == step
        seen.append(looks(page))
    assert len({json.dumps(look) for look in seen}) > last // 2  # most steps are seen to change something
    for step in range(last - 1, -1, -1):
        page.keyboard.press("ArrowLeft")
        assert looks(page) == seen[step]
    page.keyboard.press("End")
    assert (at(page), looks(page)) == (last, seen[last])
    page.keyboard.press("Home")
    assert (at(page), looks(page)) == (0, seen[0])


def test_nothing_of_what_is_still_to_come_is_seen(page: Page) -> None:
    sequence = page.locator(".view", has_text="sequence diagram")
    whole = sequence.locator("[data-id]").count()
    seen = "parts => parts.filter((p) => p.getAttribute('opacity') !== '0').map((p) => p.dataset.id)"
    first = set(sequence.locator("[data-id]").evaluate_all(seen))
    assert first == {"now", "a1", "t1", "t1.ground"}, "the first message has left, and no more"
    page.keyboard.press("End")
    assert len(sequence.locator("[data-id]").evaluate_all(seen)) == whole


def test_the_failure_key_goes_from_failure_to_failure(page: Page) -> None:
    trace = story()
    failures = [place for place, index in enumerate(steps(trace)) if trace[index].kind in TROUBLE]
    assert len(failures) == 2
    for expected in failures:
        page.keyboard.press("f")
        assert at(page) == expected
    page.keyboard.press("f")
    assert at(page) == failures[-1]
    assert page.inner_text(".says").startswith("No failure after this step.")
    page.keyboard.press("Shift+F")
    assert at(page) == failures[0]
    page.get_by_role("button", name="next failure").click()
    assert at(page) == failures[-1]
    assert page.locator(".track .fails").count() == len(failures)


def test_play_runs_to_the_end_and_stops(page: Page) -> None:
    page.select_option(".pace", "8")
    page.keyboard.press(" ")
    # The page's own policy forbids to wait for an expression: that would have to be evaluated.
    expect(page.locator(".scrubber")).to_have_value(page.get_attribute(".scrubber", "max") or "")
    expect(page.get_by_label("play or pause")).to_have_text("play")


def test_selecting_a_message_highlights_it_in_every_view_and_shows_what_it_says(page: Page) -> None:
    page.keyboard.press("End")
    page.locator('text[data-message="a-1"]').first.click()
    chosen = page.locator(".view:has(.chosen) summary").all_inner_texts()
    assert chosen == ["flow graph", "sequence diagram", "boards", "state"]
    assert f'"flight": "{F1}"' in page.inner_text(".details")
    page.keyboard.press("Escape")
    assert page.locator(".chosen").count() == 0
    assert not page.is_visible(".details")


def test_a_row_of_the_boards_highlights_every_message_about_its_flight(page: Page) -> None:
    page.keyboard.press("End")
    page.locator(f'.view:has-text("boards") rect[data-message="{F1}"]').first.click()
    sequence = page.locator(".view", has_text="sequence diagram")
    ids = {part.get_attribute("data-message") for part in sequence.locator(".chosen").all()}
    assert ids == {"a-1", "a-3"}
    assert page.inner_text(".details h4 span") == F1


def test_the_change_key_goes_through_the_changes_of_the_flight_that_is_chosen(page: Page) -> None:
    records = [story()[index] for index in steps(story())]
    of_f1 = [place for place, record in enumerate(records) if record.kind == "changed" and record.key == F1]
    page.keyboard.press("Enter")  # the message of the first step is about it
    seen = []
    for _ in of_f1:
        page.keyboard.press("c")
        seen.append(at(page))
    assert seen == of_f1
    page.keyboard.press("c")
    assert page.inner_text(".says").startswith("No change after this step.")
    page.keyboard.press("Shift+C")
    assert at(page) == of_f1[-2]


def test_a_button_in_focus_keeps_its_own_keys(page: Page) -> None:
    page.get_by_role("button", name="last step").focus()
    page.keyboard.press(" ")
    assert at(page) == int(page.get_attribute(".scrubber", "max") or 0)
    expect(page.get_by_label("play or pause")).to_have_text("play")


def test_going_by_hand_ends_playing(page: Page) -> None:
    page.keyboard.press(" ")
    expect(page.get_by_label("play or pause")).to_have_text("pause")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("play or pause")).to_have_text("play")


PRESS_AND_LOOK = """(key) => {
    const root = document.querySelector('.eventlab-replay');
    root.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
    return [...root.querySelectorAll('.dot')].map((dot) => dot.getAnimations()[0].effect.getTiming().direction);
}"""


def test_a_message_is_seen_to_move_forwards_and_back(page: Page) -> None:
    sends = next(place for place, index in enumerate(steps(story())) if place and story()[index].kind == "sent")
    for _ in range(1, sends):
        assert page.evaluate(PRESS_AND_LOOK, "ArrowRight") == []
    # In the flow graph and in the sequence diagram; looked at before time goes on.
    assert page.evaluate(PRESS_AND_LOOK, "ArrowRight") == ["normal", "normal"]
    assert page.evaluate(PRESS_AND_LOOK, "ArrowLeft") == ["reverse", "reverse"]
    expect(page.locator(".dot")).to_have_count(0)


def test_a_view_can_be_folded_away_and_the_others_go_on(page: Page) -> None:
    page.locator("summary", has_text="flow graph").click()
    page.keyboard.press("ArrowRight")
    assert at(page) == 1
    assert page.locator(".picture:visible").count() == 3


def test_a_text_that_tries_to_be_a_script_stays_a_text(page: Page) -> None:
    page.keyboard.press("End")
    assert EVIL in page.inner_text(".says")
    assert page.title() != "broken"
    assert page.locator(".picture img, .picture script").count() == 0
    page.evaluate("document.querySelector('[data-message=\"a-9\"]').dispatchEvent(new Event('click', {bubbles: true}))")
    assert "onerror" in page.inner_text(".details")
    assert page.title() != "broken"


def test_reduced_motion_is_respected(browser: Browser, shown: Replay, tmp_path: Path) -> None:
    page = browser.page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(shown.save(tmp_path / "still.html").as_uri())
    page.focus(".eventlab-replay")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        sends = story()[steps(story())[at(page)]].kind == "sent"
        assert page.locator(".dot").count() == 2 * sends, "it stands in the middle of its way, in both pictures"
        assert page.evaluate("document.getAnimations().length") == 0
    page.close()
