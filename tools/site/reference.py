"""The API reference: a page for each module, made from its text alone; nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
ROOMS = {
    "": "The laboratory",
    "measures": "Measures of any trace",
    "airports": "The airports",
    "views": "Pictures",
    "control_room": "The control room",
    "lessons": "What lessons are made of",
    "engines": "Real engines",
    "interop": "Other formats",
    "classroom": "The classroom",
}


def modules(package: Path) -> list[Path]:
    """Every module that has something to say; not those of single lessons, where the answers stand."""
    found = sorted(package.rglob("*.py"))
    own = [path for path in found if not any(part.startswith(("lesson0", "lesson1")) for part in path.parts)]
    return [path for path in own if ast.get_docstring(ast.parse(path.read_text("utf-8")))]


def name_of(path: Path, package: Path) -> str:
    """`eventlab.views.charts` for the module in this file."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def page(name: str, text: str, *, with_source: bool = False) -> str:
    """The page of a module: what it is, then its public functions and classes with their docstrings."""
    tree = ast.parse(text)
    parts = ["---\norphan: true\n---", f"# {name}", "[All modules](index.md)", _words(tree)]
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            parts += _entry(node)
    if with_source:
        parts += ["## Its source", f"```python\n{text.strip()}\n```"]
    return "\n\n".join(part for part in parts if part) + "\n"


def contents(found: list[tuple[str, str]]) -> str:
    """The list of all modules by room; `found` has the name of each and its first sentence."""
    parts = [
        "# Reference",
        "Each module on one page, from its own docstrings. Those of single lessons are left out: answers stand there.",
    ]
    for room, title in ROOMS.items():
        rows = [(name, says) for name, says in found if _room(name) == room]
        if rows:
            table = "\n".join(f"| [`{name}`]({name}.md) | {says.replace('|', chr(92) + '|')} |" for name, says in rows)
            parts.append(f"## {title}\n\n| module | what it is |\n|---|---|\n{table}")
    return "\n\n".join(parts) + "\n"


def first_sentence(text: str) -> str:
    """What a module says it is: the first paragraph of its docstring, on one line."""
    return " ".join((ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].split())


def _room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else ""


def _entry(node: Function | ast.ClassDef) -> Iterator[str]:
    kind = "class" if isinstance(node, ast.ClassDef) else "function"
    yield f"## {kind} `{node.name}`"
    yield _code(_signature(node))
    yield _words(node)
    if isinstance(node, ast.ClassDef):
        fields = [ast.unparse(each) for each in node.body if isinstance(each, ast.AnnAssign) and _public(each.target)]
        if fields:
            yield _code("\n".join(fields))
        for each in node.body:
            if isinstance(each, Function) and not each.name.startswith("_"):
                yield f"### `{node.name}.{each.name}`"
                yield _code(_signature(each))
                yield _words(each)


def _public(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and not target.id.startswith("_")


def _signature(node: Function | ast.ClassDef) -> str:
    """How it is called; of a class, how it is made."""
    if isinstance(node, Function):
        gives = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        before = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        return f"{before} {node.name}({_arguments(node)}){gives}"
    made = [each for each in node.body if isinstance(each, Function) and each.name == "__init__"]
    if made:
        return f"{node.name}({_arguments(made[0])})"
    bases = ", ".join(map(ast.unparse, node.bases))
    return f"class {node.name}({bases})" if bases else f"class {node.name}"


def _arguments(node: Function) -> str:
    words = ast.unparse(node.args)
    return words.removeprefix("self, ").removeprefix("self").removeprefix("cls, ").removeprefix("cls")


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


def _words(node: ast.Module | Function | ast.ClassDef) -> str:
    """A docstring as Markdown; its headings, which are none there, stay text."""
    text = ast.get_docstring(node) or ""
    return "\n".join(f"\\{line}" if line.startswith("#") else line for line in text.split("\n"))
