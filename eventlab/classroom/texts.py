"""Writes a lesson's words again as TOML, without those that a book shall not have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from eventlab.lessons.judging.model import Lesson, Option, Question
from eventlab.lessons.judging.prose import ExerciseText


def exercises_toml(texts: Mapping[str, ExerciseText], *, second_hints: bool) -> bytes:
    """`exercises.toml` of these texts."""
    lines: list[str] = []
    for id, said in texts.items():
        hints = said.hints if second_hints else (said.hints[0], "")
        lines += ["", f"[{_text(id)}]", f"title = {_text(said.title)}", f"kind = {_text(said.kind)}"]
        lines += [f"task = {_text(said.task)}", f"hints = {_list(hints)}", f"explains = {_text(said.explains)}"]
        if said.rules:
            lines += ["rules = [", *(f"    {_list(rule)}," for rule in said.rules), "]"]
        if said.steps:
            lines += [f"[{_text(id)}.steps]", *(f"{key} = {_text(words)}" for key, words in said.steps.items())]
    return "\n".join([*lines[1:], ""]).encode()


def questions_toml(lesson: Lesson, is_held: Callable[[Question], bool]) -> bytes:
    """`questions.toml` of a lesson; a question that is held back says neither what is right nor why."""
    lines = [f"title = {_text(lesson.title)}"]
    for name, questions in (("predictions", lesson.predictions), ("warm_up", lesson.warm_up)):
        for each in questions:
            lines += _question(name, _held(each) if is_held(each) else each)
    return "\n".join([*lines, ""]).encode()


def _held(question: Question) -> Question:
    options = tuple(Option(each.key, each.text, "") for each in question.options)
    return replace(question, options=options, held=True)


def _question(table: str, question: Question) -> Iterator[str]:
    right = "" if question.held else question.right.key
    yield from ("", f"[[{table}]]", f"id = {_text(question.id)}", f"text = {_text(question.text)}")
    yield f"right = {_text(right)}"
    for each in question.options:
        yield f"{each.key}.text = {_text(each.text)}"
        yield f"{each.key}.why = {_text(each.why)}"


def _text(words: str) -> str:
    """A text as TOML writes it: JSON's way, which TOML shares."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, words))}]"
