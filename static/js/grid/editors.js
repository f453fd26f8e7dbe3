/**
 * The editor: one box laid over the cell, in the top layer, so that rows may be redrawn under it at will.
 *
 * Which field it holds follows from the column's type alone. What was typed goes out as text; the server reads
 * "1,200.50", "12%", "a, b" and JSON the same way for every surface. Events: "commit" (detail: {row, column, value,
 * expected, move}), "close" (detail: {stay}).
 */
import { button, element, icon } from "../dom.js";
import { makeCombobox } from "./combobox.js";
import { display, isBlank, isLong, isNumeric, written } from "./format.js";

const MOVES = { Enter: [1, 0], ShiftEnter: [-1, 0], Tab: "next", ShiftTab: "previous" };
const LONG_WIDTH = 360;
const EDGE = 3;

export class Editor extends EventTarget {
  #place = null;

  constructor(box, view, store) {
    super();
    Object.assign(this, { box, view, store });
    view.addEventListener("scroll", () => this.#align());
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("focusout", (event) => this.#left(event.relatedTarget));
  }

  get isOpen() { return this.#place !== null; }

  /** Edit a cell; `typed` replaces what is there (type-to-edit), without it the cell's text is edited. */
  open(place, position, row, column, typed = null) {
    const value = this.store.value(row, column.name);
    // What the person saw when they began: the gate compares with that, not with what arrives meanwhile.
    this.#place = { place, position, row, column, expected: this.store.saved(row, column.name) };
    this.original = column.choices && !isBlank(value) ? display(column, value) : written(column, value);
    this.field = this.#makeField(column, typed);
    this.box.replaceChildren(...this.field.parts);
    this.box.className = `editor editor--${column.type}`;
    this.box.showPopover();
    this.#align();
    this.field.input.focus();
    if (typed === null) this.field.input.select();
  }

  /** `stay` leaves the focus where the person has put it. */
  commit(move, { stay = false } = {}) {
    const { row, column, expected } = this.#place;
    const value = this.field.value();
    const changed = typeof value !== "string" || value !== this.original;
    this.close({ stay });
    const detail = { row, column: column.name, value: value === "" ? null : value, expected, move, changed };
    this.dispatchEvent(new CustomEvent("commit", { detail }));
  }

  close({ stay = false } = {}) {
    this.#place = null;
    this.box.hidePopover();
    this.box.replaceChildren();
    this.dispatchEvent(new CustomEvent("close", { detail: { stay } }));
  }

  /** The focus went elsewhere on the page: keep what was typed. Another window is no reason to close. */
  #left(where) {
    if (this.isOpen && document.hasFocus() && !this.box.contains(where)) this.commit(null, { stay: where !== null });
  }

  #makeField(column, typed) {
    const label = `${column.label}, ${this.view.labelOf(this.#place.row)}`;
    if (column.choices && column.type !== "keys") return this.#choiceField(column, typed, label);
    if (isLong(column)) return this.#longField(column, typed, label);
    const input = element("input", {
      className: "editor__field", type: "text", autocomplete: "off",
      "aria-label": label, inputmode: isNumeric(column) ? "decimal" : null,
    });
    input.value = typed ?? this.original;
    const parts = column.type === "date" ? [input, this.#calendar(input)] : [input];
    return { input, parts, value: () => input.value.trim() };
  }

  #longField(column, typed, label) {
    const spellcheck = column.type === "longtext" ? null : "false";
    const input = element("textarea", { className: "editor__field", "aria-label": label, rows: 5, spellcheck });
    const value = this.store.value(this.#place.row, column.name);
    if (column.type === "json" && value !== null && typeof value === "object") this.original = JSON.stringify(value, null, 1);
    input.value = typed ?? this.original;
    return { input, parts: [input], value: () => input.value.trim() };
  }

  #choiceField(column, typed, label) {
    const onTake = (value) => { this.field.value = () => value; this.commit(MOVES.Enter); };
    const box = makeCombobox(column, { text: typed === null ? this.original : "", label, onTake });
    if (typed) { box.input.value = typed; box.narrow(typed); }
    return { input: box.input, parts: [box.input, box.list], value: box.value };
  }

  #calendar(input) {
    const picker = element("input", { type: "date", tabindex: -1, "aria-hidden": "true", className: "editor__picker" });
    picker.addEventListener("change", () => { input.value = picker.value; input.focus(); });
    const pick = () => { picker.value = input.value; picker.showPicker(); };
    const words = { tabindex: -1, "aria-label": "Choose a date" };
    return element("span", {}, picker, button("editor__calendar", pick, words, icon("chevron")));
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); return void this.close(); }
    if (event.key === "Enter" && (event.altKey || (event.shiftKey && isLong(this.#place.column)))) return this.#lineBreak(event);
    const move = MOVES[`${event.shiftKey ? "Shift" : ""}${event.key}`];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    this.commit(move);
  }

  #lineBreak(event) {
    const { input } = this.field;
    event.preventDefault();
    if (input.tagName === "TEXTAREA") input.setRangeText("\n", input.selectionStart, input.selectionEnd, "end");
  }

  #align() {
    if (!this.isOpen) return;
    const { place, position, column } = this.#place;
    const { left, top, width, height, frame } = this.view.boxOf(place, position);
    const wide = isLong(column) ? Math.max(width, LONG_WIDTH) : width;
    const low = Math.min(top, frame.bottom - (isLong(column) ? 130 : height));
    const put = (name, pixels) => this.box.style.setProperty(name, `${pixels}px`);
    put("left", Math.max(frame.left + EDGE, Math.min(left, frame.right - wide - EDGE)));
    put("top", Math.max(frame.top, low));
    put("width", Math.min(wide, frame.width));
    put("min-height", height);
    this.box.classList.toggle("editor--up", top > innerHeight - 260);
  }
}
