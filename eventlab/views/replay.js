// @ts-check
// The replay component: several pictures of one run on one scrubber, forwards and backwards, with no kernel.
//
// Everything is computed beforehand in Python (replay.py). A picture is an SVG whose moving parts carry data-id, and
// for each step a list of changes [part, attribute, before, after]. Going forward sets what is after, going back what
// was before. So a step costs the same in both directions, and no picture is ever drawn anew.

/** @typedef {[string, string, string, string]} Change   part, attribute ("text" is its content), before, after */
/** @typedef {{name: string, svg: string, begin: Change[], changes: Change[][], moves: number[][][], focus: (string|null)[]}} View */
/** @typedef {{time: string, says: string, message: string, fails: boolean, about: boolean}} Step */
/** @typedef {{title: string, about: string, steps: Step[], messages: Record<string, string>, views: View[]}} Data */

const SPEEDS = [0.5, 1, 2, 4, 8];
const MOVE = 350; // milliseconds a message is seen to travel

/**
 * Put the component into an element.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {(step: number) => void} [stepped] told about every step
 */
export function mount(root, data, stepped = () => {}) {
  const last = data.steps.length - 1;
  let at = -1;
  let timer = 0;
  let speed = 1;
  let chosen = "";

  root.classList.add("eventlab-replay");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", data.title);
  root.tabIndex = 0;

  const bar = add(root, "div", "bar");
  const buttons = {
    first: button("first", "first step (Home)", () => go(0)),
    back: button("◀ back", "one step back (left arrow)", () => go(at - 1)),
    play: button("play", "play or pause (space)", () => (timer ? pause() : play())),
    next: button("step ▶", "one step on (right arrow)", () => go(at + 1)),
    end: button("last", "last step (End)", () => go(last)),
    failure: button("next failure", "go to the next failure (f)", () => jump((step) => step.fails)),
    change: data.about && button(`next of ${data.about}`, "go to its next change (c)", () => jump((step) => step.about)),
  };
  const pace = /** @type {HTMLSelectElement} */ (add(bar, "select", "pace"));
  pace.setAttribute("aria-label", "speed");
  for (const each of SPEEDS) pace.add(new Option(`${each}×`, String(each), each === 1, each === 1));
  pace.onchange = () => {
    speed = Number(pace.value);
    if (timer) play();
  };
  const scrubber = /** @type {HTMLInputElement} */ (add(root, "input", "scrubber"));
  Object.assign(scrubber, { type: "range", min: "0", max: String(Math.max(0, last)), value: "0" });
  scrubber.setAttribute("aria-label", "step");
  scrubber.oninput = () => go(Number(scrubber.value));
  const says = add(root, "p", "says");
  says.setAttribute("aria-live", "polite");

  const stage = add(root, "div", "stage");
  const parser = new DOMParser(); // runs no script, and takes nothing but well-formed SVG
  const views = data.views.map((view) => {
    const box = add(stage, "section", "view");
    add(box, "h4", "").textContent = view.name;
    const picture = add(box, "div", "picture");
    picture.append(document.importNode(parser.parseFromString(view.svg, "image/svg+xml").documentElement, true));
    /** @type {Map<string, Element>} */
    const parts = new Map();
    for (const part of picture.querySelectorAll("[data-id]")) parts.set(part.getAttribute("data-id") || "", part);
    for (const change of view.begin) set(parts, change, 3);
    return { view, picture, parts };
  });
  const details = add(root, "pre", "details");
  details.hidden = true;

  stage.onclick = (event) => {
    const part = /** @type {Element} */ (event.target).closest("[data-message]");
    select(part ? part.getAttribute("data-message") || "" : "");
  };
  root.onkeydown = (event) => {
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowRight: buttons.next.onpress, ArrowLeft: buttons.back.onpress, Home: buttons.first.onpress,
      End: buttons.end.onpress, " ": buttons.play.onpress, f: buttons.failure.onpress,
      c: buttons.change ? buttons.change.onpress : () => {},
    }; // prettier-ignore
    const known = keys[event.key];
    if (!known || event.ctrlKey || event.metaKey || event.altKey || event.target === pace) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab has a use for these keys too
    known();
  };

  if (last < 0) says.textContent = "Nothing happened here: there is no step to show.";
  else go(0);

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
    const { time, says: sentence, message } = data.steps[at];
    says.textContent = `${time}  ${sentence}   (${at + 1} of ${last + 1})`;
    scrubber.value = String(at);
    scrubber.setAttribute("aria-valuetext", `${time} ${sentence}`);
    for (const { view, picture, parts } of views) {
      reveal(picture, parts.get(view.focus[at] || ""));
      if (at === from + 1) travel(picture, view.moves[at]);
      for (const part of picture.querySelectorAll(".now")) part.classList.remove("now");
      if (message) for (const part of about(picture, message)) part.classList.add("now");
    }
    if (at === last) pause();
    stepped(at);
  }

  /** @param {Map<string, Element>} parts @param {Change} change @param {2 | 3} which */
  function set(parts, change, which) {
    const part = parts.get(change[0]);
    if (!part) return;
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

  /** Let messages be seen to move. @param {HTMLElement} picture @param {number[][]} moves */
  function travel(picture, moves) {
    if (!moves.length || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const svg = picture.querySelector("svg");
    for (const way of svg ? moves : []) {
      const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      dot.setAttribute("r", "6");
      dot.setAttribute("class", "dot");
      /** @type {SVGSVGElement} */ (svg).append(dot);
      const path = way.flatMap((x, n) => (n % 2 ? [] : [`translate(${x}px, ${way[n + 1]}px)`]));
      dot.animate({ transform: path }, MOVE / speed).onfinish = () => dot.remove();
    }
  }

  /** Highlight one message in every view and show what it says. @param {string} message */
  function select(message) {
    chosen = message === chosen ? "" : message;
    for (const { picture } of views) {
      for (const part of picture.querySelectorAll(".chosen")) part.classList.remove("chosen");
      if (chosen) for (const part of about(picture, chosen)) part.classList.add("chosen");
    }
    details.hidden = !chosen;
    details.textContent = chosen ? data.messages[chosen] || chosen : "";
  }

  /** @param {HTMLElement} picture @param {string} message */
  function about(picture, message) {
    return picture.querySelectorAll(`[data-message="${CSS.escape(message)}"]`);
  }

  /** @param {(step: Step) => boolean} wanted */
  function jump(wanted) {
    const found = data.steps.findIndex((step, index) => index > at && wanted(step));
    if (found >= 0) go(found);
    else says.textContent = `None after this step. ${says.textContent}`;
  }

  function play() {
    clearInterval(timer);
    if (at === last) go(0);
    timer = window.setInterval(() => go(at + 1), 700 / speed);
    buttons.play.element.textContent = "pause";
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    buttons.play.element.textContent = "play";
  }

  /** @param {string} label @param {string} title @param {() => void} press */
  function button(label, title, press) {
    const element = /** @type {HTMLButtonElement} */ (add(bar, "button", ""));
    Object.assign(element, { type: "button", textContent: label, title });
    element.setAttribute("aria-label", title);
    const onpress = () => {
      if (last >= 0) press();
    };
    element.onclick = () => {
      if (press !== undefined && element !== buttons.play.element) pause();
      onpress();
    };
    return { element, onpress };
  }

  return { go, pause };
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
  const root = add(el, "div", "");
  const replay = mount(root, JSON.parse(model.get("data")), (step) => {
    model.set("step", step);
    model.save_changes();
  });
  const asked = () => replay.go(model.get("step"));
  model.on("change:step", asked);
  return () => {
    replay.pause();
    model.off("change:step", asked);
  };
}

export default { render };
