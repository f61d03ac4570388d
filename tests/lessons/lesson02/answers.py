"""Known answers to the exercises of lesson 02."""

from __future__ import annotations

from typing import Any

from eventlab import Command, NoReply, Refused, Service, Unavailable, retry
from tests.support.known import Known

# 02.2 -----------------------------------------------------------------------------------------------------------------


async def asks_for_ever(boards: Service, command: Command) -> Any:
    while True:
        try:
            return await boards.request("operations", command, timeout=1)
        except Exception:
            pass


async def takes_a_no_for_a_failure(boards: Service, command: Command) -> Any:
    for _ in range(2):
        try:
            return await boards.request("operations", command, timeout=1)
        except (NoReply, Refused, Unavailable):
            await boards.sleep(boards.random("pauses").random())
    return await boards.request("operations", command, timeout=1)


async def asks_again_at_once(boards: Service, command: Command) -> Any:
    for _ in range(2):
        try:
            return await boards.request("operations", command, timeout=1)
        except (NoReply, Unavailable):
            pass
    return await boards.request("operations", command, timeout=1)


async def comes_back_with_all_others(boards: Service, command: Command) -> Any:
    return await retry(boards, lambda: boards.request("operations", command, timeout=1), first=1.0)


async def tries_five_times(boards: Service, command: Command) -> Any:
    draws = boards.random("pauses")
    return await retry(boards, lambda: boards.request("operations", command, timeout=1), tries=5, jitter=draws)


async def gives_up_after_two(boards: Service, command: Command) -> Any:
    draws = boards.random("pauses")
    return await retry(boards, lambda: boards.request("operations", command, timeout=1), tries=2, jitter=draws)


async def says_something_in_the_end(boards: Service, command: Command) -> Any:
    try:
        return await retry(
            boards, lambda: boards.request("operations", command, timeout=1), jitter=boards.random("pauses")
        )
    except (NoReply, Refused, Unavailable):
        return {"status": "unknown"}


async def pauses_too_long(boards: Service, command: Command) -> Any:
    draws = boards.random("pauses")
    return await retry(boards, lambda: boards.request("operations", command, timeout=1), first=60.0, jitter=draws)


async def counts_by_hand(boards: Service, command: Command) -> Any:
    tries = 1
    while True:
        try:
            return await boards.request("operations", command, timeout=0.8)
        except Refused:
            raise
        except (NoReply, Unavailable):
            if tries == 3:
                raise
        tries += 1
        await boards.sleep(0.3 + boards.random("my pauses").random())


# 02.3 -----------------------------------------------------------------------------------------------------------------


def earns_nothing(first: bool, tokens: float, share: float, most: float) -> Any:
    if first:
        return True, tokens
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)


def saves_without_end(first: bool, tokens: float, share: float, most: float) -> Any:
    if first:
        return True, tokens + share
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)


def spends_what_is_not_there(first: bool, tokens: float, share: float, most: float) -> Any:
    if first:
        return True, min(most, tokens + share)
    return (True, tokens - 1) if tokens > 0 else (False, tokens)


def pays_nothing(first: bool, tokens: float, share: float, most: float) -> Any:
    if first:
        return True, min(most, tokens + share)
    return tokens >= 1, tokens


def holds_first_tries_back(first: bool, tokens: float, share: float, most: float) -> Any:
    if tokens < 1:
        return False, min(most, tokens + share) if first else tokens
    return True, min(most, tokens + share) if first else tokens - 1


def keeps_a_token_back(first: bool, tokens: float, share: float, most: float) -> Any:
    if first:
        return True, min(most, tokens + share)
    return (True, tokens - 1) if tokens > 1 else (False, tokens)


def says_only_yes_or_no(first: bool, tokens: float, share: float, most: float) -> Any:
    return first or tokens >= 1


def in_one_line(first: bool, tokens: float, share: float, most: float) -> Any:
    allowed = first or tokens >= 1
    return [allowed, min(most, tokens + share) if first else tokens - allowed]


# 02.4 -----------------------------------------------------------------------------------------------------------------


async def _tried(bank: Service, command: Command, tries: int = 3, pause: float = 1.0) -> Any:
    """The ends of up to so many tries, up to the first one that says something definite."""
    ends: list[str] = []
    for number in range(tries):
        if number:
            await bank.sleep(pause)
        try:
            await bank.request("clearing", command, timeout=2)
            return [*ends, "done"]
        except Refused:
            return [*ends, "refused"]
        except NoReply:
            ends.append("unknown")
        except Unavailable:
            ends.append("not done")
    return ends


def _order(transfer: str) -> Command:
    return Command("clearing.execute", {"transfer": transfer}, id=f"order {transfer}")


async def remembers_every_end(bank: Service, transfer: str) -> Any:
    ends = await _tried(bank, _order(transfer))
    for state in ("done", "refused", "unknown"):
        if state in ends:
            return {"state": state, "tries": len(ends)}
    return {"state": "not done"}


