"""Takes the model answers out of an exercise's module: what is left says the shape that is asked for, and judges.

A function keeps its name and parameters and loses its body; a table keeps its keys and the kinds of its values; an
order keeps its letters, in the alphabet's order. All other lines stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eventlab.lessons.judging.model import Exercise

GONE = 'raise NotImplementedError("the model answer is not in this book")'
Edit = tuple[int, int, str]  # characters from here to there, and what comes instead


def without_models(source: str, exercises: Sequence[Exercise]) -> str:
    """The module's source without the model answers of these exercises."""
    tree = ast.parse(source)
    starts = _starts(source)
    edits: list[Edit] = []
    for each in exercises:
        found = list(_of_function(tree, each) if callable(each.model) else _of_data(tree, each))
        if not found:
            raise LookupError(f"the model answer of {each.id} was not found in its module")
        edits += [(_place(starts, *begin), _place(starts, *end), words) for begin, end, words in found]
    return _edited(source, edits)


def shape(exercise: Exercise) -> Any:
    """A value of the model's form that says nothing of it."""
    model = exercise.model
    if exercise.kind == "order":
        letters = sorted(each for each in model if each != " ")
        return " ".join(letters) if isinstance(model, str) else letters
    return _blank(model)


def _blank(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _blank(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_blank(value[0])] if value else []
    if isinstance(value, str):
        return "?" if value == value.lower() else "Text"
    return 0  # a number, or nothing: which of the two would say something


# Where it stands ------------------------------------------------------------------------------------------------------

Span = tuple[tuple[int, int], tuple[int, int], str]  # line and column of both ends, and what comes instead


def _of_function(tree: ast.Module, exercise: Exercise) -> Iterator[Span]:
    name = exercise.model.__name__
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            first, last = node.body[0], node.body[-1]
            yield (first.lineno, first.col_offset), _end(last), GONE
        elif isinstance(node, ast.ClassDef) and node.name == name:
            yield (node.lineno, node.col_offset), _end(node), f"class {name}:\n    {GONE}"


def _of_data(tree: ast.Module, exercise: Exercise) -> Iterator[Span]:
    wanted = exercise.model
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.Dict | ast.List | ast.Tuple) and _literal(node) == wanted:
            yield (node.lineno, node.col_offset), _end(node), repr(shape(exercise))


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _end(node: ast.stmt | ast.expr) -> tuple[int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return node.end_lineno, node.end_col_offset


def _starts(source: str) -> list[bytes]:
    return [line.encode() for line in source.splitlines(keepends=True)]


def _place(lines: Sequence[bytes], line: int, column: int) -> int:
    """The character of a place that `ast` names by line and byte."""
    return sum(len(each.decode()) for each in lines[: line - 1]) + len(lines[line - 1][:column].decode())


def _edited(source: str, edits: Sequence[Edit]) -> str:
    for begin, end, words in sorted(edits, reverse=True):
        source = source[:begin] + words + source[end:]
    return source
