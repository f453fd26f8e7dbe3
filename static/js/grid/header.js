/** The header row: labels, units, sorting, widths, and a popover that explains each column. */
import { button, element, icon } from "../dom.js";
import { isNumeric } from "./format.js";
import { NARROWEST, unitShown } from "./layout.js";
import { HEADER } from "./selection.js";

const ENTERED_BY = {
  pm: "Entered by people, here",
  llm: "Suggested by the assistant, read-only",
  llm_then_pm: "May be suggested by the assistant while blank; then yours",
  backend: "Worked out by Lodestar",
};

const TYPES = {
  text: "Text", longtext: "Long text", script: "Formula script", email: "E-mail address",
  integer: "Whole number", number: "Number",
  fraction: "Fraction, written 0.8 or 80%", boolean: "Yes or no", date: "Date, written 2026-04-30", datetime: "Date and time",
  choice: "One of a list", keys: "Keys, separated by commas", json: "JSON object",
};

export class Header extends EventTarget {
  constructor({ store, order, layout, selection }, popover) {
    super();
    Object.assign(this, { store, order, layout, selection, popover });
    this.row = element("div", { role: "row", className: "grid__row grid__row--head", "aria-rowindex": 1 });
    this.element = element("div", { role: "rowgroup", className: "grid__head" }, this.row);
    this.row.addEventListener("click", (event) => this.#click(event));
    this.row.addEventListener("pointerdown", (event) => this.#startResize(event));
    order.addEventListener("order", () => this.draw(this.positions ?? []));
    selection.addEventListener("ticks", () => this.draw(this.positions ?? []));
  }

  idOf(position) { return `head-${position}`; }

  draw(positions) {
    this.positions = positions;
    this.row.style.setProperty("width", `${this.layout.width}px`);
    this.row.classList.toggle("grid__row--units", this.layout.all.some((at) => unitShown(at.column)));
    this.row.replaceChildren(this.#gutter(), ...positions.map((position) => this.#cell(position)));
    this.markActive();
  }

  markActive() {
    for (const cell of this.row.children) {
      const active = this.selection.place === HEADER && cell.id === this.idOf(this.selection.position);
      cell.classList.toggle("cell--active", active);
    }
  }

  #gutter() {
    const words = { tabindex: -1, "aria-label": "Select all rows shown" };
    const all = element("input", { type: "checkbox", className: "gutter__tick", ...words });
    const ticked = this.selection.ticked.size;
    all.checked = ticked > 0 && ticked >= this.order.length;
    all.indeterminate = ticked > 0 && !all.checked;
    return element("div", { role: "columnheader", className: "cell cell--frozen gutter", "aria-colindex": 1 }, all);
  }

  #cell(position) {
    const at = this.layout.all[position];
    const { column } = at;
    const direction = this.order.sort?.column === column.name ? this.order.sort.direction : 0;
    const cell = element(
      "div",
      {
        role: "columnheader",
        id: this.idOf(position),
        className: classes(at),
        "aria-colindex": position + 2,
        "aria-sort": direction === 1 ? "ascending" : direction === -1 ? "descending" : null,
        "data-position": position,
      },
      column.editable ? null : icon("lock"),
      element("span", { className: "cell__name" },
        element("span", { className: "cell__label", title: column.label }, column.label),
        unitShown(column) ? element("span", { className: "cell__unit" }, column.unit) : null),
      direction ? icon(direction === 1 ? "sort-up" : "sort-down") : null,
      button("cell__help", null, { tabindex: -1, "aria-label": `About ${column.label}` }, icon("help")),
      element("span", { className: "cell__resize" }),
    );
    cell.style.setProperty(at.frozen ? "inset-inline-start" : "left", `${at.x}px`);
    cell.style.setProperty("width", `${at.width}px`);
    return cell;
  }

  #click(event) {
    if (event.target.closest(".gutter__tick")) return this.selection.tickAll(event.target.checked);
    const cell = event.target.closest("[data-position]");
    if (!cell || event.target.closest(".cell__resize")) return null;
    const position = Number(cell.dataset.position);
    if (event.target.closest(".cell__help")) return this.explain(position);
    return this.order.toggleSort(this.layout.all[position].column.name);
  }

  explain(position) {
    const { column } = this.layout.all[position];
    const box = document.getElementById(this.idOf(position)).getBoundingClientRect();
    this.popover.replaceChildren(element("h3", {}, column.label), ...explanation(column));
    this.popover.style.setProperty("left", `${Math.max(8, Math.min(box.left, innerWidth - 336))}px`);
    this.popover.style.setProperty("top", `${box.bottom + 4}px`);
    this.popover.showPopover();
  }

  #startResize(event) {
    const handle = event.target.closest(".cell__resize");
    if (!handle) return;
    event.preventDefault();
    const { column, width } = this.layout.all[Number(handle.parentElement.dataset.position)];
    const from = event.clientX;
    const drag = (move) => {
      this.layout.keepWidth(column.name, Math.max(NARROWEST, width + move.clientX - from));
      this.dispatchEvent(new Event("resize"));
    };
    const stop = () => document.removeEventListener("pointermove", drag);
    document.addEventListener("pointermove", drag);
    document.addEventListener("pointerup", stop, { once: true });
  }
}

function classes({ column, frozen, edge }) {
  const names = ["cell", "cell--head"];
  if (frozen) names.push("cell--frozen");
  if (edge) names.push("cell--edge");
  if (isNumeric(column)) names.push("cell--figure");
  return names.join(" ");
}

/** What the help popover says about a column, as elements. */
function explanation(column) {
  const facts = [
    ["Kind", TYPES[column.type] ?? column.type],
    ["Unit", column.unit],
    ["Limits", limits(column)],
    ["Required", column.required ? "Yes" : ""],
  ];
  const list = element("dl", { className: "defs" });
  list.append(element("dt", {}, "Source"), element("dd", {}, ...whereEntered(column)));
  for (const [name, value] of facts) if (value) list.append(element("dt", {}, name), element("dd", {}, value));
  return [column.help ? element("p", {}, column.help) : null, list].filter(Boolean);
}

function whereEntered(column) {
  if (column.entered_on) return ["On ", element("a", { href: column.entered_on.url }, column.entered_on.title), "; shown here."];
  if (column.editable || column.by === "backend" || column.by === "llm") return [`${ENTERED_BY[column.by] ?? ""}.`];
  return ["Here, by a role you do not have."];
}

function limits({ min, max }) {
  const known = (value) => value !== null && value !== undefined;
  if (known(min) && known(max)) return `${min} to ${max}`;
  if (known(min)) return `at least ${min}`;
  return known(max) ? `at most ${max}` : "";
}

/** One sentence on why a cell cannot be typed into. */
export function whyReadOnly(column) {
  if (column.entered_on) return `${column.label} is entered on ${column.entered_on.title} and shown here.`;
  if (column.by === "backend") return `${column.label} is worked out by Lodestar.`;
  if (column.by === "llm") return `${column.label} is suggested by the assistant; people do not type it.`;
  if (column.creatable) return `${column.label} is given when the row is created and stays.`;
  return `${column.label} is entered by a role you do not have.`;
}

