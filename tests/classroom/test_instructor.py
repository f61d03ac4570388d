"""The instructor's book: what a lesson promises and asks, what is drawn, shown and played; that it fits the lesson."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventlab.classroom import instructor, sheets, teaching
from eventlab.classroom.__main__ import commands
from eventlab.classroom.course import read_course
from eventlab.classroom.notebooks import notebook_path, read, source
from eventlab.classroom.plan import checked, read_plan
from eventlab.classroom.sketches import drawn
from eventlab.classroom.teaching import Sketch
from eventlab.errors import EventlabError
from eventlab.lessons.judging import model
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Picture
from tests.attacks import instructors_walk
from tests.support import REPO

LESSONS = model.lessons()
QUOTED = re.compile(r"“((?:What if|Your own service)[^”]*)”")
EXERCISE = re.compile(r"\b\d\d\.\d\b")
QUESTION = re.compile(r"\b\d\d\.[a-d]\b")


def test_every_command_of_the_documents_can_be_given_as_it_stands_there_and_their_plan_is_one(tmp_path: Path) -> None:
    """What comes of each: `python -m tests.attacks instructors_walk`."""
    parser, known = commands()
    given = [instructors_walk.filled_in(words, 0) for words in instructors_walk.commands()]
    assert {parser.parse_args(words[1:]).command for words in given} == set(known) and len(given) >= 10
    (tmp_path / "week3.toml").write_text(instructors_walk.plan(), "utf-8")
    plan = checked(read_plan(tmp_path / "week3.toml"))
    shutil.copytree(REPO / "docs" / "own-exercise", plan.own[0])
    course = read_course(tmp_path / "week3.toml", [])
    assert course.grading.groups and course.grading.parts and list(course.own_words) == ["bakery.1"]


@pytest.mark.parametrize("number", LESSONS)
def test_each_lesson_has_its_aims_its_minutes_and_its_questions(number: str) -> None:
    notebook = read(notebook_path(number))
    opening = instructor._opening(notebook)
    assert len(instructor.aims(opening)) >= 4 and len(instructor.keep(notebook)) == 3
    parts = instructor.minutes(opening)
    assert len(parts) >= 4 and parts[-1]["part"] == "Practice"
    page = instructor.guide(number)
    for question in model.lesson(number).predictions:
        assert f"Ask {question.id}" in page


@pytest.mark.parametrize("number", LESSONS)
def test_what_is_said_of_a_lesson_is_in_it(number: str) -> None:
    said = teaching.teaching(number)
    assert len(said.late) >= 3 and len(said.discuss) >= 3
    notebook = "\n".join(map(source, read(notebook_path(number))["cells"]))
    for words in [*said.late, *said.discuss]:
        for quoted in QUOTED.findall(words):
            assert quoted in notebook, quoted
        for id in EXERCISE.findall(words):
            assert model.exercise(id).id.startswith(number)
        for id in QUESTION.findall(words):
            assert model.question(id)


@pytest.mark.parametrize("number", LESSONS)
def test_two_sketches_are_drawn_each_with_one_marked_failure_and_inside_their_frame(number: str) -> None:
    sketches = teaching.teaching(number).sketches
    assert len(sketches) == 2
    for each in sketches:
        assert sum([bool(each.fails), *(curve.wrong for curve in each.curves)]) == 1, each.title
        assert len(each.boxes) + len(each.arrows) + len(each.rows) <= 16, "more than a board bears in two minutes"
        assert list(outside(drawn(each))) == []


def outside(picture: Picture) -> Iterator[str]:
    """What of a picture is cut off by its edge."""
    for label in picture.labels:
        wide = text_width(label.text, label.size, bold=label.bold)
        left = label.x if label.left else label.x - wide / 2
        if not (left >= 0 and left + wide <= picture.width and 0 < label.y < picture.height):
            yield label.text
    for line in picture.lines:
        if not all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in line.points):
            yield str(line.points)


def test_a_sketch_that_leaves_its_frame_is_found() -> None:
    wide = Sketch("A", "b", "ladder", who=["one", "two"], arrows=[("two", "two", "line", "much too long for the edge")])
    assert "much too long for the edge" in list(outside(drawn(wide)))


def test_a_sketch_names_only_what_it_has() -> None:
    with pytest.raises(EventlabError, match="gate"):
        drawn(Sketch("A", "b", "boxes", boxes=[("gates", 0, 0)], arrows=[("gates", "gate", "event", "")]))


@pytest.mark.parametrize("number", LESSONS)
def test_the_game_has_a_round_that_fails_and_a_card_for_every_role_and_message(number: str) -> None:
    game = teaching.teaching(number).game
    assert any(each.fails for each in game.rounds) and game.rounds and game.ask
    page = sheets.cards(number, game).decode()
    wanted = len(game.rounds) + len(game.roles) + sum(each.copies for each in game.messages)
    assert page.count('class="card ') == wanted


def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "FOLDER", tmp_path)
    (tmp_path / "01.toml").write_text('late = []\ndiscus = ["?"]\n')
    with pytest.raises(EventlabError, match=r"01\.toml"):
        teaching.teaching("01")


def test_the_book_is_whole_the_same_each_time_and_runs_no_script() -> None:
    book = instructor.book(["01", "08"])
    assert book == instructor.book(["01", "08"])
    assert len(book) == 1 + 2 * 5
    for name in re.findall(r'href="([^"]+)"', book["index.html"].decode().replace("&#45;", "-").replace("&#46;", ".")):
        assert name in book
    assert not [name for name, content in book.items() if b"<script" in content]


def test_what_is_told_of_a_prediction_stands_on_the_slide_after_it() -> None:
    page = instructor.book(["03"])["lesson-03-slides.html"].decode()
    slides = page.split("<section>")
    for question in model.lesson("03").predictions:
        option = sheets.unmarked(question.right.text)[:20]
        places = [place for place, slide in enumerate(slides) if option in slide]
        assert "Vote first" in slides[places[0]] and "What happens" in slides[places[0] + 1]
