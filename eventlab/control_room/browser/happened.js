// @ts-check
// The last things that happened, in words: what repeats is said once, what happened in all architectures at once too.

import { countUntil } from "./store.js";
import { capital } from "./words.js";

/** @typedef {import("./types.js").Motion} Motion */
/** @typedef {{at: number, text: string, who: string, look: string, a: number, packet: number | string | null, times: number}} Row */

const SCANNED = 400; // motions looked back over, at most

/** The last motions that are wanted, the latest first. @param {import("./store.js").Store} store @param {number} t @param {(motion: Motion) => boolean} wanted @param {number} most */
export function lastOf(store, t, wanted, most) {
  const found = [];
  let place = countUntil(store.motions, t, (motion) => motion[0]) - 1;
  for (let looked = 0; place >= 0 && looked < SCANNED && found.length < most; place -= 1, looked += 1) {
    const motion = store.motions[place];
    if (motion[5] !== "receipt" && wanted(motion)) found.push(motion);
  }
  return found;
}

/** @param {import("./facts.js").Facts} facts @param {number} t @returns {Row[]} the latest first */
export function happened(facts, t) {
  const names = facts.setting.architectures;
  /** @type {Row[]} */
  const rows = [];
  facts.stores.forEach((store, a) => rows.push(...rowsOf(store, a, capital(names[a]), t)));
  for (const act of facts.acts) {
    const who = act.a === null ? "all" : capital(names[act.a]);
    if (act.at <= t) rows.push(row(act.at, `${act.words}, by you`, who));
    if (act.until !== null && act.until <= t) rows.push(row(act.until, `${act.words}: over`, who));
  }
  rows.sort((one, other) => other.at - one.at || one.text.localeCompare(other.text));
  return together(rows, names.length).slice(0, 7);
}

/** @param {number} at @param {string} text @param {string} who @returns {Row} */
const row = (at, text, who) => ({ at, text, who, look: "by-you", a: -1, packet: null, times: 1 });

/** @param {import("./store.js").Store} store @param {number} a @param {string} who @param {number} t @returns {Row[]} */
function rowsOf(store, a, who, t) {
  /** @type {Map<string, Row>} */
  const seen = new Map();
  for (const motion of lastOf(store, t, () => true, 60)) {
    const [at, , packet, from, to, mark, type, subject, , , text] = motion;
    const key = [from, to, mark, type, subject].join();
    const known = seen.get(key);
    if (known) known.times += 1;
    else if (seen.size < 7) seen.set(key, { at, text: text || `${from} → ${to}: ${type}`, who, look: `is-${mark}`, a, packet, times: 1 });
  }
  const rows = [...seen.values()];
  for (const each of rows) if (each.times > 2) each.text += ` (${each.times} times)`;
  return rows;
}

/** What happened at the same time in all, said once. @param {Row[]} rows @param {number} all */
function together(rows, all) {
  /** @type {Row[]} */
  const said = [];
  for (const each of rows) {
    const same = said.find((other) => other.text === each.text && Math.abs(other.at - each.at) < 0.5 && other.a !== each.a);
    if (!same) said.push({ ...each, times: 1 });
    else {
      same.times += 1;
      same.who = same.times >= all ? (all === 2 ? "both" : "all") : `${same.who}, ${each.who.toLowerCase()}`;
    }
  }
  return said;
}