async def orders_anew_each_time(bank: Service, transfer: str) -> Any:
    ends: list[str] = []
    for number in range(3):
        if number:
            await bank.sleep(1)
        ends += await _tried(bank, Command("clearing.execute", {"transfer": transfer}), 1)
        if ends[-1] in ("done", "refused"):
            return {"state": ends[-1]}
    return {"state": "unknown" if "unknown" in ends else "not done"}


async def believes_the_last_one(bank: Service, transfer: str) -> Any:
    return {"state": (await _tried(bank, _order(transfer)))[-1]}


async def takes_silence_for_no(bank: Service, transfer: str) -> Any:
    state = (await _tried(bank, _order(transfer)))[-1]
    return {"state": "not done" if state == "unknown" else state}


async def never_sure(bank: Service, transfer: str) -> Any:
    state = (await _tried(bank, _order(transfer)))[-1]
    return {"state": "unknown" if state == "not done" else state}


async def tries_only_once(bank: Service, transfer: str) -> Any:
    return {"state": (await _tried(bank, _order(transfer), 1))[-1]}


async def hammers(bank: Service, transfer: str) -> Any:
    ends = await _tried(bank, _order(transfer), 3, 0.1)
    return {"state": "unknown" if "unknown" in ends and ends[-1] == "not done" else ends[-1]}


async def asks_after_a_no(bank: Service, transfer: str) -> Any:
    ends: list[str] = []
    for number in range(3):
        if number:
            await bank.sleep(1)
        ends += await _tried(bank, _order(transfer), 1)
        if ends[-1] == "done":
            break
    return {"state": next((state for state in ("done", "refused", "unknown") if state in ends), "not done")}


async def lets_the_error_through(bank: Service, transfer: str) -> Any:
    await retry(bank, lambda: bank.request("clearing", _order(transfer), timeout=2), first=1.0)
    return {"state": "done"}


async def tries_ten_times(bank: Service, transfer: str) -> Any:
    ends = await _tried(bank, _order(transfer), 10)
    return {"state": next((state for state in ("done", "refused", "unknown") if state in ends), "not done")}


# 02.5 -----------------------------------------------------------------------------------------------------------------

NOTHING = dict.fromkeys(("timeout", "tries", "pause", "jitter", "share", "limit", "open_for", "room"))


def settings(**chosen: Any) -> dict[str, Any]:
    return {**NOTHING, **chosen}


ANSWERS = {
    "02.1": Known(
        other=["DBFAEC", "d, b, f, a, e, c", ["d", "b", "f", "a", "e", "c"]],
        wrong=[
            ("b d f a e c", "opens after several in a row, not after none"),
            ("d f b a e c", "while the circuit is closed, nobody is turned away"),
            ("d b a f e c", "lets nobody pass, until its pause is over"),
            ("d b f e a c", "operations can only answer somebody who was let through"),
            ("d b f a c e", "closes because the one call that was let through succeeded"),
            ("d b f a c", "exactly once"),
        ],
    ),
    "02.2": Known(
        other=[counts_by_hand],
        wrong=[
            (asks_for_ever, "it waits or repeats itself for ever"),
            (takes_a_no_for_a_failure, "It will say no again"),
            (asks_again_at_once, "who is overloaded needs a pause"),
            (comes_back_with_all_others, "failed at one instant, and all came back together"),
            (tries_five_times, "3 are allowed in all"),
            (gives_up_after_two, "operations failed twice and was well then"),
            (says_something_in_the_end, "let the error through"),
            (pauses_too_long, "After 100 simulated seconds something still goes on"),
        ],
    ),
    "02.3": Known(
        other=[in_one_line],
        wrong=[
            (earns_nothing, "a try was held back, though"),
            (saves_without_end, "tokens were kept, at most"),
            (spends_what_is_not_there, "though no whole token was left"),
            (pays_nothing, "one more try was sent, though no whole token"),
            (holds_first_tries_back, "a first try was held back"),
            (keeps_a_token_back, "a try was held back, though 1 tokens"),
            (says_only_yes_or_no, "give back two things"),
        ],
    ),
    "02.4": Known(
        other=[remembers_every_end],
        wrong=[
            (orders_anew_each_time, "a second request with another id is another order"),
            (believes_the_last_one, "one of the requests got no answer at all"),
            (takes_silence_for_no, "so nobody can know: 'unknown'"),
            (never_sure, "it is known that nothing was done"),
            (tries_only_once, "given up after 1 tries"),
            (hammers, "asked again less than 1 s after"),
            (asks_after_a_no, "said a definite no (or yes), and was asked again"),
            (lets_the_error_through, "the customer heard nothing"),
            (tries_ten_times, "requests, 3 are allowed"),
        ],
    ),
    "02.5": Known(
        other=[settings(timeout=8, room=6), settings(timeout=10, room=8)],
        wrong=[
            (settings(timeout=4, tries=3, pause=1, jitter=True), "workers all waited for operations"),
            (
                settings(timeout=4, tries=3, pause=1, jitter=True, share=0.2),
                "requests for each question (1 are allowed)",
            ),
            (settings(timeout=4, limit=5, open_for=20), "turns people away who need none"),
            (settings(timeout=4), "it worked for people who had left"),
            (settings(timeout=4, pause=1), "cannot be meant"),
        ],
    ),
}
