// @ts-check
// What became of people in the course of time, as one band: who has no news, has not heard, was told late or in time.

import { svg } from "./dom.js";
import { numberText } from "./words.js";

const HIGH = 16; // pixels
const STEP = 2; // pixels between two looks

/** @typedef {"none"|"unknown"|"late"|"told-late"|"told"} Share */
/** @type {Share[]} */
const SHARES = ["told", "told-late", "late", "unknown", "none"];

/**
 * @param {SVGElement} group @param {import("./store.js").Store} store
 * @param {{x: (t: number) => number, time: (x: number) => number, until: number}} scale
 */
export function bands(group, store, { x, time, until }) {
  const track = store.track("figures");
  const [from, to] = [x(0), x(Math.max(0, until))];
  /** @type {Map<Share, string[]>} */
  const paths = new Map(SHARES.map((share) => [share, []]));
  /** @type {{from: number, figures: any, shares: [Share, number, number][]} | null} */
  let open = null;
  const close = (/** @type {number} */ end) => {
    if (!open || end <= open.from) return;
    for (const [share, top, high] of open.shares) paths.get(share)?.push(`M${open.from.toFixed(1)} ${top.toFixed(1)}H${end.toFixed(1)}v${high.toFixed(1)}H${open.from.toFixed(1)}z`);
    const word = wordOf(open.figures);
    if (word && end - open.from > word[0].length * 7.4 + 12) words.push([open.from + 7, word]);
  };
  /** @type {[number, [string, string]][]} */
  const words = [];
  let index = -2;
  for (let at = from; at <= to; at += STEP) {
    const step = track.index(at + STEP > to ? until : time(at));
    if (step === index) continue;
    const figures = track.steps[step]?.[1];
    const same = index >= -1 && open && JSON.stringify(sharesOf(figures)) === JSON.stringify(open.shares) && wordOf(figures)?.[0] === wordOf(open.figures)?.[0];
    index = step;
    if (same) continue;
    close(at);
    open = { from: at, figures, shares: sharesOf(figures) };
  }
  close(to);
  group.replaceChildren();
  for (const [share, path] of paths) if (path.length) svg(group, "path", { d: path.join(""), class: `share ${share}` });
  for (const [at, [word, look]] of words) svg(group, "text", { x: at, y: 12.5, class: `share-word ${look}` }, word);
}

/** The parts of a band at one moment, from the top. @param {import("./types.js").Figures | undefined} figures @returns {[Share, number, number][]} */
function sharesOf(figures) {
  if (!figures?.hear) return [["none", 0, HIGH]];
  const { told, late, overdue, untold, hear } = figures;
  let top = 0;
  const parts = /** @type {[Share, number][]} */ ([["told", told], ["told-late", late - overdue], ["late", overdue], ["unknown", untold - overdue]]); // prettier-ignore
  return parts.filter(([, n]) => n > 0).map(([share, n]) => {
    const high = (n / hear) * HIGH;
    top += high;
    return [share, top - high, high];
  }); // prettier-ignore
}

/** What a long stretch says. @param {import("./types.js").Figures | undefined} figures @returns {[string, string] | null} */
function wordOf(figures) {
  if (!figures?.hear) return null;
  const { told, late, overdue, untold, without } = figures;
  if (overdue) return [`${numberText(overdue)} not told, late`, overdue > told + late - overdue ? "on-late" : "on-mixed"];
  if (untold) return null;
  const seats = without ? `, ${numberText(without)} without a seat` : "";
  if (late) return [`${numberText(late)} told late${seats}`, late > told ? "on-told-late" : "on-told"];
  return [`${numberText(told)} told in time${seats}`, "on-told"];
}
