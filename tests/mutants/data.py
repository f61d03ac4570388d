"""Mutants of an answer that is data: letters in an order, a table of choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.mutants.making import Mutant


def of_data(answer: Any, model: Any, known: Sequence[Any], kind: str) -> Iterator[Mutant]:
    """Every mutant; `known` are other answers to the same exercise, in which other values may be found."""
    if kind == "order":
        names = {letter.casefold(): letter for letter in "".join(model) if letter.isalpha()}
        yield from _orders([names[letter.casefold()] for letter in "".join(answer) if letter.isalpha()])
    elif isinstance(answer, Mapping):
        for key, value in answer.items():
            others = [each[key] for each in known if isinstance(each, Mapping) and key in each]
            for other in _others(value, others):
                yield Mutant(f"{key}: {other!r}", {**answer, key: other})
            yield Mutant(f"without {key}", {name: each for name, each in answer.items() if name != key})


def _orders(letters: list[str]) -> Iterator[Mutant]:
    for place, letter in enumerate(letters):
        rest = letters[:place] + letters[place + 1 :]
        yield Mutant(f"{' '.join(letters)} without {letter}", rest)
        yield Mutant(f"{' '.join(letters)} with {letter} twice", [*letters, letter])
        for other in range(len(letters)):
            if other != place:
                moved = [*rest[:other], letter, *rest[other:]]
                yield Mutant(" ".join(moved), moved)


def _others(value: Any, known: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    if isinstance(value, int):
        found = [value + 1, value - 1, 0]
    elif isinstance(value, list):
        found = [[], *([each for each in value if each != one] for one in value)]
    for each in known:
        if each != value and each not in found:
            found.append(each)
    return found
