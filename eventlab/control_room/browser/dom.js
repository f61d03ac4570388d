// @ts-check
// Elements are made here alone, with text as text: nothing that comes from a trace is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";
const CHECK = { ok: "M6.5 11.5l3 3 6-7", no: "M7.5 7.5l7 7m0-7l-7 7", open: "M0 0", "": "M0 0" };
let rooms = 0;

/** A prefix for the ids of one room: several may stand in one page. */
export const prefix = () => `eventlab-room-${++rooms}-`;

/**
 * An HTML element inside `parent`.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {Element|null} parent @param {T} tag @param {string} [name] its class @param {string} [text]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function html(parent, tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  parent?.append(element);
  return element;
}

/**
 * An SVG element inside `parent`.
 * @template {keyof SVGElementTagNameMap} T
 * @param {Element|null} parent @param {T} tag @param {Record<string, string|number>} [attributes] @param {string} [text]
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(parent, tag, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text) element.textContent = text;
  parent?.append(element);
  return element;
}

/**
 * A button that says its key in its tooltip.
 * @param {Element|null} parent @param {string} text @param {() => void} does @param {string} [title] @param {string} [name]
 */
export function button(parent, text, does, title = "", name = "") {
  const element = html(parent, "button", name, text);
  element.type = "button";
  if (title) element.title = title;
  element.addEventListener("click", does);
  return element;
}

/** Write a text, if it is another one. @param {Element} element @param {string|number} text */
export function write(element, text) {
  const wanted = String(text);
  if (element.textContent !== wanted) element.textContent = wanted;
}

/** Set an attribute, if it is another one. @param {Element} element @param {string} name @param {string|number} value */
export function put(element, name, value) {
  const wanted = String(value);
  if (element.getAttribute(name) !== wanted) element.setAttribute(name, wanted);
}

/** A round mark that says how it stands: ✓, ✕, or an open ring. @param {Element} parent */
export function badge(parent) {
  const picture = svg(parent, "svg", { class: "badge", viewBox: "0 0 22 22", "aria-hidden": "true" });
  svg(picture, "circle", { cx: 11, cy: 11, r: 9.5 });
  const path = svg(picture, "path");
  return (/** @type {""|"ok"|"no"|"open"} */ kind) => {
    put(picture, "class", `badge ${kind}`);
    put(path, "d", CHECK[kind]);
  };
}

/** A person: head and shoulders. */
export const PERSON = "M0-7.1a2.7 2.7 0 1 1 0 5.4a2.7 2.7 0 1 1 0-5.4zM-4.2 5.4v-1.6a4.2 4.2 0 0 1 8.4 0v1.6z";

/** What all pictures of a room point at: heads of arrows and hatches. @param {Element} parent @param {string} id */
export function definitions(parent, id) {
  const defs = svg(svg(parent, "svg", { width: 0, height: 0, class: "definitions", "aria-hidden": "true" }), "defs");
  const hatch = svg(defs, "pattern", { id: `${id}hatch`, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  svg(hatch, "rect", { width: 7, height: 7, class: "hatch-ground" });
  svg(hatch, "rect", { width: 2.2, height: 7, class: "hatch-line" });
  const unrun = svg(defs, "pattern", { id: `${id}unrun`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  svg(unrun, "rect", { width: 1, height: 6, class: "unrun-line" });
  for (const kind of ["event", "request", "people", "unused"]) {
    const marker = svg(defs, "marker", {
      id: `${id}${kind}`, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 11, markerHeight: 11,
      markerUnits: "userSpaceOnUse", orient: "auto-start-reverse",
    }); // prettier-ignore
    svg(marker, "path", { class: `head ${kind}`, d: "M0 0 10 5 0 10z" });
  }
}
