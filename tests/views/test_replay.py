"""The replay: steps that can be gone forwards and back, linked views that agree, and a page that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from eventlab.airports import ARCHITECTURES, Run, Scenario, run
from eventlab.airports.stage import STAGE
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.faults import Crash, Flaky
from eventlab.stage import Stage
from eventlab.trace import TROUBLE, Trace
from eventlab.views import Picture, replay, streams
from eventlab.views.drawing.picture import Box, Label
from eventlab.views.drawing.style import INK, WRONG, themed
from eventlab.views.drawing.wording import tally
from eventlab.views.flow import graph
from eventlab.views.motion.choice import Choice, is_about
from eventlab.views.motion.steps import MOST, Change, Mover, View, loosen, steps
from eventlab.views.player.page import write
from eventlab.views.player.replay import MOVING, Replay, export

FLIGHT = "9E3422-JFK-0208"
BOSTON = Scenario(flights=[FLIGHT, "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
FAULTS = [
    Crash("boards", BOSTON.at("07:32:40"), BOSTON.at("08:15")),
    Flaky(BOSTON.at("03:00"), BOSTON.at("12:00"), loss=0.1, duplication=0.2),
]
BOTH = ("deliver", "publish")
REPLAY_JS = Path(replay.__code__.co_filename).with_name("replay.js")


@cache
def ran(architecture: str) -> Run:
    return run(BOSTON.with_(faults=FAULTS), architecture)


def a_replay(*views: str, architecture: str = "event-carried state transfer", **choice: Any) -> Replay:
    made = replay(ran(architecture), *views, **choice)
    assert isinstance(made, Replay), made
    return made


# Steps ----------------------------------------------------------------------------------------------------------------


def test_the_steps_of_a_flight_are_about_it_or_are_faults() -> None:
    trace = ran("publish/subscribe").trace
    found = [trace[index] for index in steps(trace, Choice(FLIGHT))]
    faults = [record for record in found if not is_about(record, FLIGHT, trace.stage)]
    assert {record.kind for record in faults} == {"crashed", "restarted"}
    assert len(found) > len(faults) + 20
    assert not any(record.purpose in ("acknowledge", "confirm") for record in found)


def test_the_steps_of_an_hour_and_of_a_service_are_those() -> None:
    trace = ran("request-driven").trace
    since, until = BOSTON.at("07:00"), BOSTON.at("08:00")
    found = [trace[index] for index in steps(trace, Choice(service="gates", since=since, until=until))]
    assert sum(record.kind == "sent" for record in found) > 10
    assert all(since <= record.at <= until for record in found)
    assert all("gates" in (record.where, record.other) or record.kind in ("crashed", "restarted") for record in found)


def values(view: View, upto: int) -> dict[tuple[str, str], str]:
    """What everything that moves looks like after some steps."""
    found = {(change.part, change.attribute): change.after for change in view.begin}
    for changes in view.changes[:upto]:
        for change in changes:
            assert found[change.part, change.attribute] == change.before, "going back would not lead there"
            found[change.part, change.attribute] = change.after
    return found


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", MOVING)
def test_every_step_of_every_view_can_be_gone_back(name: str, architecture: str) -> None:
    trace = ran(architecture).trace
    at = steps(trace, Choice(FLIGHT))
    options: dict[str, Any] = {"truth": ran(architecture).truth} if name == "boards" else {}
    view = MOVING[name](trace, at, **options)
    assert len(view.changes) == len(view.moves) == len(view.focus) == len(at)
    for changes in view.changes:
        assert len({change[:2] for change in changes}) == len(changes), "two changes of one thing in one step"
    known = {part.get("data-id") for part in ElementTree.fromstring(view.picture.svg()).iter()}
    values(view, len(at))
    named = {change.part for changes in [view.begin, *view.changes] for change in changes}
    named |= {part for parts in view.about.values() for part in parts} | {part for part in view.focus if part}
    assert named <= known, "a part that the picture has not"


@pytest.mark.parametrize("name", ["boards", "streams", "state"])
def test_after_the_last_step_a_film_looks_as_its_picture_does(name: str) -> None:
    trace = ran("event-carried state transfer").trace
    view = MOVING[name](trace, steps(trace, Choice(FLIGHT)))
    parts = {part.get("data-id"): part for part in ElementTree.fromstring(view.picture.svg(live=True)).iter()}
    for (part, attribute), value in values(view, len(view.changes)).items():
        drawn = parts[part]
        shown = (
            drawn.text or "" if attribute == "text" else drawn.get(attribute, "normal" if "font" in attribute else "")
        )
        assert shown == (themed(value) if attribute in ("fill", "stroke") else value), (part, attribute)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_in_the_end_the_moving_flow_graph_counts_what_the_standing_one_counts(architecture: str) -> None:
    trace = ran(architecture).trace
    at = steps(trace, Choice(receipts=True))
    plan = graph.layout(Trace([trace[index] for index in at], trace.stage))
    end = values(MOVING["flow"](trace, at), len(at))
    for number, edge in enumerate(plan["edges"]):
        assert end[f"count{number}", "text"] == tally(edge["count"], edge["failed"], edge["failures"]), edge["words"]
        assert end[f"edge{number}", "opacity"] == "1"
        assert end[f"count{number}", "fill"] == (WRONG if edge["failed"] else INK)
    assert any(edge["failed"] for edge in plan["edges"])


def test_the_flow_graph_does_not_tell_the_end_beforehand() -> None:
    trace = ran("event notification").trace
    at = steps(trace, Choice(FLIGHT))
    view = MOVING["flow"](trace, at)
    begin = values(view, 1)
    words = {part.text or "" for part in ElementTree.fromstring(view.picture.svg()).iter() if not part.get("data-id")}
    assert not any("stopped" in word or "wrong:" in word for word in words - {view.picture.text} if len(word) < 60)
    assert begin["title", "text"] == "1 message until now"
    crash = next(place for place, index in enumerate(at) if trace[index].kind == "crashed")
    stopped = {key: value for key, value in values(view, crash + 1).items() if "stopped" in value}
    assert list(stopped.values()) == ["stopped at 07:32"]
    assert not any("stopped" in value for value in values(view, crash).values())


def test_every_record_lights_the_arrow_that_its_message_travels() -> None:
    trace = ran("event-carried state transfer").trace
    at = steps(trace)
    view, edges = MOVING["flow"](trace, at), graph.layout(Trace([trace[index] for index in at], trace.stage))["edges"]
    seen = set()
    for index, focus in zip(at, view.focus, strict=True):
        record = trace[index]
        if focus.startswith("edge") and record.other and (record.purpose in BOTH or record.kind == "retried"):
            edge = edges[int(focus.removeprefix("edge"))]
            from_here = record.kind in ("sent", "retried", "dead")
            ends = (record.where, record.other) if from_here else (record.other, record.where)
            assert (edge["source"], edge["target"]) == ends, record
            seen.add(record.kind)
    assert {"sent", "received", "lost", "retried"} <= seen


def test_a_mover_remembers_what_was_before() -> None:
    mover = Mover("example", Picture(10, 10, "nothing"))
    mover.begin("a", "fill", "white")
    mover.set("a", "fill", "red")
    mover.set("a", "fill", "blue")
    mover.look_at("a")
    mover.step()
    mover.set("a", "fill", "blue")
    mover.step()
    assert mover.view.changes == [[Change("a", "fill", "white", "blue")], []]
    assert mover.view.focus == ["a", ""]


@pytest.mark.parametrize("name", MOVING)
def test_the_still_picture_of_a_replay_says_how_it_ends(name: str) -> None:
    trace = ran("request-driven").trace
    shown = replay(trace, name, flight=FLIGHT)
    assert isinstance(shown, Replay)
    title = shown.still.labels[0].text
    assert title, "it says nothing"
    assert name != "flow" or shown.still == graph.flow_graph(
        Trace([trace[index] for index in steps(trace, Choice(FLIGHT))], trace.stage)
    ), "it looks as in the midst of the run"


def test_loosened_grounds_stand_where_they_stood_and_others_stay() -> None:
    labels = [
        Label(50, 20, "wrong", 12, ground="#F0E442", part="t1"),
        Label(50, 40, "right", ground="#ffffff"),
    ]
    picture = loosen(Picture(100, 60, "two labels", labels=labels))
    assert [label.ground for label in picture.labels] == ["", "#ffffff"]
    (ground,) = picture.boxes
    assert isinstance(ground, Box)
    assert (ground.part, ground.x, ground.y, ground.fill) == ("t1.ground", 50, 20, "#F0E442")


# What is sent to the browser ------------------------------------------------------------------------------------------


def test_each_step_says_what_happens_and_whom_it_is_about() -> None:
    trace = ran("event sourcing").trace
    data = a_replay("flow", architecture="event sourcing", flight=FLIGHT).data
    records = [trace[index] for index in steps(trace, Choice(FLIGHT))]
    assert [step["fails"] for step in data["steps"]] == [record.kind in TROUBLE for record in records]
    assert [step["changes"] for step in data["steps"]] == [record.kind == "changed" for record in records]
    assert {step["about"] for step in data["steps"]} == {FLIGHT, ""}
    assert {step["message"] for step in data["steps"]} - {""} == set(data["messages"])
    cancelled = next(each for each in data["messages"].values() if '"flight.cancelled"' in each["says"])
    assert cancelled["about"] == FLIGHT
    assert '"time": "07:32:55.' in cancelled["says"]
    assert any('"planned": "08:40 (1360330800000000000)"' in each["says"] for each in data["messages"].values())


def test_two_hundred_steps_of_four_views_are_less_than_a_megabyte() -> None:
    storm = run(
        Scenario(questions=1, faults=[Flaky(BOSTON.at("07:30"), BOSTON.at("08:10"), loss=0.05)]), "event sourcing"
    )
    chosen = steps(storm.trace, Choice(since=BOSTON.at("07:30")))
    until = storm.trace[chosen[199]].at
    made = replay(storm, "flow", "sequence", "boards", "streams", since=BOSTON.at("07:30"), until=until)
    assert isinstance(made, Replay)
    assert len(made.data["steps"]) >= 200
    assert len(json.dumps(made.data)) < 1_000_000


def test_boards_that_note_versions_too_are_replayed_beside_the_truth() -> None:
    made = a_replay("boards")
    assert made.data["views"][0]["name"] == "boards"


def test_a_view_may_be_a_function_of_ones_own() -> None:
    def own(trace: Trace, at: Any) -> View:
        mover = Mover("my view", Picture(10, 10, f"{len(at)} steps"))
        for _ in at:
            mover.step()
        return mover.view

    made = replay(ran("request-driven"), own, "state", flight=FLIGHT)
    assert isinstance(made, Replay)
    assert [view["name"] for view in made.data["views"]] == ["my view", "state"]


def test_too_many_steps_are_cut_and_it_is_said() -> None:
    trace = Trace()
    for number in range(MOST + 7):
        trace.add(number, "changed", "boards", key="X1", before=number or None, after=number + 1)
    made = replay(trace, "state")
    assert isinstance(made, Replay)
    assert len(made.data["steps"]) == MOST
    assert f"The first {MOST} of {MOST + 7} steps" in made.text
    assert f"The first {MOST} of {MOST + 7} steps" in made.data["note"]


# Shown ----------------------------------------------------------------------------------------------------------------


def test_a_replay_is_a_component_and_a_picture_for_who_has_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs: list[tuple[Any, bool]] = []
    monkeypatch.setattr("IPython.display.display", lambda shown, raw=False: outputs.append((shown, raw)))
    made = a_replay("sequence", flight=FLIGHT)
    made._ipython_display_()
    (bundle, raw), (still, _) = outputs
    assert raw
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == made.widget.model_id
    assert bundle["text/plain"] == repr(made) == made.text
    assert re.match(rf"{FLIGHT} as event-carried state transfer: \d+ steps, shown as sequence diagram\.", made.text)
    assert still is made.still
    assert made.widget.still
    assert json.loads(made.widget.data) == json.loads(json.dumps(made.data))
    assert repr(made.widget) == "<Replay at step 0>"


def test_an_exported_page_names_its_only_script_and_style_and_asks_for_nothing(tmp_path: Path) -> None:
    path = export(ran("request-driven"), tmp_path / "page.html", "flow", "sequence", flight=FLIGHT)
    page = path.read_text("utf-8")
    (policy,) = re.findall(r'Content-Security-Policy"\s+content="([^"]*)"', page)
    for directive, element in (("script-src", 'script type="module"'), ("style-src", "style")):
        (content,) = re.findall(rf"<{element}>(.*?)</", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert set(re.findall(r"https?://[^\"\\ ]*", page)) == {"http://www.w3.org/2000/svg"}
    assert list(tmp_path.iterdir()) == [path]


def test_text_from_data_cannot_leave_its_place_in_the_page(tmp_path: Path) -> None:
    nasty = "</script><script>document.title='broken'</script>"
    trace = Trace(stage=STAGE)
    trace.add(1, "sent", "airlines", Event(nasty, {"flight": nasty}, nasty, nasty, "airlines", 1), "bus", 1, "publish")
    page = export(trace, tmp_path / "page.html", subject=nasty).read_text("utf-8")
    assert page.count("</script>") == 2
    assert page.count("<script") == 2


def test_the_component_is_short_and_imports_nothing() -> None:
    lines = REPLAY_JS.read_text("utf-8").splitlines()
    assert len(lines) < 400
    assert lines[0] == "// @ts-check"
    assert not [line for line in lines if re.match(r"\s*import\b", line) or "import(" in line or "fetch(" in line]


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda: replay(Trace()), "at least one record, found 'an empty trace'"),
        (lambda: replay(5), "a run or its trace, such as run.trace, found 5"),
        (lambda: a_wrong("flow", flight="XX1-JFK-0208"), "a flight that occurs in the run's records, found 'XX1"),
        (lambda: a_wrong("flow", service="gate"), "unknown service in replay: expected one of airlines, "),
        (lambda: a_wrong("flow", since=BOSTON.at("07:00") - 10**15), "an instant of the run"),
        (lambda: a_wrong("flow", until="07:32"), "found '07:32'"),
        (lambda: a_wrong("flow", since=BOSTON.at("07:00"), until=BOSTON.at("06:00")), "at least one record that fits"),
        (lambda: a_wrong("bords"), "unknown view in replay: expected one of flow, sequence"),
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_said_in_the_pictures_place(asked: Any, words: str) -> None:
    picture = asked()
    assert isinstance(picture, Picture)
    assert picture.text.startswith("No replay: ")
    assert words in picture.text


def a_wrong(*views: str, **choice: Any) -> Any:
    return replay(ran("request-driven"), *views, **choice)


def test_streams_late_in_a_long_run_put_into_words_only_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    trace, rows = Trace(), Counter[int]()
    for n in range(600):
        trace.write(
            n, "appended", "shop", Event("noted", {"n": n}, f"o{n % 3}", f"e{n}"), packet=n, note=f"order-{n % 3}"
        )
    work = streams.row_of

    def counted(stored: streams.Stored, stage: Stage) -> streams.Row:
        rows[stored.record] += 1
        return work(stored, stage)

    monkeypatch.setattr(streams, "row_of", counted)
    view = streams.moving(trace, [500, 501, 599])
    assert 9 <= len(rows) < 20 and set(rows.values()) == {1}
    assert "600 events" in view.picture.text


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_page_that_cannot_be_written_leaves_nothing_and_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path, work = tmp_path / "run.html", getattr(Path, step)
    write("earlier", path)

    def full(part: Path, what: Any) -> None:
        if step == "write_bytes":
            work(part, what[:3])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, full)
        with pytest.raises(OSError):
            write("later", path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["earlier"]


def test_an_export_of_nothing_says_why_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="a flight that occurs"):
        export(ran("request-driven"), tmp_path / "page.html", flight="XX1")
    assert list(tmp_path.iterdir()) == []
