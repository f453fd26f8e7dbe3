/** A text box with the choices under it: type to narrow, arrows to walk, Enter to take. ARIA combobox with a list. */
import { element } from "../dom.js";

const SHOWN = 200;

export function makeCombobox(column, { text, label, onTake }) {
  const listId = "grid-choices";
  const input = element("input", {
    className: "editor__field", type: "text", autocomplete: "off", role: "combobox", "aria-label": label,
    "aria-expanded": "true", "aria-controls": listId, "aria-autocomplete": "list",
  });
  const list = element("ul", { id: listId, role: "listbox", "aria-label": column.label, className: "editor__choices" });
  let shown = [];
  let active = -1;

  const narrow = (query) => {
    const wanted = query.trim().toLowerCase();
    shown = column.choices.filter((choice) => `${choice.label} ${choice.value}`.toLowerCase().includes(wanted)).slice(0, SHOWN);
    list.replaceChildren(...shown.map((choice, at) => option(choice, at)));
    walkTo(wanted && shown.length ? 0 : -1);
  };
  const option = (choice, at) => element("li", {
    role: "option", id: `${listId}-${at}`, "aria-selected": "false",
    onpointerdown: (event) => { event.preventDefault(); onTake(choice.value); },
  }, choice.label);
  const walkTo = (at) => {
    active = Math.max(-1, Math.min(at, shown.length - 1));
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === active)));
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `${listId}-${active}`);
    return list.children[active].scrollIntoView({ block: "nearest" });
  };

  input.addEventListener("input", () => narrow(input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") walkTo(active + 1);
    else if (event.key === "ArrowUp") walkTo(active - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.value = text;
  narrow("");
  walkTo(column.choices.findIndex((choice) => choice.label === text));

  /** The choice walked to; else the text itself, for the server to judge. */
  const value = () => {
    const typed = input.value.trim();
    const named = (choice) => choice.label.toLowerCase() === typed.toLowerCase();
    return (shown[active] ?? column.choices.find(named))?.value ?? typed;
  };
  return { input, list, narrow, value };
}
