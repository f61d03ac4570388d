"""The words of the lessons are data: read whole, and whatever is wrong with a file is said with its line."""

from __future__ import annotations

import importlib
import tokenize
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from eventlab.errors import Invalid
from eventlab.lessons.judging import model, prose
from eventlab.lessons.judging.model import Case
from eventlab.lessons.judging.prose import ExerciseText, read_exercise, read_lesson, read_order, read_tables
from tests.support import REPO

EXERCISES = """\
# a comment

["98.1"]
title = "Note every order"
kind = "write"
task = \"\"\"
Note every order
once.\"\"\"
hints = [
    "Look.",
    "Look again.",
]
explains = "It is noted once."
"""
QUESTIONS = """\
title = "A lesson"

[[predictions]]
id = "98.a"
text = "Which one?"
right = "a"
a.text = "this"
a.why = "Because it is."
b.text = "that"
b.why = "It is not."

[[warm_up]]
id = "98.w1"
text = "And now?"
right = "b"
a.text = "this"
a.why = "No more."
b.text = "that"
b.why = "Now it is."
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prose, "LESSONS", tmp_path)
    (tmp_path / "lesson98").mkdir()
    (tmp_path / "lesson98" / "exercises.toml").write_text(EXERCISES, "utf-8")
    (tmp_path / "lesson98" / "questions.toml").write_text(QUESTIONS, "utf-8")
    return tmp_path / "lesson98"


def judge(answer: object, case: Case) -> None:
    """Everything is right."""


def test_a_lesson_is_put_together_from_its_files(folder: Path) -> None:
    lesson = read_lesson("98", read_exercise("98.1", judge, "an answer"))
    (exercise,) = lesson.exercises
    assert lesson.title == "A lesson" and exercise.model == "an answer"
    assert exercise.task == "Note every order once." and exercise.hints == ("Look.", "Look again.")
    assert [question.right.text for question in (*lesson.predictions, *lesson.warm_up)] == ["this", "that"]


def test_an_empty_line_begins_a_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text(
        '["1"]\ntitle = "t"\nkind = "k"\ntask = "x"\nhints = ["a", "b"]\nexplains = """\none\ntwo\n\nthree"""', "utf-8"
    )
    assert read_tables(path, ExerciseText)["1"].explains == "one two\n\nthree"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "found"),
    [
        ("exercises.toml", 'kind = "write"', 'kind = "write', 5, "Illegal character"),
        ("exercises.toml", 'kind = "write"\n', "", 3, "missing required field `kind`"),
        ("exercises.toml", 'kind = "write"', "kind = 3", 5, "Expected `str`, got `int`"),
        ("exercises.toml", '    "Look.",\n', "", 9, "Expected `array` of length 2"),
        ("exercises.toml", "explains =", "explain =", 13, "unknown field `explain`"),
        ("exercises.toml", '["98.1"]', '["98.2"]', 1, "98.2"),
        ("questions.toml", 'title = "A lesson"', "titel = 1", 1, "titel"),
        ("questions.toml", 'b.why = "It is not."\n', "", 9, "missing required field `why`"),
        ("questions.toml", 'b.text = "that"\nb.why = "It is not."', 'b = "that"', 9, "got `str`"),
        ("questions.toml", 'right = "b"', 'right = "c"', 12, "['a', 'b']"),
        ("questions.toml", 'id = "98.w1"\n', "", 12, "missing required field `id`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_with_its_line(
    folder: Path, file: str, old: str, new: str, line: int, found: str
) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    given = model.Exercise("98.1", "", "write", "", judge, 0, ("", "")) if "98.2" in new else None
    with pytest.raises(Invalid) as problem:
        read_lesson("98", given or read_exercise("98.1", judge, 0))
    assert f"lesson98/{file}, line {line}: expected" in str(problem.value)
    assert found in str(problem.value)


def test_an_exercise_that_nobody_described_is_named(folder: Path) -> None:
    with pytest.raises(Invalid, match=r"unknown exercise in exercises\.toml: expected one of 98\.1, found '98\.7'"):
        read_exercise("98.7", judge, 0)


def test_steps_in_order_and_their_rules_are_words_too(folder: Path) -> None:
    path = folder / "exercises.toml"
    path.write_text(
        EXERCISES + 'rules = [["a", "b", "a comes first"]]\n["98.1".steps]\na = "this"\nb = "that"\n', "utf-8"
    )
    order = read_order("98.1")
    assert (order.steps, order.rules) == ({"a": "this", "b": "that"}, (("a", "b", "a comes first"),))


def test_a_rule_about_no_step_is_refused(folder: Path) -> None:
    path = folder / "exercises.toml"
    path.write_text(EXERCISES + 'rules = [["a", "c", "a comes first"]]\n["98.1".steps]\na = "this"\n', "utf-8")
    with pytest.raises(Invalid, match=r"rules in exercise 98\.1: expected two of a, found \('a', 'c'"):
        read_order("98.1")


@pytest.mark.parametrize("number", model.lessons())
def test_every_lesson_is_made_alike(number: str) -> None:
    folder = REPO / "eventlab" / "lessons" / f"lesson{number}"
    assert {"__init__.py", "questions.toml", "exercises.toml"} <= {path.name for path in folder.iterdir()}
    modules = [
        importlib.import_module(f"eventlab.lessons.lesson{number}.{path.stem}")
        for path in sorted(folder.glob("ex*.py"))
    ]
    made = [each for module in modules for each in getattr(module, "EXERCISES", [getattr(module, "EXERCISE", None)])]
    assert made == list(model.lesson(number).exercises)
    for module in modules:
        first = (module.__doc__ or "").split(":")[0]
        numbers = [each.id for each in getattr(module, "EXERCISES", None) or [module.EXERCISE]]
        assert first == (numbers[0] if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"), module.__name__
        file = Path(module.__file__ or "").stem
        assert file.startswith("_to_".join(f"ex{id.split('.')[1]}" for id in dict.fromkeys((numbers[0], numbers[-1]))))


def fragments(path: Path) -> list[tuple[int, str]]:
    """Every string literal that goes on in the next line, with its line."""
    with path.open("rb") as file:
        tokens = [token for token in tokenize.tokenize(file.readline) if token.type != tokenize.NL]
    return [
        (token.start[0], token.string)
        for token, following in pairwise(tokens)
        if token.type == following.type == tokenize.STRING
    ]


@pytest.mark.parametrize("path", sorted((REPO / "eventlab").rglob("*.py")), ids=lambda path: path.stem)
def test_no_text_is_torn_into_fragments(path: Path) -> None:
    torn = [f"line {line}: {text}" for line, text in fragments(path) if len(text) < 40]
    assert torn == []


def test_the_shapes_of_all_files_refuse_what_they_do_not_know() -> None:
    assert all(issubclass(shape, msgspec.Struct) for shape in (ExerciseText, prose.OptionText, prose.QuestionText))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"text": "a", "why": "b", "wyh": "c"}, prose.OptionText)
