"""What must be true for a mission to be won: one function each, over the evidence.

A check gives the value that is compared with the mission's goal, and what speaks against it ("" if nothing does).
"""

from __future__ import annotations

from collections.abc import Callable

from eventlab.control_room.evidence import Evidence, Side
from eventlab.times import SECOND

Found = tuple[float, str]
MINUTE = 60 * SECOND
CALLS, CARRIED, SOURCED = "request-driven", "event-carried state transfer", "event sourcing"
AN_HOUR = 60 * MINUTE


def _one_act(found: Evidence, verbs: tuple[str, ...] = (), most: int | None = None) -> str:
    """What speaks against: not one act alone, of another kind, or longer than so many nanoseconds."""
    if len(found.acts) != 1:
        return "There must be one act, and one only."
    act = found.acts[0]
    if verbs and act.verb not in verbs:
        return f"The act must be one of: {', '.join(verbs)}."
    if most is not None and (act.until or found.end) - act.at > most:
        return f"The act may last {most // MINUTE} minutes at most."
    return ""


def _nobody_noticed(side: Side) -> bool:
    figures = side.figures
    harm = figures["late"] + figures["without"] + figures["unanswered"] + figures["untold"]
    return not harm and not side.told_twice()


def late(found: Evidence) -> Found:
    return found.sides[CALLS].figures["late"], _one_act(found)


def only_calls(found: Evidence) -> Found:
    against = "People are late under the other as well." if found.sides[CARRIED].figures["late"] else ""
    return found.sides[CALLS].figures["late"], _one_act(found) or against


def late_everywhere(found: Evidence) -> Found:
    hit = sum(side.figures["late"] >= 62 for side in found.sides.values())
    return hit, _one_act(found, most=10 * MINUTE)


def ten_seats(found: Evidence) -> Found:
    without = found.sides[CALLS].figures["without"]
    figures = found.sides[CARRIED].figures
    against = "" if figures["moved"] and not figures["without"] else "Under the other all must have a seat."
    against = against or ("These are too many." if without > 10 else "")
    return without, _one_act(found) or against


def no_answers(found: Evidence) -> Found:
    figures = [side.figures for side in found.sides.values()]
    against = "Somebody is late." if any(each["late"] for each in figures) else ""
    if any(each["asked"] != each["unanswered"] for each in figures):
        against = against or "Some questions have their answer."
    if any(each["asked"] < 3 for each in figures) or not all(each["told"] for each in figures):
        against = against or "Not all has happened yet."
    return min(each["unanswered"] for each in figures), against


def _stopped_for_an_hour(found: Evidence) -> set[str]:
    """Whoever was stopped when the news came, from 07:30 on, for an hour, which is over."""
    scenario = next(iter(found.sides.values())).course.scenario
    return {
        act.target
        for act in found.acts
        if act.verb == "stop"
        and act.at <= scenario.at("07:31")
        and min(act.until or found.end, found.now) - act.at >= AN_HOUR
    }


def unmissed(found: Evidence) -> Found:
    stopped = _stopped_for_an_hour(found)
    side = found.sides[CALLS]
    against = "" if side.figures["told"] and _nobody_noticed(side) else "Somebody noticed, or has not been told yet."
    if any(act.verb != "stop" for act in found.acts):
        against = "Nothing but stops."
    return len(stopped), against


def unnoticed(found: Evidence) -> Found:
    stopped = _stopped_for_an_hour(found)
    against = _one_act(found, ("stop",))
    if stopped & {"bus", "store"} or not stopped:
        against = against or "Stop one of the services for an hour, not the bus and not the store."
    quiet = [side for side in found.sides.values() if side.figures["told"] and _nobody_noticed(side)]
    return len(quiet), against


def told_twice(found: Evidence) -> Found:
    careless, careful = found.sides["publish/subscribe, inbox=False"], found.sides["publish/subscribe"]
    against = "Under the inbox, too, people were told twice." if careful.told_twice() else ""
    places = {act.a for act in found.acts}
    dropped = [act for act in found.acts if act.verb == "drop"]
    if len(dropped) != len(found.acts) or not 1 <= len(dropped) <= 2 or len(places) != len(found.acts):
        against = "One message may be lost in each, and nothing else may be done."
    elif len(dropped) < 2:
        against = against or "Lose the same message in both."
    return careless.told_twice(), against


def lost_for_an_hour(found: Evidence) -> Found:
    side = found.sides["publish/subscribe, outbox=False"]
    return int(side.longest_wrong()), _one_act(found, ("drop",))


def back_in_time(found: Evidence) -> Found:
    checked, unchecked = f"{CARRIED}, inbox=False", f"{CARRIED}, check_versions=False, inbox=False"
    against = "It went back where versions are checked, too." if found.sides[checked].went_back() else ""
    if {act.a for act in found.acts if act.a is not None} == {0}:
        against = against or "Do the same in the other run as well."
    return found.sides[unchecked].went_back(), against


def look_it_up(found: Evidence) -> Found:
    against = "People are late under the other as well." if found.sides[CARRIED].figures["late"] else ""
    if any((act.verb, act.target) != ("stop", "operations") for act in found.acts):
        against = "Nothing but operations may be stopped."
    return found.sides["event notification"].figures["late"], against


def hundred(found: Evidence) -> Found:
    return found.sides[CALLS].figures["late"], _one_act(found, most=5 * MINUTE)


def keep(found: Evidence) -> Found:
    side = found.sides[CARRIED]
    kept = {name: side.kept(name) for name in ("gates", "boards", "notices", "rebooking", "baggage")}
    most, left = max(kept.values())
    return most, "" if not left and found.over else "They are not all worked through, or the day is not over."


def avalanche(found: Evidence) -> Found:
    side = found.sides[CALLS]
    against = "" if side.waiting_now("operations") == 0 else "It is not over yet."
    if any(record.kind == "crashed" and record.where == "operations" for record in side.records()):
        against = "operations was stopped."
    return side.most_waiting("operations"), against


CHECKS: dict[str, Callable[[Evidence], Found]] = {
    "late": late, "only-calls": only_calls, "late-everywhere": late_everywhere, "ten-seats": ten_seats,
    "no-answers": no_answers, "unmissed": unmissed, "unnoticed": unnoticed, "told-twice": told_twice,
    "lost-for-an-hour": lost_for_an_hour, "back-in-time": back_in_time, "look-it-up": look_it_up,
    "hundred": hundred, "keep": keep, "avalanche": avalanche,
}  # fmt: skip
