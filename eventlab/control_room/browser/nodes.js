// @ts-check
// Services as boxes: what each does, in a colour, a texture and a word, and what it knows.

import { PERSON, put, svg, write } from "./dom.js";
import { HIGH } from "./routes.js";
import { serviceText, spanText } from "./words.js";

/** @typedef {import("./types.js").ServiceState} ServiceState */
/** @typedef {{name: string, group: SVGGElement, tone: SVGRectElement, foot: SVGRectElement, word: SVGTextElement, width: number,
 *   people: boolean, spare: boolean, track: import("./store.js").Track, step: number, work: [number, number], label: string}} Drawn */

const STATES = { working: "work", waiting: "wait", idle: "idle", slow: "work slow", stopped: "stop", cut: "idle cut" };

export class Nodes {
  /**
   * @param {SVGElement} parent @param {import("./routes.js").Plan} plan @param {import("./store.js").Store} store
   * @param {{id: string, heads: string}} ids @param {(name: string) => void} chosen
   */
  constructor(parent, plan, store, ids, chosen) {
    this.store = store;
    /** @type {Drawn[]} */
    this.drawn = [];
    for (const [name, box] of plan.boxes) {
      if ((name === "bus" || name === "store") && !box.spare) continue;
      this.drawn.push({ ...this._box(parent, name, box, ids, chosen), spare: box.spare ?? false });
    }
  }

  /** @param {SVGElement} parent @param {string} name @param {import("./routes.js").Box} box @param {{id: string, heads: string}} ids @param {(name: string) => void} chosen @returns {Omit<Drawn, "spare">} */
  _box(parent, name, { x, y, w }, ids, chosen) {
    const people = name === "airlines";
    const group = svg(parent, "g", { class: "node idle", tabindex: 0, role: "button", "data-service": name });
    const whole = { x, y, width: w, height: HIGH };
    svg(group, "rect", { x: x - 4, y: y - 4, width: w + 8, height: HIGH + 8, rx: 12, class: "ring" });
    svg(group, "rect", { ...whole, rx: 8, class: "box" });
    svg(group, "rect", { x: x + 3, y: y + 3, width: w - 6, height: HIGH - 6, rx: 6, class: "second" });
    svg(group, "rect", { ...whole, rx: 8, class: "hatch", fill: `url(#${ids.heads}hatch)` });
    svg(svg(group, "clipPath", { id: `${ids.id}${name}` }), "rect", { ...whole, rx: 8 });
    const inside = svg(group, "g", { "clip-path": `url(#${ids.id}${name})` });
    const tone = svg(inside, "rect", { x, y, width: 0, height: HIGH, class: "tone" });
    const foot = svg(inside, "rect", { x, y: y + HIGH - 4, width: 0, height: 4, class: "foot" });
    svg(inside, "rect", { x, y, width: 5, height: HIGH, class: "knows" });
    svg(group, "rect", { ...whole, rx: 8, class: "hot" });
    svg(group, "text", { x: x + 13, y: y + 21, class: "name" }, name);
    svg(group, "text", { x: x + w - 10, y: y + 21, "text-anchor": "end", class: "known" }, w > 150 ? "✓ knows" : "✓");
    const word = svg(group, "text", { x: x + 13, y: y + 40, class: "s word" });
    svg(group, "path", { d: `M${x + w - 24} ${y + 11}l12 12m0-12l-12 12`, class: "cross" });
    if (people) svg(group, "path", { d: PERSON, class: "person", transform: `translate(${x + w - 16} ${y + 17})` });
    group.addEventListener("click", () => chosen(name));
    const track = this.store.track(`service/${name}`);
    return { name, group, tone, foot, word, width: w, people, track, step: -2, work: [0, 0], label: "" };
  }

  /** @param {number} t @param {number} now for how long words count @param {string} chosen @param {boolean} reads */
  draw(t, now, chosen, reads) {
    for (const each of this.drawn) {
      const step = each.track.index(t);
      /** @type {ServiceState | undefined} */
      const service = each.track.steps[step]?.[1];
      const changed = step !== each.step;
      if (changed) this._state(each, step, service);
      each.group.classList.toggle("chosen", each.name === chosen);
      if (!service) continue;
      const full = ["working", "slow"].includes(service.state) || service.busy > 0;
      if (full) this._fill(each, t, service);
      if (!reads && !changed) continue;
      const idle = service.state === "idle";
      const text = each.spare && idle ? "not used here" : each.people && idle && !service.word ? "" : serviceText(service, now);
      write(each.word, fitting(text, each.width));
      const label = `${each.name}: ${text || "people"}${service.knows ? ", knows of the news" : ""}`;
      if (label !== each.label) put(each.group, "aria-label", (each.label = label));
    }
  }

