"""What learners predict before each experiment of lesson 01, and what they should know from the start notebook."""

from __future__ import annotations

from eventlab.lessons.judging.model import Option, Question

PREDICTIONS = (
    Question(
        "01.a",
        "A flight is cancelled. Operations calls gates, boards, rebooking, notices and baggage, one after the "
        "other. How does it "
        "spend the time until the airline has its answer?",
        (
            Option(
                "a",
                "Mostly with its own work: it must decide and write down the cancellation",
                "The misconception: the service that is busy is the one that works. Its own work is short; it "
                "is busy "
                "because it waits.",
            ),
            Option(
                "b",
                "Nearly all of it waiting for the others",
                "Each call holds operations until the answer is there, and the five waits add up.",
                True,
            ),
            Option(
                "c",
                "Waiting, but only as long as the slowest of the five needs",
                "This would be so if it sent all five requests at once. `await` waits for one answer before the next "
                "request is sent: the times add up.",
            ),
        ),
    ),
    Question(
        "01.b",
        "The baggage service stops for an hour. It only loads bags, and nobody asks it anything but operations. "
        "What else "
        "stops working?",
        (
            Option(
                "a",
                "Cancellations and departures fail; passengers' questions are still answered",
                "Operations calls baggage for these two, so it cannot finish them. Questions take another way, "
                "which does "
                "not touch baggage.",
                True,
            ),
            Option(
                "b",
                "Nothing else: only bags are not loaded",
                "The misconception: what a service does decides who suffers when it stops. What decides is who "
                "waits for "
                "it.",
            ),
            Option(
                "c",
                "Everything: all services are connected with each other",
                "The misconception: connected means lost. Only operations that lead through the stopped service fail.",
            ),
            Option(
                "d",
                "Only departures: the call to baggage is the last one, so everything before it is done",
                "What was called before has been done, but operations has not written it down and says no to "
                "the airline. "
                "A cancellation calls baggage, too.",
            ),
        ),
    ),
    Question(
        "01.c",
        "For 20 seconds the gates are ten times slower than usual. People who get no answer ask again, up to "
        "four times in all. "
        "When do people get answers again?",
        (
            Option(
                "a",
                "As soon as the gates are fast again",
                "The misconception: when the cause has gone, so has its effect. In those seconds, a queue has grown.",
            ),
            Option(
                "b",
                "When the queue has been worked off, a little later",
                "So it is when people ask once. Here, everybody who waits too long leaves and comes back as new "
                "load: the "
                "queue is filled as fast as it is emptied.",
            ),
            Option(
                "c",
                "Not at all, as long as people keep coming as usual",
                "The queue holds questions whose askers have left; each answer comes too late, so each of them asks "
                "again. The storm feeds itself, without its cause.",
                True,
            ),
        ),
    ),
)

WARM_UP = (
    Question(
        "01.w1",
        "An airline cancels a flight. Whom does it tell?",
        (
            Option(
                "a",
                "Every service of the airport",
                "This would be simple for the services and hard for the airlines: they would have to know all of them.",
            ),
            Option(
                "b",
                "Operations, once; the rest is up to the software",
                "All news begins at operations. How it goes on from there is what the architectures differ in.",
                True,
            ),
            Option(
                "c", "The boards, where passengers look", "Passengers ask the boards, but airlines do not talk to them."
            ),
        ),
    ),
    Question(
        "01.w2",
        "You run one scenario twice under one architecture. What differs?",
        (
            Option(
                "a",
                "Small things, such as the order of messages sent at about the same time",
                "So it is in real systems. Here even that is the same: time is simulated, and chance has a seed.",
            ),
            Option(
                "b",
                "The times, since the network's delays are random",
                "They are drawn from a seed: the same each time.",
            ),
            Option(
                "c",
                "Nothing: both runs are equal, message for message",
                "That is what makes it a laboratory: if two runs differ, it is because of what you changed.",
                True,
            ),
        ),
    ),
    Question(
        "01.w3",
        "Which of these is real, from the record of 2013?",
        (
            Option(
                "a",
                "When each flight was planned to leave, and whether it left",
                "Flights, airlines, times and cancellations are real.",
                True,
            ),
            Option("b", "The gate of each flight", "The record knows no gates; they are modelled by a simple rule."),
            Option("c", "How long the services need for their work", "Services and network are simulated."),
        ),
    ),
)
