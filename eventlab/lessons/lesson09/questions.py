"""What lesson 09 asks before each run, and what it asks about earlier lessons."""

from __future__ import annotations

from eventlab.lessons.judging.model import Option, Question

PREDICTIONS = (
    Question(
        "09.a",
        "It is 16:00. A passenger of DL2285 asks what the airport knew about the flight at 10:40. Operations has no "
        "table of flights, only the events. What can it do?",
        (
            Option(
                "a",
                "Nothing. At 16:00 the flight has arrived, and the old state is gone.",
                "That is true of a table with one row for each flight, which forgets with every update. Here no row "
                "was ever overwritten.",
            ),
            Option(
                "b",
                "Take the last event before 10:40: it says what the flight was like then.",
                "That is event-carried state transfer, where each event carries the whole state. These events say "
                "only what changed: the last one before 10:40 holds a new time, and no destination.",
            ),
            Option(
                "c",
                "Start from nothing and process the flight's events in order, up to 10:40.",
                "The state is a fold of the events. Stop the fold earlier, and you have an earlier state.",
                right=True,
            ),
            Option(
                "d",
                "Restore the last backup that was made before 10:40.",
                "A backup knows the moment at which it was made, and no other. The events know every moment.",
            ),
        ),
    ),
    Question(
        "09.b",
        "The store refuses UPDATE and DELETE. An administrator of the file removes this protection, changes one gate "
        "in one old event, and closes the file. Who can notice?",
        (
            Option(
                "a",
                "Nobody. Whoever may write the file can change it unseen.",
                "Writing cannot be prevented there, but it can be found: each row holds a hash of itself and of the "
                "row before.",
            ),
            Option(
                "b",
                "It cannot happen: an event store is immutable.",
                "Immutable is a rule, not a law of nature. Triggers stop a mistake. They do not stop somebody who "
                "may drop the triggers.",
            ),
            Option(
                "c",
                "Only somebody who counts: a missing event is found, a changed one is not.",
                "The hash covers the content of the event too, not only its place.",
            ),
            Option(
                "d",
                "Everybody who runs verify(): it names the position of the changed event.",
                "The event no longer fits its hash. And all later hashes were computed from that one.",
                right=True,
            ),
        ),
    ),
    Question(
        "09.c",
        "Suppose all flights share one stream, “airport”. For each new command, operations folds the "
        "stream, decides, and appends one event. There are n commands. How many events are folded in all?",
        (
            Option(
                "a",
                "About n: each event is folded once.",
                "That would be a read model, which remembers its position. A decision begins with the first event, "
                "each time.",
            ),
            Option(
                "b",
                "About 2n: the old ones once, and each new one once more.",
                "It is not one pass with a little more: every single command starts again from the first event.",
            ),
            Option(
                "c",
                "About n²/2: twice the commands, four times the work.",
                "The first command folds nothing, the last one almost n events: on average n/2, n times.",
                right=True,
            ),
            Option(
                "d",
                "It doubles with every command.",
                "Each command adds one event to fold for the next, it does not double them. The total grows with "
                "the square, which is bad enough.",
            ),
        ),
    ),
)

WARM_UP = (
    Question(
        "09.w1",
        "(Lesson 03) The boards are down for ten minutes. Their subscription is durable. What do they get of the "
        "events of these ten minutes?",
        (
            Option(
                "a",
                "Nothing: whoever is not there when an event is published has missed it.",
                "That is so without a durable name. With one, the bus remembers how far the boards have come.",
            ),
            Option(
                "b",
                "All of them, in order, when they are back.",
                "A durable subscription keeps its place, so the boards catch up from there.",
                right=True,
            ),
            Option(
                "c",
                "Only the newest one: it replaces the others.",
                "A bus delivers events, not states. It cannot know that a later event makes an earlier one needless.",
            ),
        ),
    ),
    Question(
        "09.w2",
        "(Lesson 07) A copy of a flight has version 3. Now an event with version 2 of the same flight arrives. What "
        "should the copy do?",
        (
            Option(
                "a",
                "Take it: what arrives last is the newest.",
                "The order of arrival is the network's, not the flight's. The board would go back to an older gate.",
            ),
            Option(
                "b",
                "Leave it: version 3 is newer, whatever comes when.",
                "The version comes from the owner, who knows the order.",
                right=True,
            ),
            Option(
                "c",
                "Ask the producer which one is right.",
                "That is the call back which event-carried state transfer wants to avoid. The version says it.",
            ),
        ),
    ),
    Question(
        "09.w3",
        "(Lesson 07) Every service keeps its own copy of the flights. What does “eventual consistency” promise?",
        (
            Option(
                "a",
                "At every moment all copies are equal.",
                "That would be immediate consistency. It costs availability while the network is cut.",
            ),
            Option(
                "b",
                "The copies differ by one event at most.",
                "Nobody promises a limit: a copy that is cut off for an hour is an hour behind.",
            ),
            Option(
                "c",
                "When nothing new happens, all copies become equal.",
                "After the last event has reached everybody, all copies say the same.",
                right=True,
            ),
        ),
    ),
)