  /** @param {Drawn} each @param {number} step @param {ServiceState | undefined} service */
  _state(each, step, service) {
    each.step = step;
    const knows = service?.knows ? " k" : "";
    put(each.group, "class", `node ${STATES[service?.state ?? "idle"] ?? "idle"}${each.people ? " people" : ""}${knows}`);
    put(each.tone, "width", 0);
    put(each.foot, "width", 0);
    const begin = each.track.steps[step]?.[0] ?? 0;
    const next = each.track.steps[step + 1]?.[0] ?? begin + 20;
    each.work = [begin, next];
  }

  /** From the left, as far as the work is done. @param {Drawn} each @param {number} t @param {ServiceState} service */
  _fill(each, t, service) {
    const [begin, end] = each.work;
    let share = end > begin ? Math.min(1, (t - begin) / (end - begin)) : 1;
    if (service.state === "slow") share = Math.ceil(share * 6) / 6;
    if (service.workers > 1) share = Math.max(share, service.busy / service.workers / 2);
    const width = (each.width * share).toFixed(1);
    put(each.tone, "width", width);
    put(each.foot, "width", width);
  }
}

/** A state in as many words as there is room for. @param {string} text @param {number} width */
function fitting(text, width) {
  if (text.length * 6.6 <= width - 16) return text;
  if (text.startsWith("waits for")) return "waits";
  if (text.endsWith(" wait")) return text.split(", ")[1];
  return text === "not used here" ? "unused" : text.replace(" for ", " ");
}

/** The bus: a bar with a lane for each who shall get something; cards are what it keeps. */
export class Lanes {
  /** @param {SVGElement} parent @param {import("./routes.js").Plan} plan @param {import("./store.js").Store} store @param {{service: (name: string) => void, message: (packet: number|string) => void}} does */
  constructor(parent, plan, store, does) {
    const chosen = does.service;
    /** @type {{track: import("./store.js").Track, cards: SVGGElement[], text: SVGTextElement, dead: SVGTextElement, letters: Letter[], step: number, long: SVGTextElement, room: boolean}[]} */
    this.drawn = [];
    /** @type {{group: SVGGElement, name: string, track: import("./store.js").Track, step: number}[]} the bus and the store */
    this.hubs = [];
    const bus = plan.bus ? plan.boxes.get("bus") : undefined;
    if (bus) this._bus(parent, bus, store, chosen);
    const drum = plan.boxes.get("store");
    if (drum && !drum.spare) this._drum(parent, drum, store, chosen);
    if (!bus) return;
    for (const [name, box] of plan.boxes) {
      if (["bus", "store", "airlines"].includes(name) || box.x !== plan.right) continue;
      const x = (plan.trunk || plan.edge) + 8;
      const most = plan.right - x < 110 ? 1 : 4; // cards for which there is room
      const y = box.y - 6;
      const cards = [0, 1, 2, 3].slice(0, most).map((place) => this._card(parent, x + place * 9, y + place * 7, () => chosen(name)));
      const text = svg(parent, "text", { x, y: y + 10, class: "halo b kept" });
      const long = svg(parent, "text", { x: x + 2, y: y + 44, class: "halo s" });
      const room = plan.right - x > 76; // for words
      const dead = svg(parent, "text", { x: plan.right - 13, y: box.y + 54, "text-anchor": "end", class: "halo w" });
      const letters = [2, 1, 0].map((place) => new Letter(parent, plan.right - 39 - place * 9, box.y + 42, does.message));
      this.drawn.push({ track: store.track(`lane/${name}`), cards, text, dead, letters, step: -2, long, room });
    }
  }

  /** @param {SVGElement} parent @param {string} name @param {import("./store.js").Store} store @param {(name: string) => void} chosen */
  _hub(parent, name, store, chosen) {
    const group = svg(parent, "g", { class: "node hub", tabindex: 0, role: "button", "data-service": name });
    group.addEventListener("click", () => chosen(name));
    this.hubs.push({ group, name, track: store.track(`service/${name}`), step: -2 });
    return group;
  }

