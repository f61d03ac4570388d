// @ts-check
// What was told of one architecture: its tracks and its motions, to be looked up at any moment.

/** @typedef {import("./types.js").Motion} Motion */

const LONG = 2000; // milliseconds: a motion that takes longer is looked for by itself
const APART = 1000; // milliseconds without a beginning: what follows is another episode

/**
 * How many of the sorted values are at or before `t`.
 * @template T @param {T[]} values @param {number} t @param {(value: T) => number} when
 */
export function countUntil(values, t, when) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (when(values[middle]) <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

const UNTOLD = 14; // milliseconds for which a message is seen of which the trace says only when it was lost
const SAID = 22; // milliseconds for which one sees that people are told
const AROUND = [600, 1500]; // milliseconds before and after news that belong to it, as far as one thing follows from another

/** Until when a message is seen: a refused one travels back. @param {Motion} motion */
export function endOf(motion) {
  const [begin, end] = motion;
  if (end === null) return Infinity;
  if (end <= begin) return begin + (motion[8] === "arrives" ? SAID : UNTOLD);
  return motion[8] === "refused" ? 2 * end - begin : end;
}

const first = (/** @type {[number, ...any[]]} */ pair) => pair[0];

/** One step function: values and since when each holds. */
export class Track {
  constructor() {
    /** @type {[number, any][]} */
    this.steps = [];
  }

  /** The index of the step that holds at `t`, -1 before the first. @param {number} t */
  index(t) {
    return countUntil(this.steps, t, first) - 1;
  }

  /** What holds at `t`, or undefined. @param {number} t */
  at(t) {
    return this.steps[this.index(t)]?.[1];
  }

  /** @param {[number, any][]} steps later than what is there, or at its last moment */
  add(steps) {
    for (const step of steps) {
      while (this.steps.length && this.steps[this.steps.length - 1][0] >= step[0]) this.steps.pop();
      this.steps.push(step);
    }
  }

  /** Forget what is later than `t`. @param {number} t */
  cut(t) {
    this.steps.length = this.index(t) + 1;
  }
}

/** Everything told of one architecture up to `until`. */
export class Store {
  constructor() {
    /** @type {Map<string, Track>} */
    this.tracks = new Map();
    /** @type {Map<string, [string, Track][]>} */
    this.groups = new Map();
    /** @type {Motion[]} in the order in which they begin */
    this.motions = [];
    /** @type {Map<number|string, Motion>} */
    this.packets = new Map();
    /** @type {Set<Motion>} those that take long, or whose end is not known */
    this.long = new Set();
    /** @type {[number, number][]} */
    this.news = [];
    /** @type {{begin: number, end: number}[]} what happened in one go: motions that begin soon after one another */
    this.episodes = [];
    this.until = -1;
    /** @type {number | null} */
    this.before = null; // how far the kernel is on its way to the begin
    this.forks = 0; // how often something was forgotten
    this.version = 0; // another one whenever something was told or forgotten
  }

  /** @param {string} name @returns {Track} */
  track(name) {
    let track = this.tracks.get(name);
    if (track) return track;
    this.tracks.set(name, (track = new Track()));
    const slash = name.indexOf("/");
    const group = slash < 0 ? name : name.slice(0, slash);
    this.groups.set(group, [...(this.groups.get(group) ?? []), [name.slice(slash + 1), track]]);
    return track;
  }

  /** The tracks whose names begin with `group` and a slash. @param {string} group @returns {[string, Track][]} */
  group(group) {
    return this.groups.get(group) ?? [];
  }

  /** @param {import("./types.js").Told} told */
  add(told) {
    if (told.from < this.until) this.cut(told.from);
    for (const [name, steps] of Object.entries(told.tracks)) this.track(name).add(steps);
    for (const motion of told.motions) this._move(motion);
    for (const span of told.news) this.news.push(this._around(span));
    this.news.sort((one, other) => one[0] - other[0]);
    this.until = Math.max(this.until, told.until);
    this.version += 1;
  }

  /** @param {Motion} motion */
  _move(motion) {
    const known = this.packets.get(motion[2]);
    if (known) known.splice(0, known.length, ...motion);
    else {
      this.packets.set(motion[2], motion);
      const place = countUntil(this.motions, motion[0], first);
      this.motions.splice(place, 0, motion);
    }
    const kept = known ?? motion;
    const long = endOf(kept) - kept[0] > LONG;
    if (long) this.long.add(kept);
    else this.long.delete(kept);
    if (kept[5] !== "receipt") this._extend(kept[0], long ? kept[0] : endOf(kept));
  }

  /** News with what led to it and what follows from it. @param {[number, number]} span @returns {[number, number]} */
  _around([begin, end]) {
    const place = countUntil(this.episodes, begin, (each) => each.begin) - 1;
    const episode = this.episodes[place];
    if (!episode || begin > episode.end) return [begin, end];
    return [Math.max(episode.begin, begin - AROUND[0]), Math.max(end, Math.min(episode.end, end + AROUND[1]))];
  }

  /** @param {number} begin @param {number} end */
  _extend(begin, end) {
    const last = this.episodes[this.episodes.length - 1];
    if (last && begin - last.end < APART) last.end = Math.max(last.end, end);
    else this.episodes.push({ begin, end });
  }

  /** Forget what is later than `t`. @param {number} t */
  cut(t) {
    for (const track of this.tracks.values()) track.cut(t);
    for (const motion of this.motions.splice(countUntil(this.motions, t, first))) {
      this.packets.delete(motion[2]);
      this.long.delete(motion);
    }
    for (const motion of this.motions.slice(-200)) if (motion[1] !== null && motion[1] > t) this._unknown(motion);
    for (const motion of this.long) if (motion[1] !== null && motion[1] > t) this._unknown(motion);
    this.news = this.news.filter(([begin]) => begin <= t);
    this.episodes = this.episodes.filter(({ begin }) => begin <= t);
    for (const span of this.episodes.slice(-1)) span.end = Math.min(span.end, t);
    this.until = Math.min(this.until, t);
    this.version += 1;
    this.forks += 1;
  }

  /** @param {Motion} motion whose end is open again */
  _unknown(motion) {
    motion[1] = null;
    motion[8] = "arrives";
    this.long.add(motion);
  }

  /** The motions under way at `t`. @param {number} t @returns {Motion[]} */
  moving(t) {
    const found = [];
    for (let place = countUntil(this.motions, t, first) - 1; place >= 0; place -= 1) {
      const motion = this.motions[place];
      if (motion[0] < t - LONG) break;
      if (endOf(motion) > t && !this.long.has(motion)) found.push(motion);
    }
    for (const motion of this.long) if (motion[0] <= t && endOf(motion) > t) found.push(motion);
    return found;
  }

  /**
   * The moment whose messages are shown at `t`, where what happens in one go is stretched to `width` so that it can be
   * seen: never later than `t`. An episode gives way to the next.
   * @param {number} t @param {number} width milliseconds @returns {{at: number, long: number}} and how long it is shown
   */
  shown(t, width) {
    const place = countUntil(this.episodes, t, (each) => each.begin) - 1;
    if (place < 0 || !width) return { at: t, long: Infinity };
    const { begin, end } = this.episodes[place];
    const next = this.episodes[place + 1]?.begin ?? Infinity;
    const wide = Math.min(width, next - begin);
    if (wide <= end - begin || t >= begin + wide) return { at: t, long: Math.max(wide, end - begin) };
    return { at: begin + ((t - begin) / wide) * (end - begin), long: wide };
  }

  /** The moment of the next or last step after or before `t`: in the middle of what begins at one instant. @param {number} t @param {1|-1} way */
  step(t, way) {
    const from = countUntil(this.motions, t, first);
    let best = way > 0 ? Infinity : -Infinity;
    for (let place = way > 0 ? Math.max(0, from - 60) : from; place >= 0 && place < this.motions.length; place += way) {
      const stop = middle(this.motions[place]);
      if (way > 0 && this.motions[place][0] > best) break;
      if (way < 0 && this.motions[place][0] < best - LONG) break;
      if (stop === null) continue;
      if (way > 0 && stop > t + 0.01) best = Math.min(best, stop);
      if (way < 0 && stop < t - 0.01) best = Math.max(best, stop);
    }
    return best;
  }
}

/** Where one sees a message on its way: what was sent together is seen together. @param {Motion} motion */
function middle(motion) {
  if (motion[5] === "receipt" || endOf(motion) - motion[0] > LONG) return null;
  return motion[0] + Math.min(6, (endOf(motion) - motion[0]) / 2);
}
