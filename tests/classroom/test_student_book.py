"""The students' book: no model answer in any file, whole or not there at all, the same bytes each time."""

from __future__ import annotations

import ast
import gzip
import inspect
import json
import re
import subprocess
import symtable
import sys
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from eventlab.classroom import __main__ as command
from eventlab.classroom import added, folders, student, variants
from eventlab.classroom.course import read_course
from eventlab.classroom.notebooks import checked_in, linked, notebook_path, read, source
from eventlab.classroom.plan import Plan, checked, read_plan
from eventlab.classroom.recording import REFEREES
from eventlab.classroom.teaching import teaching
from eventlab.errors import EventlabError, Invalid
from eventlab.lessons.judging import held, learner, model
from eventlab.lessons.judging.attempt import attempt, failure_in
from eventlab.lessons.judging.memory import Memory
from eventlab.lessons.judging.prose import LESSONS, ExerciseText, read_tables
from tests.attacks.student_book import tried
from tests.support import REPO

OWN = REPO / "docs" / "own-exercise"
PLAN = Plan(
    lessons=["01", "03"], title="Week 3: storms", due="Friday, 18:00", second_hints=False,
    points={"01.2": 4, "bakery.1": 2}, reveal={"01": "Kiwi fruit"}, own=[str(OWN)],
)  # fmt: skip
# What a lesson's own text shows before it asks for the like.
SHOWN_BY_THE_LESSON = {("07.2", "keep"), ("09.2", "evolve")}


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    """A book of all lessons."""
    return student.book(Plan(lessons=model.lessons()))


@pytest.fixture(scope="module")
def book() -> dict[str, bytes]:
    return student.book(PLAN)


