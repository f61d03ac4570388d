// @ts-check
// The clock: which moment is shown, how fast it goes on, and how it slows down while something new is under way.

const PATIENCE = [12, 25]; // seconds for what is new: short spans at 20 to 40 ms a second, long ones in 25 s
const SEEN = 750; // milliseconds of real time for which one sees what happens in one go

/** @typedef {{until: () => number, news: (t: number) => [number, number] | null, next: (t: number) => number, drawn: () => void}} Facts */

export class Clock {
  /** @param {import("./types.js").Setting} setting @param {Facts} facts what is known: until when, and what is new */
  constructor(setting, facts) {
    this.end = setting.end;
    this.facts = facts;
    this.t = Math.min(setting.start_at, setting.end);
    this.seen = this.t; // the latest moment that was shown: what is later has not been run, as far as anyone can see
    this.speed = setting.speeds.includes(60) ? 60 : setting.speeds[0];
    this.slows = true;
    this.playing = false;
    this.waiting = false; // for the kernel
    this.width = 0; // milliseconds to which an episode is stretched
    this._last = 0;
    this._frame = 0;
  }

  /** The span of news that slows the clock at this moment. */
  get news() {
    return this.slows ? this.facts.news(this.t) : null;
  }

  /** @param {boolean} on */
  play(on) {
    if (on && this.t >= this.end) this.t = 0;
    this.playing = on;
    cancelAnimationFrame(this._frame);
    if (on) {
      this._stretch();
      this._last = performance.now();
      this._frame = requestAnimationFrame((now) => this._tick(now));
    }
    this.facts.drawn();
  }

  /** @param {number} speed simulated seconds a second */
  pace(speed) {
    this.speed = speed;
    if (this.playing) this._stretch();
    this.facts.drawn();
  }

  _stretch() {
    this.width = this.speed > 1 ? this.speed * SEEN : 0;
  }

  /** Show a moment; a later one than what is known is waited for. @param {number} t */
  go(t) {
    this.t = exact(Math.max(0, Math.min(this.end, t)));
    if (!this.playing) this.width = 0;
    this.seen = Math.max(this.seen, Math.min(this.t, this.facts.until()));
    this.facts.drawn();
  }

  /** @param {number} now */
  _tick(now) {
    if (!this.playing) return;
    const passed = Math.min(100, now - this._last);
    this._last = now;
    const limit = Math.min(this.end, this.facts.until());
    const wanted = this._later(passed);
    this.waiting = wanted > limit && limit < this.end;
    this.t = exact(Math.max(Math.min(wanted, limit), Math.min(this.t, this.end)));
    this.seen = Math.max(this.seen, Math.min(this.t, limit));
    if (this.t >= this.end) return this.play(false);
    this.facts.drawn();
    this._frame = requestAnimationFrame((later) => this._tick(later));
  }

  /** The moment after so many real milliseconds. @param {number} passed */
  _later(passed) {
    let t = this.t;
    for (let turns = 0; turns < 8 && passed > 0; turns += 1) {
      const span = this.slows ? this.facts.news(t) : null;
      const rate = span ? slowness(span, this.speed) : this.speed;
      const border = span ? span[1] : this.slows ? this.facts.next(t) : Infinity;
      const need = (border - t) / rate;
      if (need > passed) return t + passed * rate;
      t = border + 1e-3;
      passed -= need;
    }
    return t;
  }

  stop() {
    this.playing = false;
    cancelAnimationFrame(this._frame);
  }
}

/** A moment that the kernel knows too, to the thousandth of a millisecond: what is done there is seen there. @param {number} t */
const exact = (t) => Math.round(t * 1000) / 1000;

/** Simulated milliseconds a millisecond while a span of news is under way. @param {[number, number]} span @param {number} speed */
function slowness([begin, end], speed) {
  const long = end - begin;
  const rate = Math.max(Math.min(0.04, Math.max(0.02, long / PATIENCE[0] / 1000)), long / PATIENCE[1] / 1000);
  return Math.min(rate, speed);
}
