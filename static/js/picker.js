/** A long list to choose several from: type to find, Enter or a click takes one, chips show what is taken.
 *  The select itself stays what the form sends, so everything works without this as well. */
import { button, element, icon } from "./dom.js";

const LONG = 12; // options; fewer are seen at a glance

function enhance(select) {
  const chips = element("div", { className: "picker__chosen", role: "list", "aria-live": "polite" });
  const find = element("input", {
    type: "search", autocomplete: "off", placeholder: `Type to find one of ${select.options.length}`,
    "aria-controls": select.id, "aria-label": `Find in ${select.labels[0]?.textContent.trim() ?? "the list"}`,
  });
  select.before(chips, find);

  const shown = () => [...select.options].filter((option) => !option.hidden);

  function chip(option) {
    const drop = () => { option.selected = false; show(); find.focus(); };
    const remove = button("", drop, { "aria-label": `Remove ${option.text}` }, icon("close"));
    return element("span", { className: "chip", role: "listitem" }, option.text, remove);
  }

  function show() {
    chips.replaceChildren(...[...select.selectedOptions].map(chip));
    chips.hidden = !select.selectedOptions.length;
  }

  function filter() {
    const words = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    for (const option of select.options) {
      const text = option.text.toLocaleLowerCase();
      option.hidden = !words.every((word) => text.includes(word));
    }
  }

  function take(option) {
    if (!option) return;
    option.selected = !option.selected;
    show();
  }

  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // choosing is not sending
      take(shown()[0]);
      find.value = "";
      filter();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      select.focus();
    }
  });
  // A click adds or removes one; without this it would drop all others.
  select.addEventListener("mousedown", (event) => {
    if (event.target.tagName !== "OPTION") return;
    event.preventDefault();
    const top = select.scrollTop;
    take(event.target);
    requestAnimationFrame(() => { select.scrollTop = top; });
  });
  select.addEventListener("change", show);
  select.form?.addEventListener("reset", () => setTimeout(show));
  show();
}

function enhanceAll(within) {
  for (const select of within.querySelectorAll("select[multiple]")) {
    if (select.options.length > LONG) enhance(select);
  }
}

enhanceAll(document);
document.body.addEventListener("htmx:afterSwap", (event) => enhanceAll(event.target));
