/** Passing messages in the corner. Errors stay until dismissed, the rest leave by themselves. */
import { element, icon } from "./dom.js";

const LEAVES_AFTER_MS = 6000;

export function toast(text, kind = "info", action = null) {
  const box = element("div", { className: `toast toast--${kind}` }, element("div", {}, text));
  if (action) box.append(element("button", { className: "btn btn--small", type: "button", onclick: () => { box.remove(); action.run(); } }, action.label));
  box.append(element("button", { className: "btn btn--quiet btn--icon btn--small", type: "button", "data-dismiss": true, "aria-label": "Dismiss" }, icon("close")));
  document.getElementById("toasts").append(box);
  if (kind !== "error") setTimeout(() => box.remove(), LEAVES_AFTER_MS);
  return box;
}
