// @ts-check
// The strip: your acts, what became of people under each architecture, and the moment shown.

import { bands } from "./bands.js";
import { put, svg, write } from "./dom.js";
import { clockText } from "./words.js";

/** @typedef {import("./types.js").Act} Act */

const READ = 150; // milliseconds between two looks at the bands, while time goes on
const LANE = 26; // pixels for a lane of acts
const BAND = 27;
const MOST = 3; // lanes; more acts at once share the last
const GRID = 15_000; // milliseconds: to which acts snap
const NONE = "none yet: click a service to stop it, an arrow to lose what is on it, a message to read it";
const POINT = ["drop", "late", "edit", "workers"]; // acts without a length

export class Strip {
  /**
   * @param {HTMLElement} box @param {import("./facts.js").Facts} facts @param {import("./clock.js").Clock} clock @param {string} id
   * @param {(choice: import("./types.js").Choice) => void} choose
   */
  constructor(box, facts, clock, id, choose) {
    Object.assign(box, { className: "strip" });
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Time, and your acts");
    this.box = box;
    this.facts = facts;
    this.clock = clock;
    this.id = id;
    this.choose = choose;
    /** @type {{mode: "time"|"move"|"begin"|"end", x: number, act: Act | null, at: number, until: number, playing: boolean, moved: boolean} | null} */
    this.drag = null;
    this.layout();
    box.addEventListener("pointerdown", (event) => this._down(event));
    box.addEventListener("pointermove", (event) => this._move(event));
    box.addEventListener("pointerup", () => this._up());
    box.addEventListener("pointercancel", () => this._up());
    box.addEventListener("keydown", (event) => this._key(event));
  }

  layout() {
    const width = Math.max(300, this.box.clientWidth);
    const names = this.facts.setting.architectures;
    const short = width < 1000;
    /** @type {number} */
    this.left = short ? 118 : 206;
    this.width = width;
    this.lanes = lanesOf(this.facts.acts, this.clock.end);
    const lanes = Math.max(1, Math.min(MOST, 1 + Math.max(0, ...this.lanes.values())));
    /** @type {number} */
    this.top = 16 + lanes * LANE + 6;
    const top = this.top;
    const foot = top + names.length * BAND;
    const focused = /** @type {HTMLElement | null} */ (this.box.querySelector(":focus"))?.dataset.key;
    this.box.replaceChildren();
    const picture = svg(this.box, "svg", { height: foot + 18, viewBox: `0 0 ${width} ${foot + 18}` });
    for (const t of ticks(this.facts.setting, this.clock.end, short ? 5 : 9)) {
      svg(picture, "path", { d: `M${this.x(t)} 12V${foot - 2}`, class: "grid" });
      svg(picture, "text", { x: Math.min(this.x(t), width - 20), y: foot + 13, "text-anchor": "middle" }, clockText(this.facts.setting.clock + t, 0));
    }
    svg(picture, "text", { x: 0, y: 32, class: "on" }, "your acts");
    names.forEach((name, place) => {
      svg(picture, "text", { x: 0, y: top + place * BAND + 13, class: "on" }, shortName(name, names, short ? 17 : 29));
    });
    this.bands = names.map((_, place) => svg(picture, "g", { class: "band", transform: `translate(0 ${top + place * BAND})` }));
    this.unrun = svg(picture, "rect", { y: this.top, height: names.length * BAND - 9, class: "unrun", fill: `url(#${this.id}unrun)` });
    this.known = svg(picture, "rect", { x: this.x(0), y: 11, width: 0, height: 3, class: "computed" });
    this.acts = svg(picture, "g");
    this._acts();
    this.head = svg(this.box, "svg", { role: "slider", tabindex: 0, class: "playhead", width: 16, height: foot, viewBox: `-8 0 16 ${foot}`, "data-key": "time", "aria-label": "Time", "aria-valuemin": 0, "aria-valuemax": Math.round(this.clock.end) });
    svg(this.head, "path", { d: `M0 12V${foot}`, class: "rod" });
    svg(this.head, "path", { d: "M-7 2h14v7l-7 8-7-8z", class: "knob" });
    /** @type {string} */
    this.key = "";
    this.drawnAt = 0;
    if (focused) /** @type {HTMLElement | null} */ (this.box.querySelector(`[data-key="${focused}"]`))?.focus();
    this.draw();
  }

  /** @param {number} t */
  x(t) {
    return (this.left ?? 0) + (t / this.clock.end) * ((this.width ?? 300) - (this.left ?? 0) - 8);
  }

  /** @param {number} x */
  time(x) {
    return Math.max(0, Math.min(this.clock.end, ((x - (this.left ?? 0)) / ((this.width ?? 300) - (this.left ?? 0) - 8)) * this.clock.end));
  }

