"""Grading: right answers get full marks, cheats get nothing, and whatever is handed in, the batch goes on."""

from __future__ import annotations

import csv
import shutil
import zipfile
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eventlab.classroom import added, children, gradebook, judge, variants
from eventlab.classroom import submissions as handed
from eventlab.classroom.grade import files_of, run
from eventlab.classroom.judge import READING, Answer, Result, judged
from eventlab.classroom.results import Results
from eventlab.classroom.shelf import shelf
from eventlab.classroom.submissions import student_of
from eventlab.errors import Invalid
from eventlab.lessons.judging import model
from eventlab.lessons.judging.added import read_words
from eventlab.lessons.judging.handed_in import sealed
from eventlab.lessons.judging.progress import Done
from eventlab.lessons.lesson09.ex5_correct import an_account
from tests.classroom import cheats, known_sources
from tests.classroom.class_of_thirty import make, notebook
from tests.support import REPO

SHAPES = (
    "01.1",
    "01.2",
    "03.2",
    "03.4",
    "05.2",
    "07.2",
    "09.2",
    "09.3",
    "09.5",
    "10.3",
    "12.3",
)  # of what an answer is given
TWINS = (  # of others that are here: the attack `cheats` tries them all
    "a number that equals everything", "a text that equals everything", "endless numbers", "a polite end",
    "the model by its module",
)  # fmt: skip
LONG = ("01.5", "04.4", "04.5", "05.5", "09.6")  # judged by hours of simulated time
PLAN = """
title = "Events"
lessons = ["01"]
[points]
"01.1" = 2
"01.2" = 0
"01.3" = 4
"01.4" = 0
"01.5" = 0
[grading]
key = "words of the instructor"
groups = true
parts = {"01.1" = 4}
[grading.late]
per_day = 0.1
days = {ada1 = 2}
[grading.exempt]
dan0 = ["01.3"]
"""


@pytest.fixture(scope="module", autouse=True)
def _patient() -> Iterator[None]:
    """However busy the machine is, the clock ends nothing here: work, sleep and processor time do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(children, "WALL", 3600.0)
        yield


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with shelf() as ready:
        yield ready


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Namespace]:
    """A class of thirty, graded. What loops does so for a second."""
    folder = tmp_path_factory.mktemp("class")
    make(folder / "in")
    (folder / "plan.toml").write_text(PLAN, "utf-8")
    options = Namespace(
        submissions=folder / "in", out=folder / "grades.csv", lessons="", plan=folder / "plan.toml", lms=None,
        column="", at_once=2,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(judged.__kwdefaults__, "silence", 1.0)
        assert run(options) == 0
        yield options


def rows(options: Namespace) -> dict[tuple[str, str], tuple[str, str]]:
    """By student and exercise: points and verdict."""
    with options.out.open(encoding="utf-8", newline="") as file:
        return {(row["student"], row["exercise"]): (row["points"], row["verdict"]) for row in csv.DictReader(file)}


def written(options: Namespace) -> dict[str, bytes]:
    """All that grading has written, but for the results on which it works."""
    pages = list(files_of(options.out).rglob("*.html"))
    return {path.name: path.read_bytes() for path in [options.out, *pages]}


@pytest.mark.parametrize("id", SHAPES)
def test_the_model_gets_full_marks_in_a_process_of_its_own(id: str, place: Path) -> None:
    (handed,) = [each for each in known_sources.models() if each.id == id]
    result = judged(model.exercise(id), Answer(id, list(handed.cells), 1), place, key="any")
    assert (result.verdict, result.share) == ("right", 1.0), result.message


def test_what_cannot_cross_the_wire_is_for_reading_and_not_guessed(place: Path) -> None:
    (handed,) = [each for each in known_sources.models() if each.id == "10.4"]
    result = judged(model.exercise("10.4"), Answer("10.4", list(handed.cells), 1), place, key="any")
    assert (result.verdict, result.share) == (READING, 0.0)


def test_what_an_answer_prints_before_it_is_called_does_not_reach_the_instructors_terminal(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = 'check("01.1", print("\\x1b[2J") or "c f e b d a")'
    result = judged(model.exercise("01.1"), Answer("01.1", [(1, source)], 0), place, key="any")
    assert result.verdict == "right" and capfd.readouterr() == ("", "")


@pytest.mark.parametrize("family", [family for family in cheats.FAMILIES if family not in TWINS])
def test_a_cheat_gets_nothing(family: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "TRIES", 0)  # a shorter failing run changes what is told, never the points
    known = [each for each in cheats.exercises() if each.id[:2] in ("01", "04", "05", "09") and each.id not in LONG]
    exercise = known[7 * list(cheats.FAMILIES).index(family) % len(known)]
    result = cheats.tried(exercise, family, place)
    assert (result.share, result.verdict) != (1.0, "right") and result.share == 0, result.message


def test_who_knows_only_the_visible_runs_is_wrong_and_hears_nothing_of_the_hidden_ones(place: Path) -> None:
    source = """
from eventlab import Event

