"""What every bus promises, whatever engine it has: one story each, played in simulation and on JetStream.

A class of tests inherits `BusContract` and says how a story is played: with a world of services around a new bus.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any, Protocol

import pytest

from eventlab.bus import Bus
from eventlab.errors import Refused, Unavailable
from eventlab.event import Event
from eventlab.service import Service
from eventlab.times import SECOND


class World(Protocol):
    """Services around one bus."""

    @property
    def bus(self) -> Bus: ...

    def service(self, name: str, *, workers: int = 1) -> Service: ...

    async def run(self) -> object: ...


Play = Callable[[Callable[[World], Awaitable[None]]], None]


def told(number: int, subject: str = "a") -> Event:
    return Event("order.placed", {"n": number}, subject, f"{subject}{number}")


def publish(world: World, shop: Service, *events: Event) -> None:
    """Publish when time passes next, in this order."""
    for event in events:
        world.bus.sim.call_at(world.bus.sim.now, shop.publish, event)


def noting(heard: list[str]) -> Callable[[Event], None]:
    """A handler that notes the id of what it hears."""
    return lambda event: heard.append(event.id)


class BusContract:
    """The promises of a bus."""

    same_event_twice = 2  # how often it is delivered
    late = 1  # seconds that something may come after its time

    @pytest.fixture
    def play(self) -> Play:
        """Plays a story in a world of its own."""
        raise NotImplementedError

    def test_events_of_a_subject_keep_their_order_behind_one_that_fails_and_others_are_not_held_up(
        self, play: Play
    ) -> None:
        async def story(world: World) -> None:
            mail, shop, heard = world.service("mail"), world.service("shop"), list[str]()

            def note(event: Event) -> None:
                heard.append(event.id)
                if event.id == "a1" and heard.count("a1") < 3:
                    raise ValueError("not yet")

            mail.on("order.*", note, durable="mail", backoff=[5])
            await world.run()
            publish(world, shop, told(1), told(2), told(1, "b"), told(3))
            await world.run()
            assert [each for each in heard if each[0] == "a"] == ["a1", "a1", "a1", "a2", "a3"]
            assert heard.index("b1") < heard.index("a2")

        play(story)

    def test_what_is_not_answered_in_time_is_sent_again_until_it_is(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop, begun = world.service("mail", workers=2), world.service("shop"), list[int]()

            async def slow(event: Event) -> None:
                begun.append(mail.now)
                await mail.sleep(12 if len(begun) == 1 else 0)

            mail.on("order.*", slow, durable="mail", ack_wait=5, backoff=[1])
            await world.run()
            publish(world, shop, told(1))
            await world.run()
            sent = [record.at for record in world.bus.sim.trace.of("sent") if record.purpose == "deliver"]
            assert len(begun) == len(sent) == 2
            assert 6 * SECOND <= sent[1] - sent[0] < (6 + self.late) * SECOND
            assert not world.bus.subscriptions["mail"].backlog

        play(story)

    def test_each_further_try_has_its_pause_and_the_last_one_makes_a_dead_letter(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop = world.service("mail"), world.service("shop")
            tried, heard = list[int](), list[str]()

            def broken(event: Event) -> None:
                heard.append(event.id)
                if event.id == "a1":
                    tried.append(mail.now)
                    raise ValueError("no")

            mail.on("order.*", broken, durable="mail", max_deliver=4, backoff=[1, 7])
            await world.run()
            publish(world, shop, told(1), told(2))
            await world.run()
            pauses = [later - earlier for earlier, later in pairwise(tried)]
            assert len(pauses) == 3
            for planned, pause in zip((1, 7, 7), pauses, strict=True):
                assert planned * SECOND <= pause < (planned + self.late) * SECOND
            [letter] = world.bus.subscriptions["mail"].dead
            assert (letter.event.id, letter.tries, letter.reason) == ("a1", 4, "ValueError: no")
            assert heard == ["a1"] * 4 + ["a2"]

        play(story)

    def test_a_definite_no_is_a_dead_letter_at_once(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop, heard = world.service("mail"), world.service("shop"), list[str]()

            def refuse(event: Event) -> None:
                heard.append(event.id)
                raise Refused("never")

            mail.on("order.*", refuse, durable="mail")
            await world.run()
            publish(world, shop, told(1))
            await world.run()
            assert heard == ["a1"]
            assert [letter.tries for letter in world.bus.subscriptions["mail"].dead] == [1]

        play(story)

    def test_a_held_subject_waits_for_its_dead_letter_which_is_redriven_first(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop, heard, well = world.service("mail"), world.service("shop"), list[str](), list[bool]()

            def note(event: Event) -> None:
                if event.id == "a1" and not well:
                    raise Refused("not today")
                heard.append(event.id)

            mail.on("order.*", note, durable="mail", on_dead="hold")
            await world.run()
            publish(world, shop, told(1), told(2), told(1, "b"), told(3))
            await world.run()
            assert heard == ["b1"]
            well.append(True)
            assert world.bus.redrive("mail") == 1
            await world.run()
            assert heard == ["b1", "a1", "a2", "a3"]
            assert world.bus.subscriptions["mail"].dead == []

        play(story)

    def test_no_more_events_are_unanswered_at_once_than_may_be(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop = world.service("mail", workers=20), world.service("shop")
            at_once, most, heard = set[str](), list[int](), list[str]()

            async def slow(event: Event) -> None:
                at_once.add(event.id)
                most.append(len(at_once))
                await mail.sleep(2)
                at_once.remove(event.id)
                heard.append(event.id)

            mail.on("order.*", slow, durable="mail", max_ack_pending=3)
            await world.run()
            publish(world, shop, *(told(1, f"s{n}") for n in range(12)))
            await world.run()
            assert max(most) == 3
            assert len(heard) == len(set(heard)) == 12

        play(story)

    def test_a_durable_name_gets_what_was_published_while_its_service_was_down(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, board, shop = (world.service(name) for name in ("mail", "board", "shop"))
            heard: dict[str, list[str]] = defaultdict(list)
            mail.on("order.*", lambda event: heard["mail"].append(event.id), durable="mail")
            board.on("order.*", lambda event: heard["board"].append(event.id))
            await world.run()
            publish(world, shop, told(1))
            await world.run()
            mail.crash()
            board.crash()
            publish(world, shop, told(2), told(3))
            await world.run()
            assert heard == {"mail": ["a1"], "board": ["a1"]}
            mail.restart()
            board.restart()
            publish(world, shop, told(4))
            await world.run()
            assert heard == {"mail": ["a1", "a2", "a3", "a4"], "board": ["a1", "a4"]}

        play(story)

    def test_services_that_share_a_name_share_the_work(self, play: Play) -> None:
        async def story(world: World) -> None:
            shop, heard, at = world.service("shop"), list[str](), Counter[str]()
            for name in ("left", "right"):
                service = world.service(name)

                async def work(event: Event, service: Service = service) -> None:
                    at[service.name] += 1
                    heard.append(event.id)
                    await service.sleep(1)

                service.on("order.*", work, durable="mail", ordered=False)
            await world.run()
            publish(world, shop, *(told(n) for n in range(10)))
            await world.run()
            assert sorted(heard) == [f"a{n}" for n in range(10)]
            assert at == {"left": 5, "right": 5}

        play(story)

    def test_who_comes_late_gets_all_or_only_what_is_new(self, play: Play) -> None:
        async def story(world: World) -> None:
            shop, heard = world.service("shop"), defaultdict[str, list[str]](list)
            publish(world, shop, told(1), told(2))
            await world.run()
            for name in ("all", "new"):
                world.service(name).on("order.*", noting(heard[name]), durable=name, deliver=name)
            await world.run()
            publish(world, shop, told(3))
            await world.run()
            assert heard == {"all": ["a1", "a2", "a3"], "new": ["a3"]}

        play(story)

    def test_a_pattern_lets_through_what_it_says(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop = world.service("mail"), world.service("shop")
            heard: dict[str, list[str]] = defaultdict(list)
            for pattern in ("order.*", "order.>", "*.paid bill.sent", "order.* order.paid"):
                mail.on(pattern, noting(heard[pattern]), durable=pattern)
            await world.run()
            types = ["order.placed", "order.paid", "order.paid.late", "bill.sent", "bill.lost"]
            publish(world, shop, *(Event(type, {}, "a", type) for type in types))
            await world.run()
            assert heard == {
                "order.*": types[:2],
                "order.>": types[:3],
                "*.paid bill.sent": ["order.paid", "bill.sent"],
                "order.* order.paid": types[:2],
            }

        play(story)

    def test_a_full_backlog_refuses_and_says_so_to_who_waits_for_a_confirmation(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop, said, heard = world.service("mail"), world.service("shop"), list[str](), list[str]()
            mail.on("order.*", lambda event: heard.append(event.id), durable="mail", max_backlog=2)
            await world.run()
            mail.crash()

            async def publish_all(*numbers: int) -> None:
                for number in numbers:
                    try:
                        await shop.publish_confirmed(told(number))
                        said.append("taken")
                    except Unavailable as no:
                        said.append(no.reason)

            world.bus.sim.start(publish_all(1, 2, 3))
            await world.run()
            assert said == ["taken", "taken", "mail is full: a backlog of 2"]
            mail.restart()
            await world.run()
            world.bus.sim.start(publish_all(4))
            await world.run()
            assert said[3:] == ["taken"]
            assert heard == ["a1", "a2", "a4"]

        play(story)

    def test_an_event_that_comes_twice_is_delivered_as_often_as_this_bus_says(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop, heard = world.service("mail"), world.service("shop"), list[str]()
            mail.on("order.*", lambda event: heard.append(event.id), durable="mail")
            await world.run()
            publish(world, shop, told(1))
            await world.run()
            publish(world, shop, told(1))
            await world.run()
            assert heard == ["a1"] * self.same_event_twice

        play(story)

    def test_a_subscription_that_has_ended_gets_nothing_and_begins_anew(self, play: Play) -> None:
        async def story(world: World) -> None:
            mail, shop, heard = world.service("mail"), world.service("shop"), list[str]()

            def note(event: Event) -> None:
                heard.append(event.id)

            mail.on("order.*", note, durable="mail")
            await world.run()
            publish(world, shop, told(1))
            await world.run()
            world.bus.unsubscribe("mail")
            publish(world, shop, told(2))
            await world.run()
            mail.on("order.*", note, durable="mail")
            await world.run()
            publish(world, shop, told(3))
            await world.run()
            assert heard == ["a1", "a3"]

        play(story)


def play_with(make: Callable[[], Any]) -> Play:
    """Plays stories of a world that needs no waiting."""

    def play(story: Callable[[World], Awaitable[None]]) -> None:
        work: Any = story(make())
        try:
            work.send(None)
        except StopIteration:
            return
        raise AssertionError("a story in simulation waits for nothing")

    return play
