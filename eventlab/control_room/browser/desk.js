// @ts-check
// The desk: the clock, its keys and its pace.

import { button, html, put, svg, write } from "./dom.js";
import { clockText, spanText } from "./words.js";

const ICONS = {
  back: "M12 2v12L5 8zM2 2h2v12H2z",
  step: "M4 2v12l7-6zM12 2h2v12h-2z",
  play: "M3 1v14l11-7z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
};

export class Desk {
  /**
   * @param {HTMLElement} box @param {import("./facts.js").Facts} facts @param {import("./clock.js").Clock} clock
   * @param {{step: (way: 1|-1) => void, cell: () => void}} does
   */
  constructor(box, facts, clock, does) {
    this.facts = facts;
    this.clock = clock;
    const whole = html(box, "div", "time");
    const time = html(whole, "div", "clock");
    time.setAttribute("role", "timer");
    this.pace = html(whole, "div", "pace");
    this.time = html(time, "span");
    this.fine = html(time, "small");
    const keys = html(box, "div", "keys");
    icon(button(keys, "", () => does.step(-1), "Step back (left arrow)"), "back", "Step back");
    this.play = button(keys, "", () => clock.play(!clock.playing), "Play or pause (space)", "play");
    this.playIcon = icon(this.play, "play", "");
    this.playWord = html(this.play, "span");
    icon(button(keys, "", () => does.step(1), "Step forward (right arrow)"), "step", "Step forward");
    const pace = html(box, "div", "speed");
    html(pace, "span", "", "1 second is");
    const group = html(pace, "div");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", "1 second is");
    this.speeds = facts.setting.speeds.map((speed) => {
      const each = button(group, spanText(speed * 1000), () => clock.pace(speed));
      each.setAttribute("role", "radio");
      return each;
    });
    const label = html(box, "label", "slow");
    const slow = html(label, "input");
    slow.type = "checkbox";
    slow.checked = clock.slows;
    slow.addEventListener("change", () => {
      clock.slows = slow.checked;
      this.draw();
    });
    label.append("slow down for news");
    const more = html(box, "span", "more");
    this.undo = button(more, "Undo", () => facts.act({ kind: "undo" }), "Take the last act back (Ctrl Z)");
    this.reset = button(more, "Reset", () => facts.act({ kind: "reset" }), "Take all acts back");
    button(more, "As a cell", does.cell, "The cell that makes the same run again");
  }

  draw() {
    const { clock, facts } = this;
    const news = clock.news;
    const now = facts.setting.clock + clock.t;
    write(this.time, clockText(now, 1));
    const thousandths = Math.floor(clock.t % 1000);
    write(this.fine, thousandths && (news || !clock.playing) ? `.${String(thousandths).padStart(3, "0")}` : "");
    put(this.playIcon, "d", clock.playing ? ICONS.pause : ICONS.play);
    write(this.playWord, clock.playing ? "Pause" : "Play");
    this.speeds.forEach((each, place) => put(each, "aria-checked", String(facts.setting.speeds[place] === clock.speed)));
    this.undo.disabled = !facts.canUndo;
    this.reset.disabled = !facts.acts.length;
    write(this.pace, this._pace(news));
  }

  /** @param {[number, number] | null} news */
  _pace(news) {
    const { clock, facts } = this;
    if (clock.t > facts.until && facts.until < clock.end) return `computing ${clockText(facts.setting.clock + (facts.computing ?? Math.max(0, facts.until)), 0)} …`;
    if (facts.lost && clock.waiting) return "the kernel is gone";
    if (!clock.playing) return "paused";
    if (clock.waiting) return "waits for the kernel …";
    return news ? "slow motion: news" : `1 second is ${spanText(clock.speed * 1000)}`;
  }
}

/** @param {HTMLButtonElement} parent @param {keyof typeof ICONS} name @param {string} label */
function icon(parent, name, label) {
  if (label) parent.setAttribute("aria-label", label);
  return svg(svg(parent, "svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }), "path", { d: ICONS[name] });
}
