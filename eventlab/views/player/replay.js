// @ts-check
// The replay component: several pictures of one run on one scrubber, forwards and backwards, with no kernel.
//
// Everything is computed beforehand in Python (replay.py). A picture is an SVG whose moving parts carry data-id, and
// for each step a list of changes [part, attribute, before, after]. Going forward sets what is after, going back what
// was before. So a step costs the same in both directions, and no picture is ever drawn anew.

/** @typedef {[string, string, string, string]} Change   part, attribute ("text" is its content), before, after */
/** @typedef {{name: string, svg: string, begin: Change[], changes: Change[][], moves: number[][][], focus: string[],
 *   about: Record<string, string[]>}} View   about: parts that belong to a message besides those that carry its id */
/** @typedef {{time: string, says: string, message: string, about: string, fails: boolean, changes: boolean, kind: string,
 *   joined: boolean}} Step   kind of what travels; joined: one of several sends of one instant, and not the first */
/** @typedef {{about: string, says: string}} Message   what it is about, and all that it says */
/** @typedef {{title: string, about: string, subject: string, note: string, steps: Step[], messages: Record<string, Message>, views: View[]}} Data */

const SPEEDS = [0.5, 1, 2, 4, 8];
const PAUSE = 1000; // milliseconds between two steps
const MOVE = 700; // milliseconds a message is seen to travel
const KEYS = "Keys: ← → step · Home End · Space play · F failure · C change · with Shift backwards · Enter the message";

/**
 * Put the component into an element.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {(step: number) => void} [stepped] told about every step
 * @param {number} [begin] the step to begin with
 */
