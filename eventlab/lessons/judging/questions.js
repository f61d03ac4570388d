// @ts-check
// Questions with radio buttons. The kernel knows which option is right; this page only ever learns what is said to it.

/** @typedef {{id: string, text: string, options: {key: string, text: string}[]}} Question */

/** What anywidget calls. @param {{model: any, el: HTMLElement}} widget */
function render({ model, el }) {
  const root = add(el, "div", "eventlab-questions");
  /** @type {Question[]} */
  const questions = JSON.parse(model.get("questions"));
  const said = questions.map((question) => {
    const group = add(root, "fieldset", "");
    add(group, "legend", "").textContent = question.text;
    for (const option of question.options) {
      const label = add(group, "label", "");
      const radio = /** @type {HTMLInputElement} */ (add(label, "input", ""));
      Object.assign(radio, { type: "radio", name: `${model.model_id}-${question.id}`, value: option.key });
      radio.checked = model.get("chosen")[question.id] === option.key;
      radio.onchange = () => {
        model.set("chosen", { ...model.get("chosen"), [question.id]: option.key });
        model.save_changes();
      };
      radio.onkeydown = (event) => event.stopPropagation(); // JupyterLab has a use for the arrow keys too
      add(label, "span", "").textContent = `${option.key}) ${option.text}`;
    }
    const words = add(group, "p", "told");
    words.setAttribute("aria-live", "polite");
    return words;
  });
  add(root, "p", "note").textContent = model.get("note");
  const tell = () => said.forEach((words, place) => {
    words.textContent = model.get("told")[questions[place].id] || "";
  }); // prettier-ignore
  tell();
  model.on("change:told", tell);
  return () => model.off("change:told", tell);
}

/** @param {HTMLElement} parent @param {string} tag @param {string} name */
function add(parent, tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  parent.append(element);
  return element;
}

export default { render };
