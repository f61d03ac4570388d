// @ts-check
// All that the kernel told this page, shared by every view of one room: whoever listens is told what is new.

import { Store } from "./store.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Act} Act */
/** @typedef {{value: number|null, goal: number|null, won: boolean, text: string, hints: string[]}} Progress */

export class Facts {
  /** @param {import("./types.js").Setting} setting @param {(message: Message) => void} send to the kernel */
  constructor(setting, send) {
    const flights = [...setting.flights].sort((one, other) => one.planned - other.planned);
    this.setting = { ...setting, flights, missions: setting.missions ?? [] };
    this.send = send;
    this.stores = setting.architectures.map(() => new Store());
    this.run = 0;
    /** @type {Act[]} */
    this.acts = [];
    this.canUndo = false; // whether the kernel has something to take back
    /** @type {Act[] | null} as they were before a change that the kernel has not answered yet */
    this.before = null;
    /** @type {Map<string, Progress>} */
    this.missions = new Map(this.setting.missions.map((each) => [each.id, { value: null, goal: each.goal, won: each.solved, text: "", hints: [] }]));
    /** @type {Map<string, import("./types.js").Known>} what was asked for, by "a/packet" or "a/service/moment" */
    this.known = new Map();
    this.cell = { text: "", digests: /** @type {string[]} */ ([]) };
    /** @type {Set<(message: Message) => void>} */
    this.listeners = new Set();
    this.waits = 0; // for an answer
    /** @type {number | null} */
    this.computing = null; // how far the kernel is with what is not shown
    this.lost = false; // whether the kernel is gone
    /** @type {Set<object>} the rooms that somebody can see */
    this.seen = new Set();
  }

  /** A room has come into sight, or out of it: while none is seen, the kernel rests. @param {object} room @param {boolean} inSight */
  sight(room, inSight) {
    const was = this.seen.size;
    if (inSight) this.seen.add(room);
    else this.seen.delete(room);
    if (was && !this.seen.size && this.setting.kernel && !this.lost) this.send({ kind: "hidden" });
  }

  /** Until when everything is known: of all architectures, or of the first ones while the kernel is on its way with others. */
  get until() {
    const told = this.stores.filter((store) => store.until >= 0);
    return Math.min(...(told.length ? told : this.stores).map((store) => store.until));
  }

  /** The span of news at a moment, or null. @param {number} t @returns {[number, number] | null} */
  news(t) {
    /** @type {[number, number] | null} */
    let found = null;
    for (const { news } of this.stores)
      for (const span of news) {
        if (span[0] > t) break;
        if (t < span[1] && (!found || span[1] - span[0] < found[1] - found[0])) found = span;
      }
    return found;
  }

  /** When the next news begins. @param {number} t */
  nextNews(t) {
    return Math.min(...this.stores.map(({ news }) => news.find(([begin]) => begin > t)?.[0] ?? Infinity));
  }

  /** @param {Message} message */
  hear(message) {
    clearTimeout(this.waits);
    this.waits = 0;
    this.computing = message.kind === "computing" ? message.at : null;
    if (message.kind === "computing" && message.a !== null) this.stores[message.a].before = message.at;
    if (message.kind === "told") {
      if (message.run < this.run) return;
      this.stores[message.a]?.add(/** @type {any} */ (message));
    } else if (message.kind === "forked") {
      this.run = message.run;
      this.before = null;
      this.acts = message.acts;
      this.canUndo = message.can_undo;
      for (const store of this.stores) {
        store.cut(message.at);
        store.before = null;
      }
      this.known.clear();
    } else if (message.kind === "said") {
      this.acts = this.before ?? this.acts;
      this.before = null;
    } else if (message.kind === "mission" || message.kind === "hint") this._mission(message);
    else if (message.kind === "cell") this.cell = { text: message.text, digests: message.digests ?? [] };
    else if (message.kind === "says") this.known.set(`${message.a}/${message.packet}`, /** @type {any} */ (message));
    else if (message.kind === "knows") this.known.set(`${message.a}/${message.service}/${message.at}`, /** @type {any} */ (message));
    for (const listener of this.listeners) listener(message);
  }

  /** @param {Message} message */
  _mission(message) {
    const before = this.missions.get(message.id) ?? { value: null, goal: null, won: false, text: "", hints: [] };
    if (message.kind === "hint") this.missions.set(message.id, { ...before, hints: [...before.hints.filter((hint) => hint !== message.text), message.text] });
    else this.missions.set(message.id, { ...before, value: message.value, goal: message.goal, won: before.won || message.won, text: message.text ?? "" });
  }

  /** What is known of a message or a service, asked for if need be. @param {string} key @param {Message} question @returns {import("./types.js").Known | undefined} */
  ask(key, question) {
    if (!this.known.has(key) && this.setting.kernel) {
      this.known.set(key, {});
      this.send(question);
    }
    return this.known.get(key);
  }

  /**
   * Move an act, or end it at another time. It is shown there at once, and put back if the kernel says no.
   * @param {Act} act @param {{at?: number, until?: number|null}} what
   */
  change(act, what) {
    if (this.setting.kernel && !this.lost) {
      this.before ??= this.acts;
      this.acts = this.acts.map((each) => (each.id === act.id ? { ...each, ...what } : each));
      for (const listener of this.listeners) listener({ kind: "acts" });
    }
    this.act({ kind: "change", id: act.id, ...what });
  }

  /** The kernel is gone. */
  lose() {
    if (this.lost) return;
    this.lost = true;
    queueMicrotask(() => this.hear({ kind: "said", text: GONE }));
  }

  /** An act of the learner's, which needs a kernel. @param {Message} message */
  act(message) {
    if (this.setting.kernel && !this.lost) {
      this.send(message);
      this.waits ||= window.setTimeout(() => this.hear({ kind: "said", text: SILENT }), PATIENCE);
    } else this.hear({ kind: "said", text: this.lost ? GONE : NEEDED });
  }
}

const PATIENCE = 4000; // milliseconds in which a kernel that is alive and not busy has answered
const SILENT = "The kernel does not answer: it may be busy with a cell, or gone. What was told can still be looked at.";
const NEEDED = "This is a recorded run: acting needs a kernel. Open the notebook and run its cell.";
const GONE = "The kernel is gone: what it told can still be looked at. Run the cell again to act.";
