// @ts-check
// The same in a table: the figures of each architecture where the clock stands, to be read aloud and to be copied.

import { capital, clockText, numberText } from "./words.js";
import { html, write } from "./dom.js";

/** @typedef {import("./types.js").Figures} Figures */

/** What each row says. @type {[string, (figures: Figures) => number][]} */
const ROWS = [
  ["people with something to hear", ({ hear }) => hear],
  ["told in time", ({ told }) => told],
  ["told late, or not yet though it is late", ({ late }) => late],
  ["not told yet", ({ untold }) => untold],
  ["with a seat on another flight", ({ moved }) => moved],
  ["without a seat", ({ without }) => without],
  ["rows of the boards that are wrong", ({ wrong }) => wrong],
  ["rows of the boards", ({ rows }) => rows],
  ["questions not answered", ({ unanswered }) => unanswered],
  ["questions asked", ({ asked }) => asked],
];

export class Table {
  /** @param {HTMLElement} parent @param {import("./facts.js").Facts} facts */
  constructor(parent, facts) {
    this.facts = facts;
    this.details = html(parent, "details", "table");
    html(this.details, "summary", "", "The figures as a table");
    const table = html(this.details, "table");
    this.caption = html(table, "caption");
    const head = html(html(table, "thead"), "tr");
    for (const name of ["", ...facts.setting.architectures]) html(head, name ? "th" : "td", "", capital(name));
    for (const cell of head.querySelectorAll("th")) cell.scope = "col";
    const body = html(table, "tbody");
    this.cells = ["finding", ...ROWS.map(([name]) => name)].map((name) => {
      const row = html(body, "tr");
      html(row, "th", "", capital(name)).scope = "row";
      return facts.stores.map(() => html(row, "td"));
    });
  }

  /** Nobody reads what is folded. @param {number} t the moment shown */
  draw(t) {
    if (!this.details.open) return;
    const { facts } = this;
    write(this.caption, `At ${clockText(facts.setting.clock + t, 1)}`);
    facts.stores.forEach((store, place) => {
      /** @type {Figures | undefined} */
      const figures = store.track("figures").at(t);
      const [finding, ...cells] = this.cells;
      write(finding[place], store.track("finding").at(t)?.text ?? "Nothing has happened yet.");
      cells.forEach((row, n) => write(row[place], figures ? numberText(ROWS[n][1](figures)) : "0"));
    });
  }
}
