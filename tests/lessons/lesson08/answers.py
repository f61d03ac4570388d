"""Known answers to the exercises of lesson 08."""

from __future__ import annotations

from typing import Any

from eventlab import Event, Service
from tests.support.known import Known

# 08.2 -----------------------------------------------------------------------------------------------------------------


def _meal(event: Event) -> Event:
    return Event("meals.given", {"flight": event.data["flight"], "people": event.data["people"]}, event.subject)


def _airline(meals: Service, event: Event) -> None:
    flight = event.data["flight"]
    meals.state[f"airline {flight}"] = event.data["airline"] if "airline" in event.data else flight[:2]


def only_when_it_grows(meals: Service, event: Event) -> Any:
    _airline(meals, event)
    before = meals.state.get(event.subject)
    if before is not None and event.data["late"] <= before:
        return None
    meals.state[event.subject] = event.data["late"]
    return [_meal(event)] if event.data["late"] >= 60 and (before or 0) < 60 else None


def needs_an_airline(meals: Service, event: Event) -> Any:
    meals.state[f"airline {event.subject}"] = event.data["airline"]
    before = meals.state.get(event.subject, 0)
    meals.state[event.subject] = max(before, event.data["late"])
    return _meal(event) if event.data["late"] >= 60 > before else None


def keeps_a_dictionary(meals: Service, event: Event) -> Any:
    _airline(meals, event)
    kept = meals.state.get(event.subject, 0)
    before = kept if isinstance(kept, int) else kept["late"]
    meals.state[event.subject] = {"late": max(before, event.data["late"])}
    return _meal(event) if event.data["late"] >= 60 > before else None


def forgets_what_was(meals: Service, event: Event) -> Any:
    _airline(meals, event)
    before = meals.state.get(event.subject, 0)
    meals.state[event.subject] = event.data["late"]
    return _meal(event) if event.data["late"] >= 60 > before else None


def guesses_always(meals: Service, event: Event) -> Any:
    meals.state[f"airline {event.subject}"] = event.subject[:2]
    before = meals.state.get(event.subject, 0)
    meals.state[event.subject] = max(before, event.data["late"])
    return _meal(event) if event.data["late"] >= 60 > before else None


def says_unknown(meals: Service, event: Event) -> Any:
    result = guesses_always(meals, event)
    meals.state[f"airline {event.subject}"] = event.data.get("airline", "unknown")
    return result


def gives_none(meals: Service, event: Event) -> Any:
    _airline(meals, event)
    meals.state[event.subject] = max(meals.state.get(event.subject, 0), event.data["late"])


# 08.3 -----------------------------------------------------------------------------------------------------------------

Contract = dict[str, dict[str, Any]]


def one_by_one(writer: Contract, reader: Contract) -> Any:
    for name in sorted(reader):
        there = writer.get(name, {"kind": reader[name]["kind"], "required": False})
        if reader[name]["required"] > there["required"] or there["kind"] != reader[name]["kind"]:
            yield name


def names_alone(writer: Contract, reader: Contract) -> Any:
    return [n for n in reader if reader[n]["required"] and not writer.get(n, {"required": False})["required"]]


def kinds_alone(writer: Contract, reader: Contract) -> Any:
    return [name for name in reader if name in writer and writer[name]["kind"] != reader[name]["kind"]]


def strict(writer: Contract, reader: Contract) -> Any:
    return [*one_by_one(writer, reader), *(name for name in writer if name not in reader)]


def forgets_what_may_be_left_out(writer: Contract, reader: Contract) -> Any:
    return [n for n in one_by_one(writer, reader) if n not in writer or writer[n]["kind"] != reader[n]["kind"]]


def refuses_what_it_can_do_without(writer: Contract, reader: Contract) -> Any:
    return [n for n in reader if n not in writer or n in list(one_by_one(writer, reader))]


# 08.4 -----------------------------------------------------------------------------------------------------------------


def step_by_step(data: dict[str, Any], old: int, new: int) -> Any:
    said = dict(data)
    if old == 2 and said["unit"] == "g":
        said.update(dose=1000 * said["dose"], unit="mg")
    if old == 1:
        said["unit"] = "mg"
    if old == 3:
        said.update(dose=said.pop("milligrams"), unit="mg")
    if new == 1:
        del said["unit"]
    if new == 3:
        said["milligrams"] = said.pop("dose")
        del said["unit"]
    return said


def drops_the_unit(data: dict[str, Any], old: int, new: int) -> Any:
    return step_by_step({**data, "unit": "mg"} if old == 2 else data, old, new)


def leaves_it(data: dict[str, Any], old: int, new: int) -> Any:
    return data


def always_up(data: dict[str, Any], old: int, new: int) -> Any:
    return step_by_step(data, old, max(old, new))


def forgets_the_rest(data: dict[str, Any], old: int, new: int) -> Any:
    return {name: value for name, value in step_by_step(data, old, new).items() if name != "ward"}


def says_nothing(data: dict[str, Any], old: int, new: int) -> Any:
    step_by_step(data, old, new)


DESKS, KITCHENS = ["operations a", "operations b"], ["meals EWR", "meals JFK", "meals LGA"]
PLAN: dict[str, Any] = {"way": "upcasters", "order": [*KITCHENS, *DESKS], "pause": 8, "back": DESKS}

ANSWERS = {
    "08.1": Known(
        other=["c a b e d", "ACBED", ["a", "b", "c", "e", "d"]],
        wrong=[
            ("b a c e d", "the check says no"),
            ("a c e b d", "Then an event says nothing"),
            ("a b e c d", "while a program still needs it"),
            ("a b c d e", "what the contract still asks for"),
            ("a b c e", "exactly once"),
        ],
    ),
    "08.2": Known(
        other=[only_when_it_grows],
        wrong=[
            (needs_an_airline, "KeyError"),
            (keeps_a_dictionary, "cannot read what yours kept"),
            (forgets_what_was, "get a meal "),
            (guesses_always, "and should be 'XX'"),
            (says_unknown, "is 'unknown'"),
            (gives_none, "and get no meal"),
        ],
    ),
    "08.3": Known(
        other=[one_by_one],
        wrong=[
            (names_alone, "here and a"),
            (kinds_alone, "the reader needs it"),
            (strict, "and overlooks it"),
            (forgets_what_may_be_left_out, "the writer may leave it out"),
            (refuses_what_it_can_do_without, "the reader can do without it"),
        ],
    ),
    "08.4": Known(
        other=[step_by_step],
        wrong=[
            (drops_the_unit, "were meant"),
            (leaves_it, "version 2 has dose and unit"),
            (always_up, "version 1 has dose, yours"),
            (forgets_the_rest, "ward is not as it was"),
            (says_nothing, "give back a dictionary"),
        ],
    ),
    "08.5": Known(
        other=[{**PLAN, "order": [*KITCHENS[::-1], *DESKS[::-1]]}, {**PLAN, "way": "a new type instead", "pause": 5}],
        wrong=[
            ({**PLAN, "order": [*DESKS, *KITCHENS]}, "Who met what is newer"),
            ({**PLAN, "way": "upcasters and downcasters"}, "4 converters"),
            ({**PLAN, "back": []}, "still write version 3"),
            ({**PLAN, "way": "both types for a while"}, "events for each delay"),
            ({**PLAN, "pause": 12}, "would be mixed for 48 minutes"),
            ({**PLAN, "way": "a new type instead", "back": [*DESKS, *KITCHENS]}, "and nothing was refused"),
            ({**PLAN, "order": KITCHENS}, "order: each of"),
        ],
    ),
}
