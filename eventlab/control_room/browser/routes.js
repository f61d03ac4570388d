// @ts-check
// Where services stand and how arrows run: the same places in all architectures, never through a box.

/** @typedef {{x: number, y: number, w: number, h: number, spare?: boolean}} Box   spare: nobody talks to it here */
/** @typedef {{d: string, x: number, y: number, anchor: string} | null} Route   where its label stands */
/** @typedef {{width: number, height: number, left: number, right: number, side: number, bus: number, edge: number, trunk: number,
 *   boxes: Map<string, Box>, people: string[]}} Plan */

export const HIGH = 50; // of a box
const PITCH = 61;
const NARROW = 520; // pixels: below, boxes and the bus stand closer
const DRUM = { y: 228, h: 62 };
const ASIDE = ["airlines", "passengers", "operations", "bus", "store"]; // who does not stand on the right

/**
 * Where everybody stands.
 * @param {number} width @param {string[]} services @param {string[]} arrows "from/to", all that there may be
 * @returns {Plan}
 */
export function plan(width, services, arrows) {
  const used = new Set(arrows.flatMap((arrow) => arrow.split("/")));
  const others = services.filter((name) => !ASIDE.includes(name) && (used.has(name) || !arrows.length));
  const bus = used.has("bus");
  const narrow = width < NARROW;
  const left = narrow ? 116 : 136;
  const thick = narrow ? 30 : 38; // the bus
  const side = Math.min(178, Math.max(150, width * 0.3));
  const right = width - 36 - side;
  const boxes = new Map();
  if (used.has("airlines")) boxes.set("airlines", { x: 0, y: 4, w: left, h: HIGH });
  boxes.set("operations", { x: 0, y: 126, w: left, h: HIGH });
  if (used.has("store")) boxes.set("store", { x: narrow ? 8 : 18, y: DRUM.y, w: 100, h: DRUM.h });
  others.forEach((name, place) => boxes.set(name, { x: right, y: 4 + place * PITCH, w: side, h: HIGH }));
  const low = used.has("store") ? 306 : 194;
  const spare = services.filter((name) => ["bus", "store"].includes(name) && !used.has(name));
  spare.forEach((name, place) => boxes.set(name, { x: 0, y: low + place * (HIGH + 8), w: left - 28, h: HIGH, spare: true }));
  const bottom = Math.max(304, others.length * PITCH);
  const at = narrow ? left + 16 : Math.round(left + (right - left) * 0.33);
  if (bus) boxes.set("bus", { x: at, y: 2, w: thick, h: bottom - 4 });
  const under = bus && arrows.some((arrow) => isUnder(arrow, others));
  return {
    width, height: bottom + (under ? 22 : 0), left, right, side, bus: bus ? at : 0,
    edge: at + thick, trunk: under ? at + thick + (narrow ? 10 : 16) : 0, boxes, people: ["passengers"],
  }; // prettier-ignore
}

/** Whether an arrow runs under the bus: from the right to the left, past it. @param {string} arrow @param {string[]} others */
function isUnder(arrow, others) {
  const [from, to] = arrow.split("/");
  return [[from, to], [to, from]].some(([one, other]) => others.includes(one) && ["operations", "store"].includes(other)); // prettier-ignore
}

/**
 * How an arrow runs.
 * @param {Plan} plan @param {string} from @param {string} to @param {number} port its place among those at that edge @param {number} ports
 * @returns {Route}
 */
export function route(plan, from, to, port, ports) {
  if (from === "passengers" || to === "passengers") return withPeople(plan, from === "passengers" ? to : from, from === "passengers");
  const [start, end] = [plan.boxes.get(from), plan.boxes.get(to)];
  if (!start || !end) return null;
  const onRight = (/** @type {Box} */ box) => box.x === plan.right;
  if (onRight(start) && onRight(end)) return aside(plan, start, end);
  if (!onRight(start) && !onRight(end)) return onLeft(plan, start, end, from, to);
  const box = onRight(start) ? start : end;
  const y = box.y + HIGH / 2 + offset(port, ports);
  const label = labelAt(plan, y, port, ports);
  if (from === "bus") return { d: `M${plan.edge} ${y}H${plan.right - 1}`, ...label };
  if (to === "bus") return { d: `M${plan.right} ${y}H${plan.edge + 1}`, ...label };
  return plan.trunk ? { d: under(plan, onRight(start) ? end : start, y, onRight(start)), ...label } : curve(plan, start, end, y, label, onRight(end));
}

