// @ts-check
// A recorded run in a page of its own: it plays, steps back and is looked into without a kernel.

import { Facts } from "./facts.js";
import { showRoom } from "./room.js";

/**
 * @param {HTMLElement} root
 * @param {{setting: import("./types.js").Setting, told: import("./types.js").Message[], acts?: import("./types.js").Act[],
 *   asked?: Record<string, import("./types.js").Known>}} record
 */
export function mount(root, record) {
  const facts = new Facts({ ...record.setting, kernel: false }, () => {});
  facts.acts = record.acts ?? [];
  for (const [key, known] of Object.entries(record.asked ?? {})) facts.known.set(key, known);
  for (const message of record.told) facts.hear(message);
  return showRoom(root, facts);
}
