// @ts-check
// A what_if in a page of its own, after knobs.js: whatever can be picked was computed beforehand.

/** @typedef {import("./knobs.js").Knob} Knob */
/** @typedef {import("./knobs.js").Shown} Shown */

/** @param {HTMLElement} root @param {{knobs: Knob[], picked: number[], shown: Record<string, Shown>}} record */
function mount(root, { knobs, picked, shown }) {
  /** @type {Record<string, any>} */
  const now = { knobs: JSON.stringify(knobs), picked };
  /** @type {(() => void)[]} */
  const heard = [];
  const answer = () => (now.shown = JSON.stringify(shown[now.picked.join()]));
  answer();
  const model = {
    get: (/** @type {string} */ name) => now[name],
    set: (/** @type {string} */ name, /** @type {any} */ value) => (now[name] = value),
    save_changes: () => (answer(), heard.forEach((each) => each())),
    on: (/** @type {string} */ _, /** @type {() => void} */ call) => heard.push(call),
    off: () => {},
  };
  // @ts-expect-error: knobs.js says what it is, in the same page
  render({ model, el: root });
}
