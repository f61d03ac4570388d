// @ts-check
// Missions: one sentence with a number each, how far you are, hints, and which are solved.

import { button, html, write } from "./dom.js";
import { numberText } from "./words.js";

export class Missions {
  /** @param {HTMLElement} box @param {import("./facts.js").Facts} facts */
  constructor(box, facts) {
    this.facts = facts;
    this.box = box;
    const { missions } = facts.setting;
    box.hidden = !missions.length || !facts.setting.kernel; // without a kernel nothing can be done for it
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Mission");
    this.select = html(box, "select");
    this.select.setAttribute("aria-label", "Choose a mission");
    this.at = Math.max(0, missions.findIndex((each) => !each.solved));
    missions.forEach((each, place) => this.select.add(new Option("", String(place))));
    this.select.addEventListener("change", () => this._choose(Number(this.select.value)));
    this.text = html(box, "strong");
    const goal = html(box, "span", "goal");
    this.meter = html(html(goal, "span", "meter"), "i");
    this.value = html(goal, "span");
    this.note = html(box, "span", "mission-note");
    const push = html(box, "span", "push");
    this.hint = button(push, "Hint", () => this._hint(), "One hint after the other");
    this.next = button(push, "Next mission", () => this._choose(this.at + 1));
    this.hints = html(box, "ol", "hints");
    this.draw();
  }

  /** The mission that is open. */
  get mission() {
    return this.facts.setting.missions[this.at];
  }

  /** @param {number} place */
  _choose(place) {
    const { missions } = this.facts.setting;
    this.at = ((place % missions.length) + missions.length) % missions.length;
    this.begin();
    this.draw();
  }

  /** Tell the kernel which mission is open. */
  begin() {
    if (this.mission && this.facts.setting.kernel) this.facts.send({ kind: "mission", id: this.mission.id });
  }

  _hint() {
    if (this.mission) this.facts.act({ kind: "hint", id: this.mission.id });
  }

  draw() {
    const { missions } = this.facts.setting;
    const mission = this.mission;
    if (!mission) return;
    const progress = this.facts.missions.get(mission.id);
    const won = progress?.won ?? false;
    for (const [place, each] of missions.entries())
      write(this.select.options[place], `${this.facts.missions.get(each.id)?.won ? "✓ " : ""}Mission ${place + 1} of ${missions.length}`);
    this.select.value = String(this.at);
    write(this.text, mission.text);
    const value = progress?.value ?? null;
    const goal = progress?.goal || mission.goal;
    const share = won ? 1 : value === null || !goal ? 0 : Math.max(0, Math.min(1, value / goal));
    this.meter.style.width = `${100 * share}%`;
    this.box.classList.toggle("won", won);
    const counted = value === null || !goal ? "" : `${numberText(Math.round(value * 10) / 10)} of ${numberText(goal)} ${mission.measure}`;
    write(this.value, won ? "✓ solved" : counted);
    write(this.note, progress?.text ?? "");
    this.next.hidden = !won || missions.length < 2;
    const hints = progress?.hints ?? [];
    this.hint.hidden = won || hints.length >= mission.hints;
    if (this.hints.childElementCount !== hints.length || this.hints.dataset.id !== mission.id) {
      this.hints.dataset.id = mission.id;
      this.hints.replaceChildren();
      for (const hint of hints) html(this.hints, "li", "", hint);
    }
  }
}
