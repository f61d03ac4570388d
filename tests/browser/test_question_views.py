"""Several views of one model of questions: each shows what is chosen and said, whoever chose it."""

from __future__ import annotations

from tests.browser.lab import Browser
from tests.support import REPO

STORY = """async (source) => {
  const module = await import("data:text/javascript;base64," + btoa(unescape(encodeURIComponent(source))));
  const options = ["a", "b", "c"].map((key) => ({key, text: key}));
  const questions = (...ids) => JSON.stringify(ids.map((id) => ({id, text: id, options})));
  const heard = {}, state = {note: "n", chosen: {p: "a"}, told: {p: "told a"}, questions: questions("p", "q")};
  const model = {model_id: "m", get: (key) => state[key], save_changes() {},
    set(key, value) { state[key] = value; (heard["change:" + key] || []).forEach((call) => call()); },
    on(event, call) { (heard[event] = heard[event] || []).push(call); },
    off(event, call) { heard[event] = (heard[event] || []).filter((other) => other !== call); }};
  const views = [1, 2, 3].map(() => document.body.appendChild(document.createElement("div")));
  const close = views.map((el) => module.default.render({model, el}));
  const story = [];
  const look = (right) => story.push([right, ...views.map((view) =>
    [...view.querySelectorAll("input:checked")].map((radio) => radio.value).join("") + "|"
    + [...view.querySelectorAll("p")].map((words) => words.textContent).join("|"))]);
  look("a|told a||n");
  views[1].querySelectorAll("input[value=b]")[1].click(); look("ab|told a||n");
  views[2].querySelectorAll("input[value=c]")[0].click(); look("cb|told a||n");
  model.set("told", {p: "told c", q: "told b"}); look("cb|told c|told b|n");
  model.set("chosen", {q: "a"}); model.set("told", {}); look("a|||n");
  model.set("note", "other"); model.set("questions", questions("q")); look("a||other");
  close.forEach((call) => call());
  return [story, Object.values(heard).flat().length];
}"""


def test_every_view_of_a_question_shows_what_the_model_says_whoever_changed_it(browser: Browser) -> None:
    page = browser.page()
    page.set_content("<body></body>")
    source = (REPO / "eventlab/lessons/judging/questions.js").read_text("utf-8")
    story, listening = page.evaluate(STORY, source)
    page.context.close()
    for right, *shown in story:
        assert shown == [right] * 3
    assert len(story) == 6
    assert listening == 0, "a closed view still listens"
