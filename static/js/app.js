/** What every page does: preferences, the navigation, menus, toasts, the drawer and HTMX's failures. */
import "./drawer.js";
import "./picker.js";
import { toast } from "./toast.js";

const YEAR = 31536000;

/** A cookie rather than local storage: the server paints the right theme and density at once. */
function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-preference] button");
  if (choice) choosePreference(choice);
  if (event.target.closest("[data-toggle-nav]")) toggleNavigation();
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast, .banner").remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

function choosePreference(button) {
  const group = button.closest("[data-preference]");
  const name = group.dataset.preference;
  remember(name, button.value);
  document.documentElement.setAttribute(`data-${name}`, button.value);
  for (const other of group.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
  document.dispatchEvent(new CustomEvent("preference", { detail: { name, value: button.value } }));
}

function toggleNavigation() {
  const app = document.querySelector(".app");
  const visible = getComputedStyle(document.getElementById("nav")).visibility !== "hidden";
  app.dataset.nav = visible ? "closed" : "open";
  remember("nav", app.dataset.nav);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.body.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 403) toast("You do not have the right to do that.", "error");
  else toast(`The server could not do that (error ${status}). Nothing was lost; try again.`, "error");
});
document.body.addEventListener("htmx:sendError", () => {
  toast("The server could not be reached. Check the connection and try again.", "error");
});
document.body.addEventListener("showToast", (event) => toast(event.detail.text, event.detail.kind ?? "ok"));
