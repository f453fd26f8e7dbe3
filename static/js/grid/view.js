/**
 * The window onto the rows: only what can be seen is in the document.
 *
 * Rows are laid out absolutely in a body as high as all of them; frozen cells stick to the left, the others are
 * placed by their column's x, so columns out of sight need no element either. Sizes are read when they change
 * (ResizeObserver), never while scrolling.
 */
import { element } from "../dom.js";
import { cellId, makeCell, makeGutter } from "./cells.js";
import { display } from "./format.js";
import { HEADER } from "./selection.js";

const OVERSCAN = 6;

export class View extends EventTarget {
  #drawn = new Map();
  #columns = "";
  #frame = 0;

  constructor(scroller, { store, order, layout, selection, header }) {
    super();
    Object.assign(this, { scroller, store, order, layout, selection, header });
    this.body = element("div", { role: "rowgroup", className: "grid__body" });
    scroller.replaceChildren(header.element, this.body);
    scroller.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.relayout()).observe(scroller);
    store.addEventListener("cells", (event) => event.detail.forEach((id) => this.#repaint(id)));
    order.addEventListener("order", () => this.redraw());
    selection.addEventListener("move", (event) => this.#showSelection(event.detail.scroll));
    selection.addEventListener("ticks", () => this.redraw());
  }

  /** Columns, widths, density or the window's size changed. */
  relayout() {
    this.rowHeight = parseFloat(getComputedStyle(this.scroller).getPropertyValue("--row"));
    this.width = this.scroller.clientWidth;
    this.height = this.scroller.clientHeight;
    this.headerHeight = this.header.element.offsetHeight;
    this.layout.place(this.store.columns, this.width);
    this.redraw();
  }

  /** Forget every drawn row and draw the window again. */
  redraw() {
    for (const row of this.#drawn.values()) row.remove();
    this.#drawn.clear();
    this.#columns = "";
    this.body.style.setProperty("height", `${this.order.length * this.rowHeight}px`);
    this.body.style.setProperty("width", `${this.layout.width}px`);
    this.scroller.setAttribute("aria-rowcount", this.order.length + 1);
    this.scroller.setAttribute("aria-colcount", this.layout.all.length + 1);
    this.#draw();
  }

  get rowsPerPage() { return Math.max(1, Math.floor((this.height - this.headerHeight) / this.rowHeight) - 1); }

  /** A cell's box relative to the browser window, drawn or not. */
  boxOf(place, position) {
    const at = this.layout.all[position];
    const frame = this.scroller.getBoundingClientRect();
    const left = frame.left + at.x - (at.frozen ? 0 : this.scroller.scrollLeft);
    const top = frame.top + this.headerHeight + place * this.rowHeight - this.scroller.scrollTop;
    return { left, top, width: at.width, height: this.rowHeight, frame };
  }

  reveal(place, position) {
    const at = this.layout.all[position];
    if (!at) return;
    const { scrollTop, scrollLeft } = this.scroller;
    const top = place * this.rowHeight;
    const room = this.height - this.headerHeight - this.rowHeight;
    let down = scrollTop;
    if (place >= 0) down = Math.max(Math.min(scrollTop, top), top - room);
    let right = scrollLeft;
    if (!at.frozen) right = Math.max(Math.min(scrollLeft, at.x - this.layout.frozenWidth), at.x + at.width - this.width);
    if (down !== scrollTop || right !== scrollLeft) this.scroller.scrollTo({ top: down, left: right, behavior: "instant" });
  }

  #soon() {
    this.dispatchEvent(new Event("scroll"));
    if (!this.#frame) this.#frame = requestAnimationFrame(() => { this.#frame = 0; this.#draw(); });
  }

  #draw() {
    if (!this.rowHeight) return;
    const { scrollTop, scrollLeft } = this.scroller;
    const positions = this.layout.visible(scrollLeft, this.width);
    const columns = positions.join();
    if (columns !== this.#columns) this.#drawColumns(columns, positions);
    const first = Math.max(0, Math.floor(scrollTop / this.rowHeight) - OVERSCAN);
    const last = Math.min(this.order.length, Math.ceil((scrollTop + this.height) / this.rowHeight) + OVERSCAN);
    const isGone = (place) => (place < first || place >= last) && place !== this.selection.place;
    for (const [place, row] of this.#drawn) if (isGone(place)) this.#erase(place, row);
    const fresh = document.createDocumentFragment();
    for (let place = first; place < last; place++) if (!this.#drawn.has(place)) fresh.append(this.#makeRow(place));
    // The active row stays in the document wherever one scrolls: aria-activedescendant points into it.
    if (this.selection.row !== null && !this.#drawn.has(this.selection.place)) fresh.append(this.#makeRow(this.selection.place));
    this.body.append(fresh);
    this.#markSelection();
  }

  #drawColumns(columns, positions) {
    this.#columns = columns;
    this.positions = positions;
    this.header.draw(positions);
    for (const [place, row] of this.#drawn) this.#fill(row, place);
  }

  #erase(place, row) {
    row.remove();
    this.#drawn.delete(place);
  }

  #makeRow(place) {
    const row = element("div", { role: "row", className: "grid__row", "aria-rowindex": place + 2, "data-place": place });
    row.style.setProperty("top", `${place * this.rowHeight}px`);
    this.#drawn.set(place, row);
    this.#fill(row, place);
    return row;
  }

  #fill(row, place) {
    const id = this.order.ids[place];
    const ticked = this.selection.ticked.has(id);
    row.classList.toggle("grid__row--ticked", ticked);
    const positions = place === this.selection.place && !this.positions.includes(this.selection.position)
      ? [...this.positions, this.selection.position]
      : this.positions;
    const cells = positions.map((position) => makeCell(this.store, id, place, position, this.layout.all[position]));
    row.replaceChildren(makeGutter(this.labelOf(id), ticked), ...cells);
  }

  /** What a row is called when spoken of: its first column's text. */
  labelOf(id) {
    const first = this.layout.all[0]?.column;
    return (first && display(first, this.store.value(id, first.name))) || `row ${this.order.placeOf(id) + 1}`;
  }

  #repaint(id) {
    const place = this.order.placeOf(id);
    const row = this.#drawn.get(place);
    if (!row) return;
    this.#fill(row, place);
    this.#markSelection();
  }

  #showSelection(scroll) {
    if (scroll) this.reveal(this.selection.place, this.selection.position);
    const row = this.#drawn.get(this.selection.place);
    if (row && !this.positions.includes(this.selection.position)) this.#fill(row, this.selection.place);
    this.#draw();
  }

  #markSelection() {
    const { selection } = this;
    for (const [place, row] of this.#drawn) {
      for (const cell of row.children) {
        if (!cell.dataset.position) continue;
        const position = Number(cell.dataset.position);
        const inside = selection.has(place, position) && selection.place !== HEADER;
        cell.classList.toggle("cell--selected", inside && selection.isRange);
        cell.classList.toggle("cell--active", place === selection.place && position === selection.position);
        if (inside) cell.setAttribute("aria-selected", "true");
        else cell.removeAttribute("aria-selected");
      }
    }
    this.header.markActive();
    const { place, position } = selection;
    const active = place === HEADER ? this.header.idOf(position) : cellId(place, position);
    if (selection.row !== null || selection.place === HEADER) this.scroller.setAttribute("aria-activedescendant", active);
    else this.scroller.removeAttribute("aria-activedescendant");
  }
}
