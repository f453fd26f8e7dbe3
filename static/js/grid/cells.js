/** One cell as an element. What it shows depends on its column, its value, a draft and a note; nothing else. */
import { button, element, icon } from "../dom.js";
import { display, isBlank, isNumeric } from "./format.js";

const COLOURS = 8;
const TINTED_CHOICES = 16;

export function cellId(place, position) { return `cell-${place}-${position}`; }

export function makeCell(store, row, place, position, at) {
  const { column } = at;
  const draft = store.draft(row, column.name);
  const note = store.note(row, column.name);
  const cell = element("div", {
    role: "gridcell",
    id: cellId(place, position),
    className: classes(column, draft, note, at),
    "aria-colindex": position + 2,
    "aria-readonly": column.editable ? null : "true",
    "aria-invalid": draft && draft.state !== "saving" && draft.state !== "offline" ? "true" : null,
    "aria-describedby": draft?.message || note ? "cell-card" : null,
    "data-position": position,
  });
  cell.append(content(column, store.value(row, column.name)));
  cell.style.setProperty(at.frozen ? "inset-inline-start" : "left", `${at.x}px`);
  cell.style.setProperty("width", `${at.width}px`);
  return cell;
}

function classes(column, draft, note, at) {
  const names = ["cell", `cell--${column.type}`];
  if (isNumeric(column)) names.push("cell--figure");
  if (!column.editable) names.push("cell--readonly");
  if (at.frozen) names.push("cell--frozen");
  if (at.edge) names.push("cell--edge");
  if (draft) names.push(`cell--${draft.state}`);
  else if (note) names.push(`cell--note`, `cell--note-${note.level}`);
  return names.join(" ");
}

function content(column, value) {
  if (column.type === "boolean" && column.editable && isBlank(value)) return element("span", { className: "tick tick--blank" });
  if (isBlank(value)) return "";
  if (column.type === "boolean" && typeof value === "boolean") return tick(value);
  const text = display(column, value);
  return column.type === "choice" && column.choices ? pill(column, value, text) : text;
}

const tick = (on) => element("span", { className: `tick${on ? " tick--on" : ""}` }, on ? "Yes" : "No");

function pill(column, value, text) {
  const at = column.choices.findIndex((choice) => choice.value === value);
  const tint = at >= 0 && column.choices.length <= TINTED_CHOICES ? ` pill--${(at % COLOURS) + 1}` : "";
  return element("span", { className: `pill${tint}` }, text);
}

/** The cell left of every row: tick it, open it. */
export function makeGutter(label, ticked) {
  const box = element("input", { type: "checkbox", tabindex: -1, "aria-label": `Select ${label}`, className: "gutter__tick" });
  box.checked = ticked;
  const words = { tabindex: -1, "aria-label": `Open ${label}`, title: "Open the row (Ctrl+Enter)" };
  const open = button("gutter__open", null, words, icon("open"));
  return element("div", { role: "gridcell", className: "cell cell--frozen gutter", "aria-colindex": 1 }, box, open);
}
