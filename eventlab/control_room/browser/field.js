// @ts-check
// People of many flights in one field, a figure for ten or a hundred: on a canvas, where only who changes is drawn.

import { html, PERSON, put, write } from "./dom.js";
import { states, summary } from "./people.js";
import { numberText } from "./words.js";

/** @typedef {{track: import("./store.js").Track, people: number, first: number, figures: number, step: number}} Group */

const FEW = 200; // people, of whom each is a figure; above MANY of them a figure is a hundred
const MANY = 8000;
/** @type {Record<string, [fill: string, line: string, width: number]>} */
const LOOKS = {
  none: ["--line", "--line", 0],
  unknown: ["--surface", "--ink", 1.4],
  late: ["--wrong-tint", "--wrong", 1.9],
  told: ["--well", "--well", 0],
  "told-late": ["--wrong", "--wrong", 0],
};

export class Field {
  /** @param {HTMLElement} box @param {import("./store.js").Store} store @param {import("./types.js").Setting} setting */
  constructor(box, store, setting) {
    this.box = box;
    this.store = store;
    const total = setting.flights.reduce((sum, { people }) => sum + people, 0);
    this.per = total <= FEW ? 1 : total <= MANY ? 10 : 100;
    let first = 0;
    /** @type {Group[]} */
    this.groups = setting.flights.map((flight) => {
      const figures = Math.max(1, Math.round(flight.people / this.per));
      const group = { track: store.track(`people/${flight.key}`), people: flight.people, first, figures, step: -2 };
      first += figures;
      return group;
    });
    this.count = first;
    box.replaceChildren();
    html(box, "p", "crowd-title", `${numberText(total)} people on ${setting.flights.length} flights`);
    this.told = html(box, "p", "crowd-told");
    this.canvas = html(box, "canvas");
    this.canvas.setAttribute("role", "img");
    this.shape = new Path2D(PERSON);
    this.layout();
  }

  /** Draw all anew: the width or the theme is another one. */
  layout() {
    const width = Math.max(100, this.box.clientWidth);
    const small = this.count > 200;
    this.pitch = small ? 9 : 11;
    this.high = small ? 14 : 17;
    this.scale = small ? 0.82 : 1;
    this.across = Math.max(10, Math.floor((width - 2) / this.pitch));
    const height = Math.ceil(this.count / this.across) * this.high + 2;
    const sharp = window.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: Math.round(width * sharp), height: Math.round(height * sharp) });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.sharp = sharp;
    const style = getComputedStyle(this.box);
    this.colours = new Map([...Object.values(LOOKS).flat(), "--ink", "--surface"].map((name) => [name, style.getPropertyValue(String(name))]));
    /** @type {string} */
    this.key = "";
    for (const group of this.groups) group.step = -2;
    /** @type {string[]} */
    this.shown = [];
  }

  /** @param {number} t */
  draw(t) {
    const figures = this.store.track("figures");
    const key = `${this.store.version}/${figures.index(t)}`;
    if (key === this.key) return;
    this.key = key;
    const paper = this.canvas.getContext("2d");
    for (const group of this.groups) {
      const step = group.track.index(t);
      if (step === group.step || !paper) continue;
      group.step = step;
      const told = group.track.steps[step]?.[1];
      const looks = told ? states(told, group.figures) : new Array(group.figures).fill("none");
      looks.forEach((look, place) => this._figure(paper, group.first + place, look));
    }
    const all = figures.at(t);
    if (!all) return;
    const text = summary(all);
    put(this.canvas, "aria-label", text);
    write(this.told, this.per > 1 ? `${text} · one figure is about ${this.per}` : text);
  }

  /** @param {CanvasRenderingContext2D} paper @param {number} place @param {string} look */
  _figure(paper, place, look) {
    /** @type {string[]} */
    const shown = this.shown ?? [];
    if (shown[place] === look) return;
    shown[place] = look;
    const [pitch, high, across, sharp, scale] = [this.pitch ?? 9, this.high ?? 14, this.across ?? 10, this.sharp ?? 1, this.scale ?? 1];
    const [x, y] = [5 + (place % across) * pitch, 8 + Math.floor(place / across) * high];
    paper.setTransform(sharp, 0, 0, sharp, x * sharp, y * sharp);
    paper.clearRect(-pitch / 2, -8, pitch, high);
    paper.scale(scale, scale);
    const [state, seatless] = look.split(" ");
    const [fill, line, width] = LOOKS[state] ?? LOOKS.none;
    paper.fillStyle = this.colours?.get(fill) ?? "";
    paper.fill(this.shape);
    if (width) this._stroke(paper, line, width, this.shape);
    if (!seatless) return;
    const strike = new Path2D("M-4.6 -6.5 4.6 5.5");
    this._stroke(paper, "--surface", 3.6, strike);
    this._stroke(paper, "--ink", 1.8, strike);
  }

  /** @param {CanvasRenderingContext2D} paper @param {string} colour @param {number} width @param {Path2D} path */
  _stroke(paper, colour, width, path) {
    paper.strokeStyle = this.colours?.get(colour) ?? "";
    paper.lineWidth = width;
    paper.stroke(path);
  }
}
