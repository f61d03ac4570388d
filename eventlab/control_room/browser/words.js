// @ts-check
// Times, spans and numbers as people read them.

const NUMBER = new Intl.NumberFormat("en-US");

/** @param {number} value @param {number} digits */
const padded = (value, digits) => String(value).padStart(digits, "0");

/**
 * "07:32", "07:32:55" or "07:32:55.068": what clocks show.
 * @param {number} ms of the day @param {0|1|2} fine minutes, seconds or thousandths
 */
export function clockText(ms, fine = 1) {
  const whole = ((Math.floor(ms + 1e-4) % 86_400_000) + 86_400_000) % 86_400_000;
  const minutes = `${padded(Math.floor(whole / 3_600_000), 2)}:${padded(Math.floor(whole / 60_000) % 60, 2)}`;
  if (!fine) return minutes;
  const seconds = `${minutes}:${padded(Math.floor(whole / 1000) % 60, 2)}`;
  return fine === 1 ? seconds : `${seconds}.${padded(whole % 1000, 3)}`;
}

/** "36 ms", "5 s", "12 min", "1 h 07", "2 h": how long something takes. @param {number} ms */
export function spanText(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  const minutes = Math.floor(ms / 60_000) % 60;
  return `${Math.floor(ms / 3_600_000)} h${minutes ? ` ${padded(minutes, 2)}` : ""}`;
}

/** "1,234". @param {number} value */
export const numberText = (value) => NUMBER.format(value);

/** "1 question", "3 questions". @param {number} n @param {string} one */
export const manyText = (n, one) => `${numberText(n)} ${one}${n === 1 ? "" : "s"}`;

/** "Request-driven". @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** What an arrow has carried: "9, 1 lost", "60, all refused"; nothing while it is unused. @param {import("./types.js").Arrow} arrow */
export function arrowText({ n, lost, refused, expired }) {
  if (!n) return "";
  const bad = /** @type {[number, string][]} */ ([[refused, "refused"], [lost, "lost"], [expired, "unanswered"]]).filter((each) => each[0]); // prettier-ignore
  const told = bad.map(([count, word]) => (count >= n && n > 1 ? `all ${word}` : n === 1 ? word : `${numberText(count)} ${word}`));
  return [numberText(n), ...told.slice(0, 1)].join(", ");
}

/** Whether something went wrong on an arrow. @param {import("./types.js").Arrow} arrow */
export const arrowHurt = ({ lost, refused, expired }) => lost + refused + expired > 0;

/**
 * A service's state in words: "waits for boards", "stopped for 1 h 07", "2 of 3 work". The kernel says them, but how long.
 * @param {import("./types.js").ServiceState} service @param {number} now
 */
export function serviceText(service, now) {
  return (service.word || "idle for {for}").replace("{for}", spanText(now - service.since));
}
