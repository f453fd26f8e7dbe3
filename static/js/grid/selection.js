/**
 * Where the person is: the active cell, the range around it, and the ticked rows.
 *
 * `place` counts rows in the current order (-1 is the header), `position` counts columns from left to right.
 * When the order changes the active cell stays on its row. Events: "move" (detail: {scroll}), "ticks".
 */
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export const HEADER = -1;

export class Selection extends EventTarget {
  place = 0;
  position = 0;
  anchor = { place: 0, position: 0 };
  ticked = new Set();
  #row = null;

  constructor(store, order, layout) {
    super();
    Object.assign(this, { store, order, layout });
    order.addEventListener("order", () => this.#follow());
    store.addEventListener("rows", () => this.#dropGoneTicks());
  }

  get row() { return this.order.ids[this.place] ?? null; }
  get column() { return this.layout.all[this.position]?.column ?? null; }
  get lastPlace() { return this.order.length - 1; }
  get lastPosition() { return this.layout.all.length - 1; }

  moveTo(place, position, { extend = false, scroll = true } = {}) {
    this.place = clamp(place, extend ? 0 : HEADER, this.lastPlace);
    this.position = clamp(position, 0, this.lastPosition);
    if (!extend) this.anchor = { place: this.place, position: this.position };
    this.#row = this.row;
    this.dispatchEvent(new CustomEvent("move", { detail: { scroll } }));
  }

  moveBy(down, right, options) { this.moveTo(this.place + down, this.position + right, options); }

  /** The next cell to the right, then the first of the next row; backwards likewise. */
  step(by) {
    const next = this.position + by;
    if (next >= 0 && next <= this.lastPosition) return this.moveTo(this.place, next);
    const place = clamp(this.place + by, 0, this.lastPlace);
    return this.moveTo(place, by > 0 ? 0 : this.lastPosition);
  }

  moveToCell(row, columnName) {
    const position = this.layout.all.findIndex((at) => at.column.name === columnName);
    if (this.order.placeOf(row) >= 0) this.moveTo(this.order.placeOf(row), Math.max(position, 0));
  }

  get range() {
    return {
      top: Math.max(0, Math.min(this.place, this.anchor.place)),
      bottom: Math.max(this.place, this.anchor.place),
      left: Math.min(this.position, this.anchor.position),
      right: Math.max(this.position, this.anchor.position),
    };
  }

  get isRange() {
    const { top, bottom, left, right } = this.range;
    return bottom > top || right > left;
  }

  has(place, position) {
    const { top, bottom, left, right } = this.range;
    return place >= top && place <= bottom && position >= left && position <= right;
  }

  /** The range as rows of {row, column}. */
  cells() {
    const { top, bottom, left, right } = this.range;
    const columns = this.layout.all.slice(left, right + 1).map((at) => at.column);
    return this.order.ids.slice(top, bottom + 1).map((row) => columns.map((column) => ({ row, column })));
  }

  selectAll() {
    this.anchor = { place: 0, position: 0 };
    this.moveTo(this.lastPlace, this.lastPosition, { extend: true, scroll: false });
  }

  tick(ids, on) {
    for (const id of ids) {
      if (on) this.ticked.add(id);
      else this.ticked.delete(id);
    }
    this.dispatchEvent(new Event("ticks"));
  }

  tickAll(on) {
    if (!on) this.ticked.clear();
    this.tick(on ? this.order.ids : [], on);
  }

  #follow() {
    if (this.place === HEADER) return;
    const place = this.order.placeOf(this.#row);
    const stays = this.#row !== null && place >= 0;
    const down = stays ? place - this.place : 0;
    this.anchor.place = clamp(this.anchor.place + down, 0, Math.max(0, this.lastPlace));
    this.place = clamp(stays ? place : this.place, 0, Math.max(0, this.lastPlace));
    if (!stays) this.anchor = { place: this.place, position: this.position };
    this.#row = this.row;
  }

  #dropGoneTicks() {
    const gone = [...this.ticked].filter((id) => !this.store.rows.has(id));
    if (gone.length) this.tick(gone, false);
  }
}
