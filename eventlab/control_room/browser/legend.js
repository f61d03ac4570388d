// @ts-check
// How to read the marks, in one line at the foot.

import { html, PERSON, svg } from "./dom.js";

/** @type {[string, string][]} */
const ARROWS = [["event", "event: nobody waits"], ["request", "request: the sender waits"], ["people", "people tell or ask"]]; // prettier-ignore
/** @type {[string, string][]} */
const STATES = [["work", "works"], ["wait", "waits"], ["idle", "idle"], ["stop", "stopped"]]; // prettier-ignore
/** @type {[string, string][]} */
const PEOPLE = [["none", "nothing to hear yet"], ["unknown", "not told"], ["late", "not told, late"], ["told", "told in time"], ["told-late", "told late"], ["told-late p-seatless", "without a seat"]]; // prettier-ignore
const KEYS = "Keys: space plays, ← → step, Shift ← → a minute, Home and End, S stops or starts the service in focus, Enter opens, Esc closes";

/** @param {HTMLElement} room @param {string} id */
export function legend(room, id) {
  const box = html(room, "div", "legend");
  box.setAttribute("aria-label", "How to read the marks");
  const mark = (/** @type {string} */ word) => {
    const each = html(box, "span");
    const picture = svg(each, "svg", { "aria-hidden": "true" });
    each.append(word);
    return picture;
  };
  for (const [kind, word] of ARROWS) svg(mark(word), "path", { d: "M0 8H26", class: `edge used ${kind} title-arrow`, "marker-end": `url(#${id}${kind})` });
  for (const [state, word] of STATES) {
    const group = svg(mark(word), "g", { class: `node ${state}` });
    svg(group, "rect", { x: 1, y: 1, width: 28, height: 14, rx: 3, class: "box" });
    if (state === "wait") svg(group, "rect", { x: 1, y: 1, width: 28, height: 14, rx: 3, class: "hatch", fill: `url(#${id}hatch)` });
    if (state === "work") svg(group, "rect", { x: 2, y: 2, width: 16, height: 12, class: "tone" });
    svg(group, "rect", { x: 1, y: 1, width: 28, height: 14, rx: 3, class: "hot" });
    if (state === "stop") svg(group, "path", { d: "M11 4l8 8m0-8l-8 8", class: "cross" });
  }
  for (const [state, word] of PEOPLE) {
    const person = svg(mark(word), "g", { class: `p p-${state}`, transform: "translate(22 9)" });
    svg(person, "path", { d: PERSON, class: "body" });
    svg(person, "path", { d: "M-5.5 -7.5 5.5 6.5", class: "case" });
    svg(person, "path", { d: "M-5.5 -7.5 5.5 6.5", class: "strike" });
  }
  html(box, "span", "keys-help", KEYS);
}