/** @param {number} port @param {number} ports */
const offset = (port, ports) => (ports === 1 ? 0 : ports === 2 ? [-7, 9][port] : [-15, 0, 15][Math.min(port, 2)]);

/** Before the head, above the line in the upper half and below it in the lower one. @param {Plan} plan @param {number} y @param {number} port @param {number} ports */
function labelAt(plan, y, port, ports) {
  const above = ports === 1 ? y < 160 : port === 0;
  if (ports > 2 && port === 1) return { x: plan.trunk ? plan.trunk + 10 : plan.edge + 12, y: y - 4, anchor: "start" };
  return { x: plan.right - 13, y: y + (above ? -7 : 16), anchor: "end" };
}

/** @param {Plan} plan @param {string} name @param {boolean} asks @returns {Route} */
function withPeople(plan, name, asks) {
  const box = plan.boxes.get(name);
  if (!box || box.x !== plan.right) return null;
  const x = plan.width - (asks ? 2 : 12);
  const y = box.y + HIGH / 2 + (asks ? 0 : -6);
  const d = asks ? `M${x} -6V${y}H${plan.right + plan.side + 1}` : `M${plan.right + plan.side} ${y}H${x}V-6`;
  return { d, x: 0, y: 0, anchor: "" };
}

/** Between two services on the right: round their right edge. @param {Plan} plan @param {Box} start @param {Box} end @returns {Route} */
function aside(plan, start, end) {
  const x = plan.right + plan.side;
  const down = end.y > start.y ? 1 : -1;
  const [one, other] = [start.y + HIGH / 2 + 14 * down, end.y + HIGH / 2 - 14 * down];
  return { d: `M${x} ${one}H${x + 16}V${other}H${x + 1}`, x: 0, y: 0, anchor: "" };
}

/** @param {Plan} plan @param {Box} start @param {Box} end @param {string} from @param {string} to @returns {Route} */
function onLeft(plan, start, end, from, to) {
  const middle = (plan.left + plan.bus) / 2;
  if (to === "bus" || from === "bus") {
    const other = to === "bus" ? start : end;
    const y = other.y + other.h / 2 + (from === "bus" ? 14 : 0);
    const edge = other.x + other.w;
    const d = to === "bus" ? `M${edge} ${y}H${plan.bus - 1}` : `M${plan.bus} ${y}H${edge + 1}`;
    const near = plan.bus - edge < 40; // no room for a number between them
    if (near) return { d, x: edge, y: other.y - 7, anchor: "end" };
    return { d, x: middle, y: y + (from === "bus" ? 17 : -9), anchor: "middle" };
  }
  const x = from === "operations" || to === "operations" ? (from === "airlines" ? 48 : 68) : 68;
  const down = end.y > start.y;
  const [one, other] = down ? [start.y + start.h, end.y - 1] : [start.y, end.y + end.h + 1];
  return { d: `M${x} ${one}V${other}`, x: x + 10, y: down ? one + (other - one) * 0.68 + 5 : (one + other) / 2 + 5, anchor: "start" };
}

/** @param {Plan} plan @param {Box} box the one on the left @param {number} y at the right @param {boolean} back towards the left */
function under(plan, box, y, back) {
  const x = box.x + box.w / 2 + 8;
  const low = plan.height - 6;
  const foot = box.y + box.h + 1;
  const around = box.h === HIGH && plan.boxes.has("store") ? plan.left - 10 : x; // past the store
  return back ? `M${plan.right} ${y}H${plan.trunk}V${low}H${around}V${foot}` : `M${around} ${foot}V${low}H${plan.trunk}V${y}H${plan.right - 1}`;
}

/** @param {Plan} plan @param {Box} start @param {Box} end @param {number} y @param {{x: number, y: number, anchor: string}} label @param {boolean} out @returns {Route} */
function curve(plan, start, end, y, label, out) {
  const box = out ? start : end;
  const middle = (plan.left + plan.right) / 2;
  const at = box.y + box.h / 2 + Math.max(-18, Math.min(18, (y - box.y - box.h / 2) / 7));
  const straight = plan.right - Math.min(96, (plan.right - plan.left) / 2.2);
  return out
    ? { d: `M${plan.left} ${at}C${middle + 10} ${at} ${middle - 40} ${y} ${straight} ${y}L${plan.right - 1} ${y}`, ...label }
    : { d: `M${plan.right} ${y}L${straight} ${y}C${middle - 40} ${y} ${middle + 10} ${at + 5} ${plan.left + 1} ${at + 5}`, ...label };
}
