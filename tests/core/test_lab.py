"""The laboratory in one line."""

from __future__ import annotations

from eventlab import Command, Crash, Event, Lab, LinkQuality


def test_a_laboratory_is_time_a_network_a_bus_and_a_trace() -> None:
    lab = Lab(seed=1)
    shop, mail = lab.service("shop"), lab.service("mail")

    @mail.on("order.*", durable="mail")
    def write(event: Event) -> None:
        mail.state[event.subject] = "thank you"

    lab.inject(Crash("mail", at=5, until=65))
    lab.at(10, shop.publish, Event("order.placed", subject="Ada"))
    assert lab.run() is lab.trace is lab.sim.trace
    assert dict(mail.state) == {"Ada": "thank you"}
    assert [record.at // 10**9 for record in lab.trace.of("changed")] == [65]


def test_one_seed_is_one_run_and_another_seed_another_one() -> None:
    def digest(seed: int) -> str:
        lab = Lab(seed, quality=LinkQuality(loss=0.2))
        shop, people = lab.service("shop"), lab.client("people")
        shop.answers("price.describe", lambda command: {"price": 3})

        async def ask() -> None:
            await people.request("shop", Command("price.describe"), timeout=1000)

        for second in range(20):
            lab.at(second, lambda: shop.start(ask()))
        lab.run(until=100)
        return lab.trace.digest()

    assert digest(1) == digest(1) != digest(2)


def test_a_laboratory_is_stepped_record_by_record() -> None:
    lab = Lab()
    shop = lab.service("shop")
    shop.publish(Event("order.placed"))
    assert [record.kind for record in lab.step()] == ["received", "published"]
    assert lab.step() == []


def test_people_are_clients_who_send_and_ask() -> None:
    lab = Lab()
    shop, people = lab.service("shop"), lab.client("people")
    shop.answers("price.describe", lambda command: {"price": 3})
    told = []

    async def ask() -> None:
        told.append(dict(await people.request("shop", Command("price.describe"))))

    lab.start(ask())
    lab.run()
    assert told == [{"price": 3}]
