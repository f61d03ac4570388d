"""The styles of a page within it, without what it has no use for: on a slow line, each file costs half a second."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

LINK = re.compile(r'\s*<link rel="stylesheet" type="text/css" href="([^"?]+)[^"]*" ?/?>')
LATE = "pygments"  # the colours of code: a page is read before they come
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
NEGATED = re.compile(r":not\([^()]*\)")
WORD = re.compile(r"[\w-]+")


def within(page: Path, words_of_scripts: frozenset[str]) -> None:
    """Write the styles that this page links to into it; `words_of_scripts` may become classes later."""
    text = page.read_text("utf-8")
    late = [found[0].strip() for found in LINK.finditer(text) if LATE in found[1]]
    sheets = [(page.parent / found).read_text("utf-8") for found in LINK.findall(text) if LATE not in found]
    known = words_of_scripts | frozenset(WORD.findall(text))
    style = "".join(used(sheet, known) for sheet in sheets)
    first = iter([f"<style>{style}</style>"])
    text = LINK.sub(lambda _: next(first, ""), text).replace("</body>", f"{''.join(late)}</body>")
    page.write_text(text, "utf-8", newline="\n")


def used(sheet: str, known: frozenset[str]) -> str:
    """The rules of a style sheet that may fit an element whose classes are all known."""
    return "".join(_kept(COMMENT.sub("", sheet), known))


def _kept(sheet: str, known: frozenset[str]) -> Iterator[str]:
    for head, body in _rules(sheet):
        if head.startswith(("@media", "@supports")):
            if inner := "".join(_kept(body, known)):
                yield f"{head}{{{inner}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}" if body else f"{head};"
        elif fitting := [each for each in _selectors(head) if _fits(each, known)]:
            yield f"{','.join(fitting)}{{{' '.join(body.split())}}}"


def _fits(selector: str, known: frozenset[str]) -> bool:
    if ":is(" in selector or ":where(" in selector:
        return True
    return known.issuperset(CLASS.findall(NEGATED.sub("", selector)))


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Each rule of the outermost level: what stands before its braces, and what in them."""
    depth = begin = opened = 0
    for place, letter in enumerate(sheet):
        if letter == ";" and not depth:
            yield sheet[begin:place].strip(), ""
            begin = place + 1
        elif letter == "{":
            depth += 1
            if depth == 1:
                opened = place
        elif letter == "}":
            depth -= 1
            if not depth:
                yield sheet[begin:opened].strip(), sheet[opened + 1 : place]
                begin = place + 1


def _selectors(head: str) -> Iterator[str]:
    """The selectors of a rule: its head, parted at the commas that are in no brackets."""
    depth = begin = 0
    for place, letter in enumerate(head):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            yield head[begin:place].strip()
            begin = place + 1
    yield head[begin:].strip()
