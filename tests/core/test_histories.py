"""The checker of histories: a good story is clean, and every kind of anomaly is found where it was planted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from eventlab import histories
from eventlab.event import Event
from eventlab.histories import ACKNOWLEDGED, CONFLICTED, KINDS, UNKNOWN, Append, Place, Read, anomalies
from eventlab.store import Store
from tests.attacks.notes import log

replace = msgspec.structs.replace


@dataclass
class Story:
    appends: list[Append] = field(default_factory=list)
    log: list[Place] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    tail: list[int] = field(default_factory=list)

    def kinds(self) -> set[str]:
        return {each.kind for each in anomalies(self.appends, self.log, self.reads, {"board": self.tail})}


def a_story() -> Story:
    """Twelve batches in three streams, as a real store answered; one conflict, one without an answer, two readings."""
    store, story = Store(), Story()
    for n in range(12):
        stream, ids = f"flight-{n % 3}", tuple(f"e-{n}-{k}" for k in range(1 + n % 3))
        expected = store.version(stream) if n % 2 else None
        done = store.append(stream, [Event("noted", id=id) for id in ids])
        story.appends.append(
            Append(stream, ids, 10 * n, 10 * n + 5, ACKNOWLEDGED, expected, done.version, done.position)
        )
    story.appends.append(Append("flight-1", ("late",), 31, 33, CONFLICTED, 0, 2))
    story.appends.append(Append("flight-1", ("nobody knows",), 34))
    story.log = log(store)
    everything = tuple((place.position, place.id) for place in story.log)
    story.reads = [Read(57, everything[:12]), Read(200, everything[12:], 12)]
    story.tail = list(range(1, len(story.log) + 1))
    return story


def plant(kind: str, story: Story) -> None:
    appends, log, last = story.appends, story.log, story.log[-1]

    def change(n: int, **how: Any) -> None:
        appends[n] = replace(appends[n], **how)

    match kind:
        case "lost append":
            log.pop()
        case "torn batch":
            log.pop()
            change(11, outcome=UNKNOWN)
        case "wrong answer":
            change(4, version=99)
        case "stored though refused":
            change(4, outcome=CONFLICTED)
        case "double winner":
            appends.append(replace(appends[3], ids=("other",)))
        case "ignored expectation":
            change(3, expected=7)
        case "needless conflict":
            change(12, version=0)
        case "phantom":
            log.append(Place(last.position + 1, "ghost", 1, "ghost"))
        case "duplicate id":
            log.append(Place(last.position + 1, last.stream, last.version + 1, last.id))
        case "skipped position":
            log[-1] = replace(last, position=last.position + 1)
        case "reordered stream":
            log[-2], log[-1] = (
                replace(log[-2], id=last.id, version=last.version),
                replace(last, version=last.version - 1),
            )
        case "time travel":
            change(2, begun=500, ended=501)
        case "stale read":
            story.reads[0] = replace(story.reads[0], begun=100)
        case "dirty read":
            story.reads[0] = replace(story.reads[0], seen=(*story.reads[0].seen, (13, "rolled back")))
        case "reader skipped":
            story.tail.remove(5)
        case "reader repeated":
            story.tail.insert(5, 5)
        case "reader out of order":
            story.tail[3], story.tail[4] = story.tail[4], story.tail[3]


def test_a_good_story_is_clean() -> None:
    assert a_story().kinds() == set()
    assert anomalies([], []) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_anomaly_is_found(kind: str) -> None:
    story = a_story()
    plant(kind, story)
    assert kind in story.kinds()


def test_an_append_without_an_answer_may_be_there_or_not() -> None:
    story = a_story()
    last = story.log[-1]
    version = 1 + sum(place.stream == "flight-1" for place in story.log)
    story.log.append(Place(last.position + 1, "flight-1", version, "nobody knows"))
    story.tail.append(last.position + 1)
    assert story.kinds() == set()


def test_the_example_in_the_module_finds_what_it_says() -> None:
    told = [Append("flight-1", ("e1", "e2"), begun=10, ended=15, outcome=ACKNOWLEDGED, version=2, position=2)]
    found = anomalies(told, [Place(1, "flight-1", 1, "e1")])
    assert found[0].what == "e2 was acknowledged at position 2"
    assert [each.kind for each in found] == ["lost append", "torn batch", "wrong answer"]
    assert all(name in (histories.__doc__ or "") for name in ('"e2"), begun=10, ended=15', found[0].what))


def test_the_readme_names_the_number_of_kinds() -> None:
    assert f"({len(KINDS)} kinds" in Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
