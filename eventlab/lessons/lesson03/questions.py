"""What lesson 03 asks before each run, and what it asks about the request-driven airport."""

from __future__ import annotations

from eventlab.lessons.judging.model import Option, Question

PREDICTIONS = (
    Question(
        "03.a",
        "At 12:00 a new service, hotels, begins to listen for flight.cancelled. What changes at operations, which "
        "publishes it?",
        (
            Option(
                "a",
                "Its code: somebody must add hotels to the list of those it tells.",
                "That is how calls work: the caller keeps a list. Whoever publishes keeps none. The list of "
                "subscriptions is with the bus.",
            ),
            Option(
                "b",
                "Not its code, but its traffic: from now on it sends each cancellation once more, to hotels.",
                "A publisher does not send to subscribers. It sends each event once, to the bus; the bus makes the "
                "copies.",
            ),
            Option(
                "c",
                "Neither its code nor its traffic. It sends the same messages at the same moments.",
                "The publisher knows only the bus. Who listens is between the bus and the listeners.",
                right=True,
            ),
            Option(
                "d",
                "Its waiting: it goes on only when hotels has confirmed too.",
                "Nobody waits for subscribers here. They confirm to the bus, so that the bus can send again; "
                "operations "
                "never hears of it.",
            ),
        ),
    ),
    Question(
        "03.b",
        "hotels needs two things: how many people are on a flight (said in flight.scheduled, during the night) "
        "and that it "
        "is cancelled. It subscribes at 12:00, durable, from the next event on. What has it booked in the evening?",
        (
            Option(
                "a",
                "Beds for every cancelled flight: a subscription begins with what is known so far.",
                "A subscription is not a database. It begins with the next event, unless one asks for the old "
                "ones too.",
            ),
            Option(
                "b",
                "Beds for the flights that were cancelled after 12:00.",
                "It does hear of these. But how many people were on them was said in the night, when it was not there.",
            ),
            Option(
                "c",
                "No bed at all.",
                "It hears of every cancellation after 12:00, but how many people are on these flights was said in the "
                "night, before it subscribed. Missed events do not only take news away, they make later news useless.",
                right=True,
            ),
            Option(
                "d",
                "Beds for every cancelled flight, because the subscription is durable.",
                "Durable means: nothing is missed from its start on. What was published before the start was "
                "never owed.",
            ),
        ),
    ),
    Question(
        "03.c",
        "Each airport wants its beds booked in the order of its cancellations. So the key of an event is now the "
        "airport "
        "(there are three), and events with one key keep their order. You go from 3 desks to 16. How much sooner "
        "is the last "
        "bed booked?",
        (
            Option(
                "a",
                "About five times sooner: five times as many desks.",
                "This would be so if every event could go to any free desk. Events of one key cannot: they go one "
                "after the other.",
            ),
            Option(
                "b",
                "Not a second sooner.",
                "One event of each key is in work at a time. Three keys keep three desks busy; the others have "
                "nothing they may take.",
                right=True,
            ),
            Option(
                "c",
                "A little sooner: a busy desk hands over to a free one.",
                "A free desk may not take the next event of an airport while one of the same airport is in work: "
                "then the order would be lost.",
            ),
            Option(
                "d",
                "Much sooner, but the order gets lost.",
                "The order is a promise of the subscription, and the bus keeps it: it would rather leave desks idle.",
            ),
        ),
    ),
)

WARM_UP = (
    Question(
        "03.w1",
        "Request-driven: operations calls gates, then boards, then rebooking, then notices. boards is down. Who "
        "learns of "
        "the cancellation?",
        (
            Option(
                "a",
                "Everybody but boards.",
                "So it would be if the calls did not depend on each other. Here the failed call ends the "
                "operation: those "
                "behind it are never called.",
            ),
            Option(
                "b",
                "Nobody: a failure undoes the calls before it.",
                "There is no transaction around the calls. gates has heard of it and keeps what it knows.",
            ),
            Option(
                "c",
                "gates, and nobody else until boards is back.",
                "The calls before the failure are made, those behind it are not. This is close coupling.",
                right=True,
            ),
        ),
    ),
    Question(
        "03.w2",
        "An operation needs five services, one after the other. Each of them answers 99 of 100 times. How often "
        "does the "
        "operation succeed?",
        (
            Option(
                "a",
                "About 95 of 100 times.",
                "The shares are multiplied: 0.99 five times is 0.951. Every service that must answer takes a "
                "little away.",
                right=True,
            ),
            Option(
                "b",
                "99 of 100 times: the chain is as strong as its weakest link.",
                "This counts one failure for all five. Each link has failures of its own, and any one of them is "
                "enough.",
            ),
            Option(
                "c",
                "Nearly always: what one cannot do, another will.",
                "So it is for copies of one service, of which one is enough. Here all five are needed.",
            ),
        ),
    ),
    Question(
        "03.w3",
        "A service was slow for a minute. Its callers gave up and tried again, three times each. The minute is "
        "over. Why can "
        "the service still be overloaded?",
        (
            Option(
                "a",
                "Because the cause has not really gone.",
                "It can have gone completely. What is left is the load that the repeated calls made.",
            ),
            Option(
                "b",
                "Because the repeated calls are load too: it works on calls whose callers have given up.",
                "That is the metastable state: overload makes timeouts, timeouts make retries, retries make overload.",
                right=True,
            ),
            Option(
                "c",
                "Because a timeout stops the service.",
                "A timeout stops the waiting of the caller. The service does not know of it, and goes on working.",
            ),
        ),
    ),
)
