"""The parts of the site's builder: pages from notebooks and docstrings, links that fit, a check that finds faults."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from gzip import decompress
from html import unescape
from pathlib import Path

import nbformat
import pytest

from eventlab.views import what_if
from eventlab.views.waiting import LINE
from tools.site import check, finish, reference, sources, styles
from tools.site.in_kernel import RECORDED
from tools.site.lessons import Stale, lesson
from tools.site.packing import pack
from tools.site.slugs import slug


def cell(*outputs: dict[str, object], tags: tuple[str, ...] = ()) -> object:
    shown = [nbformat.v4.new_output("display_data", data) for data in outputs]
    return nbformat.v4.new_code_cell("1", outputs=shown, metadata={"tags": list(tags)})


SENTENCE = {"text/plain": "Run this cell."}
PICTURE = {"image/svg+xml": "<svg/>", "text/plain": 'Two "services"\nwait.'}


def notebook(*cells: object) -> object:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# One\n\nWords."), *cells])


def made(tmp_path: Path, stored: object, ran: object | None, run_at: str = "") -> list[object]:
    path = tmp_path / "01-one.ipynb"
    nbformat.write(stored, path)
    cells: list[object] = lesson(path, ran, tmp_path, run_at).cells
    return cells


def test_a_picture_has_its_words_as_its_alternative(tmp_path: Path) -> None:
    (_, shown) = made(tmp_path, notebook(cell(PICTURE)), None)
    (output,) = shown.outputs
    assert 'alt="Two &quot;services&quot;&#10;wait."' in output["data"]["text/html"].replace("&#34;", "&quot;")
    assert (tmp_path / "01-one-1.svg").read_text() == "<svg/>"


def test_what_plays_takes_the_place_of_its_sentence_and_keeps_its_picture_for_paper(tmp_path: Path) -> None:
    told = {RECORDED: {"kind": "replay", "page": "01-one-1.html", "text": "A replay.", "high": 700}}
    (_, shown) = made(tmp_path, notebook(cell(SENTENCE, PICTURE)), notebook(cell(told, SENTENCE, PICTURE)))
    frame, still = (unescape(output["data"]["text/html"]) for output in shown.outputs)
    assert 'src="../_static/recorded/01-one-1.html"' in frame
    assert 'loading="lazy"' in frame
    assert "eventlab-still" in still


def test_a_line_that_told_how_far_a_cell_was_leaves_nothing(tmp_path: Path) -> None:
    (_, shown) = made(tmp_path, notebook(cell(PICTURE)), notebook(cell({LINE: []}, PICTURE)))
    assert len(shown.outputs) == 1


def test_a_page_takes_only_the_styles_that_it_may_need() -> None:
    sheet = "@charset 'a';.a,.b .c{x:1}/* .a */@media print{.c{y:2}.a:not(.z){y:3}}:is(.q){z:4}@keyframes k{from{x:0}}"
    expected = "@charset 'a';.a{x:1}@media print{.a:not(.z){y:3}}:is(.q){z:4}@keyframes k{from{x:0}}"
    assert styles.used(sheet, frozenset({"a", "b"})) == expected


def test_outputs_that_are_not_of_todays_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Stale, match="refresh the notebook"):
        made(tmp_path, notebook(cell(PICTURE)), notebook(cell()))


def test_a_cell_that_measures_a_claim_has_an_anchor_once(tmp_path: Path) -> None:
    cells = made(tmp_path, notebook(cell(tags=("claim-R1",)), cell(tags=("claim-R1",))), None)
    assert ["claim-r1" in each.source for each in cells] == [False, True, False, False]


def test_the_button_stands_under_the_title_where_a_lesson_can_run(tmp_path: Path) -> None:
    (title, _) = made(tmp_path, notebook(cell()), None, "live/lab/index.html?path=01-one.ipynb")
    first, _, second, *_ = title.source.split("\n")
    assert first == "# One"
    assert "Run this lesson" in second


def test_a_page_that_was_packed_holds_the_same_data(tmp_path: Path) -> None:
    page = what_if(lambda n: f"{n} </script>", n=[1, 2, 3]).save(tmp_path / "a.html")
    (before,) = re.findall(r'id="data">(.*?)</script>', page.read_text("utf-8"))
    (after,) = re.findall(r'id="data">(.*?)</script>', pack(page).read_text("utf-8"))
    assert json.loads(decompress(b64decode(after))) == json.loads(before)
    assert [each["parts"][0]["lines"] for each in json.loads(before)["shown"].values()] == [
        "1 </script>",
        "2 </script>",
        "3 </script>",
    ]


def test_a_lesson_links_to_no_file_that_the_site_has_not(tmp_path: Path) -> None:
    cell = nbformat.v4.new_markdown_cell("[a](../docs/a.json), [01](01-request-driven.ipynb)")
    (_, shown) = made(tmp_path, notebook(cell), None)
    assert shown.source == "a, [01](01-request-driven.ipynb)"


def test_links_fit_the_site() -> None:
    text = "[bus](eventlab/bus.py), [ten](examples), [L](LICENSE), [D](DESIGN.md), [x](https://semver.org/), [a](#b)"
    expected = (
        "[bus](api/eventlab.bus.md), [ten](examples/index.md), L, [D](DESIGN.md), [x](https://semver.org/), [a](#b)"
    )
    assert sources.relink(text, "README.md") == expected.replace("[L](LICENSE)", "L")


def test_a_module_has_a_page_of_its_public_names() -> None:
    page = reference.page("a.b", '"""What it is."""\n\ndef f(x: int) -> str:\n    """Says x."""\n\ndef _g(): ...\n')
    assert "# a.b" in page
    assert "def f(x: int) -> str" in page
    assert "Says x." in page
    assert "_g" not in page


def test_the_reference_has_no_module_in_which_answers_stand() -> None:
    names = {path.parent.name for path in reference.modules(sources.REPO / "eventlab")}
    assert "airports" in names
    assert not any(re.fullmatch(r"lesson\d\d", name) for name in names)


def test_every_word_of_the_glossary_names_the_lesson_that_shows_it() -> None:
    rows = re.findall(
        r"^\| (?!word|-)(.*?) \|.*\| (.*) \|$", (sources.REPO / "docs/glossary.md").read_text(), re.MULTILINE
    )
    assert [word for word, _ in rows] == sorted(word for word, _ in rows)
    for word, link in rows:
        (target,) = re.findall(r"\]\((.*)\)", link)
        assert (sources.REPO / "docs" / target).exists(), word


def test_anchors_are_those_of_jupyterlab() -> None:
    assert slug(" 01.4 Paid, or not? ") == "01.4-Paid,-or-not?"


def test_the_check_finds_what_is_wrong_with_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<h1 id="x">A</h1><h3>B</h3><img src="https://elsewhere.example/a.png"><a href="b.html">b</a><a href="#y">y</a>'
        '<a href="#x">x</a>'
    )
    found = "\n".join(check.faults(tmp_path))
    for words in (
        "not on this host",
        "no words",
        "level 3 comes after",
        "b.html leads to no file",
        "#y leads to no place",
    ):
        assert words in found
    assert found.count("\n") == 4


def test_a_page_has_the_signs_that_it_shows_and_no_others() -> None:
    sign = '\n  <symbol id="svg-{0}" viewBox="0 0 24 24">\n    <svg><path\n  d="M1 {0}"/></svg>\n  </symbol>'
    signs = '<svg xmlns="x" style="display: none;">' + sign.format(1) + sign.format(2) + "\n</svg>"
    rest = '\n<pre>\n  as it was</pre><svg><use href="#svg-2"></use></svg>'
    one = '<symbol id="svg-2" viewBox="0 0 24 24"> <svg><path d="M1 2"/></svg> </symbol>'
    assert finish.fewer_signs(signs + rest) == f'<svg xmlns="x" style="display: none;"> {one} </svg>{rest}'
