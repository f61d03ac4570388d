// @ts-check
// The departure board: only cells that change turn, each through two other letters.

import { html, put, write } from "./dom.js";
import { clockText, spanText } from "./words.js";

const ROWS = 6;
const TIGHT = 540; // pixels: below, cells are smaller and words fewer
const TURN = 90; // milliseconds for one letter
const AFTER = 22; // milliseconds between neighbours
const GONE = 10 * 60_000; // a flight leaves the board so long after it was to leave
/** @type {[string, number][]} */
const ONE = [["time", 5], ["flight", 6], ["to", 6], ["gate", 2], ["status", 9]]; // prettier-ignore
/** @type {[string, number][]} */
const SEVERAL = [["time", 5], ["flight", 6], ["from", 3], ["to", 3], ["gate", 2], ["status", 9]]; // prettier-ignore

/** @typedef {{row: HTMLElement, cells: HTMLElement[], note: HTMLElement, text: string, timers: number[]}} Row */

export class Board {
  /** @param {HTMLElement} box @param {import("./store.js").Store} store @param {import("./types.js").Setting} setting */
  constructor(box, store, setting) {
    this.store = store;
    this.setting = setting;
    this.box = box;
    this.airports = [...new Set(setting.flights.map((flight) => flight.from))];
    this.columns = this.airports.length > 1 ? SEVERAL : ONE;
    const head = html(box, "div", "board-head");
    html(html(head, "span"), "b", "", `${this.airports.length > 1 ? "New York" : (this.airports[0] ?? "")} departures`);
    this.state = html(head, "span", "board-state");
    const titles = html(box, "div", "board-row titles");
    for (const [name, length] of this.columns) html(titles, "span", "", name).style.setProperty("--letters", String(length));
    /** @type {Row[]} */
    this.rows = [];
    for (let place = Math.min(ROWS, setting.flights.length); place > 0; place -= 1) this.rows.push(this._row());
    box.setAttribute("role", "img");
    this.tight = false;
    this.layout();
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  layout() {
    this.tight = this.box.clientWidth < TIGHT;
    this.box.classList.toggle("tight", this.tight);
  }

  /** @returns {Row} */
  _row() {
    const row = html(this.box, "div", "board-row");
    const cells = this.columns.flatMap(([, length]) => {
      const field = html(row, "span", "field");
      return Array.from({ length }, () => html(field, "i"));
    });
    return { row, cells, note: html(row, "span", "note"), text: "", timers: [] };
  }

  /** @param {number} t @param {number} now @param {boolean} moves whether time goes on, so that cells turn */
  draw(t, now, moves) {
    const service = this.store.track("service/boards").at(t);
    const dead = service?.state === "stopped";
    this.box.classList.toggle("dead", dead);
    const figures = this.store.track("figures").at(t);
    const elsewhere = figures && figures.wrong > 3 ? `✕ ${figures.wrong} rows wrong in all` : "live";
    write(this.state, dead ? `✕ stopped: ${this.tight ? "as of" : "shows what it knew at"} ${clockText(this.setting.clock + service.since, 0)}` : elsewhere);
    const flights = this._flights(now);
    const told = [];
    for (const [place, row] of this.rows.entries()) {
      const flight = flights[place];
      /** @type {import("./types.js").BoardRow | undefined} */
      const shown = flight && this.store.track(`board/${flight.from}/${flight.key}`).at(t);
      this._show(row, flight, shown, now, moves);
      told.push(shown && flight ? `${shown.time} ${flight.number} to ${shown.to}, ${shown.status}${shown.wrong === null ? "" : ", wrong"}` : "");
    }
    put(this.box, "aria-label", `Departures: ${told.filter(Boolean).join("; ") || "none yet"}`);
  }

  /** The flights whose rows are shown: the next ones. @param {number} now @returns {import("./types.js").Flight[]} */
  _flights(now) {
    const flights = this.setting.flights;
    if (flights.length <= ROWS) return flights;
    const first = flights.findIndex((flight) => flight.planned > now - GONE);
    return flights.slice(Math.min(first < 0 ? flights.length : first, flights.length - ROWS)).slice(0, ROWS);
  }

  /** @param {Row} row @param {import("./types.js").Flight | undefined} flight @param {import("./types.js").BoardRow | undefined} shown @param {number} now @param {boolean} moves */
  _show(row, flight, shown, now, moves) {
    const wrong = shown ? shown.wrong : null;
    row.row.classList.toggle("bad", wrong !== null);
    const long = wrong === null || now - wrong < 60_000 ? "now" : `${this.tight ? "" : "for "}${spanText(now - wrong)}`;
    write(row.note, wrong === null ? "" : `✕ ${this.tight ? "" : "wrong "}${long}`);
    const texts = shown && flight ? [shown.time, flight.number, ...(this.columns === SEVERAL ? [flight.from] : []), shown.to, shown.gate, shown.status === "not listed" ? "unlisted" : shown.status] : this.columns.map(() => "");
    const text = this.columns.map(([, length], place) => (texts[place] ?? "").toUpperCase().slice(0, length).padEnd(length)).join("");
    if (text === row.text) return;
    const first = !row.text;
    row.text = text;
    for (const timer of row.timers.splice(0)) clearTimeout(timer);
    row.cells.forEach((cell, place) => {
      const letter = text[place] === " " ? "" : text[place];
      if (cell.textContent === letter) return;
      if (first || !moves || this.still) cell.textContent = letter;
      else this._turn(row, cell, letter, place);
    });
  }

  /** @param {Row} row @param {HTMLElement} cell @param {string} letter @param {number} place */
  _turn(row, cell, letter, place) {
    [0, 1, 2].forEach((turn) => {
      row.timers.push(
        window.setTimeout(
          () => {
            cell.textContent = turn < 2 ? String.fromCharCode(65 + ((place * 7 + turn * 5) % 26)) : letter;
            cell.animate({ transform: ["rotateX(0)", "rotateX(88deg)", "rotateX(0)"] }, TURN);
          },
          place * AFTER + turn * TURN,
        ),
      );
    });
  }
}
