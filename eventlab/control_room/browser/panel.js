// @ts-check
// One architecture: what it did to people, who they are, who talks to whom, the last record, and the board.

import { Board } from "./board.js";
import { badge, html, put, svg, write } from "./dom.js";
import { Graph } from "./graph.js";
import { Field } from "./field.js";
import { Crowd, FEW } from "./people.js";
import { capital, clockText, manyText, numberText, spanText } from "./words.js";

const READ = 100; // milliseconds between two looks at what is read, while time goes on: nobody reads faster
const FIGURES = ["late", "without a seat", "rows wrong", "not answered"];

export class Panel {
  /**
   * @param {HTMLElement} hall @param {import("./store.js").Store} store @param {import("./types.js").Setting} setting
   * @param {number} place of the architecture @param {string} id @param {(choice: import("./types.js").Choice) => void} choose
   */
  constructor(hall, store, setting, place, id, choose) {
    this.store = store;
    this.setting = setting;
    this.readAt = place * 37; // so that panels do not all take their turn in one frame
    this.name = setting.architectures[place];
    const box = html(hall, "section", "panel");
    box.setAttribute("aria-label", this.name);
    const asks = this.name.startsWith("request-driven");
    box.classList.toggle("asks", asks);
    this.box = box;
    const header = html(box, "header");
    const title = html(header, "h2");
    const kind = asks ? "request" : "event";
    const arrow = svg(title, "svg", { "aria-hidden": "true" });
    svg(arrow, "path", { d: "M0 6H36", class: `edge used ${kind} title-arrow`, "marker-end": `url(#${id}${kind})` });
    title.append(capital(this.name));
    const line = html(header, "div", "finding-line");
    this.badge = badge(line);
    this.finding = html(line, "p", "finding");
    this.figures = html(box, "div", "figures");
    this.counts = FIGURES.map((word) => {
      const count = html(this.figures, "div", "count");
      html(count, "span", "", word);
      return { count, number: html(count, "b", "", "–"), note: html(count, "small") };
    });
    this.people = new (setting.flights.length > FEW ? Field : Crowd)(html(box, "div", "people"), store, setting);
    const middle = html(box, "div", "graph");
    const about = { id: `${id}${place}-`, heads: id, name: this.name, services: setting.services };
    this.graph = new Graph(html(middle, "div", "graph-box"), store, about, {
      service: (name) => choose({ kind: "service", a: place, name }),
      arrow: (from, to) => choose({ kind: "arrow", a: place, from, to }),
      message: (packet) => choose({ kind: "message", a: place, packet }),
    });
    const now = html(middle, "p", "now");
    this.time = html(now, "time");
    this.last = html(now, "span");
    this.board = new Board(html(box, "div", "board"), store, setting);
  }

  layout() {
    this.people.layout();
    this.graph.layout();
    this.board.layout();
  }

  /**
   * @param {number} t the moment @param {{at: number, long: number}} shown whose messages are shown
   * @param {{moves: boolean, speed: number, service: string, cut: Set<string>}} how
   */
  draw(t, shown, how) {
    const now = performance.now();
    const reads = !how.moves || now - this.readAt >= READ;
    this.graph.draw(shown, t, how.speed, how.service, reads);
    if (!reads) return;
    this.readAt = now;
    this._read(t, shown.at, how);
  }

  /** What is read. @param {number} t @param {number} at @param {{moves: boolean, cut: Set<string>}} how */
  _read(t, at, how) {
    /** @type {import("./types.js").Finding | undefined} */
    const finding = this.store.track("finding").at(at);
    write(this.finding, this.store.until < 0 ? this._coming() : (finding?.text ?? "Nothing has happened yet."));
    /** @type {import("./types.js").Figures | undefined} */
    const figures = this.store.track("figures").at(at);
    this.badge(finding?.ok === true ? "ok" : finding?.ok === false ? "no" : figures?.hear ? "open" : "");
    if (figures) this._counts(figures, t);
    this.people.draw(at);
    this.graph.cut(how.cut);
    const lines = this.store.track("line");
    const step = lines.steps[lines.index(at)];
    write(this.time, step ? clockText(this.setting.clock + step[0], 2) : "");
    write(this.last, step ? step[1].text : "nothing has been said yet");
    this.board.draw(at, t, how.moves);
  }

  /** Nothing is told yet. */
  _coming() {
    const { before } = this.store;
    return `The kernel computes what came before${before === null ? "" : `: ${clockText(this.setting.clock + before, 0)}`} …`;
  }

  /** @param {import("./types.js").Figures} figures @param {number} t */
  _counts(figures, t) {
    const values = [figures.late, figures.without, figures.wrong, figures.unanswered];
    const notes = [lateNote(figures), seatNote(figures), wrongNote(figures, t), figures.asked ? `of ${manyText(figures.asked, "question")}` : "no question yet"];
    this.counts.forEach(({ count, number, note }, place) => {
      write(number, numberText(values[place]));
      write(note, notes[place]);
      put(count, "class", values[place] ? "count bad" : "count");
    });
  }

  /** What the panel says, for those who listen. @param {number} t */
  says(t) {
    return `${capital(this.name)}: ${this.store.track("finding").at(t)?.text ?? "nothing yet"}.`;
  }
}

/** @param {import("./types.js").Figures} figures */
function lateNote(figures) {
  if (figures.overdue) return `${numberText(figures.overdue)} not told yet`;
  if (figures.late) return `of ${numberText(figures.hear)} with news`;
  if (figures.untold) return `${numberText(figures.untold)} not told yet`;
  return figures.told ? `all ${numberText(figures.told)} told in time` : "nothing to tell yet";
}

/** @param {import("./types.js").Figures} figures */
function seatNote(figures) {
  if (figures.moved) return `${numberText(figures.moved)} have another`;
  return figures.without ? "nobody has looked" : "";
}

/** @param {import("./types.js").Figures} figures @param {number} t */
function wrongNote({ wrong, rows, wrong_since }, t) {
  const long = wrong && wrong_since !== null && t - wrong_since >= 60_000 ? `, for ${spanText(t - wrong_since)}` : "";
  return `of ${numberText(rows)}${long}`;
}
