// @ts-check
// Questions with radio buttons. The kernel knows which option is right; this page only ever learns what is said to it.
// There may be several views of one model: each draws all that the model says, and hears of every change.

/** @typedef {{id: string, text: string, options: {key: string, text: string}[]}} Question */

const SYNCED = ["questions", "note", "chosen", "told"];

/** What anywidget calls. @param {{model: any, el: HTMLElement}} widget */
function render({ model, el }) {
  const root = add(el, "div", "eventlab-questions");
  const view = crypto.getRandomValues(new Uint32Array(4)).join("-"); // one name, one choice: each view has its own
  let drawn = "";
  /** @type {(() => void)[]} */
  let updates = [];
  const update = () => {
    if (drawn !== model.get("questions")) {
      drawn = model.get("questions");
      updates = draw(root, model, view);
    }
    for (const each of updates) each();
  };
  update();
  for (const name of SYNCED) model.on(`change:${name}`, update);
  return () => {
    for (const name of SYNCED) model.off(`change:${name}`, update);
    root.remove();
  };
}

/** Draw the questions; what is given back shows the model's present state. @param {HTMLElement} root @param {any} model
 * @param {string} view */
function draw(root, model, view) {
  root.replaceChildren();
  const updates = [];
  for (const question of /** @type {Question[]} */ (JSON.parse(model.get("questions")))) {
    const group = add(root, "fieldset", "");
    write(add(group, "legend", ""), question.text);
    for (const option of question.options) {
      const label = add(group, "label", "");
      const radio = /** @type {HTMLInputElement} */ (add(label, "input", ""));
      Object.assign(radio, { type: "radio", name: `${view}-${question.id}`, value: option.key });
      radio.onchange = () => {
        model.set("chosen", { ...model.get("chosen"), [question.id]: option.key });
        model.save_changes();
      };
      radio.onkeydown = (event) => event.stopPropagation(); // JupyterLab has a use for the arrow keys too
      write(add(label, "span", ""), `${option.key}) ${option.text}`);
      updates.push(() => (radio.checked = model.get("chosen")[question.id] === option.key));
    }
    const words = add(group, "p", "told");
    words.setAttribute("aria-live", "polite");
    updates.push(() => say(words, model.get("told")[question.id] || ""));
  }
  const note = add(root, "p", "note");
  updates.push(() => say(note, model.get("note")));
  return updates;
}

/** Change words only if they differ: a screen reader says what was changed. @param {HTMLElement} element @param {string} words */
function say(element, words) {
  if (element.dataset.words === words) return;
  element.dataset.words = words;
  write(element, words);
}

/** The words of a text; what stands between backticks is code. @param {HTMLElement} element @param {string} words */
function write(element, words) {
  element.replaceChildren();
  words.split("`").forEach((part, place) => (add(element, place % 2 ? "code" : "span", "").textContent = part));
}

/** @param {HTMLElement} parent @param {string} tag @param {string} name */
function add(parent, tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  parent.append(element);
  return element;
}

export default { render };
