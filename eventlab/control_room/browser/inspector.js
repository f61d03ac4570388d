// @ts-check
// The inspector: what a service, an arrow, a message or an act is, why, and what you can do to it.

import { actsOfArrow, actsOfMessage, actsOfService } from "./acting.js";
import { button, html, write } from "./dom.js";
import { happened, lastOf } from "./happened.js";
import { arrowText, capital, clockText, serviceText, spanText } from "./words.js";

/** @typedef {import("./types.js").Choice} Choice */
/** @typedef {import("./types.js").Motion} Motion */
const MARKS = { event: "event: nobody waits", request: "request: the sender waits", answer: "answer", refusal: "refusal", people: "said by people", receipt: "receipt" };
const FATES = { arrives: "arrives", lost: "is lost", refused: "is refused" };

export class Inspector {
  /**
   * @param {HTMLElement} box @param {import("./facts.js").Facts} facts @param {() => number} now
   * @param {(choice: Choice | null) => void} choose
   */
  constructor(box, facts, now, choose) {
    this.box = box;
    this.facts = facts;
    this.now = now;
    this.choose = choose;
    /** @type {Choice | null} */
    this.choice = null;
    /** @type {((t: number) => void)[]} what changes while time goes on */
    this.live = [];
    this.drawnAt = 0;
    this.show(null);
  }

  /** @param {Choice | null} choice */
  show(choice) {
    const inside = this.box.contains(document.activeElement);
    this.choice = choice;
    this.live = [];
    this.box.replaceChildren();
    this.box.classList.toggle("none", !choice);
    if (!choice) this._happened();
    else if (choice.kind === "service") this._service(choice.a, choice.name);
    else if (choice.kind === "arrow") this._arrow(choice.a, choice.from, choice.to);
    else if (choice.kind === "message") this._message(choice.a, choice.packet);
    else if (choice.kind === "act") this._act(choice.id);
    else this._cell();
    this.draw(true);
    if (inside || choice) /** @type {HTMLElement | null} */ (this.box.querySelector(choice ? ".close" : "h3"))?.focus({ preventScroll: true });
  }

  /** @param {boolean} [now] at once, not four times a second */
  draw(now = false) {
    if (!now && performance.now() - this.drawnAt < 250) return;
    this.drawnAt = performance.now();
    for (const each of this.live) each(this.now());
  }

  /** @param {string} title @param {string} sub */
  _head(title, sub) {
    const head = html(this.box, "h3", "", title);
    head.tabIndex = -1;
    button(head, "✕", () => this.choose(null), "Close (Esc)", "close").setAttribute("aria-label", "Close the inspector");
    html(this.box, "p", "sub", sub);
    return html(this.box, "div", "parts");
  }

  _happened() {
    html(this.box, "h3", "", "What happened").tabIndex = -1;
    const list = html(this.box, "ol", "happened");
    html(this.box, "p", "sub", "Click a service, an arrow or a message to look inside, and to act.");
    let key = "";
    this.live.push((t) => {
      const rows = happened(this.facts, t);
      const wanted = rows.map((row) => `${row.at}${row.text}${row.a}`).join();
      if (wanted === key) return;
      key = wanted;
      const focused = list.contains(document.activeElement);
      list.replaceChildren();
      for (const row of rows) this._row(list, row.at, row.text, row.who, row.look, row.packet === null ? null : { kind: "message", a: row.a, packet: row.packet });
      if (!rows.length) html(list, "li", "", "Nothing yet. Press play.");
      if (focused) list.querySelector("button")?.focus();
    });
  }

  /** @param {Element} list @param {number} at @param {string} text @param {string} who @param {string} look @param {Choice | null} choice */
  _row(list, at, text, who, look, choice) {
    const row = html(list, "li", look);
    html(row, "time", "", `${clockText(this.facts.setting.clock + at, at % 1000 ? 2 : 1)}${who ? ` · ${who}` : ""}`);
    if (choice) button(row, text, () => this.choose(choice), "What it says, and why it was sent", "link");
    else html(row, "span", "", text);
  }