def cells(book: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    (found,) = [json.loads(content) for path, content in book.items() if path.startswith(f"notebooks/{name}")]
    return list(found["cells"])


# No answers ----------------------------------------------------------------------------------------------------------


def squeezed(text: str) -> str:
    return re.sub(r"[\s\\]+", "", text).replace("'", '"')


def texts(name: str, content: bytes) -> Iterator[str]:
    """A file as one reads it: unpacked, a notebook cell by cell, a program also as Python would write it."""
    content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    text = content.decode("utf-8")  # nothing compiled, nothing packed otherwise
    if name.endswith(".ipynb"):
        text = "\n".join(source(cell) for cell in json.loads(text)["cells"])
    yield squeezed(text)
    if name.removesuffix(".gz").endswith(".py"):
        yield squeezed(ast.unparse(ast.parse(text)))


def canary(answer: Any) -> str:
    """What must be in no file: a function's statements, or a value as Python writes it."""
    if not callable(answer):
        return squeezed(repr(answer))
    node = ast.parse(textwrap.dedent(inspect.getsource(answer))).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return squeezed("\n".join(map(ast.unparse, body)))


def right_answers() -> Iterator[tuple[str, str, str]]:
    for number in model.lessons():
        known = import_module(f"tests.lessons.lesson{number}.answers").ANSWERS
        for exercise in model.lesson(number).exercises:
            for answer in (exercise.model, *known[exercise.id].other):
                name = getattr(answer, "__name__", "data")
                if not callable(answer) or (name.isidentifier() and inspect.isfunction(answer)):
                    yield exercise.id, name, canary(answer)


def found_in(book: dict[str, bytes]) -> list[tuple[str, str]]:
    pages = [text for name, content in book.items() for text in texts(name, content)]
    return [(id, name) for id, name, words in right_answers() if any(words in page for page in pages)]


def test_no_right_answer_is_in_any_file(whole: dict[str, bytes]) -> None:
    assert set(found_in(whole)) == SHOWN_BY_THE_LESSON
    model_file = REPO / "eventlab/lessons/lesson01/ex4_payment.py"
    careless = {"careless.py.gz": gzip.compress(model_file.read_bytes())}
    assert ("01.4", "pay") in found_in(careless)


def test_what_helps_to_teach_is_in_no_file(whole: dict[str, bytes]) -> None:
    everything = b"\n".join(whole.values())
    for number in model.lessons():
        said = teaching(number)
        words = [*said.late, *said.discuss, *(each.say for each in said.sketches), said.game.setup]
        assert not [each for each in words if each.encode() in everything]


def test_neither_the_classroom_nor_other_lessons_nor_anything_compiled_are_handed_out(book: dict[str, bytes]) -> None:
    assert not [name for name in book if "classroom" in name or name.endswith(".pyc") or "lesson06" in name]
    assert {"workbook.py", "requirements.lock", "README.md", student.START} <= set(book)


@pytest.mark.slow
def test_its_checks_tell_right_from_wrong_without_a_model(tmp_path: Path) -> None:
    assert tried(["01.3", "12.2", "03.5"], tmp_path) == []


def calls_from_within(source: str, name: str) -> bool:
    """Whether a function of the module, other than this one, uses the module's `name`."""
    scopes = [each for each in symtable.symtable(source, "", "exec").get_children() if each.get_name() != name]
    for scope in scopes:
        scopes += scope.get_children()
        if name in scope.get_identifiers() and scope.lookup(name).is_global():
            return True
    return False


def test_a_judge_that_asks_its_model_is_not_handed_out() -> None:
    for number in model.lessons():
        for exercise in model.lesson(number).exercises:
            if callable(exercise.model) and exercise.id not in REFEREES:
                text = Path(inspect.getfile(exercise.model)).read_text("utf-8")
                assert not calls_from_within(text, exercise.model.__name__), f"{exercise.id}: name it in REFEREES"
    for id in ("02.3", "12.2"):
        text = Path(inspect.getfile(model.exercise(id).model)).read_text("utf-8")
        assert calls_from_within(text, model.exercise(id).model.__name__)


def test_its_notebooks_have_no_outputs_no_answers_and_only_links_that_lead_somewhere(book: dict[str, bytes]) -> None:
    for name in (path for path in book if path.endswith(".ipynb")):
        for cell in json.loads(book[name])["cells"]:
            assert not cell.get("outputs") and not cell.get("execution_count")
            assert "# answer(" not in source(cell) and "How others argued" not in source(cell)
            if cell["cell_type"] == "markdown":
                assert linked(source(cell), list(book)) == source(cell)


def test_title_date_points_and_one_hint_are_the_instructors(book: dict[str, bytes]) -> None:
    said = "\n".join(map(source, cells(book, "01")))
    assert "Week 3: storms" in said and "Friday, 18:00" in said and "| 01.2 Half an answer in time | 4 |" in said
    assert '# hint("01.2")' in said and "2)" not in re.sub(r"[^\n]*predict[^\n]*", "", said.split("# hint")[1][:30])
    assert b"There are two ways to get no answer" not in book["eventlab/lessons/lesson01/exercises.toml"]


def test_the_same_plan_gives_the_same_bytes(book: dict[str, bytes]) -> None:
    assert student.book(PLAN) == book


# nbgrader -------------------------------------------------------------------------------------------------------------


def test_cells_carry_what_nbgrader_asks_for(book: dict[str, bytes]) -> None:
    for name in ("01", "own"):
        notebook = cells(book, name)
        marked = [cell["metadata"]["nbgrader"] for cell in notebook if "nbgrader" in cell["metadata"]]
        assert len({each["grade_id"] for each in marked}) == len(marked) >= 2
        for each in marked:
            assert each["schema_version"] == 3 and each["grade"] == each["locked"] == ("points" in each)
            assert {"grade", "locked", "solution", "task", "grade_id"} <= set(each)
            assert re.fullmatch(r"[\w-]+", each["grade_id"])
        answers = [cell for cell in notebook if checked_in(cell)]
        assert len(answers) * 2 == len(marked)
        stops = [cell for cell in notebook if "raises-exception" not in cell["metadata"].get("tags", [])]
        assert not [cell for cell in stops if cell["metadata"].get("nbgrader", {}).get("grade")]
        assert len({cell["id"] for cell in notebook}) == len(notebook)


# Folders --------------------------------------------------------------------------------------------------------------


def test_a_folder_is_replaced_only_if_nobody_changed_it(tmp_path: Path) -> None:
    place = tmp_path / "book"
    folders.write_folder(place, {"a.txt": b"1", "b/c.txt": b"2"})
    folders.write_folder(place, {"a.txt": b"3"})
    assert [path.name for path in place.iterdir() if path.name != folders.OWN] == ["a.txt"]
    (place / "mine.txt").write_text("keep me")
    with pytest.raises(Invalid, match=r"mine\.txt"):
        folders.write_folder(place, {"a.txt": b"4"})
    assert (place / "mine.txt").read_text() == "keep me" and (place / "a.txt").read_bytes() == b"3"


def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        folders.write_folder(tmp_path / "book", {"a.txt": b"1", "b.txt": None})  # type: ignore[dict-item]
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_in_one_sentence_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.toml").write_text('titel = "x"')
    assert command.main(["student", str(tmp_path / "out"), "--plan", str(tmp_path / "plan.toml")]) == 1
    assert "titel" in capsys.readouterr().err
    assert command.main(["student", str(tmp_path / "out"), "--lessons", "99"]) == 1
    assert "'99'" in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "wrong", [{"points": {"01.9": 1}}, {"points": {"01.2": -1}}, {"reveal": {"03": "x"}}, {"reveal": {"01": " "}}]
)
def test_a_plan_speaks_only_of_what_there_is(wrong: dict[str, Any]) -> None:
    with pytest.raises(EventlabError):
        checked(Plan(lessons=["01"], **wrong))


