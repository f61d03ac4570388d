"""What a bus promises, found out by doing: a desk publishes letters, mail hears them, and fails where it is told to.

Each scene is a function of the desk; it runs in a laboratory or on real engines as it stands. What comes of it is what
mail heard, letter by letter, and which became dead letters. What JetStream did was measured once, and is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from eventlab.event import Event
from eventlab.faults import Crash
from eventlab.lab import Lab
from eventlab.lessons.lesson13.kept import kills, measured_on, promised
from eventlab.lessons.lesson13.seats import PEOPLE
from eventlab.service import Service
from eventlab.trace import Trace
from eventlab.views import sequence_diagram
from eventlab.views.drawing.picture import Picture

Scene = Callable[[Service], Any]
TRIES = 3
DOWN = Crash("mail", 1.0, 1.5)


def letter(id: str, subject: str = "p-1", fails: int = 0) -> Event:
    """A letter to somebody; mail fails so often when it handles it."""
    return Event("letter.sent", {"fails": fails}, subject, id)


def published_twice(desk: Service) -> None:
    """One letter is published twice."""
    desk.publish(letter("a"))
    desk.publish(letter("a"))


def fails_once(desk: Service) -> None:
    """The first of two letters to one person fails once."""
    desk.publish(letter("a", fails=1))
    desk.publish(letter("b"))


def fails_beside_another(desk: Service) -> None:
    """A letter fails once, and another person's is behind it."""
    desk.publish(letter("a", fails=1))
    desk.publish(letter("b", "p-2"))


def fails_always(desk: Service) -> None:
    """A letter fails each time."""
    desk.publish(letter("a", fails=99))
    desk.publish(letter("b"))


def while_mail_is_down(desk: Service) -> None:
    """Two letters are published; see `DOWN`."""
    desk.publish(letter("a"))
    desk.publish(letter("b"))


SCENES: dict[str, Scene] = {
    "a is published twice, with one id": published_twice,
    "a fails once; b is to the same person": fails_once,
    "a fails once; b is to another person": fails_beside_another,
    f"a fails in each of {TRIES} tries": fails_always,
    "a and b are published while mail is down": while_mail_is_down,
}


class Hearing:
    """A desk and a mail service in a world (a laboratory or a runtime), and what mail has heard."""

    def __init__(self, world: Any, scene: Scene) -> None:
        self.scene, self.heard, self.failed = scene, list[str](), Counter[str]()
        self.desk, self.mail = world.service("desk"), world.service("mail")
        self.box = self.mail.on("letter.*", self.hear, durable="mail", backoff=[0.2], max_deliver=TRIES)
        if scene is while_mail_is_down:
            world.inject(DOWN)

    def hear(self, event: Event) -> None:
        """Mail handles a letter, or fails."""
        self.heard.append(event.id)
        if self.failed[event.id] < event.data.get("fails", 0):
            self.failed[event.id] += 1
            raise RuntimeError("mail fails, as it was told to")

    async def act(self) -> None:
        """What the desk does, a second after the beginning."""
        await self.desk.sleep(1.1)
        done = self.scene(self.desk)
        if isawaitable(done):
            await done

    @property
    def words(self) -> str:
        """What mail heard, and what became a dead letter."""
        dead = [each.event.id for each in self.box.dead]
        return " ".join(self.heard or ["nothing"]) + (f"; dead: {' '.join(dead)}" if dead else "")


def _simulated(scene: Scene) -> tuple[Hearing, Trace]:
    lab = Lab(13)
    hearing = Hearing(lab, scene)
    lab.start(hearing.act())
    return hearing, lab.run()


def simulated(scene: Scene) -> str:
    """What mail hears in simulation."""
    return _simulated(scene)[0].words


def drawn(scene: Scene) -> Picture:
    """One scene in simulation, message by message."""
    hearing, trace = _simulated(scene)
    return sequence_diagram(trace, title=f"Mail hears: {hearing.words}")


def promises(own: Scene | None = None) -> list[dict[str, str]]:
    """What mail heard in each scene, simulated now, and on JetStream as it is kept; first in a scene of your own."""
    real = f"JetStream, {measured_on()}"
    rows = [{"what is done": "yours", "simulation": simulated(own), real: "try it below"}] if own else []
    for name, scene in SCENES.items():
        rows.append({"what is done": name, "simulation": simulated(scene), real: promised()[name]})
    least = min(len(kill.told) for kill in kills())
    rows.append({"what is done": "the leader dies", "simulation": "see part 1", real: f"{least} of {PEOPLE}, always"})
    return rows