  /** @param {SVGElement} parent @param {import("./routes.js").Box} box @param {import("./store.js").Store} store @param {(name: string) => void} chosen */
  _bus(parent, { x, y, w, h }, store, chosen) {
    const group = this._hub(parent, "bus", store, chosen);
    svg(group, "rect", { x: x - 4, y: y - 4, width: w + 8, height: h + 8, rx: 15, class: "ring" });
    svg(group, "rect", { x, y, width: w, height: h, rx: 12, class: "bus" });
    svg(group, "text", { x: x + w / 2, y: 23, "text-anchor": "middle", class: "b bus-name" }, "bus");
    svg(group, "path", { d: `M${x + w / 2 - 6} 34l12 12m0-12l-12 12`, class: "cross" });
  }

  /** @param {SVGElement} parent @param {import("./routes.js").Box} box @param {import("./store.js").Store} store @param {(name: string) => void} chosen */
  _drum(parent, { x, y, w }, store, chosen) {
    const group = this._hub(parent, "store", store, chosen);
    svg(group, "rect", { x: x - 4, y: y - 4, width: w + 8, height: 70, rx: 12, class: "ring" });
    svg(group, "path", { d: `M${x} ${y + 9}v44c0 5 22 9 50 9s50-4 50-9v-44`, class: "drum" });
    svg(group, "ellipse", { cx: x + 50, cy: y + 9, rx: 50, ry: 9, class: "drum" });
    svg(group, "text", { x: x + 50, y: y + 42, "text-anchor": "middle", class: "b" }, "store");
    svg(group, "path", { d: `M${x + w - 22} ${y + 22}l12 12m0-12l-12 12`, class: "cross" });
  }

  /** @param {SVGElement} parent @param {number} x @param {number} y @param {() => void} chosen */
  _card(parent, x, y, chosen) {
    const card = svg(parent, "g", { class: "card gone" });
    svg(card, "rect", { x, y, width: 26, height: 17, rx: 3 });
    svg(card, "path", { d: `M${x + 5} ${y + 6}h16m-16 5h10` });
    card.addEventListener("click", chosen);
    return card;
  }

  /** @param {number} t */
  draw(t) {
    for (const hub of this.hubs) {
      const step = hub.track.index(t);
      if (step === hub.step) continue;
      hub.step = step;
      const state = hub.track.steps[step]?.[1].state ?? "idle";
      put(hub.group, "class", `node hub ${state === "stopped" ? "stop" : state === "cut" ? "cut" : ""}`);
      put(hub.group, "aria-label", `${hub.name}: ${state}`);
    }
    for (const each of this.drawn) {
      const step = each.track.index(t);
      /** @type {import("./types.js").Lane | undefined} */
      const lane = each.track.steps[step]?.[1];
      if (step !== each.step) {
        each.step = step;
        const kept = lane?.kept ?? 0;
        each.cards.forEach((card, place) => card.classList.toggle("gone", place >= kept));
        put(each.text, "dx", kept ? 30 + 9 * Math.min(each.cards.length - 1, kept - 1) : 0);
        write(each.text, kept ? (each.room ? `${kept} kept` : kept) : "");
        const letters = lane?.letters ?? [];
        each.letters.forEach((letter, place) => letter.show(letters[place - 3 + letters.length]));
        put(each.dead, "dx", letters.length ? -24 - 9 * letters.length : 0);
        write(each.dead, lane?.dead ? `${lane.dead} dead` : "");
      }
      const long = lane?.kept && lane.since !== null ? t - lane.since : 0;
      write(each.long, long > 1000 && each.room ? `for ${spanText(long)}` : "");
    }
  }
}

/** A dead letter: a card that says, when it is opened, what it says and why nobody got it. */
class Letter {
  /** @param {SVGElement} parent @param {number} x @param {number} y @param {(packet: number|string) => void} chosen */
  constructor(parent, x, y, chosen) {
    this.packet = 0;
    this.card = svg(parent, "g", { class: "card letter gone", role: "button" });
    svg(this.card, "rect", { x, y, width: 26, height: 17, rx: 3 });
    svg(this.card, "path", { d: `M${x + 9} ${y + 5}l7 7m0-7l-7 7` });
    this.card.addEventListener("click", () => chosen(this.packet));
    this.card.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation(); // a space plays elsewhere
      chosen(this.packet);
    });
  }

  /** @param {[number, string] | undefined} letter its packet, and why it is dead */
  show(letter) {
    this.packet = letter?.[0] ?? 0;
    put(this.card, "class", letter ? "card letter" : "card letter gone");
    put(this.card, "tabindex", letter ? 0 : -1);
    put(this.card, "aria-label", `dead letter: ${letter?.[1] ?? ""}`);
  }
}
