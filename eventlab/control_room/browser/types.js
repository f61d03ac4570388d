// @ts-check
// What the kernel tells the page: see told.py for how it comes out of a trace. All times are milliseconds since the
// begin of the setting. A track is a step function: its value at a moment is the last one at or before it.

/** @typedef {{key: string, number: string, from: string, to: string, planned: number, people: number, seats: number}} Flight */
/** @typedef {{id: string, level: number|string, text: string, goal: number, measure: string, hints: number, solved: boolean}} Mission */
/** @typedef {{title: string, end: number, clock: number, day: string, architectures: string[],
 *   services: string[], flights: Flight[], acts: Record<string, string[]>, speeds: number[],
 *   start_at: number, missions: Mission[], kernel: boolean}} Setting */
/** @typedef {{state: "working"|"waiting"|"idle"|"slow"|"stopped"|"cut", busy: number, workers: number, since: number,
 *   knows: boolean|null, word: string}} ServiceState   word: "{for}" in it stands for how long it has been so */
/** @typedef {{kept: number, since: number|null, dead: number, letters: [number, string][]}} Lane   what the bus keeps for a service, and its last dead letters: packet, why */
/** @typedef {"event"|"request"|"people"|"stored"} ArrowKind */
/** @typedef {{kind: ArrowKind, n: number, lost: number, refused: number, expired: number}} Arrow */
/** @typedef {{time: string, flight: string, to: string, gate: string, status: string, wrong: number|null}} BoardRow */
/** @typedef {{n: number, hear: number, told: number, late: number, untold: number, overdue: boolean,
 *   since: number|null, moved: [string, number][], without: number}} People   n = told + late + untold once hear is 1 */
/** @typedef {{late: number, without: number, wrong: number, unanswered: number, hear: number, told: number,
 *   untold: number, overdue: number, moved: number, rows: number, wrong_since: number|null, asked: number}} Figures */
/** @typedef {{text: string, ok: boolean|null}} Finding */
/** @typedef {{index: number, text: string}} Line */
/** @typedef {"event"|"request"|"answer"|"refusal"|"receipt"|"people"} Mark */
/** @typedef {[begin: number, end: number|null, packet: number|string, from: string, to: string, mark: Mark, type: string,
 *   subject: string, fate: "arrives"|"lost"|"refused", tries: number, text: string, causes: (number|string)[]]} Motion   what is told to people has no number */
/** @typedef {{id: string|number, at: number, until: number|null, verb: string, target: string|number, by: any, a: number|null,
 *   words: string}} Act   a: the only architecture in which it happens, or null */
/** @typedef {{run: number, a: number, from: number, until: number, tracks: Record<string, [number, any][]>,
 *   motions: Motion[], news: [number, number][]}} Told */
/** @typedef {{says?: [string, string][], why?: [number|string, string, string, number][], rows?: [string, string, string][], n_more?: number}} Known */
/** @typedef {{kind: string} & Record<string, any>} Message */
/** @typedef {{kind: "service", a: number, name: string} | {kind: "arrow", a: number, from: string, to: string} |
 *   {kind: "message", a: number, packet: number|string} | {kind: "act", id: string|number} | {kind: "cell"}} Choice */
export {};
