// @ts-check
// What anywidget calls: what was told belongs to the model, what is seen to each view.

import { initialize } from "../../views/late.js";
import { Facts } from "./facts.js";
import { showRoom } from "./room.js";

/** @type {Map<string, Facts>} by the widget's own id */
const rooms = new Map();

/** @param {any} model @returns {Facts} */
function factsOf(model) {
  const id = model.get("own_id");
  const known = rooms.get(id);
  if (known) return known;
  /** @param {import("./types.js").Message} message */
  const send = (message) => {
    try {
      model.send(message);
    } catch {
      facts.lose(); // there is no kernel any more
    }
  };
  const facts = new Facts(JSON.parse(model.get("setting")), send);
  rooms.set(id, facts);
  model.on("msg:custom", (/** @type {{json: string}} */ { json }) => facts.hear(JSON.parse(json)));
  send({ kind: "hello" });
  return facts;
}

/** @param {{model: any}} widget */
function begin(widget) {
  factsOf(widget.model);
  initialize(widget);
  return () => rooms.delete(widget.model.get("own_id")); // when the cell was run again: what was told is much
}

/** @param {{model: any, el: HTMLElement}} widget */
function render({ model, el }) {
  const root = document.createElement("div");
  el.append(root);
  root.classList.toggle("lives", model.get("still"));
  return showRoom(root, factsOf(model)).stop;
}

export default { initialize: begin, render };
