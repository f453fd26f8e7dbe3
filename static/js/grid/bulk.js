/**
 * The bar for ticked rows: delete them, follow a link about them, or start an action on their keys and watch it.
 *
 * Actions come from the page as data-actions: [{action, href, label, keys_from, options}]. A started action's progress
 * is the fragment of /actions/{id}/, which polls itself; when it ends it sends the event actionFinished.
 * A link has a {} for each key it takes, and shows while exactly so many different keys are ticked. One with keys_from
 * "*" leads to a page that is told all ticked rows, by a form, since there may be thousands.
 */
import { button, element, icon } from "../dom.js";
import { csrfToken, post, uniqueId } from "../http.js";
import { toast } from "../toast.js";

export function connectBulkBar(bar, { store, selection, saver, progress, confirm }) {
  const actions = JSON.parse(bar.dataset.actions || "[]");

  let selectionId = "";

  function show() {
    const ticked = selection.ticked.size;
    bar.hidden = ticked === 0;
    // A double click asks for the same run; another selection for another one.
    selectionId = uniqueId();
    if (!ticked) return;
    bar.replaceChildren(
      element("strong", {}, `${ticked} ${ticked === 1 ? "row" : "rows"} selected`),
      ...actions.map((action) => (action.href ? link(action) : starter(action))).filter(Boolean),
      store.canDelete ? button("btn btn--small btn--danger", remove, {}, icon("trash"), "Delete") : "",
      button("btn btn--small btn--quiet push", () => selection.tickAll(false), {}, "Clear selection"),
    );
  }

  const keysOf = (column) => [...new Set([...selection.ticked].map((id) => store.saved(id, column)).filter(Boolean))];

  const starter = (action) => button("btn btn--small", () => start(action), {}, icon("play"), action.label);

  function link({ href, label, keys_from: column }) {
    if (column === "*") return button("btn btn--small", () => tellRows(href), {}, icon("open"), label);
    const keys = keysOf(column);
    if (keys.length !== href.split("{}").length - 1) return null;
    const filled = keys.reduce((address, key) => address.replace("{}", () => encodeURIComponent(key)), href);
    return element("a", { className: "btn btn--small", href: filled }, icon("open"), label);
  }

  function tellRows(href) {
    const told = [hidden("rows", [...selection.ticked].join(",")), hidden("csrfmiddlewaretoken", csrfToken())];
    const form = element("form", { method: "post", action: href, hidden: true }, ...told);
    document.body.append(form);
    form.submit();
  }

  const hidden = (name, value) => element("input", { type: "hidden", name, value });

  async function remove() {
    const ids = [...selection.ticked];
    const rows = ids.length === 1 ? "this row" : `these ${ids.length} rows`;
    if (await confirm(`Delete ${rows}?`, "Undo brings them back.", "Delete")) saver.remove(ids);
  }

  async function start({ action, keys_from: column, options = {} }) {
    try {
      const scope = { type: "keys", keys: keysOf(column) };
      const run = await post("/api/v1/actions/", { action, scope, options, idempotency_key: selectionId });
      window.htmx.ajax("GET", `/actions/${run.action_id}/`, { target: progress, swap: "innerHTML" });
    } catch (error) {
      toast(error.message, "error");
    }
  }

  selection.addEventListener("ticks", show);
  show();
}

/** A question in the middle of the window; resolves to whether it was answered with yes. */
export function makeConfirm(dialog) {
  return (question, consequence, yes) => new Promise((resolve) => {
    const answer = (value) => () => dialog.close(value);
    dialog.replaceChildren(
      element("h2", { id: "confirm-title" }, question),
      element("p", { className: "muted" }, consequence),
      element("div", { className: "form-actions" },
        button("btn", answer(""), {}, "Cancel"),
        button("btn btn--danger", answer("yes"), { autofocus: true }, yes)),
    );
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
