"""The gallery in JupyterLab: every picture is there, fits, answers to keys and clicks, and stands still when saved."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from eventlab.views.drawing.style import TOKENS

from .conftest import NOTEBOOKS
from .lab import Browser, Lab, Notebook
from .test_start_notebook import WIDER_THAN_ITS_PLACE

TITLES = [
    "The whole run: ", "9E3422-JFK-0208: ", "flight.cancel led to ", "Departure boards at ", "9E3422-JFK-0208 at 07:33",
    "9E3422-JFK-0208: 6 events", "DL2003-LGA-0208 as of ", "Boards down 07:30",
    "Trip of anna: ", "mail: 2 dead letters", "15 of 27 pairings", "2 events refused",
    "Switched too early", "A departure, corrected", "100,000 events. Compare each with each: ",
    "A bare program: ", "A shop: ", "An order in a shop: ", "A hospital: ", "Apart from ",
    "The boards stop: ", "What loss costs", "Minute 25: ", "No sequence",
]  # fmt: skip
FIRST = "flow graph, sequence diagram, boards, state"
SELECTED = "() => jupyterapp.shell.currentWidget.content.activeCellIndex"


@pytest.fixture(scope="module")
def gallery(browser: Browser, lab: Lab) -> Iterator[Notebook]:
    with browser.open(lab, "gallery.ipynb") as notebook:
        notebook.run_all()
        yield notebook
        notebook.assert_clean()


@pytest.fixture
def replay(gallery: Notebook) -> Locator:
    """The first replay, at its first step, in focus."""
    component = gallery.page.locator(".eventlab-replay").first
    component.scroll_into_view_if_needed()
    component.focus()
    gallery.page.keyboard.press("Escape")
    gallery.page.keyboard.press("Home")
    return component


def rgb(colour: str) -> str:
    """A colour as a browser tells it."""
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:], 16)})"


def at(replay: Locator) -> int:
    return int(replay.locator(".scrubber").input_value())


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_still_and_live_pictures_follow_the_theme_and_all_fit(gallery: Notebook, theme: str) -> None:
    gallery.theme(theme)
    figures = [figure for figure in gallery.figures().all() if figure.is_visible()]
    for figure, title in zip(figures, TITLES, strict=True):
        assert title in gallery.letters(figure)
    for figure in (figures[0], figures[-1]):
        ground = gallery.ground(figure)
        assert f"rgb({', '.join(map(str, ground))})" == rgb(getattr(TOKENS["surface"], theme.lower()))
    grounds = "pictures => pictures.map(p => getComputedStyle(p).backgroundColor)"
    ground = TOKENS["surface"].dark if theme == "Dark" else TOKENS["surface"].light
    pictures = gallery.page.locator(".eventlab-replay .picture, .eventlab-knobs svg")
    assert pictures.count() == 7
    assert set(gallery.page.locator(".eventlab-replay .picture").evaluate_all(grounds)) == {rgb(ground)}
    assert gallery.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
    gallery.screenshot(f"gallery-{theme.lower()}")


# How a picture stands in a narrow page: how much it is scaled, and how far its output is wider than its place.
SCALED = """pictures => pictures.filter(p => p.checkVisibility()).map(p => [
    p.getBoundingClientRect().width / (p.naturalWidth || p.width.baseVal.value),
    p.closest('.jp-OutputArea-output').scrollWidth - p.closest('.jp-OutputArea-output').clientWidth])"""
UNDER_THE_MOUSE = """area => {
    const image = document.querySelector(`[usemap="#${area.parentElement.name}"]`);
    image.scrollIntoView({block: 'start', inline: 'start'});
    const corner = image.getBoundingClientRect(), [x1, y1, x2, y2] = area.coords.split(',').map(Number);
    return document.elementFromPoint(corner.x + (x1 + x2) / 2, corner.y + (y1 + y2) / 2)?.title; }"""


def test_in_a_narrow_page_letters_keep_their_size_and_a_still_picture_has_words_under_the_mouse(
    gallery: Notebook,
) -> None:
    page, wide = gallery.page, gallery.page.viewport_size
    page.set_viewport_size({"width": 700, "height": 1400})
    pictures = page.locator(".eventlab-still, .eventlab-replay .picture svg, .eventlab-knobs .picture svg")
    scaled = pictures.evaluate_all(SCALED)
    assert len(scaled) > len(TITLES)
    assert [each for each in scaled if each[0] < 0.98 or each[1]] == []
    area = page.locator("area[shape=rect]").first
    assert area.get_attribute("title") and area.evaluate(UNDER_THE_MOUSE) == area.get_attribute("title")
    assert wide is not None
    page.set_viewport_size(wide)


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_the_controls_stand_out_from_the_ground(gallery: Notebook, theme: str) -> None:
    gallery.theme(theme)
    contrast = """element => {
        const light = (colour) => {
            const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map((v) => v / 255)
                .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ground = getComputedStyle(element.closest('.eventlab-replay')).backgroundColor;
        const [one, other] = [getComputedStyle(element).color, ground].map(light).sort((a, b) => b - a);
        return (one + 0.05) / (other + 0.05);
    }"""
    component = gallery.page.locator(".eventlab-replay").first
    for part in ["button", ".says", ".note", "summary", ".pace"]:
        assert component.locator(part).first.evaluate(contrast) > 4.5, part  # what WCAG asks of text
    assert component.locator(".track .fails").first.evaluate(contrast) > 3  # and of signs


def test_keys_step_and_jump_and_leave_the_notebook_alone(gallery: Notebook, replay: Locator) -> None:
    page, cells = gallery.page, gallery.page.locator(".jp-Notebook .jp-Cell").count()
    selected = page.evaluate(SELECTED)
    steps = [page.keyboard.press(key) or at(replay) for key in ["ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home"]]
    last = int(replay.locator(".scrubber").get_attribute("max") or 0)
    assert steps == [1, 2, 1, last, 0]
    page.keyboard.press("f")
    failure = at(replay)
    assert 0 < failure < last
    assert re.search("never gets|STOPS|stops waiting", replay.locator(".says").inner_text())
    page.keyboard.press("f")
    page.keyboard.press("Shift+F")
    assert at(replay) == failure
    page.keyboard.press("c")
    assert re.search("changes|notes", replay.locator(".says").inner_text())
    for key in ["d", "d", "x", "a", "b", "m"]:  # commands of JupyterLab; two d would delete the cell
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert page.evaluate(SELECTED) == selected


def test_play_goes_on_by_itself_and_one_can_step_back(gallery: Notebook, replay: Locator) -> None:
    replay.locator(".pace").select_option("8")
    replay.get_by_label("play or pause").click()
    expect(replay.locator(".scrubber")).not_to_have_value("0")
    replay.get_by_label("play or pause").click()
    here = at(replay)
    replay.get_by_label("one step back").click()
    assert at(replay) < here  # several sends of one instant are one step
    replay.locator(".pace").select_option("1")


def test_steps_need_no_kernel(gallery: Notebook, replay: Locator) -> None:
    """The kernel is kept busy: what needed its answer would not come."""
    page = gallery.page
    page.evaluate("""() => { jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
        {code: 'import time; time.sleep(2)', store_history: false}); }""")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='busy']")
    for expected in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        assert at(replay) == expected
    assert page.locator(".jp-Notebook-ExecutionIndicator[data-status='busy']").count() == 1, "the kernel was not busy"
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")


def test_a_selected_message_is_highlighted_in_every_view(gallery: Notebook, replay: Locator) -> None:
    page = gallery.page
    page.keyboard.press("f")
    page.keyboard.press("f")
    page.keyboard.press("Enter")
    views = replay.locator(".view:has(.chosen) summary").all_inner_texts()
    assert ", ".join(views) == FIRST
    assert '"subject": "9E3422-JFK-0208"' in replay.locator(".details").inner_text()
    gallery.screenshot("gallery-selected")
    page.keyboard.press("Escape")
    assert replay.locator(".chosen").count() == 0


def test_a_control_runs_again_and_shows_the_result(gallery: Notebook) -> None:
    knobs = gallery.page.locator(".eventlab-knobs")
    expect(knobs).to_contain_text("Operations stopped, 1 min")
    knobs.locator("input").focus()
    gallery.page.keyboard.press("ArrowRight")
    expect(knobs).to_contain_text("Operations stopped, 15 min")


def test_a_saved_notebook_shows_pictures_without_a_kernel(gallery: Notebook, lab: Lab, browser: Browser) -> None:
    """As learners save it, and as it lies in the repository: run by nobody here, so not trusted."""
    gallery.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    shutil.copy(lab.root / "notebooks" / "gallery.ipynb", lab.root / "notebooks" / "saved.ipynb")
    shutil.copy(NOTEBOOKS / "gallery.ipynb", lab.root / "notebooks" / "fresh.ipynb")
    for name in ("saved.ipynb", "fresh.ipynb"):
        with browser.open(lab, name) as notebook:
            for shown in ("All streams: ", "9E3422-JFK-0208 at 09:19"):
                expect(notebook.page.locator(f'.eventlab-still[alt*="{shown}"]').first).to_be_visible()
            if name == "saved.ipynb":
                assert notebook.page.locator(".eventlab-replay").count() == 0, "the component still lives"
                lost = notebook.page.locator(".jp-OutputArea-output").filter(has_text="model not found")
                expect(lost.first).to_be_attached()
                assert not any(each.is_visible() for each in lost.all())
            else:
                expect(notebook.figures()).to_have_count(len(TITLES) + 3)  # with those of two replays and a control
                assert notebook.outputs.filter(has_text=f"steps, shown as {FIRST}").count() == 1
                notebook.assert_clean()
