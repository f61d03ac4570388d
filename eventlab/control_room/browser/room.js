// @ts-check
// The room: one clock for all architectures, and everything that is seen of what was told.

import { stopOrStart } from "./acting.js";
import { Clock } from "./clock.js";
import { Desk } from "./desk.js";
import { definitions, html, prefix, write } from "./dom.js";
import { Inspector } from "./inspector.js";
import { legend } from "./legend.js";
import { Missions } from "./missions.js";
import { Panel } from "./panel.js";
import { Strip } from "./strip.js";
import { Table } from "./table.js";
import { clockText } from "./words.js";

/** @typedef {import("./types.js").Choice} Choice */
const AHEAD = [60_000, 4000]; // milliseconds asked for ahead of the moment shown: at least, and of real time
const OFTEN = [100, 250]; // milliseconds of real time between two messages of where the clock stands: dragged, playing
const SETTLED = 400; // milliseconds in which a page has taken on another theme
const QUIET = 2000; // milliseconds of real time between two sentences for those who listen

/**
 * Put a room into an element.
 * @param {HTMLElement} root @param {import("./facts.js").Facts} facts
 * @returns {{stop: () => void, clock: Clock, benchmark: number[]}}   also kept as the element's `room`, to be measured
 */
export function showRoom(root, facts) {
  const setting = facts.setting;
  const id = prefix();
  root.classList.add("eventlab-room");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", setting.title);
  root.tabIndex = -1;
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab has a use for keys too: x cuts the cell
  definitions(root, id);
  const top = html(root, "div", "top");
  const title = html(top, "h1", "", setting.title);
  html(title, "span", "", setting.day);
  const missions = new Missions(html(top, "div", "mission"), facts);
  const desk = html(root, "div", "desk");
  const bar = html(desk, "div", "bar");
  const stripBox = html(desk, "div");
  const notice = html(root, "p", "notice");
  notice.setAttribute("role", "status");
  const floor = html(root, "div", `floor of-${setting.architectures.length}`);
  const hall = html(floor, "div", "hall");
  const side = html(floor, "aside", "side");
  side.setAttribute("aria-label", "Inspector");
  legend(root, id);
  const table = new Table(root, facts);
  table.details.addEventListener("toggle", () => draw());
  const said = html(root, "p", "only-heard");
  said.setAttribute("aria-live", "polite");

  /** @type {Choice | null} */
  let choice = null;
  let asked = { run: -1, at: -1, until: -1, when: -Infinity };
  let asking = 0;
  let resting = false; // out of sight: nothing is asked for
  let spoken = { text: "", when: 0 };
  /** @type {number[]} milliseconds that frames took to draw */
  const benchmark = [];

  const clock = new Clock(setting, {
    until: () => facts.until,
    news: (t) => facts.news(t),
    next: (t) => facts.nextNews(t),
    drawn: () => draw(),
  });
  const keys = new Desk(bar, facts, clock, { step, cell: () => facts.act({ kind: "cell" }) });
  const panels = facts.stores.map((store, place) => new Panel(hall, store, setting, place, id, choose));
  const strip = new Strip(stripBox, facts, clock, id, choose);
  const inspector = new Inspector(side, facts, () => Math.min(clock.t, Math.max(0, facts.until)), choose);

  /** @param {Choice | null} wanted */
  function choose(wanted) {
    const before = choice;
    choice = wanted;
    if (wanted?.kind === "message" && clock.playing) clock.play(false);
    inspector.show(wanted);
    draw();
    if (!wanted && before?.kind === "service") focusOn(before);
  }

  /** @param {{a: number, name: string}} service whose box gets the focus back */
  function focusOn({ a, name }) {
    /** @type {SVGElement | null} */ (panels[a].box.querySelector(`[data-service="${name}"]`))?.focus({ preventScroll: true });
  }

  /** @param {1|-1} way */
  function step(way) {
    if (clock.playing) clock.play(false);
    const stops = facts.stores.map((store) => store.step(clock.t, way));
    for (const act of facts.acts) for (const t of [act.at, act.until]) if (t !== null && (way > 0 ? t > clock.t + 0.01 : t < clock.t - 0.01)) stops.push(t);
    const to = way > 0 ? Math.min(...stops) : Math.max(...stops);
    clock.go(Number.isFinite(to) ? to : way > 0 ? setting.end : 0);
  }

  function draw() {
    const begin = performance.now();
    const t = clock.t;
    const rate = clock.playing ? (clock.news ? 0.04 : clock.speed) : 0;
    panels.forEach((panel, a) => {
      const store = panel.store;
      const at = Math.min(t, Math.max(0, store.until));
      const shown = store.shown(at, clock.news ? 0 : clock.width);
      const cut = new Set(facts.acts.filter((act) => act.verb === "cut" && act.at <= at && (act.until === null || act.until > at)).map((act) => String(act.target)));
      panel.draw(at, shown, { moves: clock.playing, speed: rate, service: choice?.kind === "service" && choice.a === a ? choice.name : "", cut });
    });
    keys.draw();
    strip.draw();
    inspector.draw(!clock.playing);
    table.draw(Math.min(t, Math.max(0, facts.until)));
    speak();
    ask();
    benchmark.push(performance.now() - begin);
    if (benchmark.length > 2000) benchmark.splice(0, 1000);
  }

  /** One sentence for those who listen, when a finding changes. */
  function speak() {
    const now = performance.now();
    const text = panels.map((panel) => panel.says(Math.min(clock.t, panel.store.until))).join(" ");
    if (text === spoken.text || now - spoken.when < QUIET) return;
    spoken = { text, when: now };
    write(said, `${clockText(setting.clock + clock.t, 0)}. ${text}`);
  }

  /** Tell the kernel where the clock stands, and ask for what comes next before it is needed. */
  function ask() {
    if (!setting.kernel || facts.lost || resting) return;
    const now = performance.now();
    const until = Math.min(setting.end, clock.t + Math.max(AHEAD[0], clock.speed * AHEAD[1]));
    const more = facts.until < until && (asked.run !== facts.run || now - asked.when > 1000 || facts.until >= asked.until);
    if (clock.t === asked.at && !more) return;
    const due = asked.when + OFTEN[clock.playing ? 1 : 0] - now;
    if (due <= 0 || asked.run !== facts.run) {
      asked = { run: facts.run, at: clock.t, until, when: now };
      facts.send({ kind: "want", at: clock.t, until });
    } else if (!clock.playing) {
      clearTimeout(asking);
      asking = window.setTimeout(ask, due + 1);
    }
  }

  /** @param {import("./types.js").Message} message */
  function heard(message) {
    if (message.kind === "said") write(notice, message.text);
    if (message.kind === "acts" || message.kind === "said") strip.layout();
    if (message.kind === "forked") {
      write(notice, "");
      clock.seen = Math.max(clock.t, Math.min(clock.seen, message.at));
      strip.layout();
      if (choice) inspector.show(choice.kind === "act" && !facts.acts.some((act) => choice?.kind === "act" && act.id === choice.id) ? (choice = null) : choice);
    }
    if (message.kind === "cell") choose({ kind: "cell" });
    if ((message.kind === "says" || message.kind === "knows") && choice && choice.kind !== "act") inspector.show(choice);
    if (message.kind === "mission" || message.kind === "hint") missions.draw();
    if (message.kind === "told" && message.from > Math.max(clock.t, clock.seen)) strip.later(); // nothing that is shown has changed
    else later();
  }

  let planned = 0;
  function later() {
    if (!planned && !clock.playing)
      planned = requestAnimationFrame(() => {
        planned = 0;
        if (clock.seen < clock.t) clock.go(clock.t);
        else draw();
      });
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.altKey || (target.matches("input:not([type=checkbox]), select, textarea") && event.key !== "Escape")) return event.stopPropagation();
    const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    if ((event.ctrlKey || event.metaKey) && !undo) return;
    const service = /** @type {SVGElement} */ (/** @type {unknown} */ (target)).dataset.service ?? "";
    const a = panels.findIndex((panel) => panel.box.contains(target));
    const shift = event.shiftKey ? 60_000 : 0;
    const pressable = target.matches("button, input, summary");
    /** @type {Record<string, (() => void) | undefined>} */
    const does = {
      " ": pressable ? undefined : () => (service ? choose({ kind: "service", a, name: service }) : clock.play(!clock.playing)),
      ArrowRight: () => (shift ? jump(clock.t + shift) : step(1)),
      ArrowLeft: () => (shift ? jump(clock.t - shift) : step(-1)),
      Home: () => jump(0),
      End: () => jump(setting.end),
      Escape: () => (choice ? choose(null) : undefined),
      Enter: service && a >= 0 ? () => choose({ kind: "service", a, name: service }) : undefined,
      s: service && a >= 0 ? () => stopOrStart(facts, service, panels[a].store.track(`service/${service}`).at(clock.t), clock.t) : undefined,
    };
    const known = undo ? () => facts.act({ kind: "undo" }) : does[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (known || event.key.length === 1) event.stopPropagation(); // JupyterLab has a use for keys too: d, d deletes the cell
    if (!known) return;
    event.preventDefault();
    known();
  }

  /** @param {number} t */
  function jump(t) {
    if (clock.playing) clock.play(false);
    clock.go(t);
  }

  root.addEventListener("keydown", pressed);
  facts.listeners.add(heard);
  let width = 0;
  const observer = new ResizeObserver(() => {
    const now = root.clientWidth + panels[0].box.clientWidth / 10_000;
    if (now === width || !root.clientWidth) return;
    width = now;
    for (const panel of panels) panel.layout();
    strip.layout();
    draw();
  });
  observer.observe(root);
  observer.observe(panels[0].box);
  let near = false;
  const sighted = () => {
    const before = resting;
    resting = !near || document.hidden;
    facts.sight(root, !resting);
    if (resting || !before) return;
    asked.at = -1; // the kernel has rested meanwhile
    draw();
  };
  const sight = new IntersectionObserver((entries) => {
    near = entries[entries.length - 1].isIntersecting;
    sighted();
  });
  sight.observe(root);
  document.addEventListener("visibilitychange", sighted);
  let theming = 0;
  const themed = () => {
    clearTimeout(theming);
    theming = window.setTimeout(() => {
      for (const panel of panels) panel.people.layout(); // what is on a canvas has colours of its own
      draw();
    }, SETTLED);
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", themed);
  const themes = new MutationObserver(themed);
  themes.observe(document.body, { attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind"] });
  missions.begin();
  draw();

  function stop() {
    clock.stop();
    cancelAnimationFrame(planned);
    clearTimeout(asking);
    clearTimeout(theming);
    observer.disconnect();
    sight.disconnect();
    document.removeEventListener("visibilitychange", sighted);
    facts.sight(root, false);
    themes.disconnect();
    scheme.removeEventListener("change", themed);
    facts.listeners.delete(heard);
    root.removeEventListener("keydown", pressed);
    root.replaceChildren();
  }
  const room = { stop, clock, benchmark };
  return Object.assign(root, { room }).room;
}
