// @ts-check
// Arrows between services: how much has gone along each, what went wrong, and where a message on it stands.

import { put, svg, write } from "./dom.js";
import { route } from "./routes.js";
import { arrowHurt, arrowText } from "./words.js";

const MARCH = 25; // milliseconds in which the dashes of a busy arrow go on by a pixel
const DASH = 14; // pixels: a dash and its gap
const POINTS = 48; // of a path, looked up instead of computed in every frame

/** @typedef {{key: string, from: string, to: string, kind: string, path: SVGPathElement, hit: SVGPathElement, label: SVGTextElement,
 *   mark: SVGPathElement, bars: SVGPathElement[], points: Float32Array, length: number, step: number, track: import("./store.js").Track}} Drawn */

export class Lines {
  /**
   * @param {SVGElement} under @param {SVGElement} over where labels stand @param {import("./routes.js").Plan} plan
   * @param {[string, import("./store.js").Track][]} arrows by "from/to" @param {string} id
   * @param {(from: string, to: string) => void} chosen
   */
  constructor(under, over, plan, arrows, id, chosen) {
    this.id = id;
    this.gaps = false; // whether anybody is cut off
    /** @type {Map<string, Drawn>} */
    this.drawn = new Map();
    const ports = portsOf(arrows.map(([key]) => key), plan);
    for (const [key, track] of arrows) {
      const [from, to] = key.split("/");
      const [port, all] = ports.get(key) ?? [0, 1];
      const way = route(plan, from, to, port, all);
      if (!way) continue;
      const kind = track.steps[0]?.[1].kind ?? "event";
      const path = svg(under, "path", { d: way.d, class: `edge ${kind}` });
      const hit = svg(under, "path", { d: way.d, class: "edge-hit", "data-from": from, "data-to": to });
      hit.addEventListener("click", () => chosen(from, to));
      const label = svg(over, "text", { x: way.x, y: way.y, "text-anchor": way.anchor || "end", class: "halo s" });
      const [points, length] = sampled(path);
      const middle = points.length - 2 * Math.round(POINTS / 4);
      const mark = svg(over, "path", { d: cross(points[middle], points[middle + 1]), class: "edge-mark" });
      const bars = [false, true].map((end) => svg(over, "path", { d: gap(points, length, end), class: "edge-gap" }));
      this.drawn.set(key, { key, from, to, kind, path, hit, label: way.anchor ? label : svg(null, "text"), mark, bars, points, length, step: -2, track });
    }
  }

  /** @param {number} t @param {Set<string>} again arrows on which so much goes that single messages cannot be seen */
  draw(t, again) {
    for (const each of this.drawn.values()) {
      const step = each.track.index(t);
      const marches = again.has(each.key);
      if (step !== each.step) {
        each.step = step;
        const arrow = each.track.steps[step]?.[1];
        const kind = arrow?.n ? (each.kind === "stored" ? "event" : each.kind) : "unused";
        put(each.path, "marker-end", `url(#${this.id}${kind})`);
        each.path.style.strokeWidth = arrow?.n && each.kind !== "people" ? `${Math.min(5, 1.8 + 0.55 * Math.log2(arrow.n))}px` : "";
        write(each.label, arrow ? arrowText(arrow) : "");
        put(each.label, "class", arrow && arrowHurt(arrow) ? "halo w" : "halo s");
        put(each.mark, "class", arrow?.lost ? "edge-mark on" : "edge-mark");
        each.path.classList.toggle("used", Boolean(arrow?.n));
      }
      if (each.path.classList.contains("again") !== marches) each.path.classList.toggle("again", marches);
      if (marches) each.path.style.strokeDashoffset = String(-(performance.now() / MARCH) % DASH); // an animation would have all drawn anew in each frame
    }
  }

  /** Show which are cut off: a gap with two bars. @param {Set<string>} services */
  cut(services) {
    if (!services.size && !this.gaps) return;
    this.gaps = services.size > 0;
    for (const { from, to, bars } of this.drawn.values()) {
      bars[0].classList.toggle("on", services.has(from));
      bars[1].classList.toggle("on", services.has(to));
    }
  }

  /**
   * The arrow on which a message travels, and whether it goes backwards on it.
   * @param {import("./types.js").Motion} motion @returns {[Drawn, boolean] | null}
   */
  of(motion) {
    const forward = this.drawn.get(`${motion[3]}/${motion[4]}`);
    const back = this.drawn.get(`${motion[4]}/${motion[3]}`);
    const returns = ["answer", "refusal", "receipt"].includes(motion[5]) || !forward;
    if (returns && back) return [back, true];
    return forward ? [forward, false] : null;
  }
}

/** Which places arrows have at a service's left edge. @param {string[]} keys @param {import("./routes.js").Plan} plan @returns {Map<string, [number, number]>} */
function portsOf(keys, plan) {
  const ports = new Map();
  for (const [name, box] of plan.boxes) {
    if (box.x !== plan.right) continue;
    const here = keys.filter((key) => {
      const [from, to] = key.split("/");
      const other = from === name ? to : from;
      return (from === name || to === name) && ["bus", "operations", "store"].includes(other);
    });
    const rank = (/** @type {string} */ key) => (key === `bus/${name}` ? 0 : key === `${name}/bus` ? 1 : key.endsWith(`/${name}`) ? 0.5 : 2);
    here.sort((one, other) => rank(one) - rank(other));
    here.forEach((key, place) => ports.set(key, [place, here.length]));
  }
  return ports;
}

/** @param {SVGPathElement} path @returns {[Float32Array, number]} */
function sampled(path) {
  const length = path.getTotalLength();
  const points = new Float32Array(2 * (POINTS + 1));
  for (let place = 0; place <= POINTS; place += 1) {
    const point = path.getPointAtLength((length * place) / POINTS);
    points.set([point.x, point.y], 2 * place);
  }
  return [points, length];
}

/** @param {number} x @param {number} y */
const cross = (x, y) => `M${x - 5} ${y - 5}l10 10m0-10l-10 10`;

/** Two bars across an arrow, 22 pixels from one of its ends: nothing passes. @param {Float32Array} points @param {number} length @param {boolean} end */
function gap(points, length, end) {
  const place = Math.min(POINTS - 1, Math.max(1, Math.round((POINTS * Math.min(22, length / 3)) / Math.max(1, length))));
  const here = 2 * (end ? POINTS - place : place);
  const [x, y, toX, toY] = [points[here - 2], points[here - 1], points[here], points[here + 1]];
  const far = Math.hypot(toX - x, toY - y) || 1;
  const [alongX, alongY] = [((toX - x) / far) * 4, ((toY - y) / far) * 4];
  const bar = (/** @type {1|-1} */ way) => `M${toX + way * alongX - 2 * alongY} ${toY + way * alongY + 2 * alongX}l${4 * alongY} ${-4 * alongX}`;
  return bar(-1) + bar(1);
}

/** The point at a share of the way. @param {Drawn} line @param {number} share @returns {[number, number]} */
export function pointAt(line, share) {
  const place = Math.max(0, Math.min(1, share)) * POINTS;
  const low = Math.min(POINTS - 1, Math.floor(place));
  const rest = place - low;
  const [x, y, toX, toY] = line.points.subarray(2 * low, 2 * low + 4);
  return [x + (toX - x) * rest, y + (toY - y) * rest];
}
