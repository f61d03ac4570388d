"""What is asked in the lesson on event notification before a run, and about earlier lessons."""

from __future__ import annotations

from eventlab.lessons.judging.model import Option, Question

PREDICTIONS = (
    Question(
        "06.a",
        "One flight, one day. Thin events name the flight and nothing else; full events carry all facts about it. With "
        "which events do more bytes travel over the network in the end, all messages added?",
        (
            Option(
                "a",
                "With full events, because each of them is larger.",
                "That looks at the event alone. What a thin event leaves out, each consumer fetches with a question "
                "and an answer, and the answer holds the same facts again.",
            ),
            Option(
                "b",
                "About the same: the facts must travel anyway.",
                "The facts do travel either way, but an envelope (id, source, time, …) goes with every message, and "
                "thin events need more messages.",
            ),
            Option(
                "c",
                "With thin events, because of the questions and answers that follow.",
                "A thin event is the smaller message, and the beginning of more of them: each consumer that needs to "
                "know more adds a question and an answer.",
                right=True,
            ),
            Option(
                "d",
                "With full events, because the bus asks once for all consumers when events are thin.",
                "The bus never asks anybody: it hands events on as they are. Each consumer asks for itself.",
            ),
        ),
    ),
    Question(
        "06.b",
        "Operations publishes flight.delayed, the bus has it, and then operations crashes. It comes back ten minutes "
        "later. What does the board show in these ten minutes, and after them?",
        (
            Option(
                "a",
                "The new time at once: the bus keeps the event safe.",
                "The event is safe, but the new time is not in it. A bus keeps messages, not what they leave out.",
            ),
            Option(
                "b",
                "The old time, and the new one soon after operations is back.",
                "The event arrives, the question about it fails, and the bus sends the event again until the question "
                "is answered.",
                right=True,
            ),
            Option(
                "c",
                "The old time for good: the event came while nobody could answer.",
                "That happens if the handler hides the failure. Here it ends with an error, so the bus knows that the "
                "event is not done and sends it again.",
            ),
            Option(
                "d",
                "No row at all, until operations is back.",
                "A failed question changes nothing at the board: the row stays as it was, which is why nobody sees "
                "that something is wrong.",
            ),
        ),
    ),
    Question(
        "06.c",
        "The producer can answer 100 questions a second. Four gates change each second, and five screens ask about "
        "each change. Now there are 25 screens instead of five. What happens to the time within which 99 of 100 rows "
        "are new (the p99)?",
        (
            Option(
                "a",
                "Nothing: each screen asks only for itself.",
                "Each asks for itself, but all ask the same producer, and at the same moment: right after the event.",
            ),
            Option(
                "b",
                "It grows about fivefold, as the number of screens does.",
                "Waiting does not grow in step with the load. Near the limit of what the producer can do, a little "
                "more load means a much longer queue.",
            ),
            Option(
                "c",
                "It grows far more than fivefold.",
                "25 questions for each of four events are as many as the producer can answer. Chance brings some "
                "events close together, the queue grows, and there is no spare time in which it could shrink.",
                right=True,
            ),
            Option(
                "d",
                "It gets shorter: the bus shares the events among the screens.",
                "That is how workers with one durable name share work. These screens each have a name of their own, "
                "and each of them needs every event.",
            ),
        ),
    ),
)

WARM_UP = (
    Question(
        "06.w1",
        "A request passes through three services, one calling the next. Each is up 99 % of the time, independently of "
        "the others. How often does the whole request succeed?",
        (
            Option(
                "a", "99 %: as often as the weakest of them.", "All three must be up at the same moment, not only one."
            ),
            Option("b", "About 97 %.", "All three must be up: 0.99 × 0.99 × 0.99 is about 0.97.", right=True),
            Option(
                "c",
                "More than 99 %: if one is down, the others do its work.",
                "They do different work. In a chain of requests nobody stands in for the one that is down.",
            ),
        ),
    ),
    Question(
        "06.w2",
        "A consumer with a durable subscription is down for ten minutes. What happens to the events of these minutes?",
        (
            Option(
                "a",
                "They are lost.",
                "So it would be without a durable name. The bus keeps what a durable one is owed.",
            ),
            Option(
                "b",
                "The producer keeps them and waits.",
                "The producer does not know who receives its events. It publishes and goes on.",
            ),
            Option(
                "c",
                "The bus keeps them and delivers them when the consumer is back.",
                "A durable subscription has a place in the bus's log. The consumer goes on from there.",
                right=True,
            ),
        ),
    ),
    Question(
        "06.w3",
        "When should a consumer acknowledge an event?",
        (
            Option(
                "a",
                "As soon as it arrives, so that the bus need not wait.",
                "If the consumer then crashes during its work, the bus believes that the event is done: it is lost.",
            ),
            Option(
                "b",
                "When its work on the event is done.",
                "Until then the bus may send it again, which is what we want: at least once.",
                right=True,
            ),
            Option(
                "c",
                "Never: publishing is enough.",
                "Without an acknowledgement the bus must assume that the event got lost, and sends it again and again.",
            ),
        ),
    ),
)