  /** @param {number} a @param {string} name */
  _service(a, name) {
    const store = this.facts.stores[a];
    const parts = this._head(name, capital(this.facts.setting.architectures[a]));
    const first = html(parts, "div");
    const state = html(first, "p", "state");
    const track = store.track(`service/${name}`);
    this.live.push((t) => write(state, track.at(t) ? serviceText(track.at(t), t) : ""));
    actsOfService(html(first, "div", "do"), this.facts, name, () => track.at(this.now()), this.now, this.live);
    const arrows = store.group("arrow").filter(([key]) => key.split("/").includes(name));
    if (arrows.length) {
      const second = html(parts, "div");
      html(second, "h4", "", "Its arrows");
      const list = html(second, "ol", "arrows");
      for (const [key, each] of arrows) {
        const [from, to] = key.split("/");
        const choose = button(html(list, "li"), "", () => this.choose({ kind: "arrow", a, from, to }), "", "link");
        this.live.push((t) => write(choose, `${from} → ${to}: ${(each.at(t) && arrowText(each.at(t))) || "unused"}`));
      }
    }
    this._knows(html(parts, "div"), a, name);
    this._messages(html(parts, "div"), a, (motion) => motion[3] === name || motion[4] === name);
  }

  /** What a service knows, against what is so. @param {HTMLElement} box @param {number} a @param {string} service */
  _knows(box, a, service) {
    const at = this.now();
    const known = this.facts.ask(`${a}/${service}/${at}`, { kind: "ask", a, service, at });
    if (!known?.rows?.length) return;
    html(box, "h4", "", `What it knew at ${clockText(this.facts.setting.clock + at, 1)}`);
    const table = html(box, "table");
    const head = html(table, "tr");
    for (const title of ["", "here", "really"]) html(head, "th", "", title);
    for (const [what, here, really] of known.rows) {
      const row = html(table, "tr");
      html(row, "td", "", what);
      const wrong = really !== "" && here !== really; // of a gate or a seat no truth is recorded
      html(row, "td", wrong ? "diff" : "", wrong ? `✕ ${here}` : here);
      html(row, "td", "", really);
    }
    if (known.n_more) html(box, "p", "sub", `and ${known.n_more} more`);
  }

  /** @param {HTMLElement} box @param {number} a @param {(motion: Motion) => boolean} wanted */
  _messages(box, a, wanted) {
    html(box, "h4", "", "Last messages");
    const list = html(box, "ol", "happened");
    let key = "";
    this.live.push((t) => {
      const motions = lastOf(this.facts.stores[a], t, wanted, 5);
      const now = motions.map((motion) => motion[2]).join();
      if (now === key) return;
      key = now || "-";
      list.replaceChildren();
      for (const motion of motions) this._row(list, motion[0], motion[10] || motion[6], "", `is-${motion[5]}`, { kind: "message", a, packet: motion[2] });
      if (!motions.length) html(list, "li", "", "None so far.");
    });
  }

  /** @param {number} a @param {string} from @param {string} to */
  _arrow(a, from, to) {
    const parts = this._head(`${from} → ${to}`, capital(this.facts.setting.architectures[a]));
    const first = html(parts, "div");
    const state = html(first, "p", "state");
    const track = this.facts.stores[a].track(`arrow/${from}/${to}`);
    this.live.push((t) => write(state, track.at(t)?.n ? arrowText(track.at(t)) : "unused so far"));
    actsOfArrow(html(first, "div", "do"), this.facts, `${from}>${to}`, this.now);
    this._messages(html(parts, "div"), a, (motion) => [motion[3], motion[4]].sort().join() === [from, to].sort().join());
  }

  /** @param {number} a @param {number|string} packet */
  _message(a, packet) {
    const store = this.facts.stores[a];
    const motion = store.packets.get(packet);
    if (!motion) return this._gone("This message is gone: the run was changed before it was sent.");
    const [at, end, , from, to, mark, type, subject, fate, tries, text] = motion;
    const parts = this._head(type, `${MARKS[mark] ?? mark} · ${capital(this.facts.setting.architectures[a])}`);
    const first = html(parts, "div");
    html(first, "p", "state", `${from} → ${to}${subject ? `, about ${subject}` : ""}`);
    html(first, "p", "sub", `sent ${clockText(this.facts.setting.clock + at, 2)}${tries > 1 ? `, try ${tries}` : ""}`);
    const how = html(first, "p", "sub");
    this.live.push((t) => write(how, end === null || t < end ? `under way for ${spanText(t - at)}` : `${FATES[fate] ?? fate} after ${spanText(end - at)}`));
    const dead = html(first, "p", "sub");
    this.live.push((t) => write(dead, deadLetter(store, to, packet, t)));
    if (text && text !== type) html(first, "p", "sub", text);
    const known = this.facts.ask(`${a}/${packet}`, { kind: "ask", a, packet });
    actsOfMessage(html(first, "div", "do"), this.facts, motion, a, known?.says ?? []);
    if (known?.says?.length) {
      const says = html(parts, "div");
      html(says, "h4", "", "What it says");
      const table = html(says, "table");
      for (const pair of known.says) {
        const row = html(table, "tr");
        for (const cell of pair) html(row, "td", "", cell);
      }
    }
    this._why(html(parts, "div"), a, motion, known?.why);
  }

