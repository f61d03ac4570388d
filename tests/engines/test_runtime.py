"""Services of one process on real engines: they publish, ask, fail and come back as in the laboratory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

import pytest

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")

from nats.js.errors import APIError

from eventlab.engines import Engines, EngineUnavailable
from eventlab.engines.jetstream import again
from eventlab.engines.runtime import Runtime
from eventlab.errors import Invalid, NoReply, Refused, Unavailable
from eventlab.event import Command, Event
from eventlab.outbox import Inbox, Outbox

Names = Callable[[], str]


def played(real: Engines, name: str, story: Callable[[Runtime], Coroutine[Any, Any, None]], **options: Any) -> None:
    """A story on a bus of its own, which is removed when it was its last."""

    async def play() -> None:
        async with Runtime(real, name, **options) as runtime:
            await story(runtime)

    asyncio.run(asyncio.wait_for(play(), 60))


def test_a_command_is_answered_refused_or_turned_away(real: Engines, new_name: Names) -> None:
    async def story(runtime: Runtime) -> None:
        shop, people = runtime.service("shop"), runtime.client("people")
        closed = runtime.service("closed")

        def pay(command: Command) -> dict[str, int]:
            if command.data["amount"] < 0:
                raise Refused("that is less than nothing")
            return {"change": 100 - command.data["amount"]}

        async def sleep(command: Command) -> None:
            await shop.sleep(10)

        shop.answers("order.pay", pay)
        shop.answers("order.sleep", sleep)

        found: list[Any] = []

        async def ask() -> None:
            found.append(await people.request("shop", Command("order.pay", {"amount": 30})))
            for to, what, kind in (
                ("shop", Command("order.pay", {"amount": -1}), Refused),
                ("closed", Command("order.pay", {}), Unavailable),
                ("nobody there", Command("order.pay", {}), Unavailable),
                ("shop", Command("order.sleep", {}), NoReply),
            ):
                try:
                    await people.request(to, what, timeout=0.3)
                except kind as error:
                    found.append(type(error))

        closed.crash()
        runtime.start(ask())
        await runtime.run(until=2.0)
        assert found == [{"change": 70}, Refused, Unavailable, Unavailable, NoReply]

    played(real, new_name(), story)


def test_a_durable_name_outlives_its_process_and_takes_over_where_the_answers_end(
    real: Engines, new_name: Names
) -> None:
    name, heard = new_name(), list[str]()

    async def first(runtime: Runtime) -> None:
        runtime.service("mail").on("order.*", lambda event: heard.append(event.id), durable="mail")
        shop = runtime.service("shop")
        runtime.at(0, shop.publish, Event("order.placed", {}, "1", id="one"))
        await runtime.run()
        runtime.network.node("mail").crash()  # type: ignore[attr-defined]
        runtime.at(0, shop.publish, Event("order.placed", {}, "1", id="two"))
        await runtime.run()

    async def second(runtime: Runtime) -> None:
        runtime.service("mail").on("order.*", lambda event: heard.append(event.id), durable="mail")
        await runtime.run()
        await runtime.bus.remove()

    played(real, name, first)
    assert heard == ["one"]
    played(real, name, second)
    assert heard == ["one", "two"]


def test_who_opens_a_subscription_later_has_it_and_the_earlier_process_gets_nothing_more(
    real: Engines, new_name: Names
) -> None:
    async def story(runtime: Runtime) -> None:
        heard: dict[str, list[str]] = {"old": [], "new": []}
        runtime.service("mail").on("order.*", lambda event: heard["old"].append(event.id), durable="mail")
        shop = runtime.service("shop")
        runtime.at(0, shop.publish, Event("order.placed", {}, "1", id="one"))
        await runtime.run()
        async with Runtime(real, runtime.name) as other:
            other.service("mail 2").on("order.*", lambda event: heard["new"].append(event.id), durable="mail")
            await other.run()
            runtime.at(0, shop.publish, Event("order.placed", {}, "1", id="two"))
            await runtime.run(until=runtime.clock.passed + 0.5)
            await other.run()
        assert heard == {"old": ["one"], "new": ["two"]}
        assert runtime.bus.feeds["mail"].fenced
        await runtime.bus.remove()

    played(real, new_name(), story)


def test_dead_letters_outlive_the_process_and_one_that_is_redriven_is_forgotten(real: Engines, new_name: Names) -> None:
    name, heard = new_name(), list[str]()

    def broken(event: Event) -> None:
        raise ValueError("no")

    async def fails(runtime: Runtime) -> None:
        runtime.service("mail").on("order.*", broken, durable="mail", max_deliver=2, backoff=[0.01])
        runtime.at(0, runtime.service("shop").publish, Event("order.placed", {"n": 1}, "1", id="one"))
        await runtime.run()
        assert [letter.tries for letter in runtime.bus.subscriptions["mail"].dead] == [2]

    async def works(runtime: Runtime) -> None:
        mail = runtime.service("mail")
        mail.on("order.*", lambda event: heard.append(event.id), durable="mail", max_deliver=2, backoff=[0.01])
        await runtime.run()
        [letter] = runtime.bus.subscriptions["mail"].dead
        assert (letter.event.data, letter.reason) == ({"n": 1}, "ValueError: no")
        assert runtime.bus.redrive("mail") == 1
        await runtime.run()

    async def empty(runtime: Runtime) -> None:
        runtime.service("mail").on("order.*", broken, durable="mail", max_deliver=2, backoff=[0.01])
        await runtime.run()
        assert runtime.bus.subscriptions["mail"].dead == []
        await runtime.bus.remove()

    played(real, name, fails)
    played(real, name, works)
    assert heard == ["one"]
    played(real, name, empty)


def test_an_outbox_in_postgresql_publishes_what_a_process_left(real: Engines, new_name: Names) -> None:
    name, heard = new_name(), list[str]()

    async def crashes(runtime: Runtime) -> None:
        shop, people = runtime.service("shop"), runtime.client("people")
        shop.answers("order.place", lambda command: Event("order.placed", {}, "1", id="one"))
        Outbox(shop, runtime.store(name))
        runtime.network.partition("shop", ["bus"])

        async def order() -> None:
            await people.request("shop", Command("order.place", {}))

        runtime.start(order())
        await runtime.run(until=0.3)

    async def publishes(runtime: Runtime) -> None:
        mail = runtime.service("mail")
        Inbox(mail)
        mail.on("order.*", lambda event: heard.append(event.id), durable="mail")
        Outbox(runtime.service("shop"), runtime.store(name))
        await runtime.run()
        await runtime.bus.remove()

    played(real, name, crashes)
    played(real, name, publishes)
    assert heard == ["one"]


def test_a_subscription_or_a_bus_with_other_settings_is_left_alone(real: Engines, new_name: Names) -> None:
    name = new_name()

    async def first(runtime: Runtime) -> None:
        runtime.service("mail").on("order.*", print, durable="mail")
        await runtime.run()

    async def other_pattern(runtime: Runtime) -> None:
        runtime.service("mail").on("bill.*", print, durable="mail")
        await runtime.run()

    async def nothing(runtime: Runtime) -> None:
        assert await runtime.bus.leader() in [node.name for node in real.nodes]
        await runtime.bus.remove()

    played(real, name, first)
    with pytest.raises(Invalid, match="second subscription"):
        played(real, name, other_pattern)
    with pytest.raises(Invalid, match="num_replicas 3"):
        played(real, name, nothing, replicas=1)
    played(real, name, nothing)


def test_a_full_log_refuses_at_once_and_says_so(real: Engines, new_name: Names) -> None:
    async def story(runtime: Runtime) -> None:
        shop, outcomes = runtime.service("shop"), list[str]()

        async def publish() -> None:
            for n in range(3):
                try:
                    await shop.publish_confirmed(Event("order.placed", {}, "1", id=f"o{n}"), timeout=60)
                    outcomes.append("stored")
                except Unavailable as error:
                    outcomes.append(str(error))

        runtime.start(publish())
        await runtime.run()
        assert outcomes[:2] == ["stored", "stored"]
        assert "bus is full" in outcomes[2]
        await runtime.bus.remove()

    played(real, new_name(), story, limit=2)


@pytest.mark.parametrize(("by_others", "told"), [(False, ["published", "ignored"]), (True, ["ignored", "ignored"])])
def test_a_publication_whose_answer_was_lost_is_told_as_what_became_of_it(
    real: Engines, new_name: Names, by_others: bool, told: list[str]
) -> None:
    """The first time it is what JetStream has kept, the second time a repetition: both are answered as known.

    What others have published under the id before, by their own means, makes a repetition of the first one too.
    """

    async def story(runtime: Runtime) -> None:
        shop, js = runtime.service("shop"), runtime.bus.js
        publish, asked = js.publish, count()

        async def every_other_answer(*args: Any, **options: Any) -> Any:
            answer = await publish(*args, **options)
            if next(asked) % 2 == 0:
                raise TimeoutError
            return answer

        if by_others:
            await runtime.bus.links.prepared()
            await publish(f"{runtime.bus.stream}.e.order.placed", b"{}", headers={"Nats-Msg-Id": "one"})
        js.publish = every_other_answer  # type: ignore[method-assign]
        for _ in range(2):
            runtime.at(0, shop.publish, Event("order.placed", {}, "1", id="one"))
            await runtime.run()
        assert [record.kind for record in runtime.trace if record.kind in ("published", "ignored")] == told
        await runtime.bus.remove()

    played(real, new_name(), story)


def test_a_node_that_the_cluster_names_is_met_with_the_same_password(real: Engines, new_name: Names) -> None:
    async def story(runtime: Runtime) -> None:
        connection = runtime.connection
        connection.set_server_pool([each.geturl() for each in connection.discovered_servers])
        await connection.force_reconnect()
        while not connection.is_connected:  # it would try for ever
            await asyncio.sleep(0.01)
        await runtime.bus.remove()

    played(Engines(real.nats.split(",")[0], real.postgres), new_name(), story)


def test_while_the_connection_is_broken_a_second_is_a_second(real: Engines, new_name: Names) -> None:
    async def story(runtime: Runtime) -> None:
        connection, clock = runtime.connection, runtime.clock
        clock.go()
        connection.set_server_pool(["nats://127.0.0.1:9"])
        broken = asyncio.create_task(connection.force_reconnect())
        while connection.is_connected:
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        runtime.at(clock.passed + 1e6, print)  # eleven days later: nobody does anything but wait
        before = clock.present
        await asyncio.sleep(0.3)
        assert clock.present - before < 100 * 10**9, "that fast it would be 300,000 seconds"
        connection.set_server_pool(real.nats.split(","))
        while not connection.is_connected or clock.on_way:
            await asyncio.sleep(0.01)
        await broken
        await runtime.bus.remove()

    played(real, new_name(), story, speed=1_000_000.0)


def test_a_server_that_is_not_there_or_knows_another_password_is_told_in_one_sentence(real: Engines) -> None:
    nobody = Engines("nats://someone:secret@127.0.0.1:9", real.postgres)
    stranger = Engines(real.nats.replace("eventlab:", "eventlab:x"), real.postgres)
    for engines, remedy in ((nobody, "is it running there"), (stranger, "user and password")):
        with pytest.raises(EngineUnavailable, match=remedy) as caught:
            asyncio.run(Runtime(engines).__aenter__())
        assert "secret" not in str(caught.value)


def test_a_wrong_password_is_told_as_such_whenever_the_server_hangs_up(real: Engines) -> None:
    """One time in three it hangs up before it has read all that was sent, and its last words are lost."""
    stranger = Engines(real.nats.split(",")[0].replace("eventlab:", "eventlab:x"), real.postgres)
    for _ in range(12):
        with pytest.raises(EngineUnavailable, match="user and password"):
            asyncio.run(Runtime(stranger).__aenter__())


@pytest.mark.parametrize(
    ("code", "number", "said"),
    [
        (400, 10005, "no suitable peers for placement, peer offline"),
        (409, 10158, "duplicate message id is in process"),  # a leader that was cut off, of what it never kept
    ],
)
def test_a_call_is_made_again_while_the_nodes_have_not_settled(code: int, number: int, said: str) -> None:
    answers = [said] * 2

    async def add_stream() -> str:
        if answers:
            raise APIError(code=code, err_code=number, description=answers.pop())
        return "made"

    async def never() -> None:
        raise APIError(code=code, err_code=number, description=said)

    assert asyncio.run(again(add_stream)) == "made"
    with pytest.raises(EngineUnavailable, match=said):
        asyncio.run(again(never, patience=0.05))
