// @ts-check
// People as figures who know or do not know, stand with their flight, walk to a seat on a later one, or have none.

import { PERSON, put, svg, write } from "./dom.js";
import { clockText, numberText } from "./words.js";

/** @typedef {import("./types.js").Flight} Flight */
/** @typedef {import("./types.js").People} Told */
/** @typedef {{flight: Flight, track: import("./store.js").Track, figures: SVGGElement[], per: number, spots: [number, number][], free: number,
 *   seats: SVGElement[], label: SVGTextElement | null, step: number}} Group */

export const FEW = 12; // flights with a place of their own; people of more are a field
const MANY = [100, 500]; // people of one flight, and of all, each a figure; of more a figure is ten
const WIDE = 150; // pixels for a flight's column at least: its label has to fit

/** How people of a flight are, one after the other. @param {Told} told @param {number} n figures @returns {string[]} */
export function states(told, n) {
  if (!told.hear) return new Array(n).fill("none");
  const share = (/** @type {number} */ count) => Math.round((count / Math.max(1, told.n)) * n);
  const [well, late] = [share(told.told), share(told.told + told.late)];
  const untold = told.overdue ? "late" : "unknown";
  const whole = Array.from({ length: n }, (_, place) => (place < well ? "told" : place < late ? "told-late" : untold));
  const looked = told.moved.length > 0 || told.told + told.late > 0;
  return looked && told.without ? whole.map((state, place) => (place >= n - share(told.without) ? `${state} seatless` : state)) : whole;
}

/** People of a few flights, each flight with its place. */
export class Crowd {
  /** @param {HTMLElement} box @param {import("./store.js").Store} store @param {import("./types.js").Setting} setting */
  constructor(box, store, setting) {
    this.box = box;
    this.store = store;
    this.setting = setting;
    this.layout();
  }

  layout() {
    this.box.replaceChildren();
    /** @type {string} */
    this.key = "";
    this.picture = svg(this.box, "svg", { role: "img" });
    const all = this.setting.flights.reduce((sum, flight) => sum + flight.people, 0);
    /** @type {Group[]} */
    this.groups = this.setting.flights.map((flight) => ({
      flight, track: this.store.track(`people/${flight.key}`), figures: [], spots: [], seats: [], label: null, step: -2,
      per: flight.people > MANY[0] || all > MANY[1] ? 10 : 1, free: Math.max(0, Math.min(flight.seats - flight.people, 80)),
    })); // prettier-ignore
    for (const group of this.groups.slice(0, 1)) group.free = 0; // nobody comes from an earlier flight
    const width = this.box.clientWidth;
    if (width < 480) this._rows(width);
    else this._columns(width);
    this.picture.classList.add("fresh"); // what is drawn for the first time stands where it is, and does not walk there
    requestAnimationFrame(() => requestAnimationFrame(() => this.picture?.classList.remove("fresh")));
  }

  /** A column for each flight, as many beside one another as there is room for. @param {number} width */
  _columns(width) {
    const all = this.groups ?? [];
    const gap = 20;
    const lines = Math.ceil(all.length / Math.max(1, Math.floor((width + gap) / (WIDE + gap))));
    const each = Math.ceil(all.length / Math.max(1, lines));
    const wide = (width - gap * (each - 1)) / Math.max(1, each);
    const across = Math.max(4, Math.floor((wide - 4) / 11.2));
    let y = 0;
    for (let line = 0; line < lines; line += 1) {
      const groups = all.slice(line * each, (line + 1) * each);
      const rows = Math.max(lines > 1 ? 1 : 4, ...groups.map((group) => Math.ceil(places(group) / across)));
      groups.forEach((group, place) => this._group(group, place * (wide + gap), y, { rows, pitch: 11.2, label: 31, top: 42, end: wide, apart: false }));
      y += 42 + rows * 17 + (line < lines - 1 ? 10 : 2);
    }
    put(this.picture ?? this.box, "height", y);
  }

  /** A few rows for each flight, one below the other. @param {number} width */
  _rows(width) {
    const across = Math.max(8, Math.floor((width - 4) / 14));
    let y = 0;
    for (const group of this.groups ?? []) {
      const rows = Math.max(2, Math.ceil(places(group) / across));
      this._group(group, 0, y, { rows, pitch: 14, label: 13, top: 20, end: width, apart: true });
      y += 20 + rows * 17 + 14;
    }
    put(this.picture ?? this.box, "height", y);
  }

  /** @param {Group} group @param {number} x @param {number} y @param {{rows: number, pitch: number, label: number, top: number, end: number, apart: boolean}} how */
  _group(group, x, y, how) {
    const { flight, per } = group;
    const picture = this.picture ?? null;
    svg(picture, "text", { x, y: y + 13, class: "b" }, `${clockText(this.setting.clock + flight.planned, 0)} to ${flight.to}`);
    group.label = svg(picture, "text", { x: how.apart ? how.end : x, y: y + how.label, "text-anchor": how.apart ? "end" : "start", class: "s" });
    const [own, all] = [Math.ceil(flight.people / per), places(group)];
    for (let place = 0; place < all; place += 1)
      group.spots.push([x + 5 + Math.floor(place / how.rows) * how.pitch, y + how.top + 8 + (place % how.rows) * 17]);
    for (const [seatX, seatY] of group.spots.slice(own))
      group.seats.push(svg(picture, "rect", { x: seatX - 3.6, y: seatY - 6, width: 7.2, height: 11.5, rx: 2.5, class: "seat" }));
    for (let place = 0; place < own; place += 1) group.figures.push(this._person(group.spots[place], place));
  }