  /** @param {HTMLElement} box @param {number} a @param {Motion} motion @param {[number|string, string, string, number][] | undefined} told */
  _why(box, a, motion, told) {
    html(box, "h4", "", "Why it was sent");
    const list = html(box, "ol", "chain");
    const chain = told ?? causes(this.facts.stores[a], motion);
    for (const [packet, type, from, at] of chain) {
      const row = html(list, "li");
      if (packet && packet !== motion[2] && this.facts.stores[a].packets.has(packet)) button(row, type, () => this.choose({ kind: "message", a, packet }), "", "link");
      else html(row, "b", "", type);
      html(row, "time", "", `${from}, ${clockText(this.facts.setting.clock + at, 2)}`);
    }
    if (!chain.length) html(box, "p", "sub", "Nothing before it is known.");
  }

  /** @param {string|number} id */
  _act(id) {
    const act = this.facts.acts.find((each) => each.id === id);
    if (!act) return this._gone("This act is gone.");
    const names = this.facts.setting.architectures;
    const parts = this._head(capital(act.words), act.a === null ? "your act, in all architectures at once" : `your act, in ${names[act.a]}`);
    const first = html(parts, "div");
    const clock = this.facts.setting.clock;
    html(first, "p", "state", `${clockText(clock + act.at, 1)}${act.until === null ? "" : ` until ${clockText(clock + act.until, 1)}, ${spanText(act.until - act.at)}`}`);
    html(first, "p", "sub", "Drag it on the strip, or move it with the arrow keys.");
    const row = html(first, "div", "do");
    button(row, "Remove it", () => this.facts.act({ kind: "remove", id }), "Delete");
  }

  _cell() {
    const parts = this._head("The same run as a cell", "what you did is a scenario: run it anywhere");
    const first = html(parts, "div");
    const code = html(first, "pre", "cell", this.facts.cell.text);
    code.tabIndex = 0;
    const row = html(first, "div", "do");
    const copy = button(row, "Copy", () => {
      navigator.clipboard?.writeText(this.facts.cell.text).then(
        () => write(copy, "Copied"),
        () => getSelection()?.selectAllChildren(code),
      );
    });
    const names = this.facts.setting.architectures;
    if (this.facts.cell.digests.length) html(first, "h4", "", "Its digests");
    this.facts.cell.digests.forEach((digest, place) => html(first, "p", "sub digest", `${names[place]}: ${digest}`));
  }

  /** @param {string} text */
  _gone(text) {
    this._head("Gone", text);
  }
}

/** Why a message has become a dead letter, if it has. @param {import("./store.js").Store} store @param {string} to @param {number|string} packet @param {number} t */
function deadLetter(store, to, packet, t) {
  /** @type {import("./types.js").Lane | undefined} */
  const lane = store.track(`lane/${to}`).at(t);
  const letter = lane?.letters?.find(([each]) => each === packet);
  return letter ? `a dead letter: ${letter[1] || "the bus gave it up"}` : "";
}

/** The chain of causes that the page knows by itself, oldest first. @param {import("./store.js").Store} store @param {Motion} motion @returns {[number|string, string, string, number][]} */
function causes(store, motion) {
  /** @type {[number|string, string, string, number][]} */
  const chain = [];
  /** @type {Motion | undefined} */
  let each = motion;
  while (each && chain.length < 12) {
    chain.unshift([each[2], each[6], each[3], each[0]]);
    each = store.packets.get(each[11][0]);
  }
  return chain;
}
