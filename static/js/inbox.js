/** The inbox of conflicts: the focus goes on to the next row, an emptied page fetches what is left, values are copied. */
import { toast } from "./toast.js";

const rowOf = (element) => element?.closest?.("[data-inbox] > tr");

/** The same button of a neighbour, or the first it has. */
function focusIn(row, choice) {
  (row.querySelector(`button[name=choice][value=${choice}]`) ?? row.querySelector("button, a"))?.focus();
}

function fetchWhatIsLeft() {
  const done = window.htmx.ajax("GET", window.location.href, { target: "#inbox", select: "#inbox", swap: "outerHTML" });
  done.then(() => document.querySelector("#inbox h1").focus());
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const row = rowOf(event.detail.target);
  if (!row || event.detail.xhr.status !== 200) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (next) return focusIn(next, document.activeElement?.value || "mine");
  event.detail.shouldSwap = false;
  fetchWhatIsLeft();
});

document.addEventListener("click", async (event) => {
  const value = event.target.closest("[data-copy]")?.dataset.copy;
  if (value === undefined) return;
  await copy(value);
  toast("Copied.", "ok");
});

/** navigator.clipboard only exists in secure contexts; a plain-HTTP intranet is not one. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
