"""The journal: what goes in comes out again, from a file too, and every state is a fold of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from sys import intern
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import Invalid
from eventlab.event import Command, Event, Frozen, Reply, freeze
from eventlab.sharing import Shared
from eventlab.stage import Stage
from eventlab.trace import KINDS, Record, Trace
from tests.support.laboratory import airport

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WHOLE = st.integers(-(2**63), 2**63 - 1)
PLAIN = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.builds(
    lambda kind, type, data, id, time: kind(type, data, id=id, time=time),
    st.sampled_from([Event, Command, Reply]),
    TEXT,
    st.dictionaries(TEXT, PLAIN, max_size=3),
    TEXT,
    WHOLE,
)


def example() -> Trace:
    trace = Trace()
    trace.add(5, "sent", "gates", Event("gate.assigned", {"gate": "B4", "seats": [1, 2.5]}, id="gates-1"), "bus", 1)
    trace.add(5, "changed", "gates", key="flight", before=None, after=Frozen({"gate": "B4"}))
    trace.add(7, "received", "bus", Event("gate.assigned", {"gate": "B4", "seats": [1, 2.5]}, id="gates-1"), "gates", 1)
    return trace


def test_a_trace_reads_like_a_list() -> None:
    trace = example()
    assert len(trace) == 3 and trace[2].kind == "received" and [record.index for record in trace] == [0, 1, 2]
    assert [record.kind for record in trace.of("received", "sent")] == ["sent", "received"]
    assert repr(trace) == "<Trace: 3 records of 2 services>"


def test_a_record_never_changes() -> None:
    record = example()[1]
    with pytest.raises(AttributeError):
        record.at = 9
    with pytest.raises(TypeError):
        record.after["gate"] = "B5"


def test_an_unknown_kind_of_record_is_refused_at_once() -> None:
    with pytest.raises(Invalid, match="'recieved'") as caught:
        example().of("recieved")
    assert "received" in caught.value.expected


# The fold -------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from("ab"), TEXT, PLAIN), max_size=30))
def test_the_state_after_any_record_is_the_fold_of_the_changes_so_far(changes: list[tuple[str, str, Any]]) -> None:
    trace = Trace()
    live: dict[str, dict[str, Any]] = {}
    moments = []
    for at, (service, key, after) in enumerate(changes):
        state = live.setdefault(service, {})
        trace.add(at, "changed", service, key=key, before=state.get(key), after=after)
        if after is None:
            state.pop(key, None)
        else:
            state[key] = freeze(after)
        moments.append({name: dict(state) for name, state in live.items()})
    for at, moment in enumerate(moments):
        assert trace.states(at) == moment
        assert trace.state("a", at) == moment.get("a", {})
    assert trace.states() == live
    assert trace.states(-1) == {}  # before anything


# Files ----------------------------------------------------------------------------------------------------


def test_a_saved_trace_comes_back_equal_and_saves_to_the_same_bytes(tmp_path: Path) -> None:
    trace = airport(1, flights=20).trace
    assert {"published", "changed", "crashed", "lost", "retried"} <= {record.kind for record in trace}
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl")
    loaded.save(tmp_path / "again.jsonl")
    assert loaded.records == trace.records
    assert loaded.digest() == trace.digest()
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "run.jsonl").read_bytes()
    assert loaded.states() == trace.states()


RECORDS = st.tuples(WHOLE, st.sampled_from(sorted(KINDS)), TEXT, st.none() | MESSAGES, TEXT, WHOLE, TEXT, TEXT, TEXT)


@given(st.lists(st.tuples(RECORDS, PLAIN, PLAIN), max_size=5))
def test_whatever_a_record_may_hold_survives_the_file(tmp_path_factory: Any, records: list[Any]) -> None:
    path = tmp_path_factory.mktemp("trace") / "run.jsonl"
    trace = Trace()
    for fields, before, after in records:
        message = Event("kept", {"before": before, "after": after})  # as unchangeable as a service's state
        trace.add(*fields, message.data["before"], message.data["after"])
    trace.save(path)
    loaded = Trace.load(path)
    assert loaded.records == trace.records
    assert loaded.digest() == trace.digest()  # which tells 1, 1.0 and True apart


def test_what_is_equal_in_a_file_is_one_object_when_it_is_loaded(tmp_path: Path) -> None:
    trace = airport(1, flights=20).trace
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl")

    def objects(records: Trace) -> int:
        return len({id(record.message) for record in records})

    def texts(message: Any) -> list[str]:
        fields = (message.type, message.subject, message.id, message.source, message.correlationid)
        return [*fields, *(value for value in message.data.values() if isinstance(value, str))]

    assert objects(loaded) <= objects(trace) < len(trace) / 3
    said = [text for record in loaded if record.message is not None for text in texts(record.message)]
    said += [text for record in loaded for text in (record.key, record.note)]
    assert len({id(text) for text in said}) == len(set(said))
    words = {word for record in loaded for word in (record.kind, record.where, record.other, record.purpose)}
    assert all(word is intern(word) for word in words)  # as the words of a program: soon compared


def test_what_is_remembered_while_loading_does_not_grow_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = airport(1, flights=20).trace
    trace.save(tmp_path / "run.jsonl")
    monkeypatch.setattr("eventlab.sharing.MOST", 10)
    assert Trace.load(tmp_path / "run.jsonl").records == trace.records
    shared = Shared()
    for number in range(1000):
        shared.message(b'{"kind":"event","type":"noted","data":{"number":%d}}' % (1000 + number))
        shared.make_room()
        assert len(shared.wholes) <= 11


def test_an_index_follows_a_trace_that_grows_and_one_that_somebody_cuts() -> None:
    trace = example()
    assert (trace.names(), len(list(trace.of("sent")))) == (("gates", "bus"), 1)
    trace.add(9, "sent", "boards", other="gates")
    assert (trace.names(), len(list(trace.of("sent")))) == (("gates", "bus", "boards"), 2)
    assert [record.index for record in trace.of("sent", begin=1)] == [3]
    assert [record.index for record in trace.of("sent", end=3)] == [0]
    del trace.records[1:]
    assert (trace.names(), [record.kind for record in trace.of(*KINDS)]) == (("gates", "bus"), ["sent"])
    trace.records.append(Record(1, 9, "enchanted", "gates"))
    assert [record.kind for record in trace.of(*KINDS)] == ["sent"]
    trace.records = [Record(0, 1, "handled", "boards"), *trace.records]
    assert (trace.names()[0], [record.kind for record in trace.of(*KINDS)]) == ("boards", ["handled", "sent"])


SUBJECTS = st.sampled_from(["UA1", "UA2", "lounge"])
NAMED = st.builds(
    lambda subject, data, kind: Record(
        0, 1, kind, "gates", Event("noted", data, subject, id="e"), key="UA1" if kind == "changed" else ""
    ),
    SUBJECTS,
    st.dictionaries(st.sampled_from(["flight", "gate"]), SUBJECTS | st.lists(SUBJECTS, max_size=1), max_size=2),
    st.sampled_from(["sent", "handled", "crashed"]),
) | st.builds(lambda key, kind: Record(0, 1, kind, "gates", key=key), SUBJECTS, st.sampled_from(["changed", "crashed"]))


@given(st.lists(st.tuples(NAMED, st.integers(1, 3)), max_size=40), st.lists(st.integers(0, 40), max_size=3))
def test_what_is_about_a_subject_is_what_a_look_at_every_record_finds(
    runs: list[tuple[Record, int]], cuts: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("eventlab.index.BLOCK", 4)
        records = [record for record, often in runs for _ in range(often)]
        trace = Trace(stage=Stage(subject="flight"))
        for upto in [*cuts, len(records)]:  # it grows and is cut while it is asked
            trace.records[:] = records[:upto]
            kinds = ("sent", "changed", "crashed")
            expected = [
                record
                for record in trace
                if record.kind == "crashed"
                or (
                    record.kind in kinds
                    and (
                        record.key == "UA1"
                        if record.message is None
                        else "UA1" in (record.message.subject, record.message.data.get("flight"))
                    )
                )
            ]
            assert list(trace.about("UA1", *kinds, always=["crashed"])) == expected


def test_two_processes_that_save_under_one_name_leave_one_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = tmp_path / "run.jsonl", airport(1).trace

    class Slow(Trace):
        def _lines(self) -> Iterator[bytes]:
            for line in super()._lines():
                with monkeypatch.context() as patch:
                    patch.setattr("os.getpid", lambda: 1)
                    other.save(path)
                yield line

    Slow(example().records).save(path)
    assert Trace.load(path).records == example().records and list(tmp_path.iterdir()) == [path]


VALUES = st.recursive(
    st.none() | st.integers(0, 1) | SUBJECTS,
    lambda inner: st.dictionaries(SUBJECTS, inner, max_size=2).map(freeze),
    max_leaves=4,
)
CHANGES = st.builds(
    lambda key, before, after: Record(0, 1, "changed", "gates", key=key, before=before, after=after),
    st.sampled_from(["UA2", "lounge"]), VALUES, VALUES,
)  # fmt: skip


@given(st.lists(st.tuples(CHANGES | NAMED, st.integers(1, 3)), max_size=30), st.lists(st.integers(0, 30), max_size=3))
def test_the_changes_of_a_subject_are_those_that_a_look_at_every_record_finds(
    runs: list[tuple[Record, int]], cuts: list[int]
) -> None:
    def says(value: Any) -> bool:
        return isinstance(value, Frozen) and (
            "UA1" in value or any("UA1" in each for each in map(keys, value.values()))
        )

    def keys(value: Any) -> list[str]:
        return list(value) if isinstance(value, Frozen) else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("eventlab.index.BLOCK", 4)
        records = [record for record, often in runs for _ in range(often)]
        trace = Trace()
        for upto in [*cuts, len(records)]:
            trace.records[:] = records[:upto]
            for end in (None, upto // 2):
                changes = [record for record in trace.records[:end] if record.kind == "changed"]
                own = [each for each in changes if each.key == "UA1" or says(each.before) or says(each.after)]
                assert (list(trace.changes(end=end)), list(trace.changes("UA1", end))) == (changes, own)


def test_an_empty_trace_is_an_empty_file(tmp_path: Path) -> None:
    Trace().save(tmp_path / "run.jsonl")
    assert (tmp_path / "run.jsonl").read_bytes() == b""
    assert Trace.load(tmp_path / "run.jsonl").records == []


def test_what_was_loaded_can_be_continued(tmp_path: Path) -> None:
    example().save(tmp_path / "run.jsonl")
    trace = Trace.load(tmp_path / "run.jsonl")
    trace.add(9, "handled", "bus")
    assert trace[3].index == 3


BAD_LINES = {
    "cut off": lambda lines: [lines[0], lines[1][:20], lines[2]],
    "no JSON": lambda lines: [lines[0], b"once upon a time\n", lines[2]],
    "not UTF-8": lambda lines: [lines[0], b'{"index":1,"at":5,"kind":"sent","where":"\xff"}\n', lines[2]],
    "empty": lambda lines: [lines[0], b"\n", lines[2]],
    "another shape": lambda lines: [lines[0], b'{"index":1,"at":"noon","kind":"sent","where":"a"}\n', lines[2]],
    "no dictionary": lambda lines: [lines[0], b"[1]\n", lines[2]],
    "two records": lambda lines: [lines[0], lines[1].rstrip() + lines[2], lines[2]],
    "missing": lambda lines: [lines[0], lines[2]],
    "twice": lambda lines: [lines[0], lines[0], lines[1]],
    "unknown kind": lambda lines: [lines[0], lines[1].replace(b"changed", b"enchanted"), lines[2]],
    "unknown message": lambda lines: [lines[0], lines[2].replace(b'"event"', b'"omen"').replace(b":2,", b":1,")],
    "value too large": lambda lines: [lines[0], lines[1].replace(b'"B4"', b"1" + b"0" * 30), lines[2]],
    "infinite": lambda lines: [lines[0], lines[1].replace(b'"B4"', b"1e999"), lines[2]],
    "half a character": lambda lines: [lines[0], lines[1].replace(b'"B4"', rb'"\ud800"'), lines[2]],
    "deep": lambda lines: [lines[0], lines[1].replace(b'"B4"', b"[" * 5000 + b"]" * 5000), lines[2]],
}


@pytest.mark.parametrize("damage", BAD_LINES)
def test_a_line_that_is_no_record_is_named_with_file_and_number(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "run.jsonl"
    example().save(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(BAD_LINES[damage](lines)))
    with pytest.raises(Invalid) as caught:
        Trace.load(path)
    assert caught.value.where == f"{path}, line 2"
    assert caught.value.expected


def test_a_missing_file_is_the_operating_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Trace.load(tmp_path / "none.jsonl")


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    example().save(path)
    before = path.read_bytes()
    broken = example()
    broken.records.append(Record(3, 9, "handled", "half a character \ud800"))
    with pytest.raises(UnicodeEncodeError):
        broken.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.jsonl"]


# The digest -----------------------------------------------------------------------------------------------


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    one, other = Trace(), Trace()
    one.add(1, "sent", "a", Event("x.y", {"a": 1, "b": {"c": 2, "d": 3}}))
    other.add(1, "sent", "a", Event("x.y", {"b": {"d": 3, "c": 2}, "a": 1}))
    assert one.digest() == other.digest()


@pytest.mark.parametrize(
    "other",
    [
        Record(0, 2, "sent", "a", Event("x.y", {"n": 1})),
        Record(0, 1, "lost", "a", Event("x.y", {"n": 1})),
        Record(0, 1, "sent", "b", Event("x.y", {"n": 1})),
        Record(0, 1, "sent", "a", Event("x.y", {"n": 2})),
        Record(0, 1, "sent", "a", Event("x.y", {"n": True})),
        Record(0, 1, "sent", "a", Command("x.y", {"n": 1})),
        Record(0, 1, "sent", "a", Event("x.y", {"n": 1}), note="n"),
    ],
)
def test_the_digest_sees_every_difference(other: Record) -> None:
    assert Trace([other]).digest() != Trace([Record(0, 1, "sent", "a", Event("x.y", {"n": 1}))]).digest()


@pytest.mark.parametrize(
    "fields",
    [
        {"at": 1.0}, {"at": 2**63}, {"at": True}, {"where": None}, {"where": "caf\udce9"}, {"kind": 7},
        {"message": {"type": "a"}}, {"other": 7}, {"packet": 2**63}, {"packet": "1"}, {"purpose": None}, {"note": b"a"},
        {"note": "\ud800"}, {"key": "x" * 10_001}, {"before": print}, {"after": {"a": "\udfff"}},
    ],
    ids=repr,
)  # fmt: skip
def test_a_record_that_nobody_could_read_again_is_refused(fields: dict[str, Any]) -> None:
    trace = Trace()
    with pytest.raises(Invalid):
        trace.add(**{"at": 0, "kind": "handled", "where": "a", **fields})
    assert not trace.records
