"""Lesson 07: what learners expect before each run, and what they still know of earlier lessons."""

from eventlab.lessons.judging.model import Option, Question

PREDICTIONS = (
    Question(
        "07.a",
        "Three flights, and no passenger asks anything. Compared with event notification, state transfer sends …",
        (
            Option("a", "fewer messages and fewer bytes", "Fewer calls are not fewer bytes: each event is larger now, "
                   "and it goes to every service that has subscribed, whether that service needs all of it or not."),
            Option("b", "more messages, because every copy must be kept up to date", "Keeping a copy up to date needs "
                   "no message of its own: the event, which is sent anyway, is the update."),
            Option("c", "fewer messages, but more bytes", "No service calls back, so two messages for each look-up "
                   "are gone. But every event carries all that is known, to all who have subscribed.", right=True),
            Option("d", "equally many messages, only larger ones", "Under notification each look-up is a request and a "
                   "reply. They are messages too, and state transfer does not need them."),
        ),
    ),
    Question(
        "07.b",
        "From 15:00 to 15:45 nothing passes between operations and the others. Under state transfer, passengers who "
        "ask the boards in these 45 minutes get …",
        (
            Option("a", "no answer: the boards cannot ask operations", "They need not ask. What the boards know is in "
                   "their own copy, which the partition does not touch."),
            Option("b", "an answer each time, and a few of the answers are wrong", "The boards answer from their copy. "
                   "It is right for every flight about which nothing new has happened since the cut, and those are "
                   "most flights.", right=True),
            Option("c", "an answer each time, always a right one: the copy is complete", "Complete, but not fresh. "
                   "Whatever operations learns after the cut does not reach the copy, and nobody can tell."),
            Option("d", "an answer each time, and nearly all are wrong", "A copy gets old only where something "
                   "changes. In 45 minutes most flights have no news."),
        ),
    ),
    Question(
        "07.c",
        "A gate changes every two seconds or so. One event in five is overtaken by newer ones on its way. Nothing is "
        "lost. A copy simply stores each event as it comes. When all is quiet again, are the copies right?",
        (
            Option("a", "yes: all events have arrived, so the copies are complete", "Complete is not in order. The "
                   "event that is stored last wins, and it need not be the newest one."),
            Option("b", "yes, after some time: that is what eventual consistency means", "Time alone repairs "
                   "nothing. Copies converge only if all of them end with the same event, and the order of arrival "
                   "does not give them that."),
            Option("c", "yes: the bus notices the old event and sends the newest one again", "A bus knows whether an "
                   "event was acknowledged. It does not know what the event means, or which of two is newer."),
            Option("d", "not always: a copy can stay wrong for good", "If the last event to come is not the newest "
                   "one, the old value stays. No further event will correct it.", right=True),
        ),
    ),
)  # fmt: skip

WARM_UP = (
    Question(
        "07.w1",
        "Lesson 03: baggage stops for an hour. Its subscription is durable. What becomes of the events of that hour?",
        (
            Option("a", "They wait in the bus, and baggage gets them when it is back.", "A durable subscription is "
                   "owed every event, whether or not somebody is there.", right=True),
            Option("b", "They are lost: nobody was there to receive them.", "That is so for a subscription without a "
                   "durable name. A durable one has a place in the log that is kept."),
            Option("c", "The bus tries each one five times, then it is a dead letter.", "A broken connection is "
                   "noticed and costs no try. Tries count only when somebody was there and failed."),
        ),
    ),
    Question(
        "07.w2",
        "Lesson 06: operations publishes a notification and stops in the next moment. What can the boards do with it?",
        (
            Option("a", "Everything: the event has reached them.", "The event says that something happened to a "
                   "flight. What is to be shown must be looked up, and nobody is there to answer."),
            Option("b", "Ask the bus for the missing facts.", "The bus has the event and nothing else: the facts are "
                   "in the state of operations."),
            Option("c", "They know that something happened, and must wait with the rest.", "The facts are at "
                   "operations. Until it is back, the boards can only try again.", right=True),
        ),
    ),
    Question(
        "07.w3",
        "Lesson 06: the boards keep for a minute what they have looked up (a cache). What is the price?",
        (
            Option("a", "None: the same answers, only faster.", "For a minute the cache answers with what was true "
                   "when it was filled, whatever has happened since."),
            Option("b", "Answers may be up to a minute old.", "A cache is a copy. What you save in calls you pay in "
                   "age, and this lesson takes that idea to its end.", right=True),
            Option("c", "More requests, because the cache must be filled.", "It is filled by requests that would be "
                   "made anyway; all others are saved."),
        ),
    ),
)  # fmt: skip
