/** Passing messages in the corner. Errors stay until dismissed, the rest leave by themselves. */
import { button, element, icon } from "./dom.js";

const LEAVES_AFTER_MS = 6000;

/** Above an open drawer or dialog: the top layer stacks in the order of showing. */
function raise(corner) {
  corner.popover = "manual";
  if (corner.matches(":popover-open")) corner.hidePopover();
  corner.showPopover();
}

export function toast(text, kind = "info", action = null) {
  const box = element("div", { className: `toast toast--${kind}` }, element("div", {}, text));
  const leave = () => box.remove();
  if (action) box.append(button("btn btn--small", () => { leave(); action.run(); }, {}, action.label));
  box.append(button("btn btn--quiet btn--icon btn--small", leave, { "aria-label": "Dismiss" }, icon("close")));
  const corner = document.getElementById("toasts");
  corner.append(box);
  if (document.querySelector("dialog[open]")) raise(corner);
  if (kind !== "error") setTimeout(() => box.remove(), LEAVES_AFTER_MS);
  return box;
}