def test_one_plan_serves_books_and_grades_and_its_key_is_not_handed_out(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text('lessons = ["01"]\ndue = "Friday"\n[grading]\nkey = "tangerine"\n')
    assert read_course(path, []).grading.key == "tangerine"
    assert b"tangerine" not in b"".join(student.book(checked(read_plan(path))).values())


def test_a_plan_finds_own_exercises_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text('own = ["mine"]')
    assert read_plan(tmp_path / "plan.toml").own == [str(tmp_path / "mine")]


# Held back ------------------------------------------------------------------------------------------------------------


def test_an_outcome_opens_with_the_word_alone(tmp_path: Path, book: dict[str, bytes]) -> None:
    path = tmp_path / "held.json"
    path.write_bytes(book["eventlab/lessons/held.json"])
    question = model.question("01.a")
    assert held.is_held("01.a", path) and not held.is_held("03.a", path)
    for word in ("", "apple", "kiwi"):
        assert held.opened(question, word, path) is None
    assert held.opened(question, "  kiwi FRUIT ", path) == question


def test_what_is_held_back_stands_in_no_file(book: dict[str, bytes]) -> None:
    everything = b"\n".join(book.values()).lower()
    assert b"kiwi" not in everything
    for question in model.lesson("01").predictions:
        for option in question.options:
            assert option.why.encode().lower() not in everything
    assert 'outcome("01.a", "")' in "\n".join(map(source, cells(book, "01")))


def test_in_a_students_book_outcome_asks_for_the_word(
    tmp_path: Path, book: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "held.json"
    path.write_bytes(book["eventlab/lessons/held.json"])
    monkeypatch.setattr(held.is_held, "__defaults__", (path,))
    monkeypatch.setattr(held.opened, "__defaults__", (path,))
    assert "the word" in learner.outcome("01.a")
    assert "not the word for 01.a" in learner.outcome("01.a", "kiwi")
    assert "What happens" in learner.outcome("01.a", "kiwi fruit")


# Variants and own exercises -------------------------------------------------------------------------------------------

NAMES = ["", "ada", "grace", "niklaus", "tony"]


ORDERS = [
    each.id for number in model.lessons() for each in model.lesson(number).exercises if variants.letters(each.id, "")
]


@pytest.mark.parametrize("id", ORDERS)
def test_a_variant_of_an_order_is_another_answer_and_the_same_difficulty(id: str) -> None:
    exercise = model.exercise(id)
    known = [each for each, _ in import_module(f"tests.lessons.lesson{id[:2]}.answers").ANSWERS[id].wrong]
    wrong = {each if isinstance(each, str) else "".join(each) for each in known if isinstance(each, str | list)}
    said = {each: message(exercise, each) for each in wrong}
    assert len(wrong) >= 3 and all(said.values())
    for name in NAMES[1:3]:
        new = variants.letters(id, name)
        mine = {each: "".join(new.get(letter, letter) for letter in each) for each in (*wrong, "".join(exercise.model))}
        right = mine.pop("".join(exercise.model))
        assert right != "".join(exercise.model)
        assert message(exercise, variants.as_in_the_lesson(id, right, name)) is None
        assert {each: message(exercise, variants.as_in_the_lesson(id, mine[each], name)) for each in mine} == said


def message(exercise: model.Exercise, answer: Any) -> str | None:
    failure = attempt(exercise, answer)
    return failure and failure.mistake.message


@pytest.mark.parametrize("id", ORDERS)
def test_a_variant_has_its_own_letters_in_the_notebook_and_in_every_sentence(id: str) -> None:
    new = variants.letters(id, "ada")
    notebook = read(notebook_path(id[:2]))["cells"]
    (task,) = [cell for cell in notebook if source(cell).startswith(f"### {id} ")]
    plain = {letter: words for _, letter, _, words in variants.ITEM.findall(source(task))}
    mine = variants.ITEM.findall(source(variants.lettered_cell(task, "ada")))
    assert {letter: words for _, letter, _, words in mine} == {new[letter]: words for letter, words in plain.items()}
    said = read_tables(LESSONS / f"lesson{id[:2]}" / "exercises.toml", ExerciseText)[id]
    for words in (*said.hints, said.explains, *(why for _, _, why in said.rules)):
        left = variants.PAIR.sub("", variants.NAMED.sub("", words))
        assert not re.findall(r"(?<!['’])\b[b-zB-HJ-Z]\b", left), words


def test_a_variant_renames_the_steps_wherever_they_are_named() -> None:
    mine, plain = student.book(Plan(lessons=["01"], variant="ada")), student.book(Plan(lessons=["01"]))
    new = variants.letters("01.1", "ada")
    (task,) = [source(cell) for cell in cells(mine, "01") if source(cell).startswith("### 01.1")]
    assert f"- **{new['c']}** a passenger asks the boards" in task
    toml = mine["eventlab/lessons/lesson01/exercises.toml"].decode()
    assert f"Message {new['f']} is sent before {new['c']} has arrived" in toml
    assert mine != plain


def wrong_answers(values: dict[str, Any]) -> dict[str, Any]:
    bread, most = values["bread"], values["most"]

    def counts_each(bakery: Any, event: Any) -> None:
        key = bread if event.data["loaves"] <= most else "tomorrow"
        bakery.state[key] = bakery.state.get(key, 0) + event.data["loaves"]

    def forgets_the_limit(bakery: Any, event: Any) -> None:
        if event.subject not in bakery.state:
            bakery.state[event.subject] = True
            bakery.state[bread] = bakery.state.get(bread, 0) + event.data["loaves"]

    def takes_the_limit_for_large(bakery: Any, event: Any) -> None:
        if event.subject not in bakery.state:
            bakery.state[event.subject] = True
            key = bread if event.data["loaves"] < most else "tomorrow"
            bakery.state[key] = bakery.state.get(key, 0) + event.data["loaves"]

    return {each.__name__: each for each in (counts_each, forgets_the_limit, takes_the_limit_for_large)}


def test_the_worked_example_is_fair_in_each_variant() -> None:
    kinds = set()
    for name in NAMES:
        exercise, values = added.exercise(OWN, name), added.drawn(added.read_words(OWN), name)
        assert attempt(exercise, exercise.model) is None
        failures = {key: attempt(exercise, each) for key, each in wrong_answers(values).items()}
        assert all(failures.values()), failures
        kinds.add(tuple((key, each.mistake.kind) for key, each in failures.items() if each))
    assert len(kinds) == 1
    assert len({str(added.drawn(added.read_words(OWN), name)) for name in NAMES}) > 2


def test_an_own_exercise_is_handed_out_without_its_model(book: dict[str, bytes], tmp_path: Path) -> None:
    place = "eventlab/lessons/added/bakery_1"
    judge = book[f"{place}/judge.py"].decode()
    assert "seen" not in judge and "NotImplementedError" in judge
    for name in ("exercise.toml", "judge.py", "values.json"):
        (tmp_path / "bakery_1").mkdir(exist_ok=True)
        (tmp_path / "bakery_1" / name).write_bytes(book[f"{place}/{name}"])
    from eventlab.lessons.judging.added import added as handed_out

    exercise = handed_out("bakery.1", tmp_path)
    assert exercise is not None
    values = json.loads(book[f"{place}/values.json"])
    own = added.exercise(OWN).model
    assert attempt(exercise, own) is None
    wrong = wrong_answers(values)["forgets_the_limit"]
    assert failure_in(exercise, wrong, exercise.cases(0), Memory(wrong)) is not None


def test_it_is_imported_as_it_stands(book: dict[str, bytes], tmp_path: Path) -> None:
    folders.write_folder(tmp_path / "book", book)
    program = "from eventlab.lessons import answer, hint; print(answer('01.2')); print(hint('bakery.1'))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path / "book", capture_output=True, text=True,
        env={"PYTHONPATH": str(tmp_path / "book"), "EVENTLAB_PROGRESS": ":memory:", "PATH": ""},
    )  # fmt: skip
    assert "is not in this book" in done.stdout and "remember" in done.stdout, done.stderr
