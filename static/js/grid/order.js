/**
 * Which rows are seen and in what order: search, filters, sort. All in the browser, over what is loaded.
 *
 * The order is worked out when the person asks (or rows come and go), never because a value changed:
 * a row must not jump away from under the hand that edits it.
 */
import { compare, display, isBlank, isNumeric } from "./format.js";

export const OPERATORS = {
  contains: { label: "contains", test: (cell, wanted) => cell.text.includes(wanted.text) },
  is: { label: "is", test: (cell, wanted) => cell.text === wanted.text || cell.raw === wanted.text },
  is_not: { label: "is not", test: (cell, wanted) => cell.text !== wanted.text && cell.raw !== wanted.text },
  at_least: { label: "at least", test: (cell, wanted) => !cell.blank && cell.value >= wanted.value },
  at_most: { label: "at most", test: (cell, wanted) => !cell.blank && cell.value <= wanted.value },
  blank: { label: "is blank", unary: true, test: (cell) => cell.blank },
  filled: { label: "is filled", unary: true, test: (cell) => !cell.blank },
};

export function operatorsFor(column) {
  const ordered = isNumeric(column) || column.type === "date" || column.type === "datetime";
  if (ordered) return ["at_least", "at_most", "is", "blank", "filled"];
  if (column.choices || column.type === "boolean") return ["is", "is_not", "blank", "filled"];
  return ["contains", "is", "is_not", "blank", "filled"];
}

export class Order extends EventTarget {
  ids = [];
  search = "";
  filters = [];
  sort = null;
  #texts = new Map();

  constructor(store) {
    super();
    this.store = store;
    this.places = new Map();
    store.addEventListener("cells", (event) => event.detail.forEach((id) => this.#texts.delete(id)));
    store.addEventListener("rows", () => this.refresh());
  }

  get length() { return this.ids.length; }
  placeOf(id) { return this.places.get(id) ?? -1; }
  get isNarrowed() { return Boolean(this.search || this.filters.length); }

  searchFor(text) { this.search = text.trim().toLowerCase(); this.refresh(); }
  filterBy(filters) { this.filters = filters; this.refresh(); }

  /** none → ascending → descending → none */
  toggleSort(column) {
    if (this.sort?.column !== column) this.sort = { column, direction: 1 };
    else this.sort = this.sort.direction === 1 ? { column, direction: -1 } : null;
    this.refresh();
  }

  refresh() {
    const ids = [...this.store.rows.keys()].filter((id) => this.#matches(id));
    this.ids = this.sort ? this.#sorted(ids) : ids;
    this.places = new Map(this.ids.map((id, place) => [id, place]));
    this.dispatchEvent(new Event("order"));
  }

  #matches(id) {
    if (this.search && !this.#text(id).includes(this.search)) return false;
    return this.filters.every((filter) => this.#passes(id, filter));
  }

  #passes(id, { column: name, operator, value }) {
    const column = this.store.column(name);
    if (!column) return true;
    const held = this.store.value(id, name);
    const text = display(column, held).toLowerCase();
    const cell = { value: held, blank: isBlank(held), text, raw: String(held ?? "").toLowerCase() };
    const wanted = { text: String(value).toLowerCase().trim(), value: isNumeric(column) ? toNumber(value) : value };
    return OPERATORS[operator].test(cell, wanted);
  }

  #text(id) {
    if (!this.#texts.has(id)) {
      const cells = this.store.columns.map((column) => display(column, this.store.value(id, column.name)));
      this.#texts.set(id, cells.join("\n").toLowerCase());
    }
    return this.#texts.get(id);
  }

  #sorted(ids) {
    const column = this.store.column(this.sort.column);
    if (!column) return ids;
    const value = (id) => this.store.value(id, column.name);
    const filled = ids.filter((id) => !isBlank(value(id)));
    filled.sort((a, b) => this.sort.direction * compare(column, value(a), value(b)));
    return [...filled, ...ids.filter((id) => isBlank(value(id)))];
  }
}

function toNumber(written) {
  const text = String(written).replaceAll(",", "").trim();
  return text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
}
