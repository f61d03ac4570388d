"""Lesson 12, choosing: needs, bars, figures, and briefs from other trades."""

from __future__ import annotations

from eventlab.lessons.judging.model import Lesson, Option, Question
from eventlab.lessons.lesson12.ex1_order import BARS, ORDER
from eventlab.lessons.lesson12.ex3_measure import MEASURE
from eventlab.lessons.lesson12.ex4_dated_copy import DATED
from eventlab.lessons.lesson12.ex5_to_ex8_briefs import DECISIONS

PREDICTIONS = (
    Question(
        "12.a",
        "Operations cannot reach the others for 45 minutes. Which of the five gives every passenger an "
        "answer, and only true ones?",
        (
            Option(
                "a",
                "event sourcing: it has the whole history",
                "The history is on the other side of the cut. What the boards computed "
                "from it before is as old as any copy.",
            ),
            Option(
                "b",
                "event notification: it always asks the owner",
                "It asks an owner that it cannot reach. It gives no wrong answer, and no answer at all.",
            ),
            Option(
                "c",
                "none of them",
                "Cut off from the owner, you can answer from what you have, or not "
                "answer. There is no third way: this is what the CAP theorem says.",
                True,
            ),
            Option(
                "d",
                "publish/subscribe, if the bus is good enough",
                "However good the bus is, news that cannot cross the cut is not known on the other side.",
            ),
        ),
    ),
    Question(
        "12.b",
        "A colleague gives each pattern points for every need and takes the highest sum. What can go wrong?",
        (
            Option(
                "a",
                "nothing, if the weights are right",
                "Whatever the weights are, a sum lets a very good figure make up for one that must not be missed.",
            ),
            Option(
                "b",
                "a pattern can win that misses what you cannot do without",
                "Points are added up, limits are not: one missed limit is enough.",
                True,
            ),
            Option("c", "it takes too long", "It is quick. It answers another question: which is good on average?"),
        ),
    ),
    Question(
        "12.c",
        "You drop one requirement of four. What can happen to the list of patterns that are good enough?",
        (
            Option(
                "a",
                "it gets longer or stays the same",
                "Every bar only ever strikes out. Take one away, and nothing that was in is out.",
                True,
            ),
            Option(
                "b",
                "it can change in any way",
                "With points it could. With limits, a pattern that met four bars meets three of them too.",
            ),
            Option(
                "c",
                "it gets shorter: fewer reasons for each pattern",
                "A bar is no reason for a pattern, it is a reason against those that miss it.",
            ),
        ),
    ),
)

WARM_UP = (
    Question(
        "12.w1",
        "In the request-driven airport, the boards stop. Why do passengers hear of their cancellation too late?",
        (
            Option(
                "a",
                "the boards tell the passengers",
                "They only show. Notices tell the passengers, and notices are fine.",
            ),
            Option(
                "b",
                "operations calls one service after the other, and the call to the boards fails before "
                "notices are called",
                "A failed call ends the chain: services behind it never hear.",
                True,
            ),
            Option("c", "there are too many messages", "Nothing is overloaded: one call fails, again and again."),
        ),
    ),
    Question(
        "12.w2",
        "Under state transfer, why does each event carry a version?",
        (
            Option(
                "a",
                "so that an older event cannot overwrite newer facts",
                "Messages can overtake each other; the version tells which fact is newer.",
                True,
            ),
            Option(
                "b",
                "so that consumers know the schema",
                "That is another version, that of the event's shape (dataschema).",
            ),
            Option(
                "c",
                "so that duplicates are delivered only once",
                "Duplicates are still delivered; the version, like an inbox, makes them harmless.",
            ),
        ),
    ),
    Question(
        "12.w3",
        "In event sourcing, a wrong event has been stored. What do you do?",
        (
            Option(
                "a",
                "correct it in the store",
                "Then nobody could tell what was believed at the time, and the chain of hashes would break.",
            ),
            Option("b", "delete it and publish again", "Others may have acted on it. What happened has happened."),
            Option(
                "c",
                "store another event that takes it back",
                "The past stays as it was known, and from now on the correction counts.",
                True,
            ),
        ),
    ),
)

LESSON = Lesson("12", "Choosing", (ORDER, BARS, MEASURE, DATED, *DECISIONS), PREDICTIONS, WARM_UP)
