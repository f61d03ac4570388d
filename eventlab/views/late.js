// @ts-check
// anywidget waits two seconds for a widget. On a page that is busy drawing, or on a slow machine, that is too short, and
// the widget would never hear of its kernel again. One that comes late gets its messages after all, and asks for those
// that it has missed.

/** What anywidget calls before `render`. @param {{model: any}} widget */
export function initialize({ model }) {
  model.widget_manager
    .get_model(model.get("own_id"))
    .then((/** @type {any} */ own) => {
      const waits = own._handle_comm_msg; // anywidget's: it fails for ever once the two seconds are over
      const usual = Object.getPrototypeOf(Object.getPrototypeOf(own))._handle_comm_msg;
      own.comm?.on_msg(usual.bind(own));
      return waits.call(own, { content: { data: {} } }).catch(() => own.comm?.send({ method: "request_state" }));
    })
    .catch(console.warn); // another widget manager than ours: as anywidget would have it
}
