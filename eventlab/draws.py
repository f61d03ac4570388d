"""Chance: random numbers from named streams, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from random import Random


class Draws:
    """Random numbers from one named stream: the same on every machine, since they use no logarithm and no clock."""

    __slots__ = ("name", "random", "seed")

    def __init__(self, seed: int, name: str) -> None:
        self.seed, self.name = seed, name
        key = sha256(f"{seed}/{name}".encode()).digest()
        #: a float in [0, 1); Python promises that this sequence stays the same for ever
        self.random: Callable[[], float] = Random(int.from_bytes(key[:8], "big")).random

    def __repr__(self) -> str:
        return f"<Draws {self.name!r} of seed {self.seed}>"

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return int(self.random() * count)

    def exponential(self, mean: int) -> int:
        """A whole number from the exponential distribution with this mean.

        Only comparisons are needed (John von Neumann, 1951, "Various techniques used in connection with random
        digits"): the length of a falling run of uniform numbers decides.
        """
        random = self.random
        whole = 0
        while True:
            first = last = random()
            accept = True
            while (number := random()) < last:
                last = number
                accept = not accept
            if accept:
                return whole * mean + int(first * mean)
            whole += 1
