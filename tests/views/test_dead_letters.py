"""The picture of dead letters says of each subject what was given up, what went past it, and what waits behind it."""

from __future__ import annotations

import pytest

from eventlab import Event, Invalid, Lab, Refused, Service, Trace
from eventlab.views.dead_letters import dead_letter_queue, layout


def shop(on_dead: str = "skip", *, redriven: bool = False) -> Trace:
    """Orders of three customers; those without data cannot be written to, until mail is mended."""
    lab, mended = Lab(seed=3), [False]
    mail: Service = lab.service("mail")

    def write(event: Event) -> None:
        if not event.data and not mended[0]:
            raise Refused("no address")
        mail.state[event.id] = True

    mail.on("order.*", write, durable="mail", on_dead=on_dead)
    client = lab.client("shop")
    for second, customer in enumerate("abbacbcb"):
        data = {} if second in (1, 4) else {"to": customer}
        lab.at(second, client.publish, Event("order.placed", data, customer))
    lab.run()
    if redriven:
        mended[0] = True
        lab.bus.redrive("mail")
        lab.run()
    return lab.trace


def stands(trace: Trace) -> dict[str, list[str]]:
    return {subject: [card["stands"] for card in cards] for subject, cards in layout(trace)["rows"].items()}


def test_what_comes_after_a_dead_letter_goes_past_it_or_waits_behind_it() -> None:
    assert stands(shop("skip")) == {"b": ["dead", "past", "past", "past"], "c": ["dead", "past"]}
    assert stands(shop("hold")) == {"b": ["dead", "waits", "waits", "waits"], "c": ["dead", "waits"]}


def test_what_was_redriven_is_done_after_all_and_what_waited_for_it_too() -> None:
    trace = shop("hold", redriven=True)
    assert stands(trace) == {"b": ["revived", "done", "done", "done"], "c": ["revived", "done"]}
    assert layout(trace)["conclusion"].endswith("0 dead letters; 0 events went past, 0 wait behind; 2 done after all")


def test_the_picture_says_why_and_how_many() -> None:
    picture = dead_letter_queue(shop("hold"))
    assert picture.text.startswith("mail: 2 dead letters; 0 events went past, 4 wait behind.")
    assert "b: order.placed given up 00:00:01: no address; order.placed waits since 00:00:02" in picture.text
    assert "no address" in picture.svg()


def test_a_service_without_dead_letters_is_named() -> None:
    assert "at least one, found 'none'" in dead_letter_queue(Lab().run()).text
    with pytest.raises(Invalid, match="one of mail"):
        layout(shop(), service="shop")