  _acts() {
    const { acts, setting } = this.facts;
    for (const act of acts) this._act(act);
    if (!acts.length && setting.kernel) svg(this.acts ?? null, "text", { x: this.x(setting.start_at) + 12, y: 32, class: "act-beside" }, NONE);
  }

  /** @param {Act} act */
  _act(act) {
    const parent = this.acts;
    if (!parent) return;
    const setting = this.facts.setting;
    const y = 18 + Math.min(MOST - 1, this.lanes?.get(act.id) ?? 0) * LANE;
    const point = isPoint(act);
    const [from, to] = [this.x(act.at), this.x(act.until ?? this.clock.end)];
    const width = Math.max(4, to - from);
    const said = `${clockText(setting.clock + act.at, act.at % 60_000 ? 1 : 0)} ${act.words}${!point && act.until !== null ? ` until ${clockText(setting.clock + act.until, act.until % 60_000 ? 1 : 0)}` : ""}`;
    const shape = point
      ? svg(parent, "path", { d: `M${from} ${y}l9 11-9 11-9-11z`, class: "act-bar" })
      : svg(parent, "rect", { x: from, y, width, height: 22, rx: 4, class: "act-bar" });
    for (const [name, value] of Object.entries({ tabindex: 0, role: "button", "aria-label": `${said}. Arrows move it, Delete removes it`, "data-act": act.id, "data-mode": "move", "data-key": `${act.id}/move` })) put(shape, name, value);
    if (!point) {
      this._grip(act, "begin", from, y, said);
      this._grip(act, "end", from + width, y, said);
    }
    const inside = !point && width > said.length * 7.4 + 24;
    const outside = from + (point ? 13 : width + 12);
    const fits = outside + said.length * 7 < (this.width ?? 0);
    const x = inside ? from + 12 : fits ? outside : from - 12;
    svg(parent, "text", { x, y: y + 15.5, class: inside ? "act-word" : "on act-beside", "text-anchor": inside || fits ? "start" : "end" }, said);
  }

  /** @param {Act} act @param {"begin"|"end"} mode @param {number} x @param {number} y @param {string} said */
  _grip(act, mode, x, y, said) {
    svg(this.acts ?? null, "rect", {
      x: x - 3, y, width: 6, height: 22, rx: 2, class: "act-grip", tabindex: 0, role: "slider", "data-act": act.id, "data-mode": mode, "data-key": `${act.id}/${mode}`,
      "aria-label": mode === "begin" ? "It begins" : "It ends", "aria-valuetext": said,
    }); // prettier-ignore
  }

  /** More is known of what is not shown yet: how far, and nothing else. */
  later() {
    if (this.known) put(this.known, "width", Math.max(0, this.x(this.facts.until) - this.x(0)).toFixed(1));
  }

  draw() {
    if (!this.head || !this.unrun || !this.known || !this.bands) return;
    const { t, seen, end, playing } = this.clock;
    this.head.style.transform = `translateX(${(this.x(t) - 8).toFixed(1)}px)`; // a layer of its own: nothing is drawn again
    if (playing && performance.now() - (this.drawnAt ?? 0) < READ) return;
    this.drawnAt = performance.now();
    const seenAt = Math.min(seen, Math.max(this.facts.until, 0));
    this.later();
    put(this.unrun, "x", this.x(seenAt).toFixed(1));
    put(this.unrun, "width", Math.max(0, this.x(end) - this.x(seenAt)).toFixed(1));
    const said = clockText(this.facts.setting.clock + t, 1);
    if (this.head.getAttribute("aria-valuetext") !== said) {
      put(this.head, "aria-valuenow", Math.round(t));
      put(this.head, "aria-valuetext", said);
    }
    const key = `${this.facts.stores.map((store) => (playing || store.until > seenAt ? store.forks : store.version)).join()}/${Math.round(this.x(seenAt))}`;
    if (key === this.key) return;
    this.key = key;
    this.bands.forEach((group, place) => bands(group, this.facts.stores[place], { x: (at) => this.x(at), time: (x) => this.time(x), until: Math.min(seenAt, this.facts.stores[place].until) }));
  }

  /** @param {PointerEvent} event */
  _down(event) {
    const target = /** @type {SVGElement} */ (event.target);
    const act = this.facts.acts.find((each) => String(each.id) === target.dataset.act) ?? null;
    const mode = act ? /** @type {"move"|"begin"|"end"} */ (target.dataset.mode) : "time";
    this.box.setPointerCapture(event.pointerId);
    const x = this._at(event);
    this.drag = { mode, x, act, at: act?.at ?? 0, until: act?.until ?? this.clock.end, playing: this.clock.playing, moved: false };
    if (mode !== "time") return;
    if (this.clock.playing) this.clock.play(false);
    this.clock.go(this.time(x));
  }