def correct(wrong, amount, now):
    if (wrong.data["amount"], amount, now) not in SEEN:
        return []
    undo = Event("charge.reversed", {"charge": wrong.id}, time=now, causationid=wrong.id)
    right = Event("card.charged", {"amount": amount}, time=now, causationid=wrong.id)
    return [undo, right]

check("09.5", correct)
"""
    exercise = model.exercise("09.5")
    visible = [an_account(replace(exercise.cases(seed), size=size)) for seed in range(20) for size in (1, 2, 3)]
    seen = {(each.wrong.data["amount"], each.amount, each.now) for each in visible}
    answer = Answer("09.5", [(1, f"SEEN = {seen!r}"), (2, source)], 1)
    result = judged(exercise, answer, place, key="any")
    assert result.verdict == "wrong"
    assert "used for grading" in result.message and not result.picture


def test_a_class_gets_its_points(graded: Namespace) -> None:
    found = rows(graded)
    assert len({student for student, _ in found}) == 31
    assert found["ada0", "01.3"] == ("4", "right") and found["ada1", "01.3"] == ("3.2", "right")  # two days late
    assert found["ben0", "01.3"] == ("0", "wrong") and found["cleo0", "01.1"] == ("1.5", "partly right")
    assert found["dan0", "01.3"] == ("0", "exempt") and found["dan1", "01.3"] == ("0", "not written")
    assert found["eva0", "01.3"] == found["finn0", "01.3"] == ("0", "wrong")
    for student in ("gina", "hana", "nina", "quentin", "'=cmd"):  # Windows, a zip, a second cell, a group
        assert found[student, "01.3"] == ("4", "right"), student
    for student in ("ivan", "jo", "kim", "lea", "max"):
        assert found[student, "01.1"] == ("0", "missing"), student
    assert not any(verdict == READING for _, verdict in found.values())


def test_what_cannot_be_read_is_a_sentence_for_one_student(graded: Namespace) -> None:
    told = {path.stem: path.read_text("utf-8") for path in (files_of(graded.out) / "feedback").iterdir()}
    assert "unpacks to too much" in told["ivan"] and "leads out of the archive" in told["jo"]
    assert "it is no notebook" in told["kim"] and "of version 3" in told["lea"] and "600 cells" in told["max"]
    assert "more than once" in told["nina"] and "known by what it defines" in told["olaf"]
    assert "no such exercise" in told["pia"] and "Handed in by quentin" in told["cmd-26b1f9"]
    assert not any("<script" in page or "Traceback" in page for page in told.values())
    assert "another type" in told["ben0"] and "<svg" in told["ben0"]  # the failing run, drawn
    for page in told.values():  # one theme for the page and what is drawn on it
        assert page.count("prefers-color-scheme") == 1 and 'fill="#' not in page and 'stroke="#' not in page


def test_the_class_page_counts_mistakes_and_quotes_what_is_the_same(graded: Namespace) -> None:
    page = (files_of(graded.out) / "class.html").read_text("utf-8")
    assert "did not come to an end" in page and "The same text, apart from comments and spaces" in page
    assert "ada0, ada1, ada2" in page


def test_grading_again_after_losing_half_of_the_results_gives_the_same_bytes(graded: Namespace) -> None:
    before = written(graded)
    results = sorted((files_of(graded.out) / "results").iterdir())
    for path in results[::4]:
        path.unlink()  # never judged
    results[1].write_bytes(results[1].read_bytes().replace(b'"share":0.0', b'"share":1.0').replace(b"wrong", b"right"))
    results[2].write_bytes(results[2].read_bytes()[:50])
    (results[0].parent / ".half.part").write_bytes(b"{")  # what a kill leaves behind
    graded.at_once = 3
    assert run(graded) == 0
    assert written(graded) == before


def test_an_edited_result_is_not_believed(tmp_path: Path) -> None:
    results = Results(tmp_path, "key")
    results.write("a", Result("wrong"))
    path = tmp_path / "a.json"
    path.write_bytes(path.read_bytes().replace(b"wrong", b"right"))
    assert results.read("a") is None
    assert Results(tmp_path, "another key").read("a") is None


MOODLE = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Feedback comments"\r\n'
    'Participant 1,"Ada, L.",ada@x.edu,"Submitted ""late""",,"6,00",\r\n'
    "Participant 2,Ben,ben@x.edu,,3,6,=1+1\r\n"
)


def test_one_column_of_the_exported_file_is_filled_and_nothing_else_changes() -> None:
    content, lost = gradebook.filled(MOODLE.encode(), {"ada": 5.5, "ben": 0, "nobody": 1})
    expected = MOODLE.replace('late""",,"6', 'late""",5.5,"6').replace(",,3,6", ",,0,6")
    assert content == expected.encode() and lost == ["nobody"]
    canvas = 'Student;ID;SIS Login ID;Section;Week 1 (77);Final\n    Points Possible;;;;6;\n"L, Ada";9;ada;A;;"1"\n'
    for codec in ("utf-8", "cp1252", "utf-16"):
        content, lost = gradebook.filled(canvas.encode(codec), {"ada": 4}, "Week 1")
        assert content == canvas.replace(";A;;", ";A;4;").encode(codec) and not lost


