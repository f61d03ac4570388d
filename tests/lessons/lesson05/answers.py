"""Known answers to the exercises of lesson 05."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eventlab import Command, Event, NoReply, Refused, Service
from tests.support.known import Known

# 05.2 -----------------------------------------------------------------------------------------------------------------


def believes_every_command(seats: Service, command: Command) -> Any:
    free = seats.state["free"]
    if command.type == "seat.release":
        seats.state["free"] = free + 1
        return Event("seat.undone", {}, command.subject)
    if free == 0:
        return Event("seat.refused", {}, command.subject)
    seats.state["free"] = free - 1
    return Event("seat.done", {}, command.subject)


def takes_a_seat_each_time(seats: Service, command: Command) -> Any:
    name = command.subject
    if command.type == "seat.release":
        return keeps_lists(seats, command)
    seats.state["free"] = seats.state["free"] - (name in seats.state.get("taken", []) and seats.state["free"] > 0)
    return keeps_lists(seats, command)


def _with(
    name: str, *, again: bool = True, never: bool = True, late: bool = True, silent: bool = False, says: str = ""
) -> Callable[[Service, Command], Any]:
    """A handler that leaves one thing out, under a name of its own."""

    def handle(seats: Service, command: Command) -> Any:
        free, whose = seats.state["free"], command.subject
        stands = seats.state.get(whose, "")
        if command.type == "seat.release":
            if stands == "done" or (not never and not stands) or (not again and stands == "undone"):
                seats.state["free"] = free + 1
            if late or stands:
                seats.state[whose] = "undone"
            return Event("seat.undone", {}, whose)
        if stands and silent:
            return None
        if not stands:
            stands = seats.state[whose] = "done" if free else "refused"
            seats.state["free"] = free - (stands == "done")
        return Event("seat.done" if stands == "done" else says or "seat.refused", {}, whose)

    handle.__name__ = name
    return handle


counts_each_release = _with("counts_each_release", again=False)
frees_what_was_never_taken = _with("frees_what_was_never_taken", never=False)
forgets_an_early_release = _with("forgets_an_early_release", late=False)
is_silent_the_second_time = _with("is_silent_the_second_time", silent=True)
says_done_to_all = _with("says_done_to_all", says="seat.done")


def keeps_lists(seats: Service, command: Command) -> Any:
    name = command.subject
    taken, over = seats.state.get("taken", []), seats.state.get("over", [])
    if command.type == "seat.release":
        if name in taken:
            seats.state["taken"] = [each for each in taken if each != name]
            seats.state["free"] = seats.state["free"] + 1
        seats.state["over"] = [*over, name]
        return Event("seat.undone", {}, name)
    if name not in taken and name not in over:
        if seats.state["free"] > 0:
            seats.state["free"] = seats.state["free"] - 1
            seats.state["taken"] = taken = [*taken, name]
        else:
            seats.state["over"] = [*over, name]
    return Event("seat.done" if name in taken else "seat.refused", {}, name)


# 05.3 -----------------------------------------------------------------------------------------------------------------


def with_a_list_of_what_is_done(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> Any:
    heard = set(events)
    refused = any(f"{step['name']}.refused" in heard for step in steps)
    if not refused:
        return next((step["do"] for step in steps if f"{step['name']}.done" not in heard), None)
    back = [step for step in steps if f"{step['name']}.done" in heard and f"{step['name']}.undone" not in heard]
    return back[-1]["undo"] if back else ""


def counts_events(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> Any:
    return steps[len(events)]["do"] if len(events) < len(steps) else ""


def takes_back_from_the_first(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> Any:
    heard = set(events)
    if not any(event.endswith("refused") for event in events):
        return next((step["do"] for step in steps if f"{step['name']}.done" not in heard), "")
    back = [step for step in steps if f"{step['name']}.done" in heard and f"{step['name']}.undone" not in heard]
    return back[0]["undo"] if back else ""


def never_goes_back(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> Any:
    if any(event.endswith("refused") for event in events):
        return ""
    return next((step["do"] for step in steps if f"{step['name']}.done" not in events), "")


def takes_back_the_refused_one_too(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> Any:
    place, going = 0, "do"
    for event in events:
        name, what = event.split(".")
        if 0 <= place < len(steps) and name == steps[place]["name"]:
            if what == "refused":
                going = "undo"
            else:
                place += 1 if going == "do" else -1
    return steps[place][going] if 0 <= place < len(steps) else ""


def moves_on_whatever_came(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> Any:
    place, going = 0, "do"
    for event in events:
        if event.endswith("refused"):
            going = "undo"
        place += 1 if going == "do" else -1
    return steps[place][going] if 0 <= place < len(steps) else ""


def asks_for_the_last_one_for_ever(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> Any:
    return with_a_list_of_what_is_done(steps, events) or steps[-1]["do"]


def gives_the_step(steps: Sequence[Mapping[str, str]], events: Sequence[str]) -> Any:
    return next((step["name"] for step in steps if f"{step['name']}.done" not in events), "")


# 05.4 -----------------------------------------------------------------------------------------------------------------


async def _ask(desk: Service, bank: str, what: str, number: str, amount: int, tries: int = 3) -> str:
    for _ in range(tries):
        try:
            await desk.request(bank, Command(what, {"amount": amount}, number), timeout=2)
        except Refused:
            return "no"
        except NoReply:
            continue
        return "yes"
    return "silent"


async def asks_by_hand(desk: Service, number: str, amount: int) -> Any:
    if await _ask(desk, "here", "account.debit", number, amount) != "yes":
        return {"state": "refused"}
    match await _ask(desk, "there", "account.credit", number, amount, 2):
        case "yes":
            return {"state": "done"}
        case "silent" if await _ask(desk, "there", "credit.cancel", number, amount, 1) != "yes":
            return {"state": "unknown", "amount": amount}
    await _ask(desk, "here", "account.refund", number, amount)
    return {"state": "taken back"}


def _transfer(
    name: str, *, tries: int = 3, cancels: bool = True, refunds: bool = True, first: bool = True, guesses: bool = False,
    says: Mapping[str, str] = {}, back: bool = True,
) -> Any:  # fmt: skip
    """A transfer that leaves one thing out."""

    async def transfer(desk: Service, number: str, amount: int) -> Any:
        def state(word: str) -> dict[str, str]:
            return {"state": says.get(word, word)}

        if first and await _ask(desk, "here", "account.debit", number, amount) == "no":
            return state("refused")
        heard = await _ask(desk, "there", "account.credit", number, amount, tries)
        if heard == "yes":
            return state("done")
        if heard == "silent":
            if cancels and await _ask(desk, "there", "credit.cancel", number, amount) == "silent" and not guesses:
                return state("unknown")
            if not back:
                return state("taken back")
        if refunds:
            await _ask(desk, "here", "account.refund", number, amount)
        return state("taken back")

    transfer.__name__ = name
    return transfer


takes_silence_for_a_no = _transfer("takes_silence_for_a_no", cancels=False)
never_gives_back = _transfer("never_gives_back", refunds=False)
never_takes_it_here = _transfer("never_takes_it_here", first=False)
asks_once = _transfer("asks_once", tries=1)
asks_ten_times = _transfer("asks_ten_times", tries=10)
guesses_in_the_end = _transfer("guesses_in_the_end", guesses=True)
cancels_and_keeps_it = _transfer("cancels_and_keeps_it", back=False)
always_says_done = _transfer("always_says_done", says={"unknown": "done"})


async def always_moves_a_hundred(desk: Service, number: str, amount: int) -> Any:
    return await asks_by_hand(desk, number, 100)


async def lets_the_no_through(desk: Service, number: str, amount: int) -> Any:
    await desk.request("here", Command("account.debit", {"amount": amount}, number), timeout=2)
    heard = await _ask(desk, "there", "account.credit", number, amount)
    if heard == "yes":
        return {"state": "done"}
    if heard == "silent" and await _ask(desk, "there", "credit.cancel", number, amount) == "silent":
        return {"state": "unknown"}
    await _ask(desk, "here", "account.refund", number, amount)
    return {"state": "taken back"}


# 05.5 -----------------------------------------------------------------------------------------------------------------


def chosen(order: str, timeout: float = 9, tries: int = 3) -> dict[str, Any]:
    return {"order": order.split(), "timeout": timeout, "tries": tries}


ANSWERS = {
    "05.1": Known(
        other=["CFADGBE", "c, f, a, d, g, b, e", ["c", "f", "a", "d", "g", "b", "e"]],
        wrong=[
            ("f c a d g b e", "before somebody has asked, nothing is done"),
            ("c a f d g b e", "the flight is the first step"),
            ("c f d a g b e", "payment is asked when the hotel is booked"),
            ("c f a g d b e", "nothing is taken back before somebody has said no"),
            ("c f a d b g e", "what was done last is taken back first"),
            ("c f a d g e b", "it is over only when everything"),
            ("c f a d g b", "exactly once"),
        ],
    ),
    "05.2": Known(
        other=[keeps_lists],
        wrong=[
            (believes_every_command, "that this passenger never had"),
            (takes_a_seat_each_time, "two seats were taken"),
            (counts_each_release, "two seats became free"),
            (frees_what_was_never_taken, "a seat became free"),
            (forgets_an_early_release, "came behind it and took it again"),
            (is_silent_the_second_time, "a desk that hears nothing asks again"),
            (says_done_to_all, "what was done before is said again"),
        ],
    ),
    "05.3": Known(
        other=[with_a_list_of_what_is_done],
        wrong=[
            (counts_events, "not payment.charge"),
            (takes_back_from_the_first, "not flight.restore"),
            (never_goes_back, "nothing was asked for, and the process stays where it is"),
            (takes_back_the_refused_one_too, "not hotel.cancel"),
            (moves_on_whatever_came, "what says nothing new changes nothing"),
            (asks_for_the_last_one_for_ever, "was still asked for"),
            (gives_the_step, "is no command of a step"),
        ],
    ),
    "05.4": Known(
        other=[asks_by_hand],
        wrong=[
            (takes_silence_for_a_no, "no answer to account.credit is not a no"),
            (never_gives_back, "the money never came back here"),
            (never_takes_it_here, "the money was never taken here"),
            (asks_once, "given up after one silence"),
            (asks_ten_times, "3 are allowed"),
            (guesses_in_the_end, "nobody knows whether it was paid there"),
            (cancels_and_keeps_it, "the credit was cancelled, and the money never given back"),
            (always_says_done, "and it is 'unknown'"),
            (always_moves_a_hundred, "was for 100, the transfer is for"),
            (lets_the_no_through, "the customer heard nothing"),
        ],
    ),
    "05.5": Known(
        other=[chosen("payment hotel seat letter", 10, 2), chosen("payment seat hotel letter", 9.5)],
        wrong=[
            (chosen("letter payment hotel seat"), "nothing takes a letter back"),
            (chosen("seat hotel payment letter"), "stands late in your order"),
            (chosen("payment hotel seat letter", 4), "after your time-out"),
            (chosen("payment hotel seat letter", 20), "until the desk gave up"),
            (chosen("payment hotel seat letter", 9, 1), "though nobody had said no"),
            (chosen("payment hotel seat"), "cannot be meant"),
        ],
    ),
}
