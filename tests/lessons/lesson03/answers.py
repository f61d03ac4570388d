"""Known answers to the exercises of lesson 03: what learners think about publishing and subscribing."""

from __future__ import annotations

from typing import Any

from eventlab.errors import Refused
from eventlab.event import Command, Event
from eventlab.service import Service
from tests.support.known import Known

# 03.2 -----------------------------------------------------------------------------------------------------------------


def every_topic_by_name(boards: Service, show: Any) -> None:
    boards.on(
        "flight.scheduled flight.delayed flight.cancelled gate.assigned gate.changed gate.released",
        show,
        durable="all news for the boards",
    )


def oldest_first(boards: Service, show: Any) -> None:
    boards.on("flight.> gate.>", show, durable="boards", deliver="all")


def as_it_stands(boards: Service, show: Any) -> None:
    boards.on("flight.*", show)


def still_ephemeral(boards: Service, show: Any) -> None:
    boards.on("flight.* gate.*", show)


def gates_forgotten(boards: Service, show: Any) -> None:
    boards.on("flight.*", show, durable="boards")


def everything(boards: Service, show: Any) -> None:
    boards.on(">", show, durable="boards")


def two_subscriptions(boards: Service, show: Any) -> None:
    boards.on("flight.*", show, durable="flights")
    boards.on("gate.*", show, durable="gates")


def asks_for_old_ones(boards: Service, show: Any) -> None:
    boards.on("flight.* gate.*", show, deliver="all")


def one_name_twice(boards: Service, show: Any) -> None:
    boards.on("flight.*", show, durable="boards")
    boards.on("gate.*", show, durable="boards")


def a_list_of_patterns(boards: Service, show: Any) -> None:
    boards.on(["flight.*", "gate.*"], show, durable="boards")  # type: ignore[arg-type]


def a_handler_of_its_own(boards: Service, show: Any) -> None:
    boards.on("flight.* gate.*", lambda event: None, durable="boards")


# 03.3 -----------------------------------------------------------------------------------------------------------------

PAST = {"flight.delay": "flight.delayed", "flight.cancel": "flight.cancelled"}


async def confirmed_by_the_bus(operations: Service, command: Command) -> None:
    operations.state[command.subject] = command.type
    event = Event(PAST[command.type], command.data, subject=command.subject)
    await operations.publish_confirmed(event)


def published_by_hand(operations: Service, command: Command) -> dict[str, Any]:
    operations.publish(Event(PAST[command.type], {"flight": command.subject}, command.subject))
    return {"told": True}


async def calls_those_it_knows(operations: Service, command: Command) -> None:
    for name in ("gates", "boards", "notices"):
        await operations.request(name, Command("flight.hear", command.data))


async def waits_for_a_while(operations: Service, command: Command) -> Event:
    await operations.sleep(2)
    return Event(PAST[command.type], command.data, command.subject)


def says_it_as_a_command(operations: Service, command: Command) -> Event:
    return Event(command.type, command.data, command.subject)


def once_for_each_listener(operations: Service, command: Command) -> list[Event]:
    return [Event(PAST[command.type], command.data, command.subject) for _ in range(6)]


def no_subject(operations: Service, command: Command) -> Event:
    return Event(PAST[command.type], command.data)


def says_nothing(operations: Service, command: Command) -> None:
    operations.state[command.subject] = PAST[command.type]


def no_flight_in_it(operations: Service, command: Command) -> Event:
    return Event(PAST[command.type], {"said": command.type}, command.subject)


# 03.4 -----------------------------------------------------------------------------------------------------------------


def subscribe(ward: Any, archive: Any, screen: Any, *, to_ward: Any, to_archive: Any, to_screen: Any) -> None:
    """The three handlers are the same in all answers; the subscriptions are not."""

    def chart(event: Event) -> None:
        ward.state[event.subject] = event.data.get("value")

    def keep(event: Event) -> None:
        archive.state[event.id] = event.type

    def ring(event: Event) -> None:
        screen.state[event.subject] = event.data["value"]

    for service, handler, wanted in ((ward, chart, to_ward), (archive, keep, to_archive), (screen, ring, to_screen)):
        if wanted is not None:
            service.on(wanted[0], handler, **wanted[1])