def test_a_file_that_is_none_or_a_column_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(Invalid, match="CSV; save the table as CSV"):
        gradebook.filled(b"PK\x03\x04", {})
    with pytest.raises(Invalid, match="unknown column"):
        gradebook.filled(MOODLE.encode(), {"ada": 1}, "Week 9")


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("anna_01-request-driven", "anna"), ("Anna Smith_12345_assignsubmission_file_", "Anna Smith"),
        ("smithanna_1234_5678_01-request-driven", "smithanna"), ("ben", "ben"),
    ],
)  # fmt: skip
def test_files_are_called_after_whom_they_are_from(name: str, student: str) -> None:
    assert student_of(name) == student


def test_an_archive_that_holds_too_much_in_all_or_no_notebook_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = notebook('check("01.1", "c f e b d a")')
    monkeypatch.setattr(handed, "LARGEST_IN_ALL", 3 * len(content))
    for name, members in (("ada", 9), ("ben", 3), ("cleo", 0)):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("inside.zip", b"")
            for number in range(members):
                archive.writestr(f"{number}.ipynb", content)
    (tmp_path / "dora").mkdir()
    found = {one.student: (len(one.notebooks), one.notes) for one in handed.submissions(tmp_path)}
    (too_much,) = found["ada"][1]
    assert found["ada"][0] == 3 and "it holds too much" in too_much
    assert found["ben"] == (3, []) and found["cleo"] == (0, ["cleo.zip: there is no notebook in it."])
    assert found["dora"] == (0, ["dora: there is no notebook in it."])


# Own exercises and variants -------------------------------------------------------------------------------------------

OWN_PLAN = """
lessons = ["01"]
own = ["bakery"]
variants = "spring"
[points]
"01.2" = 0
"01.3" = 0
"01.4" = 0
"01.5" = 0
[grading]
told = 0.5
[grading.variant_of]
"Ben Z" = "ben"
"""


def baked(values: dict[str, Any], key: str) -> str:
    """An answer to the bakery's exercise, for these values."""
    return f"""def bake(bakery, event):
    seen = bakery.state.get("seen", [])
    if event.subject not in seen:
        bakery.state["seen"] = [*seen, event.subject]
        key = {key} if event.data["loaves"] <= {values["most"]} else "tomorrow"
        bakery.state[key] = bakery.state.get(key, 0) + event.data["loaves"]


check("bakery.1", bake)"""


def test_own_exercises_are_graded_in_the_variant_of_the_students_name(tmp_path: Path) -> None:
    """Who writes another variant into his notebook is graded in his own all the same."""
    shutil.copytree(REPO / "docs" / "own-exercise", tmp_path / "bakery")
    (tmp_path / "plan.toml").write_text(OWN_PLAN, "utf-8")
    (tmp_path / "in").mkdir()
    words = read_words(tmp_path / "bakery")
    right = {}
    for name, student in (("ada", "ada"), ("ben", "Ben Z"), ("cleo", "cleo")):
        variant = variants.variant_of(name, "spring")
        letters = variants.letters("01.1", variant)
        order = f'check("01.1", "{" ".join(letters[each] for each in "cfebda")}")'
        values = added.drawn(words, variant)
        right[name] = baked(values, repr(values["bread"])), order
        claimed = variants.variant_of("ada", "spring") if name == "cleo" else variant
        said = {"metadata": {"eventlab": {"variant": claimed}}}
        sources = right["ada"] if name == "cleo" else right[name]
        (tmp_path / "in" / f"{student}.ipynb").write_bytes(notebook(*sources, **said))
    done = Done({"01.1": 3, "bakery.1": 1}, {"01.1": 2})
    for student, of in (("dora", "dora"), ("emil", "dora")):
        content = sealed("dora", done, {"variant": variants.variant_of(of, "spring")})
        (tmp_path / "in" / f"{student}.progress.json").write_bytes(content)
    options = Namespace(
        submissions=tmp_path / "in", out=tmp_path / "grades.csv", lessons="", plan=tmp_path / "plan.toml", lms=None,
        column="", at_once=2,
    )  # fmt: skip
    assert right["ada"] != right["cleo"] and run(options) == 0
    found = {key: verdict for key, (_, verdict) in rows(options).items()}
    assert {found["ada", id] for id in ("01.1", "bakery.1")} == {"right"} == {found["Ben Z", "bakery.1"]}
    assert found["Ben Z", "01.1"] == "right" and found["cleo", "01.1"] == found["cleo", "bakery.1"] == "wrong"
    assert rows(options)["dora", "01.1"] == ("0.5", "by own record") and found["dora", "bakery.1"] == "missing"
    assert found["emil", "01.1"] == "missing"
    assert "its seal is not that of this book" in (files_of(options.out) / "feedback" / "emil.html").read_text("utf-8")
    page = (files_of(options.out) / "feedback" / "cleo.html").read_text("utf-8")
    assert "of another variant than yours" in page