export function mount(root, data, stepped = () => {}, begin = 0) {
  const last = data.steps.length - 1;
  let at = -1;
  let timer = 0;
  let speed = 1;
  let chosen = ""; // the id of a message, or what messages are about
  const messages = new Map(Object.entries(data.messages));
  const subjects = new Set([...messages.values()].map((message) => message.about));

  root.classList.add("eventlab-replay");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", data.title);
  root.tabIndex = 0;

  const desk = add(root, "div", "desk"); // stays in sight
  const bar = add(desk, "div", "bar");
  const whose = data.about || `this ${data.subject}`;
  const buttons = {
    first: button("first", "first step (Home)", () => go(0)),
    back: button("◀ back", "one step back (left arrow)", () => go(before())),
    play: button("play", "play or pause (space)", play),
    next: button("step ▶", "one step on (right arrow)", () => go(after())),
    last: button("last", "last step (End)", () => go(last)),
    failureBefore: button("◀ failure", "failure before this step (Shift+F)", () => jump("failure", fails, -1)),
    failure: button("failure ▶", "next failure (F)", () => jump("failure", fails, 1)),
    changeBefore: button("◀ change", `change of ${whose} before this step (Shift+C)`, () => jump("change", changes, -1)),
    change: button("change ▶", `next change of ${whose} (C)`, () => jump("change", changes, 1)),
  };
  const pace = /** @type {HTMLSelectElement} */ (add(bar, "select", "pace"));
  pace.setAttribute("aria-label", "speed");
  for (const each of SPEEDS) pace.add(new Option(`${each}×`, String(each), each === 1, each === 1));
  pace.onchange = () => {
    speed = Number(pace.value);
    if (timer) run();
  };
  const track = add(desk, "div", "track");
  data.steps.forEach((step, index) => {
    if (!step.fails && !(data.about && step.changes)) return;
    const mark = add(track, "span", step.fails ? "fails" : "changes");
    mark.textContent = step.fails ? "✕" : "▾";
    mark.style.left = `calc(8px + (100% - 16px) * ${index / Math.max(1, last)})`; // as far as the scrubber's thumb
  });
  track.setAttribute("aria-hidden", "true");
  const scrubber = /** @type {HTMLInputElement} */ (add(desk, "input", "scrubber"));
  Object.assign(scrubber, { type: "range", min: "0", max: String(Math.max(0, last)), value: "0" });
  scrubber.setAttribute("aria-label", "step");
  scrubber.oninput = () => {
    pause();
    go(Number(scrubber.value));
  };
  const says = add(desk, "p", "says");
  says.setAttribute("aria-live", "polite");
  add(root, "p", "note").textContent = `${data.note}  ${KEYS}`.trim();

  const stage = add(root, "div", "stage");
  const room = add(stage, "div", "views");
  const parser = new DOMParser(); // runs no script, and takes nothing but well-formed SVG
  const views = data.views.map((view) => {
    const box = /** @type {HTMLDetailsElement} */ (add(room, "details", "view"));
    box.open = true;
    add(box, "summary", "").textContent = view.name;
    const picture = add(box, "div", "picture");
    const svg = document.importNode(parser.parseFromString(view.svg, "image/svg+xml").documentElement, true);
    svg.setAttribute("aria-label", `${view.name}. At the last step: ${svg.getAttribute("aria-label")}`);
    picture.append(svg);
    /** @type {Map<string, Element[]>} */
    const parts = new Map(); // several shapes may have one name: they change together
    for (const part of picture.querySelectorAll("[data-id]")) {
      const id = part.getAttribute("data-id") || "";
      parts.set(id, [...(parts.get(id) ?? []), part]);
    }
    for (const change of view.begin) set(parts, change, 3);
    return { view, picture, parts };
  });
  const details = add(stage, "aside", "details");
  details.setAttribute("aria-label", "the message");
  details.hidden = true;
  const heading = add(details, "h4", "");
  const named = add(heading, "span", "");
  const close = /** @type {HTMLButtonElement} */ (add(heading, "button", ""));
  Object.assign(close, { type: "button", textContent: "✕", title: "close (Escape)", onclick: () => select("") });
  const written = add(details, "pre", "");
  written.setAttribute("aria-live", "polite");

  stage.onclick = (event) => {
    const part = /** @type {Element} */ (event.target).closest("[data-message]");
    if (details.contains(/** @type {Node} */ (event.target))) return; // its text may be copied
    select(part ? part.getAttribute("data-message") || "" : "");
  };
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === pace) return;
    /** @type {Record<string, (() => void) | undefined>} */
    const keys = {
      ArrowRight: buttons.next.press, ArrowLeft: buttons.back.press, Home: buttons.first.press, End: buttons.last.press,
      f: buttons.failure.press, "Shift+f": buttons.failureBefore.press,
      c: buttons.change.press, "Shift+c": buttons.changeBefore.press,
      " ": buttons.play.press, Enter: () => select(data.steps[at].message), Escape: () => select(""),
    }; // prettier-ignore
    const letter = event.key.length === 1;
    const known = keys[(event.shiftKey ? "Shift+" : "") + (letter ? event.key.toLowerCase() : event.key)];
    if (known || letter) event.stopPropagation(); // JupyterLab has a use for keys too: d, d deletes the cell
    const pressed = [" ", "Enter"].includes(event.key) && /** @type {Element} */ (event.target).matches("button, summary");
    if (!known || pressed || last < 0) return;
    event.preventDefault();
    known();
  };

  if (last < 0) says.textContent = "Nothing happened here: there is no step to show.";
  else go(begin);

  /** Go to a step, over all steps in between. @param {number} to */
  function go(to) {
    const from = at;
    to = Math.min(Math.max(to, 0), last);
    for (const { view, parts } of views) {
      for (let step = from + 1; step <= to; step++) for (const change of view.changes[step]) set(parts, change, 3);
      for (let step = from; step > to; step--)
        for (const change of [...view.changes[step]].reverse()) set(parts, change, 2);
    }
    at = to;
    says.textContent = told();
    scrubber.value = String(at);
    scrubber.setAttribute("aria-valuetext", told());
    for (const { view, picture, parts } of views) {
      for (const dot of picture.querySelectorAll(".dot")) dot.remove();
      if (from >= 0 && at > from && at === end(from + 1)) travel(picture, view, from + 1, at);
      if (at < from && end(at + 1) === from) travel(picture, view, at + 1, from, true);
      mark(picture, "now", (id) => id === data.steps[at].message);
      const focus = parts.get(view.focus[at]) ?? [];
      for (const part of focus) part.classList.add("now");
      reveal(picture, focus[0]);
    }
    if (chosen) highlight(); // rows may have moved
    if (at === last) pause();
    stepped(at);
  }

  /** The last step of the sends of one instant that a step is one of. @param {number} step */
  function end(step) {
    while (data.steps[step + 1]?.joined) step++;
    return step;
  }

  /** Where a step forward leads: several sends of one instant are one step. */
  function after() {
    return end(at + 1);
  }

  /** Where a step back leads. */
  function before() {
    let to = at - 1;
    while (data.steps[to + 1]?.joined) to--;
    return to;
  }

  /** @returns {string} what happens at this step */
  function told() {
    let first = at;
    while (data.steps[first].joined) first--;
    const { time, says: sentence } = data.steps[first];
    const more = at > first ? `, and ${at - first} more at the same instant` : "";
    return `${time}  ${sentence}${more}   (${at + 1} of ${last + 1})`;
  }

  /** @param {Map<string, Element[]>} parts @param {Change} change @param {2 | 3} which */
  function set(parts, change, which) {
    for (const part of parts.get(change[0]) ?? [])
      if (change[1] === "text") part.textContent = change[which];
      else part.setAttribute(change[1], change[which]);
  }

  /** Bring a part into its picture's window, without moving the page. @param {HTMLElement} picture @param {Element=} part */
  function reveal(picture, part) {
    if (!part || picture.scrollHeight <= picture.clientHeight) return;
    const [window, inside] = [picture.getBoundingClientRect(), part.getBoundingClientRect()];
    if (inside.top < window.top || inside.bottom > window.bottom)
      picture.scrollTop += inside.top - window.top - window.height / 2;
  }

  /** Let the messages of some steps be seen to move; where motion is unwanted, they stand in the middle of their way.
   * @param {HTMLElement} picture @param {View} view @param {number} first @param {number} final @param {boolean} [backwards] */
  function travel(picture, view, first, final, backwards = false) {
    const svg = picture.querySelector("svg");
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (let step = first; svg && step <= final; step++)
      for (const way of view.moves[step]) {
        const dot = mover(data.steps[step].kind);
        svg.append(dot);
        const path = way.flatMap((x, n) => (n % 2 ? [] : [`translate(${x}px, ${way[n + 1]}px)`]));
        const direction = backwards ? "reverse" : "normal";
        if (still) dot.style.transform = between(way);
        else dot.animate({ transform: path }, { duration: MOVE / speed, direction }).onfinish = () => dot.remove();
      }
  }

  /** The middle of a way. @param {number[]} way */
  function between(way) {
    const middle = way.length > 4 ? 2 * Math.floor(way.length / 4) : 0;
    const [x, y] = way.length > 4 ? [way[middle], way[middle + 1]] : [(way[0] + way[2]) / 2, (way[1] + way[3]) / 2];
    return `translate(${x}px, ${y}px)`;
  }

  /** What travels: events are round, requests square, receipts small. @param {string} kind */
  function mover(kind) {
    const square = kind === "request" || kind === "answer";
    const dot = document.createElementNS("http://www.w3.org/2000/svg", square ? "rect" : "circle");
    const size = square ? { x: -6, y: -6, width: 12, height: 12 } : { r: kind === "receipt" ? 3 : 6.5 };
    for (const [name, value] of Object.entries(size)) dot.setAttribute(name, String(value));
    dot.setAttribute("class", `dot ${kind}`);
    return dot;
  }

  /** Highlight a message, or all that is about one thing, in every view and show what it says.
   * @param {string} id */
  function select(id) {
    chosen = id === chosen || !(messages.has(id) || subjects.has(id)) ? "" : id;
    highlight();
    for (const { picture } of views) reveal(picture, picture.querySelector(".chosen") || undefined);
    details.hidden = !chosen;
    named.textContent = messages.get(chosen)?.about || chosen;
    written.textContent = messages.get(chosen)?.says ?? "";
  }

  function highlight() {
    for (const { view, picture, parts } of views) {
      mark(picture, "chosen", isChosen);
      for (const [id, names] of Object.entries(view.about))
        if (isChosen(id))
          for (const name of names) for (const part of parts.get(name) ?? []) part.classList.add("chosen");
    }
  }

  /** Whether a part belongs to what is chosen: a message belongs to the rows of what it is about, and that to its messages.
   * @param {string} id */
  function isChosen(id) {
    return chosen !== "" && (id === chosen || id === subjectOf(chosen) || subjectOf(id) === chosen);
  }

  /** @param {string} id */
  function subjectOf(id) {
    return messages.get(id)?.about ?? "";
  }

  /** @param {HTMLElement} picture @param {string} name @param {(id: string) => boolean} wanted */
  function mark(picture, name, wanted) {
    for (const part of picture.querySelectorAll(`.${name}`)) part.classList.remove(name);
    for (const part of picture.querySelectorAll("[data-message]")) {
      const id = part.getAttribute("data-message");
      if (id && wanted(id)) part.classList.add(name);
    }
  }

  /** @param {Step} step */
  function fails(step) {
    return step.fails;
  }

  /** @param {Step} step */
  function changes(step) {
    const subject = data.about || subjectOf(chosen) || chosen || data.steps[at].about;
    return step.changes && (step.about === subject || !subject);
  }

  /** @param {string} what @param {(step: Step) => boolean} wanted @param {1 | -1} way */
  function jump(what, wanted, way) {
    let to = at + way;
    while (data.steps[to] && !wanted(data.steps[to])) to += way;
    if (data.steps[to]) go(to);
    else says.textContent = `No ${what} ${way > 0 ? "after" : "before"} this step. ${told()}`;
  }

  function play() {
    if (timer) return pause();
    if (at === last) go(0);
    run();
  }

  function run() {
    clearInterval(timer);
    timer = window.setInterval(() => go(after()), PAUSE / speed);
    buttons.play.element.textContent = "pause";
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    buttons.play.element.textContent = "play";
  }

  /** @param {string} label @param {string} title @param {() => void} does */
  function button(label, title, does) {
    const element = /** @type {HTMLButtonElement} */ (add(bar, "button", label === "play" ? "play" : ""));
    Object.assign(element, { type: "button", textContent: label, title });
    element.setAttribute("aria-label", title);
    const press = () => {
      if (does !== play) pause();
      if (last >= 0) does();
    };
    element.onclick = press;
    return { element, press };
  }

  return { go, pause, step: () => at };
}

/** @param {HTMLElement} parent @param {string} tag @param {string} name */
function add(parent, tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  parent.append(element);
  return element;
}

/** What anywidget calls. @param {{model: any, el: HTMLElement}} widget */
function render({ model, el }) {
  const root = add(el, "div", model.get("still") ? "lives" : "");
  const stepped = (/** @type {number} */ step) => {
    model.set("step", step);
    model.save_changes();
  };
  const replay = mount(root, JSON.parse(model.get("data")), stepped, model.get("step"));
  const asked = () => {
    if (model.get("step") !== replay.step()) replay.go(model.get("step"));
  };
  model.on("change:step", asked);
  return () => {
    replay.pause();
    model.off("change:step", asked);
  };
}

export default { render };
