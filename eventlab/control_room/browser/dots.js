// @ts-check
// Messages on their way: one mark each, taken from a pool that grows as far as it must and no further.

import { put, svg } from "./dom.js";
import { pointAt } from "./lines.js";
import { endOf } from "./store.js";

/** @typedef {import("./types.js").Motion} Motion */
/** @typedef {{group: SVGGElement, tail: SVGPolylineElement, look: string, motion: Motion | null}} Dot */

const TAIL = 34; // pixels
const MOST = 80; // marks of one architecture at a time: nobody sees more

export class Dots {
  /** @param {SVGElement} parent @param {import("./lines.js").Lines} lines @param {(packet: number|string) => void} chosen @param {boolean} still */
  constructor(parent, lines, chosen, still) {
    this.tails = svg(parent, "g", { class: "tails" });
    this.marks = svg(parent, "g", { class: "marks" });
    this.lines = lines;
    this.chosen = chosen;
    this.still = still;
    /** @type {Dot[]} */
    this.pool = [];
    this.used = 0;
  }

  /** @param {Motion[]} motions @param {number} t */
  draw(motions, t) {
    let used = 0;
    for (const motion of motions) {
      if (used >= MOST) break;
      const way = this.lines.of(motion);
      if (!way) continue;
      const { share, state } = stateOf(motion, t);
      this._place(this._dot(used), motion, way[0], way[1], this.still ? 0.5 : share, state);
      used += 1;
    }
    for (let place = used; place < this.used; place += 1) this._hide(this.pool[place]);
    this.used = used;
  }

  /** @param {number} place @returns {Dot} */
  _dot(place) {
    if (place < this.pool.length) return this.pool[place];
    const group = svg(this.marks, "g", { class: "dot" });
    const tail = svg(this.tails, "polyline", { class: "tail" });
    const dot = { group, tail, look: "", motion: /** @type {Motion | null} */ (null) };
    group.addEventListener("click", () => dot.motion && this.chosen(dot.motion[2]));
    this.pool.push(dot);
    return dot;
  }

  /** @param {Dot} dot @param {Motion} motion @param {import("./lines.js").Drawn} line @param {boolean} back @param {number} way the share that is done @param {string} state */
  _place(dot, motion, line, back, way, state) {
    const look = `${state === "refused" ? "refusal" : motion[5]}${state === "lost" ? " lost" : ""}${motion[9] > 1 ? " again" : ""}${Number(motion[2]) < 0 ? " twice" : ""}`;
    if (dot.look !== look || !dot.motion) this._look(dot, motion, look);
    dot.motion = motion;
    const [x, y] = pointAt(line, back ? 1 - way : way);
    dot.group.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    if (motion[5] === "receipt" || this.still) return;
    const points = [];
    for (const piece of [0, 0.34, 0.67, 1]) {
      const behind = Math.max(0, way - (TAIL * piece) / line.length);
      const [tailX, tailY] = pointAt(line, back ? 1 - behind : behind);
      points.push(`${tailX.toFixed(1)},${tailY.toFixed(1)}`);
    }
    dot.tail.setAttribute("points", points.join(" "));
  }

  /** @param {Dot} dot @param {Motion} motion @param {string} look */
  _look(dot, motion, look) {
    dot.look = look;
    const mark = look.split(" ")[0];
    dot.group.replaceChildren();
    svg(dot.group, "circle", { r: mark === "receipt" ? 8 : 15, class: "hit" });
    if (look.includes(" lost")) svg(dot.group, "path", { d: "M-6 -6l12 12m0-12l-12 12", class: "x" });
    else if (mark === "request" || mark === "answer") svg(dot.group, "rect", { x: -6, y: -6, width: 12, height: 12, rx: 2.5, class: "shape" });
    else if (mark === "refusal") {
      svg(dot.group, "rect", { x: -8, y: -8, width: 16, height: 16, rx: 3, class: "shape" });
      svg(dot.group, "path", { d: "M-3.5 -3.5l7 7m0-7l-7 7" });
    } else svg(dot.group, "circle", { r: mark === "receipt" ? 3 : 6.5, class: "shape" });
    if (motion[9] > 1) {
      svg(dot.group, "circle", { r: 10.5, class: "once-more" });
      svg(dot.group, "text", { x: 12, y: -8, class: "halo try" }, String(motion[9]));
    }
    put(dot.group, "class", `dot c-${look}`);
    put(dot.tail, "class", mark === "receipt" || this.still ? "tail none" : `tail c-${mark}`);
  }

  /** @param {Dot} dot */
  _hide(dot) {
    if (dot.look === "") return;
    dot.look = "";
    dot.motion = null;
    put(dot.group, "class", "dot none");
    put(dot.tail, "class", "tail none");
  }
}

/** How far a message is, and how it stands: a lost one stops half way, a refused one turns at the box. @param {Motion} motion @param {number} t */
function stateOf(motion, t) {
  const [begin, end] = motion;
  if (end === null) return { share: 0.5, state: "" };
  const share = (t - begin) / Math.max(0.001, endOf(motion) - begin);
  if (motion[8] === "lost") return { share: Math.min(0.5, share), state: share < 0.5 ? "" : "lost" };
  if (motion[8] === "refused") return share < 0.5 ? { share: eased(2 * share), state: "" } : { share: eased(2 - 2 * share), state: "refused" };
  return { share: eased(share), state: "" };
}

/** Nearly linear, a little eased at both ends. @param {number} share */
const eased = (share) => share * share * (3 - 2 * share) * 0.35 + share * 0.65;
