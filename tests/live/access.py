"""What axe-core finds on a page: contrast, names, headings, landmarks, in the light and in the dark.

axe-core comes from npm in the version and with the hash that stand here, and is kept among the parts of the live pages.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from functools import cache

from playwright.sync_api import Page

from tools.site.live.parts import Part, kept

AXE = Part(
    "npm", "axe-core", "4.14.1", "axe-core-4.14.1.tgz",
    "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
)  # fmt: skip
# Not asked: whether what stands in a box is word for word in its name. The control room's boxes have a name that says
# all of it, with a colon between service and state.
ASKED = """async (only) => {
  const rules = only.length ? { type: "rule", values: only }
    : { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] };
  const all = { "heading-order": { enabled: true }, "label-content-name-mismatch": { enabled: false } };
  const more = only.length ? {} : all;
  const found = await axe.run(document, { runOnly: rules, rules: more, iframes: false, resultTypes: ["violations"] });
  const told = (id) => (node) => [id, node.target.join(" "), node.failureSummary];
  return found.violations.flatMap(({ id, nodes }) => nodes.map(told(id)));
}"""
MOST = 3  # places of one kind that are named


@cache
def script() -> str:
    """axe-core's own script."""
    with tarfile.open(kept(AXE)) as archive:
        file = archive.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


def faults(page: Page) -> Iterator[str]:
    """All that is wrong with the open page: everything in the light, and in the dark once more the contrast."""
    page.evaluate(f"{script()}; 0")
    for scheme, only in (("light", []), ("dark", ["color-contrast"])):
        page.emulate_media(color_scheme=scheme)
        yield from (f"{scheme}: {each}" for each in _told(page.evaluate(ASKED, only)))
    page.emulate_media(color_scheme="light")


def _told(found: list[tuple[str, str, str]]) -> Iterator[str]:
    """A sentence for each kind of fault, with some places."""
    for kind in sorted({kind for kind, _, _ in found}):
        mine = [(place, " ".join(why.split())) for each, place, why in found if each == kind]
        places = "; ".join(f"{place}: {why}" for place, why in mine[:MOST])
        yield f"{kind} in {len(mine)} places: {places}"