  /** @param {[number, number]} spot @param {number} place */
  _person([x, y], place) {
    const figure = svg(this.picture ?? null, "g", { class: "p p-none" });
    svg(figure, "path", { d: PERSON, class: "body" });
    figure.style.transform = `translate(${x}px, ${y}px)`;
    figure.style.transitionDelay = `${(place % 16) * 18}ms`;
    return figure;
  }

  /** @param {number} t */
  draw(t) {
    const left = this.setting.flights.filter((flight) => flight.planned <= t).length;
    const key = `${this.store.version}/${this.store.track("figures").index(t)}/${left}`;
    /** @type {Group[]} */
    const groups = this.groups ?? [];
    if (key === this.key && !groups.some(({ track, step }) => track.index(t) !== step)) return;
    this.key = key;
    for (const group of groups) this._states(group, t);
    this._seats(t);
    const figures = this.store.track("figures").at(t);
    if (this.picture && figures) put(this.picture, "aria-label", summary(figures));
  }

  /** @param {Group} group @param {number} t */
  _states(group, t) {
    const step = group.track.index(t);
    group.step = step;
    /** @type {Told | undefined} */
    const told = group.track.steps[step]?.[1];
    if (!told) return;
    states(told, group.figures.length).forEach((state, place) => look(group.figures[place], state));
  }

  /** Where everybody stands: who has a seat on a later flight is there. @param {number} t */
  _seats(t) {
    /** @type {Group[]} */
    const groups = this.groups ?? [];
    /** @type {Map<string, number>} */
    const taken = new Map();
    /** @type {Map<string, string>} */
    const from = new Map();
    for (const group of groups) {
      /** @type {Told | undefined} */
      const told = group.track.at(t);
      let place = 0;
      for (const [key, n] of told?.moved ?? []) {
        const target = groups.find((each) => each.flight.key === key);
        const until = Math.min(group.figures.length, place + Math.ceil(n / group.per));
        for (; target && place < until; place += 1) {
          const seat = taken.get(key) ?? 0;
          const spot = target.spots[Math.ceil(target.flight.people / target.per) + Math.floor(seat / target.per)];
          if (spot) stand(group.figures[place], spot);
          taken.set(key, seat + group.per);
        }
        from.set(key, from.has(key) ? "earlier flights" : `the ${clockText(this.setting.clock + group.flight.planned, 0)}`);
      }
      for (; place < group.figures.length; place += 1) stand(group.figures[place], group.spots[place]);
    }
    for (const group of groups) this._label(group, t, taken.get(group.flight.key) ?? 0, from.get(group.flight.key) ?? "");
  }

  /** @param {Group} group @param {number} t @param {number} taken @param {string} from where they were booked */
  _label(group, t, taken, from) {
    const { flight, label } = group;
    /** @type {Told | undefined} */
    const told = group.track.at(t);
    const free = Math.max(0, flight.seats - flight.people - taken);
    const gone = t >= flight.planned;
    group.seats.forEach((seat, place) => put(seat, "class", place * group.per < taken ? "seat taken" : gone ? "seat shut" : "seat"));
    if (!label) return;
    const [text, look] = words(told, flight, { taken, free, gone, from, per: group.per });
    write(label, text);
    put(label, "class", look);
  }
}

/** The places that a flight's column has: its people, and the seats that are free. @param {Group} group */
function places({ flight, per, free }) {
  return Math.ceil(flight.people / per) + Math.ceil(free / per);
}

/** How a figure looks; the stroke through it is drawn when it is needed. @param {SVGGElement} figure @param {string} state */
function look(figure, state) {
  put(figure, "class", `p ${state.split(" ").map((each) => `p-${each}`).join(" ")}`);
  if (!state.endsWith("seatless") || figure.querySelector(".strike")) return;
  svg(figure, "path", { d: "M-5.5 -7.5 5.5 6.5", class: "case" });
  svg(figure, "path", { d: "M-5.5 -7.5 5.5 6.5", class: "strike" });
}

/** @param {SVGGElement} figure @param {[number, number] | undefined} spot */
function stand(figure, spot) {
  const wanted = spot ? `translate(${spot[0]}px, ${spot[1]}px)` : "";
  if (wanted && figure.style.transform !== wanted) figure.style.transform = wanted;
}

/**
 * What a flight's label says, and in which colour.
 * @param {Told | undefined} told @param {Flight} flight @param {{taken: number, free: number, gone: boolean, per: number, from: string}} seats
 * @returns {[string, string]}
 */
function words(told, flight, { taken, free, gone, per, from }) {
  const unit = per > 1 ? `, one figure is ${per}` : "";
  if (taken) return [`${taken} from ${from}${free ? "" : ", full"}`, "ok"];
  if (told?.hear && told.moved.length) {
    const left = told.without;
    return left ? [`${left} without a seat`, "w"] : ["all have another seat", "s"];
  }
  if (told?.untold) return [`${told.untold} have not heard${told.overdue ? "" : " yet"}`, told.overdue ? "w" : "b"];
  if (told?.late) return [`${told.late} told late`, "w"];
  if (told?.told) return [`${told.told} told in time`, "ok"];
  if (per > 1) return [`${flight.people}${unit}`, "s"];
  return [gone ? `closed, ${free} seats empty` : flight.seats - flight.people > 40 ? `${flight.people} people, ${free} free` : `${flight.people} passengers`, "s"];
}

/** @param {import("./types.js").Figures} figures */
export function summary(figures) {
  const told = /** @type {[number, string][]} */ ([
    [figures.told, "told in time"], [figures.late - figures.overdue, "told late"],
    [figures.overdue, "not told, late"], [figures.untold - figures.overdue, "not told yet"], [figures.without, "without a seat"],
  ]).filter(([n]) => n > 0); // prettier-ignore
  return told.length ? told.map(([n, word]) => `${numberText(n)} ${word}`).join(" · ") : "nothing to hear yet";
}
