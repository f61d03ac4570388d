"""Mutants of a service that stands the attack: each falls, or is right too, for a reason."""

from __future__ import annotations

from fnmatch import fnmatchcase

from eventlab.lessons.judging.attempt import failures
from eventlab.lessons.own.attacking import EXERCISE
from eventlab.lessons.own.services import my_hotels
from tests.mutants.making import of_function
from tests.mutants.trying import escaped

RIGHT = {
    "* looks at its first people_on alone": "a service is made once in each run, with one people_on",
    "without: service.state[flight] = rooms": "what the state says of a flight is its own affair: the inbox remembers",
    "service.state in a global": "the inbox remembers what is done, so nothing of it is read again",
    "'flight.cancelled' becomes 'flight.cancelled x'": "a pattern may name several types: x is one that never comes",
    "'hotels' becomes 'hotels x'": "the name of a subscription is its own affair",
}


def test_a_mutant_of_a_service_that_stands_falls_or_is_right_for_a_reason() -> None:
    mutants = [mutant for mutant in of_function(my_hotels) if not mutant.loops]
    stand = [each.words for each in mutants if next(iter(failures(EXERCISE, each.answer)), None) is None]
    assert len(mutants) - len(stand) >= 15
    reasons = {
        words: [why for pattern, why in RIGHT.items() if fnmatchcase(words, escaped(pattern))] for words in stand
    }
    assert all(reasons.values()), [words for words, why in reasons.items() if not why]
    assert {why for found in reasons.values() for why in found} == set(RIGHT.values()), "a reason for nothing"
