/**
 * The drawer: HTMX puts a form into #drawer-content, this module shows and hides the dialog around it.
 * A modal <dialog> traps the focus and gives it back; we only add "there is unsaved text" and the answer's events.
 *
 * Any link with hx-get="…" hx-target="#drawer-content" opens it. The server closes it with HX-Trigger: drawerClose.
 */
const drawer = document.getElementById("drawer");
const content = document.getElementById("drawer-content");
const FIELD = ".drawer__body :is(input, select, textarea):not([type='hidden'])";
let dirty = false;

export function openDrawer(url) {
  return window.htmx.ajax("GET", url, { target: "#drawer-content", swap: "innerHTML" });
}

export function closeDrawer() {
  dirty = false;
  drawer.close();
}

function askThenClose() {
  if (!dirty || window.confirm("Close without saving what you typed?")) closeDrawer();
}

content.addEventListener("htmx:afterSwap", () => {
  dirty = content.querySelector(".form-row--invalid") !== null;
  if (!drawer.open) drawer.showModal();
  const first = content.querySelector("[aria-invalid='true'], [autofocus]") ?? content.querySelector(FIELD);
  first?.focus();
  const heading = content.querySelector("h2");
  if (heading) drawer.setAttribute("aria-label", heading.textContent.trim());
});

content.addEventListener("input", (event) => { dirty ||= event.target.type !== "search"; });
content.addEventListener("click", (event) => {
  const take = event.target.closest("[data-take]");
  if (take) document.getElementById(take.dataset.into).value = take.dataset.take;
});
content.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-drawer]")) return;
  event.preventDefault();
  askThenClose();
});
drawer.addEventListener("cancel", (event) => { event.preventDefault(); askThenClose(); });
drawer.addEventListener("close", () => content.replaceChildren());
drawer.addEventListener("mousedown", (event) => { if (event.target === drawer) askThenClose(); });
document.body.addEventListener("drawerClose", closeDrawer);