  /** @param {PointerEvent} event */
  _move(event) {
    const drag = this.drag;
    if (!drag) return;
    const x = this._at(event);
    if (drag.mode === "time" || !drag.act) return this.clock.go(this.time(x));
    if (Math.abs(x - drag.x) > 3) drag.moved = true;
    const change = Math.round((this.time(x) - this.time(drag.x)) / GRID) * GRID;
    Object.assign(drag, moved(drag.act, drag.mode, change, this.clock.end));
    this._ghost(drag.act, drag.at, drag.until);
  }

  /** Where an act would be, while it is dragged. @param {Act} act @param {number} at @param {number} until */
  _ghost(act, at, until) {
    const parts = /** @type {SVGElement[]} */ ([...(this.acts?.querySelectorAll(`[data-act="${act.id}"]`) ?? [])]);
    for (const part of parts) {
      if (part.tagName === "path") put(part, "transform", `translate(${this.x(at) - this.x(act.at)} 0)`);
      else if (part.dataset.mode === "move") {
        put(part, "x", this.x(at));
        put(part, "width", Math.max(4, this.x(until) - this.x(at)));
      } else put(part, "x", this.x(part.dataset.mode === "begin" ? at : until) - 3);
    }
  }

  _up() {
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    if (drag.mode === "time" || !drag.act) {
      if (drag.playing) this.clock.play(true);
    } else if (drag.moved) this._change(drag.act, drag.at, drag.until);
    else this.choose({ kind: "act", id: drag.act.id });
  }

  /** @param {Act} act @param {number} at @param {number} until */
  _change(act, at, until) {
    const open = isPoint(act) || (act.until === null && until >= this.clock.end);
    const end = open ? null : until;
    this.facts.change(act, { ...(at === act.at ? {} : { at }), ...(end === act.until ? {} : { until: end }) });
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const target = /** @type {SVGElement} */ (event.target);
    const act = this.facts.acts.find((each) => String(each.id) === target.dataset.act);
    if (!act) return;
    const mode = /** @type {"move"|"begin"|"end"} */ (target.dataset.mode);
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") this.facts.act({ kind: "remove", id: act.id });
    else if (event.key === "Enter" || event.key === " ") this.choose({ kind: "act", id: act.id });
    else if (way) {
      const { at, until } = moved(act, mode, way * (event.shiftKey ? 4 : 1) * GRID, this.clock.end);
      this._change(act, at, until);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {PointerEvent} event */
  _at(event) {
    return event.clientX - this.box.getBoundingClientRect().left;
  }
}

/** @param {Act} act */
const isPoint = (act) => POINT.includes(act.verb);

/** Where an act is after a change. @param {Act} act @param {"move"|"begin"|"end"|"time"} mode @param {number} change @param {number} end */
function moved(act, mode, change, end) {
  const until = act.until ?? end;
  const inside = (/** @type {number} */ t) => Math.max(0, Math.min(end, t));
  if (mode === "begin") return { at: Math.min(inside(act.at + change), until - GRID), until };
  if (mode === "end") return { at: act.at, until: Math.max(inside(until + change), act.at + GRID) };
  const at = inside(act.at + change);
  return { at, until: act.until === null ? end : inside(act.until + at - act.at) };
}

/** Which lane each act lies in: acts of one time lie below each other. @param {Act[]} acts @param {number} end @returns {Map<Act["id"], number>} */
function lanesOf(acts, end) {
  /** @type {number[]} */
  const free = [];
  const lanes = new Map();
  for (const act of [...acts].sort((one, other) => one.at - other.at)) {
    const wide = end / 5; // room for the words of an act without a length
    const until = isPoint(act) ? act.at + wide : Math.max(act.until ?? end, act.at + wide);
    const lane = free.findIndex((since) => since <= act.at);
    const place = lane < 0 ? free.length : lane;
    free[place] = until;
    lanes.set(act.id, place);
  }
  return lanes;
}

/** Round clock times, at most so many. @param {import("./types.js").Setting} setting @param {number} end @param {number} most */
function ticks(setting, end, most) {
  const every = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360].map((minutes) => minutes * 60_000).find((each) => end / each <= most) ?? 21_600_000;
  const first = Math.ceil(setting.clock / every) * every - setting.clock;
  return Array.from({ length: Math.floor((end - first) / every) + 1 }, (_, place) => first + place * every);
}

/** What tells a name from the others, in so many letters. @param {string} name @param {string[]} names @param {number} most */
function shortName(name, names, most) {
  const [base, ...options] = name.split(", ");
  const alike = names.filter((each) => each.split(", ")[0] === base).length > 1;
  const text = alike ? options.join(", ") || "as usual" : base;
  if (text.length <= most) return text;
  return text.startsWith("event-carried") ? "event-carried" : `${text.slice(0, most - 1)}…`;
}
