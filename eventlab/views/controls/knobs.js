// @ts-check
// The controls of what_if: native inputs that say what was picked, and below them what Python made of it.
//
// Python sends plain data: pictures as SVG, tables as rows, texts as runs of characters. A picture goes through the XML
// parser, which runs nothing; every other text becomes the content of an element and nothing else.

/** @typedef {{name: string, names: string[], slider: boolean}} Knob */
/** @typedef {{item: boolean, runs: {text: string, bold: boolean}[]}} Block */
/** @typedef {{svg?: string, rows?: string[][], right?: boolean[], blocks?: Block[], lines?: string}} Part */
/** @typedef {{picked: number[], state: string, parts: Part[]}} Shown */

/** @param {{model: any, el: HTMLElement}} view */
function render({ model, el }) {
  el.classList.add("eventlab-knobs");
  /** @type {Knob[]} */
  const knobs = JSON.parse(model.get("knobs"));
  const bar = add(el, "div", "bar");
  bar.addEventListener("keydown", (event) => event.stopPropagation()); // the keys are the knobs', not the notebook's
  const inputs = knobs.map((knob) => (knob.slider ? slider(bar, knob) : dropDown(bar, knob)));
  const state = add(el, "p", "state");
  state.setAttribute("aria-live", "polite");
  const stage = add(el, "div", "stage");

  inputs.forEach((input, place) => {
    input.element.addEventListener("change", () => {
      const picked = [...model.get("picked")];
      if (picked[place] === input.get()) return;
      picked[place] = input.get();
      stage.setAttribute("aria-busy", "true");
      state.textContent = "Running …";
      model.set("picked", picked);
      model.save_changes();
    });
  });

  function draw() {
    /** @type {Shown} */
    const shown = JSON.parse(model.get("shown"));
    const picked = model.get("picked");
    if (shown.picked.some((place, number) => place !== picked[number])) return; // an older choice: another will come
    shown.picked.forEach((place, number) => inputs[number].set(place));
    stage.replaceChildren(...shown.parts.map(part));
    stage.removeAttribute("aria-busy");
    state.textContent = `Shown: ${shown.state}`;
  }
  model.on("change:shown", draw);
  draw();
  const watched = model.get("wide") === undefined ? undefined : watch(stage, model); // a recorded page has no kernel
  return () => {
    watched?.disconnect();
    model.off("change:shown", draw);
  };
}

/**
 * Tell the kernel how wide the page is, which draws charts anew then; hardly any difference is none.
 * @param {HTMLElement} stage
 * @param {any} model
 */
function watch(stage, model) {
  const observer = new ResizeObserver(() => {
    const wide = Math.floor(stage.clientWidth);
    if (!wide || Math.abs(wide - model.get("wide")) < 8) return;
    model.set("wide", wide);
    model.save_changes();
  });
  observer.observe(stage);
  return observer;
}

/**
 * A slider over the places of a knob, with the chosen value beside it.
 * @param {Element} bar
 * @param {Knob} knob
 */
function slider(bar, knob) {
  const label = add(bar, "label", "");
  add(label, "span", "name").textContent = knob.name;
  const input = /** @type {HTMLInputElement} */ (add(label, "input", ""));
  Object.assign(input, { type: "range", min: "0", max: String(knob.names.length - 1), step: "1" });
  const value = add(label, "output", "value");
  const say = () => {
    value.textContent = knob.names[Number(input.value)];
    input.setAttribute("aria-valuetext", value.textContent);
  };
  input.addEventListener("input", say);
  return {
    element: input,
    get: () => Number(input.value),
    set: (/** @type {number} */ place) => {
      input.value = String(place);
      say();
    },
  };
}

/**
 * @param {Element} bar
 * @param {Knob} knob
 */
function dropDown(bar, knob) {
  const label = add(bar, "label", "");
  add(label, "span", "name").textContent = knob.name;
  const select = /** @type {HTMLSelectElement} */ (add(label, "select", ""));
  knob.names.forEach((name, place) => select.add(new Option(name, String(place))));
  return {
    element: select,
    get: () => select.selectedIndex,
    set: (/** @type {number} */ place) => {
      select.selectedIndex = place;
    },
  };
}

/**
 * One result: a picture, a table, paragraphs, or lines as they were printed.
 * @param {Part} part
 */
function part(part) {
  const box = document.createElement("div");
  if (part.svg !== undefined) {
    box.className = "picture";
    const parsed = new DOMParser().parseFromString(part.svg, "image/svg+xml").documentElement;
    const svg = document.importNode(parsed, true);
    box.append(svg);
  } else if (part.rows) {
    const right = part.right || [];
    const table = add(box, "table", "");
    part.rows.forEach((cells, number) => {
      const row = add(table, "tr", "");
      cells.forEach((cell, column) => {
        add(row, number ? "td" : "th", right[column] ? "right" : "").textContent = cell;
      });
    });
  } else if (part.blocks) {
    for (const block of part.blocks) {
      const paragraph = add(box, "p", block.item ? "item" : "");
      for (const run of block.runs) add(paragraph, run.bold ? "strong" : "span", "").textContent = run.text;
    }
  } else {
    add(box, "pre", "").textContent = part.lines || "";
  }
  return box;
}

/**
 * @param {Element} parent
 * @param {string} tag
 * @param {string} name
 * @returns {HTMLElement}
 */
function add(parent, tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  parent.append(element);
  return element;
}

export default { render };
