"""The source pages of the site beside the lessons: the repository's own pages, examples, reference and the start."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path, PurePosixPath

from tools.site import markup, reference

REPO = Path(__file__).resolve().parents[2]
PAGES = ["GUARANTEES.md", "DESIGN.md", "CHANGELOG.md", "CONTRIBUTING.md", "data/README.md", "docs/glossary.md"]
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)\)")
CLAIM = re.compile(r"^(\| ([A-Z]\d+) \|.*?)\[(\d+)\]\((\.\./notebooks/[^)]+)\.ipynb\)", re.MULTILINE)
# Short enough to be read on a page, and named in the README: the five architectures, and what they share.
READ = [
    *("request_driven", "publish_subscribe", "event_notification", "state_transfer", "event_sourcing"),
    *("rules", "cast", "metrics"),
]
START = Path(__file__).parent / "start.md"


def write_all(folder: Path, lessons: list[str], *, few: bool = False) -> None:
    """Write every page but the lessons, whose file names are given; of the reference a `few` pages for a look."""
    for page in PAGES:
        if (REPO / page).exists():
            _write(folder / page, relink((REPO / page).read_text("utf-8"), page))
    claims = CLAIM.sub(_to_its_cell, (REPO / "docs/claims.md").read_text("utf-8"))
    _write(folder / "docs/claims.md", claims)
    _write(folder / "examples/index.md", examples())
    _write_reference(folder / "api", few)
    _write(folder / "index.md", start(lessons))


def start(lessons: list[str]) -> str:
    """The first page: what this is, the ways in, and every lesson with what one does there (as the README says it)."""
    readme = (REPO / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| \[`([^`]+)`\]\([^)]+\) \| (.*) \|$", readme, re.MULTILINE)
    here = [(name, does) for name, does in rows if f"{name}.ipynb" in lessons]
    table = "\n".join(f"| [{name}](notebooks/{name}.ipynb) | {does} |" for name, does in here)
    text = START.read_text("utf-8").replace("@lessons@", f"| lesson | what you do |\n|---|---|\n{table}")
    return text.replace("@toctree@", "\n".join(f"notebooks/{Path(name).stem}" for name in lessons))


def examples() -> str:
    """Every example with what it prints."""
    parts = ["# Examples", "Small programs on the library alone, each with what it prints."]
    for path in sorted((REPO / "examples").glob("*.py")):
        parts.append(f"## {path.stem[3:].replace('_', ' ').capitalize()}")
        parts.append(f"```python\n{path.read_text('utf-8').strip()}\n```\n\nIt prints:")
        parts.append(f"```text\n{path.with_suffix('.out').read_text('utf-8').rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def relink(text: str, page: str) -> str:
    """The page with its links fit for the site: to a module's page, or none where the site has no such page."""

    def fit(found: re.Match[str]) -> str:
        mark, words, target = found.groups()
        place, _, _ = target.partition("#")
        if mark or not place or "://" in place:
            return found[0]
        whole = os.path.normpath(PurePosixPath(page).parent / place)
        to = on_site(whole)
        return f"[{words}]({os.path.relpath(to, PurePosixPath(page).parent)})" if to else words

    return LINK.sub(fit, text)


def on_site(path: str) -> str:
    """The source page that shows a file of the repository; nothing where there is none."""
    if path in ("README.md", "."):
        return "index.md"
    if path == "examples" or path.startswith("examples/"):
        return "examples/index.md"
    if path.startswith("eventlab/") and path.endswith(".py"):
        return f"api/{reference.name_of(REPO / path, REPO / 'eventlab')}.md"
    return path if path in (*PAGES, "docs/claims.md") or path.startswith("notebooks/") else ""


def _write_reference(folder: Path, few: bool) -> None:
    package = REPO / "eventlab"
    found: list[tuple[str, str]] = []
    for path in reference.modules(package)[: 3 if few else None]:
        name, text = reference.name_of(path, package), path.read_text("utf-8")
        found.append((name, reference.first_sentence(text)))
        _write(folder / f"{name}.md", reference.page(name, text, with_source=path.stem in READ))
    _write(folder / "index.md", reference.contents(found))


def _to_its_cell(found: re.Match[str]) -> str:
    """A row of the claims with its link to the very cell."""
    before, id, number, page = found.groups()
    return f"{before}{markup.link(f'{page}.html#claim-{id.lower()}', number)}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")


def copy_static(folder: Path) -> None:
    """What pages bring along: our style and script, the questions' own, and the pictures of the first page."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((Path(__file__).parent / "static").iterdir()):
        shutil.copyfile(path, folder / path.name)
    for path in sorted((REPO / "docs").glob("*.svg")):
        shutil.copyfile(path, folder / path.name)
    judging = REPO / "eventlab" / "lessons" / "judging"
    shutil.copyfile(judging / "questions.js", folder / "questions.js")
