"""Lesson 09, event sourcing: what happened is stored, every state is computed from it."""

from eventlab.lessons.judging.model import Exercise, Lesson
from eventlab.lessons.lesson09.ex1_order import LOOSE, judge_order, judge_why, loose, why
from eventlab.lessons.lesson09.ex2_evolve import decide, evolve, judge_decide, judge_evolve
from eventlab.lessons.lesson09.ex5_correct import account, correct, judge_correct
from eventlab.lessons.lesson09.ex6_streams import BARS, PLAN, judge_streams, measured
from eventlab.lessons.lesson09.questions import PREDICTIONS, WARM_UP

__all__ = ["LESSON", "LOOSE", "BARS", "loose", "account", "measured"]

LESSON = Lesson(
    "09",
    "Event sourcing",
    exercises=(
        Exercise(
            "09.1",
            "Rows that fell out of order",
            "order",
            "Put the seven rows in an order in which they can have been stored.",
            judge_order,
            "E G B D C A F",
            (
                "Two columns tell you something about order: one within a stream, the other across streams.",
                "Begin with the one row that no other row caused and that has version 1. There are several right "
                "orders.",
            ),
            runs=1,
            explains="Causes tie the streams together, versions hold each stream in order. Where neither says "
            "anything, "
            "both orders are right.",
        ),
        Exercise(
            "09.2",
            "A state that changes behind your back",
            "repair",
            "Repair evolve so that any history can be folded, and no earlier state changes.",
            judge_evolve,
            evolve,
            (
                "May evolve refuse something that has already happened? Who else may still hold the dictionary that "
                "it got?",
                "Leave the refusal to decide, and build a new dictionary with `{**flight, ...}` where the old one "
                "was changed.",
            ),
            explains="evolve is a pure function: the same events give the same state, and every earlier state stays "
            "what "
            "it was. That is why you can scrub through the past.",
        ),
        Exercise(
            "09.3",
            "Why did this happen?",
            "fill",
            "Fill the gaps: from an event back to the first event of its story.",
            judge_why,
            why,
            (
                "`store.find(id)` gives the row of an event, or None. The attribute that you need says which message "
                "led "
                "directly to this one.",
                "Go on while find gives a row; each id comes in front of those that you have; go on with the "
                "causationid.",
            ),
            explains="The audit trail is a walk along causationid. The correlationid only says which story it was.",
        ),
        Exercise(
            "09.4",
            "Say what happens, or say no",
            "write",
            "Write decide for a flight: one event, nothing, or a refusal.",
            judge_decide,
            decide,
            (
                "Three questions, in this order: does this say anything new? Is it possible in this state? What is "
                "it called "
                "once it has happened?",
                "It says nothing new if `evolve(flight, event)` equals `flight`. For what is possible, a dictionary "
                "from "
                "the command's type to the states that allow it is enough.",
            ),
            explains="decide is the only place that says no. What it returns is a fact and will never be refused "
            "again.",
        ),
        Exercise(
            "09.5",
            "A zero too many",
            "write",
            "Write correct: the events to add to a card account so that a wrong charge is made good.",
            judge_correct,
            correct,
            (
                "You cannot take the old entry away. Which events make the sum right, and which of them are true?",
                "Read `account` again: one type takes a charge back, another one changes its amount. Every new event "
                "has "
                "the time `now` and names its cause.",
            ),
            explains="A compensating event is how a ledger is corrected: the mistake, its correction and the reason "
            "all stay "
            "readable, and yesterday's statement can still be printed.",
        ),
        Exercise(
            "09.6",
            "Where does a stream end?",
            "decide",
            "Choose the streams of a bank and its snapshots so that all four bars are met, and say why.",
            judge_streams,
            PLAN,
            (
                "Which events does the rule “no payment without money” need? Just these should share a stream.",
                "Too many events to fold has two cures: a snapshot now and then, or a stream that ends with the "
                "month and "
                "hands its balance on. Count what each of them costs.",
            ),
            runs=1,
            explains="A stream is as large as the rule that must hold in it, and no larger. Length is cured by "
            "snapshots or "
            "by closing the books; a wrong cut is not.",
        ),
    ),
    predictions=PREDICTIONS,
    warm_up=WARM_UP,
)
