"""Every limit of a reader: what lies just below and just at it is taken, what lies just above is refused."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import eventlab.trace
from eventlab.airports import tables
from eventlab.errors import Invalid
from eventlab.event import DEPTH, Event, Frozen, too_deep
from eventlab.lessons.judging import model, progress, report
from eventlab.lessons.judging.model import Mistake
from eventlab.store import Store
from eventlab.trace import LONGEST, Record, Trace

LEAST, GREATEST = -(2**63), 2**63 - 1


def nested(depth: int) -> Any:
    """Data this deep, past the door of messages: so the readers and the store are tried themselves."""
    data: Any = Frozen({"a": 1})
    for _ in range(depth - 1):
        data = Frozen({"a": data})
    return data


def reads(path: Path, *lines: bytes) -> bool:
    """Whether the lines are taken as a trace; a refusal names the last line."""
    path.write_bytes(b"".join(lines))
    try:
        return len(Trace.load(path)) == len(lines)
    except Invalid as error:
        if error.where != f"{path}, line {len(lines)}":
            raise
        return False


def record(**fields: str) -> bytes:
    """One line of a trace; each field is given as its text in JSON."""
    usual = {"index": "0", "at": "1", "kind": '"changed"', "where": '"a"'}
    return ("{" + ",".join(f'"{name}":{text}' for name, text in (usual | fields).items()) + "}\n").encode()


def message(data: str, more: str = "") -> str:
    return f'{{"kind":"event","type":"a.b","data":{{"a":{data}}}{more}}}'


# The trace ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "taken"), [(LONGEST - 1, True), (LONGEST, True), (LONGEST + 1, False)])
def test_a_line_has_at_most_a_mebibyte(tmp_path: Path, length: int, taken: bool) -> None:
    long = record(index="1", note='"{}"')
    long = long.replace(b"{}", b"x" * (length - len(long) + 2))
    assert len(long) == length
    assert reads(tmp_path / "run.jsonl", record(), long) is taken


@pytest.mark.parametrize(("more", "taken"), [(-1, True), (0, True), (1, False)])
def test_a_trace_has_at_most_so_many_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int, taken: bool
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(record())
    monkeypatch.setattr(eventlab.trace, "LARGEST", len(record()) - more)
    if taken:
        assert len(Trace.load(path)) == 1
    else:
        with pytest.raises(Invalid, match="bytes"):
            Trace.load(path)


def saves(trace: Trace, path: Path) -> bool:
    """Whether the trace can be saved; if so it is loaded again, if not nothing is left behind."""
    try:
        trace.save(path)
    except Invalid:
        assert not list(path.parent.iterdir())
        return False
    assert Trace.load(path).records == trace.records
    path.unlink()
    return True


def long_line(length: int) -> Trace:
    short = len(b'{"index":0,"at":0,"kind":"handled","where":"a","note":""}\n')
    return Trace([Record(0, 0, "handled", "a", note="x" * (length - short))])


@pytest.mark.parametrize(("more", "taken"), [(-1, True), (0, True), (1, False)])
def test_what_can_be_saved_is_what_can_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int, taken: bool
) -> None:
    path = tmp_path / "run.jsonl"
    assert saves(long_line(LONGEST + more), path) is taken
    deep = nested(DEPTH + more)
    for trace in (
        Trace([Record(0, 0, "handled", "a", Event("noted", deep))]),
        Trace([Record(0, 0, "changed", "a", before=deep)]),
        Trace([Record(0, 0, "changed", "a", after=deep)]),
    ):
        assert saves(trace, path) is taken
    for number in (GREATEST + more, LEAST - more):
        assert saves(Trace([Record(0, number, "handled", "a", packet=number)]), path) is taken
        assert saves(Trace([Record(0, 0, "changed", "a", after=number)]), path) is taken
    monkeypatch.setattr(eventlab.trace, "LARGEST", 200 - more)
    two = Trace([*long_line(100), *long_line(100)])
    two.records[1] = replace(two[1], index=1)
    assert saves(two, path) is taken


@pytest.mark.parametrize(
    "wrong",
    [
        Record(1, 0, "handled", "a"),  # records out of another trace
        Record(0, 0, "enchanted", "a"),
        Record(0, "noon", "handled", "a"),  # type: ignore[arg-type]
        Record(0, 0, "handled", None),  # type: ignore[arg-type]
        Record(0, 0, "handled", "a", 7),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_record_is_not_saved(tmp_path: Path, wrong: Record) -> None:
    assert not saves(Trace([wrong]), tmp_path / "run.jsonl")


@pytest.mark.parametrize(("depth", "taken"), [(DEPTH - 1, True), (DEPTH, True), (DEPTH + 1, False)])
def test_data_is_at_most_a_hundred_deep(tmp_path: Path, depth: int, taken: bool) -> None:
    path = tmp_path / "run.jsonl"
    lists, dictionaries = "[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth
    for text in (lists, dictionaries):
        assert reads(path, record(after=text)) is taken
        assert reads(path, record(before=text)) is taken
    inside = "[" * (depth - 1) + "]" * (depth - 1)
    assert reads(path, record(message=message(inside))) is taken
    assert too_deep(nested(depth)) is not taken


@pytest.mark.parametrize(("depth", "taken"), [(DEPTH - 1, True), (DEPTH, True), (DEPTH + 1, False), (5_000, False)])
def test_what_a_store_takes_it_can_give_back_however_deep(depth: int, taken: bool) -> None:
    with Store() as store:
        store.append("s", Event("noted", id="first"))
        data = nested(depth)
        works = [
            lambda: store.append("s", Event("noted", data, id="a")),
            lambda: store.save_snapshot("s", 1, data),
            lambda: store.save_checkpoint("reader", 1, data),
        ]
        for work in works:
            if taken:
                work()
            else:
                with pytest.raises(Invalid, match="at most 100"):
                    work()
        if taken:
            snapshot = store.snapshot("s")
            assert snapshot is not None
            assert [each.event.data for each in store.read_all()][1] == data
            assert snapshot.state == store.checkpoint_state("reader") == data
        else:
            assert store.position == 1
            assert store.snapshot("s") is None
            assert store.checkpoint("reader") == 0


@pytest.mark.parametrize(
    ("number", "taken"),
    [(GREATEST - 1, True), (GREATEST, True), (GREATEST + 1, False), (LEAST + 1, True), (LEAST, True),
     (LEAST - 1, False), (2**64, False)],
)  # fmt: skip
def test_a_whole_number_has_at_most_64_bits(tmp_path: Path, number: int, taken: bool) -> None:
    path = tmp_path / "run.jsonl"
    for line in (
        record(after=f"{number}"),
        record(message=message(f"{number}")),
        record(message=message(f"[{number}]")),
    ):
        assert reads(path, line) is taken
    for line in (record(at=f"{number}"), record(packet=f"{number}"), record(message=message("1", f',"time":{number}'))):
        assert reads(path, line) is taken


ODD = {
    "no number": "NaN",
    "infinite": "Infinity",
    "too large for a float": "1e309",
    "half a character": r'"\ud800"',
    "half a character before another": r'"\ud800\u0041"',
    "the other half": r'"\udc00"',
    "one quote": "'a'",
    "underlined": "1_000",
    "two digits": "٣",
    "a comment": "1 /* one */",
}


@pytest.mark.parametrize("odd", ODD)
def test_a_value_that_json_does_not_know_is_refused(tmp_path: Path, odd: str) -> None:
    assert reads(tmp_path / "run.jsonl", record(after='"whole"'))
    assert not reads(tmp_path / "run.jsonl", record(after=ODD[odd]))
    assert not reads(tmp_path / "run.jsonl", record(message=message(ODD[odd])))


def test_a_mark_at_the_beginning_of_a_trace_is_refused(tmp_path: Path) -> None:
    assert not reads(tmp_path / "run.jsonl", b"\xef\xbb\xbf" + record())


def test_a_field_that_nobody_knows_is_refused_since_it_would_be_lost(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    assert not reads(path, record(colour='"red"'))
    assert not reads(path, record(message=message("1", ',"traceparent":"00"')))


def test_of_two_values_for_one_key_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(record(message='{"kind":"event","type":"a","data":{"gate":"B1","gate":"B2"},"type":"b"}'))
    (found,) = Trace.load(path)
    assert found.message == Event("b", {"gate": "B2"})


# The record's files and the progress -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["planes.csv", "planes.csv.gz"])
@pytest.mark.parametrize(("more", "taken"), [(-1, True), (0, True), (1, False)])
def test_a_table_has_at_most_two_mebibytes_when_it_is_unpacked(
    tmp_path: Path, name: str, more: int, taken: bool
) -> None:
    content = f"{tables.PLANES}\n".encode()
    content += b"x" * (tables.LARGEST + more - len(content))
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    if taken:
        ((number, line),) = tables.lines(tmp_path / name, tables.PLANES)
        assert (number, len(line)) == (2, len(content) - len(tables.PLANES) - 1)
    else:
        with pytest.raises(Invalid, match=f"{name}.*bytes"):
            tables.lines(tmp_path / name, tables.PLANES)


@pytest.mark.parametrize(("more", "kept"), [(-1, True), (0, True), (1, False)])
def test_progress_that_could_not_be_read_again_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: int, kept: bool
) -> None:
    path = tmp_path / "progress.json"
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(path))
    progress.note_choice("q1", "a")
    progress.note_choice("q2", "b")
    monkeypatch.setattr(progress, "LARGEST", path.stat().st_size - more)
    path.unlink()
    for id, key in (both := {"q1": "a", "q2": "b"}).items():
        progress.note_choice(id, key)
    assert progress.load(path).chosen == (both if kept else {"q1": "a"})
    assert progress.read().chosen == both  # else it is remembered
    assert ("cannot be written" in capsys.readouterr().out) is not kept
    progress.reset()


@pytest.mark.parametrize(("more", "kept"), [(-1, True), (0, True), (1, False)])
def test_a_failure_that_is_too_long_is_told_without_its_trace(
    monkeypatch: pytest.MonkeyPatch, more: int, kept: bool
) -> None:
    failure = report.Failure(Mistake("it never ends", trace=Trace([Record(0, 1, "handled", "a", note="x" * 500)])))
    exercise = model.exercise(model.lesson("01").exercises[0].id)
    whole = report.packed(failure, exercise)
    monkeypatch.setattr(report, "MOST", len(whole) - more)
    found = report.unpacked(report.packed(failure, exercise), exercise)
    assert found.mistake.message == "it never ends"
    assert (found.mistake.trace is not None) is kept


def test_a_small_file_that_unpacks_to_a_giant_is_not_unpacked_whole(tmp_path: Path) -> None:
    path = tmp_path / "planes.csv.gz"
    path.write_bytes(gzip.compress(bytes(60 << 20), 9))
    assert path.stat().st_size < 100_000

    def most(read: Any) -> int:
        tracemalloc.start()
        try:
            read()
        except Invalid:
            pass
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return peak

    assert most(lambda: tables.lines(path, tables.PLANES)) < 10 << 20
    assert most(lambda: gzip.decompress(path.read_bytes())) > 60 << 20, "the control: what a careless reader needs"


@pytest.mark.parametrize(
    "row",
    ["N1,BOEING,737", "N1,BOEING,737,100,more", 'N1,"BOEING,737,100', 'N1,"BOE"ING,737,100', ""],
    ids=["short", "long", "open quote", "text behind a quote", "empty"],
)
def test_a_row_that_is_ragged_or_badly_quoted_is_refused(tmp_path: Path, row: str) -> None:
    path = tmp_path / "planes.csv"
    path.write_text(f"{tables.PLANES}\nN0,BOEING,737,100\n{row}\nN2,BOEING,737,100\n", "utf-8")
    with pytest.raises(Invalid, match=r"planes\.csv, line 3"):
        list(tables.rows("planes.csv", tables.PLANES, tmp_path))


@pytest.mark.parametrize("begin", ["\ufeff", "seats,", "tailnum,"], ids=["mark", "another order", "a column twice"])
def test_another_heading_is_refused(tmp_path: Path, begin: str) -> None:
    (tmp_path / "planes.csv").write_text(f"{begin}{tables.PLANES}\nN0,BOEING,737,100\n", "utf-8")
    with pytest.raises(Invalid, match=r"planes\.csv, line 1"):
        list(tables.rows("planes.csv", tables.PLANES, tmp_path))


@pytest.mark.parametrize(("more", "taken"), [(-1, True), (0, True), (1, False)])
def test_a_record_of_progress_has_at_most_a_mebibyte(tmp_path: Path, more: int, taken: bool) -> None:
    path = tmp_path / "progress.json"
    path.write_bytes(b'{"solved":{"1.1":2}}'.ljust(progress.LARGEST + more))
    if taken:
        assert progress.load(path).solved == {"1.1": 2}
    else:
        with pytest.raises(Invalid, match="bytes"):
            progress.load(path)


@pytest.mark.parametrize("content", ['{"more":{}}', '{"solved":{"1.1":NaN}}', "\ufeff{}", '{"solved":{"1.1":1.5}}'])
def test_a_record_of_progress_with_anything_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(content, "utf-8")
    with pytest.raises(Invalid, match="progress"):
        progress.load(path)
