"""Pages to be shown or printed: slides for a lesson, and cards for playing it without computers. No scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eventlab.classroom.markup import Markup, document, tag
from eventlab.classroom.sketches import drawn
from eventlab.classroom.teaching import Game, Teaching
from eventlab.lessons.judging.model import Lesson, Question

SLIDES = """
html { scroll-snap-type: y mandatory } main > h1 { display: none }
body { max-width: none; margin: 0; padding: 0; font-size: clamp(18px, 2.3vw, 34px) }
section { box-sizing: border-box; min-height: 100vh; padding: 4vh 6vw; scroll-snap-align: start; position: relative;
  page-break-after: always; display: flex; flex-direction: column; justify-content: center }
section h2 { font-size: 1.5em; line-height: 1.25; margin: 0 0 .7em }
section h2.question { font-size: 1.15em; font-weight: 600 }
section p { margin: .3em 0 } section svg { width: 100%; height: auto; max-height: 84vh }
p.foot { position: absolute; right: 2vw; bottom: 1.5vh; font-size: .5em; color: var(--soft) }
.right { font-weight: 650 } .why { color: var(--soft) }
ol, ul { margin: 0; padding-left: 1.2em } li { margin: .35em 0 }
@page { size: landscape; margin: 10mm }
"""
CARDS = """
.cards { display: grid; grid-template-columns: 1fr 1fr; gap: 0 }
.card { border: 1px dashed var(--line); padding: 5mm; min-height: 48mm; break-inside: avoid; display: flex;
  flex-direction: column; font-size: 15px; line-height: 1.4 }
.card h3 { margin: 0 0 2mm; font-size: 19px } .card p { margin: 0 0 1.5mm }
.card .sort { margin-top: auto; padding-top: 2mm; font-size: 12px; color: var(--soft) }
.role h3 { border-left: 4mm solid var(--ink); padding-left: 3mm }
.message h3 { border-left: 4mm solid var(--event); padding-left: 3mm }
.round h3 { border-left: 4mm double var(--soft); padding-left: 3mm }
.fails h3 { border-left: 4mm solid var(--wrong); padding-left: 3mm }
@page { size: A4; margin: 10mm }
@media print { body { margin: 0; max-width: none; padding: 0 } .rules { break-after: page } }
"""


# Slides ---------------------------------------------------------------------------------------------------------------


def unmarked(text: str) -> str:
    """Markdown without its signs."""
    return re.sub(r"[*`]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)).strip()


def slides(
    lesson: Lesson, teaching: Teaching, opening: Sequence[str], aims: Sequence[str], keep: Sequence[str]
) -> bytes:
    """The slides of a lesson: a page in which each screen is one slide (space, arrow and page keys move on).

    `opening` is the lesson's question and what follows it, `aims` and `keep` what it promises and what stays.
    """
    title = f"Lesson {lesson.number}: {lesson.title}"
    shown: list[Sequence[Markup]] = [[tag("h2", title), *(tag("p", each) for each in opening)]]
    shown.append([tag("h2", "Afterwards you can"), _list("ul", aims)])
    for question in lesson.predictions:
        shown += [_asked(question), _told(question)]
    shown += [[Markup(drawn(each).svg(live=True))] for each in teaching.sketches]
    shown += [[tag("h2", "Talk about it"), tag("p", unmarked(each))] for each in teaching.discuss]
    shown.append([tag("h2", "What to keep"), _list("ol", keep)])
    body = [_slide(parts, f"{lesson.number} · {number} / {len(shown)}") for number, parts in enumerate(shown, 1)]
    return document(title, body, SLIDES)


def _slide(parts: Sequence[Markup], foot: str) -> Markup:
    return tag("section", *parts, tag("p", foot, kind="foot"))


def _list(name: str, rows: Sequence[str]) -> Markup:
    return tag(name, *(tag("li", row) for row in rows))


def _asked(question: Question) -> list[Markup]:
    options = [tag("p", unmarked(f"{each.key}) {each.text}")) for each in question.options]
    return [tag("h2", unmarked(question.text), kind="question"), *options, tag("p", "Vote first.", kind="why")]


def _told(question: Question) -> list[Markup]:
    right = question.right
    said = [tag("p", unmarked(f"{right.key}) {right.text}"), kind="right"), tag("p", unmarked(right.why), kind="why")]
    return [tag("h2", "What happens", kind="question"), *said]


# Cards ----------------------------------------------------------------------------------------------------------------


def cards(number: str, game: Game) -> bytes:
    """The cards of a lesson's game, to be printed and cut; the first page says how it is played."""
    made = tag("div", *_cards(number, game), kind="cards")
    return document(f"{game.title} (lesson {number}, without computers)", [_rules(game), made], CARDS)


def _rules(game: Game) -> Markup:
    rounds = [f"{each.title}. {each.text}" for each in game.rounds]
    return tag(
        "div",
        tag("p", f"{game.people} people and you, about {game.minutes} minutes. Others watch, and take over a role."),
        tag("p", game.setup),
        tag("h2", "Rounds"), _list("ul", rounds),
        tag("h2", "Ask at the end"), _list("ul", game.ask),
        tag("p", "Print the pages that follow once, on thick paper, and cut along the lines.", kind="note"),
        kind="rules",
    )  # fmt: skip


def _cards(number: str, game: Game) -> Iterator[Markup]:
    for each in game.rounds:
        title = f"✕ {each.title}" if each.fails else each.title
        yield _card(title, [each.text], f"lesson {number} · {'a round that fails' if each.fails else 'round'}",
                    "fails" if each.fails else "round")  # fmt: skip
    for name, does in game.roles:
        yield _card(name, [does], f"lesson {number} · role", "role")
    for message in game.messages:
        for _ in range(message.copies):
            yield _card(message.title, [message.way, message.text], f"lesson {number} · hand it over", "message")


def _card(title: str, texts: Sequence[str], sort: str, kind: str) -> Markup:
    parts = [tag("p", each) for each in texts if each]
    return tag("div", tag("h3", title), *parts, tag("p", sort, kind="sort"), kind=f"card {kind}")
