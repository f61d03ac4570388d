// @ts-check
// Who talks to whom under one architecture, at the moment shown.

import { svg } from "./dom.js";
import { Dots } from "./dots.js";
import { Lines } from "./lines.js";
import { Lanes, Nodes } from "./nodes.js";
import { plan } from "./routes.js";

const TOO_FAST = 333; // milliseconds of real time: what is shown for less than that is not seen as single messages

export class Graph {
  /**
   * @param {HTMLElement} box @param {import("./store.js").Store} store @param {{id: string, heads: string, name: string, services: string[]}} about
   * @param {{service: (name: string) => void, arrow: (from: string, to: string) => void, message: (packet: number|string) => void}} chosen
   */
  constructor(box, store, about, chosen) {
    this.box = box;
    this.store = store;
    this.about = about;
    this.chosen = chosen;
    this.known = "";
    this.layout();
  }

  /** Draw all anew, as wide as there is room. */
  layout() {
    const arrows = this.store.group("arrow");
    this.known = String(arrows.length);
    const width = Math.max(330, this.box.clientWidth);
    const where = plan(width, this.about.services, arrows.map(([name]) => name));
    this.box.replaceChildren();
    const picture = svg(this.box, "svg", { height: where.height, viewBox: `0 0 ${width} ${where.height}`, role: "group" });
    picture.setAttribute("aria-label", `Who talks to whom: ${this.about.name}`);
    const [under, over, boxes] = ["edges", "labels", "boxes"].map((name) => svg(picture, "g", { class: name }));
    picture.append(over);
    this.lines = new Lines(under, over, where, arrows, this.about.heads, this.chosen.arrow);
    this.lanes = new Lanes(boxes, where, this.store, this.chosen);
    this.nodes = new Nodes(boxes, where, this.store, this.about, this.chosen.service);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const moving = svg(this.box, "svg", { class: "moving", height: where.height, viewBox: `0 0 ${width} ${where.height}` });
    this.dots = new Dots(moving, this.lines, this.chosen.message, still);
  }

  /**
   * @param {{at: number, long: number}} shown the moment, and for how many simulated milliseconds its episode is seen
   * @param {number} now @param {number} speed simulated milliseconds a millisecond, 0 while time stands still
   * @param {string} service chosen @param {boolean} reads whether it is time for what is read, and not only for what moves
   */
  draw(shown, now, speed, service, reads) {
    if (this.known !== String(this.store.group("arrow").length)) this.layout();
    const fast = speed > 0 && shown.long / speed < TOO_FAST;
    const motions = fast ? [] : this.store.moving(shown.at);
    this.dots?.draw(motions, shown.at);
    if (reads) {
      this.lines?.draw(shown.at, fast ? this._busy(now, speed) : NONE);
      this.lanes?.draw(shown.at);
    }
    if (reads || !fast) this.nodes?.draw(shown.at, now, service, reads);
  }

  /** The arrows that were used within the last third of a second. @param {number} now @param {number} speed */
  _busy(now, speed) {
    const since = now - TOO_FAST * speed;
    const busy = new Set();
    for (const [name, track] of this.store.group("arrow")) {
      const step = track.steps[track.index(now)];
      if (step && step[0] > since && step[1].n) busy.add(name);
    }
    return busy;
  }

  /** @param {Set<string>} services that are cut off */
  cut(services) {
    this.lines?.cut(services);
  }
}

/** @type {Set<string>} */
const NONE = new Set();
