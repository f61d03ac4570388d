// @ts-check
// What you can do to a service, an arrow or a message: buttons that say it, and for how long.

import { button, html, write } from "./dom.js";

/** @typedef {import("./facts.js").Facts} Facts */

/** @type {[string, number|null][]} */
const SPANS = [["until I end it", null], ["for 1 min", 60_000], ["for 5 min", 300_000], ["for 20 min", 1_200_000], ["for 2 h", 7_200_000]]; // prettier-ignore
/** @type {[string, number][]} */
const SLOWER = [["20 times", 20], ["1,000 times", 1000], ["10,000 times", 10_000]]; // prettier-ignore
/** @type {[string, number][]} */
const LATER = [["5 s", 5], ["1 min", 60], ["10 min", 600], ["90 min", 5400]]; // prettier-ignore
let span = 0; // the choice made last, for all

/** A choice beside a button. @param {HTMLElement} box @param {string} label @param {[string, number][]} options @param {number} chosen */
function chooseBy(box, label, options, chosen) {
  const select = html(box, "select");
  select.setAttribute("aria-label", label);
  for (const [text, value] of options) select.add(new Option(text, String(value), value === chosen, value === chosen));
  return () => Number(select.value);
}

/** @param {HTMLElement} box @param {boolean} open whether it may last until it is ended */
function chooseSpan(box, open) {
  const select = html(box, "select");
  select.setAttribute("aria-label", "For how long");
  if (!open && !span) span = 1;
  SPANS.forEach(([text], place) => {
    if (place || open) select.add(new Option(text, String(place), place === span, place === span));
  });
  select.addEventListener("change", () => (span = Number(select.value)));
  return select;
}

/** @param {Facts} facts @param {number} at @param {string} verb @param {string|number} target @param {Record<string, any>} [more] */
function act(facts, at, verb, target, more = {}) {
  const long = SPANS[span][1];
  const until = long === null ? null : Math.min(facts.setting.end, at + long);
  facts.act({ kind: "act", at, verb, target, until, ...more });
}

/** The act that holds at a moment, to be ended. @param {Facts} facts @param {string} verb @param {string|number} target @param {number} t */
const holding = (facts, verb, target, t) => facts.acts.find((each) => each.verb === verb && each.target === target && each.at <= t && (each.until === null || each.until > t));

/** Do or end what lasts: stop, slow, cut. @param {Facts} facts @param {string} verb @param {string} target @param {number} t @param {Record<string, any>} [more] */
function toggle(facts, verb, target, t, more = {}) {
  const now = holding(facts, verb, target, t);
  if (now) facts.change(now, { until: Math.max(t, now.at + 1) });
  else act(facts, t, verb, target, more);
}

/** Stop a service, or start it if it is stopped. @param {Facts} facts @param {string} service @param {import("./types.js").ServiceState | undefined} state @param {number} t */
export function stopOrStart(facts, service, state, t) {
  if (state?.state === "stopped" && !holding(facts, "stop", service, t)) facts.act({ kind: "act", at: t, verb: "start", target: service, until: null });
  else toggle(facts, "stop", service, t);
}

/**
 * @param {HTMLElement} box @param {Facts} facts @param {string} service @param {() => import("./types.js").ServiceState | undefined} state
 * @param {() => number} now @param {((t: number) => void)[]} live
 */
export function actsOfService(box, facts, service, state, now, live) {
  const allowed = facts.setting.acts[service] ?? facts.setting.acts.service ?? [];
  if (!allowed.length || ["airlines", "passengers"].includes(service)) {
    html(box, "p", "sub", "People. They tell and ask, and try again until they are heard.");
    return;
  }
  const both = "It happens in all architectures at once";
  if (allowed.includes("stop")) {
    const stop = button(box, "Stop", () => stopOrStart(facts, service, state(), now()), `${both} (S)`, "go");
    live.push((t) => write(stop, state()?.state === "stopped" || holding(facts, "stop", service, t) ? "Start" : "Stop"));
  }
  if (allowed.includes("slow")) {
    const pair = html(box, "span", "pair");
    const slow = button(pair, "Slow down", () => toggle(facts, "slow", service, now(), { by: by() }), `Its work takes longer. ${both}`);
    const by = chooseBy(pair, "How much slower", SLOWER, 20);
    live.push((t) => write(slow, holding(facts, "slow", service, t) ? "Normal speed" : "Slow down"));
  }
  if (allowed.includes("cut")) {
    const cut = button(box, "Cut off", () => toggle(facts, "cut", service, now()), `Nothing passes. ${both}`);
    live.push((t) => write(cut, holding(facts, "cut", service, t) ? "Connect again" : "Cut off"));
  }
  if (allowed.includes("workers")) button(box, "Add a worker", () => facts.act({ kind: "act", at: now(), verb: "workers", target: service, by: 1, until: null }), both);
  chooseSpan(box, true);
}

/** @param {HTMLElement} box @param {Facts} facts @param {string} target "from>to" @param {() => number} now */
export function actsOfArrow(box, facts, target, now) {
  const allowed = facts.setting.acts.arrow ?? [];
  const [from, to] = target.split(">");
  const both = "It happens in all architectures at once";
  if (allowed.includes("lose")) button(box, "Lose all", () => act(facts, now(), "lose", target), `What ${from} sends to ${to} is lost. ${both}`, "go");
  if (allowed.includes("double")) button(box, "Double all", () => act(facts, now(), "double", target), `It comes twice. ${both}`);
  if (allowed.includes("delay")) {
    const pair = html(box, "span", "pair");
    button(pair, "Delay all", () => act(facts, now(), "delay", target, { by: by() }), both);
    const by = chooseBy(pair, "By how much", LATER, 5);
  }
  if (allowed.length) chooseSpan(box, false);
}

/** @param {HTMLElement} box @param {Facts} facts @param {import("./types.js").Motion} motion @param {number} a @param {[string, string][]} says */
export function actsOfMessage(box, facts, motion, a, says) {
  const allowed = facts.setting.acts.packet ?? [];
  const [at, , packet] = motion;
  if (typeof packet !== "number") return; // people were told: nothing travels that could be lost
  if (allowed.includes("drop")) button(box, "Lose it", () => facts.act({ kind: "act", at, verb: "drop", target: packet, a, until: null }), "As if it had never arrived", "go");
  if (allowed.includes("delay")) {
    const pair = html(box, "span", "pair");
    button(pair, "Delay it", () => facts.act({ kind: "act", at, verb: "delay", target: packet, a, by: by(), until: null }), "It arrives later");
    const by = chooseBy(pair, "By how much", LATER, 60);
  }
  if (!allowed.includes("edit") || !says.length) return;
  const form = html(box, "span", "edit");
  const field = html(form, "select");
  field.setAttribute("aria-label", "Field");
  for (const [name] of says) field.add(new Option(name, name));
  const value = html(form, "input");
  value.setAttribute("aria-label", "New value");
  value.size = 12;
  const fill = () => (value.value = says.find(([name]) => name === field.value)?.[1] ?? "");
  field.addEventListener("change", fill);
  fill();
  button(form, "Edit", () => facts.act({ kind: "act", at, verb: "edit", target: packet, a, until: null, data: { [field.value]: value.value } }), "It says something else");
}