ALL = {"deliver": "all"}
WARD = ("result.*", {"durable": "ward", **ALL})
ARCHIVE = (">", {"durable": "archive", **ALL})
SCREEN: Any = ("result.critical", {})


def topics_by_name(ward: Any, archive: Any, screen: Any) -> None:
    ward_topics = ("result.ready result.corrected result.critical", {"durable": "chart", **ALL})
    subscribe(ward, archive, screen, to_ward=ward_topics, to_archive=ARCHIVE, to_screen=SCREEN)


def all_durable(ward: Any, archive: Any, screen: Any) -> None:
    late = ("result.critical", {"durable": "screen"})
    subscribe(ward, archive, screen, to_ward=WARD, to_archive=ARCHIVE, to_screen=late)


def none_durable(ward: Any, archive: Any, screen: Any) -> None:
    subscribe(ward, archive, screen, to_ward=("result.*", ALL), to_archive=(">", ALL), to_screen=SCREEN)


def from_now_on(ward: Any, archive: Any, screen: Any) -> None:
    archive_new = (">", {"durable": "archive"})
    subscribe(ward, archive, screen, to_ward=WARD, to_archive=archive_new, to_screen=SCREEN)


def one_name_for_both(ward: Any, archive: Any, screen: Any) -> None:
    shared = (">", {"durable": "hospital", **ALL})
    subscribe(ward, archive, screen, to_ward=shared, to_archive=shared, to_screen=SCREEN)


def everything_to_the_ward(ward: Any, archive: Any, screen: Any) -> None:
    subscribe(ward, archive, screen, to_ward=(">", {"durable": "ward", **ALL}), to_archive=ARCHIVE, to_screen=SCREEN)


def all_results_on_the_screen(ward: Any, archive: Any, screen: Any) -> None:
    subscribe(ward, archive, screen, to_ward=WARD, to_archive=ARCHIVE, to_screen=("result.*", {}))


def corrections_forgotten(ward: Any, archive: Any, screen: Any) -> None:
    only = ("result.ready result.critical", {"durable": "ward", **ALL})
    subscribe(ward, archive, screen, to_ward=only, to_archive=ARCHIVE, to_screen=SCREEN)


def refuses_what_it_does_not_want(ward: Any, archive: Any, screen: Any) -> None:
    def chart(event: Event) -> None:
        if not event.type.startswith("result."):
            raise Refused("no result")
        ward.state[event.subject] = event.data["value"]

    ward.on(">", chart, durable="ward", deliver="all")
    subscribe(ward, archive, screen, to_ward=None, to_archive=ARCHIVE, to_screen=SCREEN)


def archive_keeps_nothing_while_it_is_down(ward: Any, archive: Any, screen: Any) -> None:
    subscribe(ward, archive, screen, to_ward=WARD, to_archive=(">", ALL), to_screen=SCREEN)


def two_for_the_ward(ward: Any, archive: Any, screen: Any) -> None:
    def chart(event: Event) -> None:
        ward.state[event.subject] = event.data["value"]

    ward.on("result.ready result.critical", chart, durable="ward 1", deliver="all")
    ward.on("result.corrected", chart, durable="ward 2", deliver="all")
    subscribe(ward, archive, screen, to_ward=None, to_archive=ARCHIVE, to_screen=SCREEN)


def rings_without_a_value(ward: Any, archive: Any, screen: Any) -> None:
    screen.on("result.critical", lambda event: screen.state.update({event.subject: True}))
    subscribe(ward, archive, screen, to_ward=WARD, to_archive=ARCHIVE, to_screen=None)


def archives_what_was_said(ward: Any, archive: Any, screen: Any) -> None:
    archive.on(">", lambda event: archive.state.update({event.id: event.data}), durable="archive", deliver="all")
    subscribe(ward, archive, screen, to_ward=WARD, to_archive=None, to_screen=SCREEN)


