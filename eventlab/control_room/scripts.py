"""The page's script and style as one text each: small modules to be read, joined without a build step."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from eventlab.views.drawing.style import variables

HERE = Path(__file__).parent
SELECTOR = ".eventlab-room"
MODULES = [  # each after those that it imports from
    *("dom", "words", "store", "bands", "board", "clock", "acting", "happened", "routes", "lines", "dots", "nodes"),
    *("graph", "people", "field", "panel", "facts", "strip", "inspector", "missions", "desk", "legend", "table"),
    "room",
]


@lru_cache
def script(last: str) -> str:
    """All modules as one, with `last` at its end: "widget" for a notebook, "recorded" for a page of its own."""
    return "\n".join((*map(_closed, MODULES), _bare(last)[0]))


@lru_cache
def style() -> str:
    """The tokens of both themes, then what the page looks like."""
    return variables(SELECTOR) + (HERE / "room.css").read_text("utf-8")


def _closed(name: str) -> str:
    """A module as a function's body, so that its names are its own; what it exports is what the function returns."""
    text, exported = _bare(name)
    return f"const {name}_js = (() => {{\n{text}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _bare(name: str) -> tuple[str, list[str]]:
    """A module that takes what it imports from the modules before it, and the names that it exports."""
    lines, exported = [], []
    for line in (HERE / "browser" / f"{name}.js").read_text("utf-8").splitlines():
        if line.startswith('import { initialize } from "../'):
            continue  # it stands at the head of every widget's module
        if line.startswith("import "):  # import { one, other } from "./module.js";
            names, source = line.removeprefix("import ").split(" from ")
            line = f"const {names} = {source.split('/')[1].split('.')[0]}_js;"
        elif line.startswith("export ") and not line.startswith("export default"):
            line = line.removeprefix("export ")
            exported.append(line.replace("(", " ").split()[1])
        lines.append(line)
    return "\n".join(lines), exported
