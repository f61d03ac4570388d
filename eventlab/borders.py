"""One look at the door: what a public function was given fits, or `Invalid` says what was expected."""

from __future__ import annotations

from typing import Any

from eventlab.errors import Invalid, Refused, shown

LONGEST = 1_000  # characters of what an error says that are kept
LEAST, GREATEST = -(2**63), 2**63 - 1  # what 64 bits hold, in SQLite as in JSON readers elsewhere


def writable(value: str) -> bool:
    """Whether UTF-8 can write it: half a surrogate pair is text to Python alone."""
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def text(value: object, what: str, *, where: str, least: int = 0, most: int | None = None, plain: bool = False) -> str:
    """`value`, which is Unicode text of `least` to `most` characters; a `plain` one also has no U+0000 in it."""
    if isinstance(value, str) and least <= len(value) <= (len(value) if most is None else most) and writable(value):
        if not plain or "\0" not in value:
            return str.__str__(value)  # of somebody's own class: what it says
    length = "at least one character of " if least else ""
    if most is not None:
        length = f"{least} to {most:,} characters of "
    raise Invalid(what, where=where, expected=f"{length}Unicode text{' without U+0000' if plain else ''}", found=value)


def told(problem: BaseException) -> str:
    """What an error says, in text that can be kept: cut short, half characters written out, whoever's error it is."""
    try:
        words = str(problem)
    except Exception:
        words = "(it cannot be shown)"
    return tellable(words)


def reason(why: Exception, service: str) -> tuple[str, str]:
    """The kind of record that an error of a service's handler makes, and its words."""
    if isinstance(why, Refused):  # this service's own, or one that it passes on: then with the name of who said it
        return "refused", tellable(why.reason) if why.service in ("", service) else told(why)
    return "failed", f"{type(why).__name__}: {told(why)}"


def tellable(words: object) -> str:
    """Words as text that can be kept: cut short, half characters written out."""
    short = words if isinstance(words, str) else shown(words)
    short = str.__str__(short)
    short = short if len(short) <= LONGEST else short[:LONGEST] + "…"
    return short if writable(short) else short.encode("utf-8", "backslashreplace").decode()


def integer(value: object, what: str, *, where: str, least: int = LEAST, most: int = GREATEST) -> None:
    """`value` is an integer from `least` to `most` (an `Instant` is one); True and 1.0 are none."""
    if not isinstance(value, int) or value.__class__ is bool or not least <= value <= most:
        raise Invalid(what, where=where, expected=f"an integer, {_range(least, most)}", found=value)


def _range(least: int, most: int) -> str:
    if (least, most) == (LEAST, GREATEST):
        return "of 64 bits"
    return f"{least} and up" if most == GREATEST else f"{least} to {most}"


def function(value: object, what: str, *, where: str) -> None:
    """`value` can be called."""
    if not callable(value):
        raise Invalid(what, where=where, expected="a function", found=value)


def instance(value: object, kind: type, what: str, *, where: str) -> None:
    """`value` is of a `kind`."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        raise Invalid(what, where=where, expected=f"{article} {kind.__name__}", found=value)


def able(value: Any, *methods: str, what: str, where: str) -> None:
    """`value` has these methods, whatever its class: another engine's store is a store too."""
    if isinstance(value, type) or not all(callable(getattr(value, name, None)) for name in methods):
        raise Invalid(what, where=where, expected=f"a {what} with {', '.join(methods)}", found=value)
