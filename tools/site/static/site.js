// What the site's pages do by themselves: questions that answer, and frames as high as what they show.

const answers = document.querySelectorAll(".eventlab-asks");
if (answers.length) {
  const { default: form } = await import("./questions.js");
  for (const place of answers) ask(form, place);
}

/** Questions without a kernel: what is said to each answer stands in the page. */
function ask(form, place) {
  const { questions, told, note } = JSON.parse(place.firstElementChild.textContent);
  const now = { questions: JSON.stringify(questions), note, chosen: {}, told: {} };
  const heard = [];
  const model = {
    get: (name) => now[name],
    set: (name, value) => (now[name] = value),
    save_changes: () => {
      now.told = Object.fromEntries(Object.entries(now.chosen).map(([id, key]) => [id, told[id][key]]));
      for (const each of heard) each();
    },
    on: (_, call) => heard.push(call),
    off: () => {},
  };
  form.render({ model, el: place });
}

/** What is wider than its place can be moved with the keyboard. */
function reach() {
  for (const each of document.querySelectorAll("article :is(pre, .table-wrapper)"))
    if (each.scrollWidth > each.clientWidth) each.setAttribute("tabindex", "0");
    else each.removeAttribute("tabindex");
}
new ResizeObserver(reach).observe(document.body);

const HIGHEST = 1600; // pixels; what is higher is moved inside its frame
const frames = () => [...document.querySelectorAll(".eventlab-recorded iframe")];
const theme = () => document.body.dataset.theme || "auto";
const tell = (frame) => frame.contentWindow.postMessage({ eventlab: "theme", theme: theme() }, "*");

addEventListener("message", ({ source, data }) => {
  const frame = data && data.eventlab === "height" && frames().find((each) => each.contentWindow === source);
  if (!frame) return;
  const high = Math.min(HIGHEST, Math.ceil(data.height) + 2);
  if (Math.abs(high - frame.clientHeight) > 1) frame.style.height = `${high}px`;
  tell(frame);
});
new MutationObserver(() => frames().forEach(tell)).observe(document.body, { attributeFilter: ["data-theme"] });