ANSWERS = {
    "03.1": Known(
        other=["fchbgdea", "F, C, B, G, D, H, E, A"],
        wrong=[
            ("f h c e a b g d", "you let notices wait for it"),
            ("f c b g d e a h", "you let the airline wait for it"),
            ("h f c b g d e a", "operations has not even noted it yet"),
            ("c f h b g d e a", "cannot publish it before it has happened"),
            ("f h c b d g e a", "operations does not call notices any more"),
            ("f h c g b d e a", "writes an event down first"),
            ("f h c b g d a e", "it can show nothing before it works again"),
            ("f h b c g d e a", "cannot write down an event that nobody has published yet"),
            ("a b c", "Use each of the letters"),
            (["f", "c"], "found f c"),
            ({"f", "c"}, "does not have the shape"),
        ],
    ),
    "03.2": Known(
        other=[every_topic_by_name, oldest_first],
        wrong=[
            (as_it_stands, "boards never heard gate.assigned of UA1: no subscription of boards asks for it"),
            (still_ephemeral, "it was down when the event was published, and nobody kept the event for it"),
            (gates_forgotten, "no subscription of boards asks"),
            (everything, "none of its business"),
            (one_name_twice, "Two calls of `.on` have one durable name"),
            (a_list_of_patterns, "several topics go into one text"),
            (a_handler_of_its_own, "the handler that is given"),
            (two_subscriptions, "Two subscriptions do not keep the order between them"),
            (asks_for_old_ones, "nobody kept the event for it. (The"),
        ],
    ),
    "03.3": Known(
        other=[confirmed_by_the_bus, published_by_hand],
        wrong=[
            (calls_those_it_knows, "s for its answer: operations waits for others"),
            (waits_for_a_while, "waited 2.1 s"),
            (says_it_as_a_command, "the bus has flight.cancel, flight.delay"),
            (once_for_each_listener, "heard flight.delayed of UA1 6 times"),
            (no_subject, "Only events with the same `subject` keep their order"),
            (says_nothing, "the bus has no event at all."),
            (no_flight_in_it, "without the key 'flight'"),
        ],
    ),
    "03.4": Known(
        other=[topics_by_name],
        wrong=[
            (all_durable, "Does old news help here?"),
            (none_durable, "The archive does not have"),
            (from_now_on, "It was published before the archive subscribed"),
            (one_name_for_both, "services that share a durable name share the work"),
            (everything_to_the_ward, "it wants results only"),
            (all_results_on_the_screen, "it is there for result.critical only"),
            (refuses_what_it_does_not_want, "The ward was sent"),
            (archive_keeps_nothing_while_it_is_down, "The archive was down, and nobody kept it"),
            (two_for_the_ward, "Only one subscription keeps the order"),
            (rings_without_a_value, "] is True"),
            (archives_what_was_said, "archive.state["),
            (corrections_forgotten, "No subscription of the ward asks for it"),
        ],
    ),
    "03.5": Known(
        other=[
            {"mail": 5, "invoice": 1, "stock": 2, "key": "product"},
            {"mail": 4, "invoice": 2, "stock": 2, "key": "product"},
        ],
        wrong=[
            ({"mail": 6, "invoice": 2, "stock": 4, "key": "product"}, "the shop pays for"),
            ({"mail": 3, "invoice": 2, "stock": 2, "key": "product"}, "In mail an order waited"),
            ({"mail": 4, "invoice": 1, "stock": 2, "key": "order"}, "changed places in stock"),
            ({"mail": 4, "invoice": 1, "stock": 2, "key": "shop"}, "the other workers may take nothing"),
            ({"mail": 4, "invoice": 2, "stock": 1, "key": "product"}, "0.9 seconds of work every second"),
            ({"mail": 4, "invoice": 0, "stock": 2, "key": "product"}, "invoice needs a whole number of workers"),
            ({"mail": 4}, "does not have the shape"),
        ],
    ),
}
