/** The line under the grid and the save chip above it: counts, what the active cell is, sums, and how saving goes. */
import { element } from "../dom.js";
import { count, isNumeric } from "./format.js";
import { whyReadOnly } from "./header.js";

const FIGURE = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const MOST_SUMMED = 50000;

export function connectStatus(bar, { store, order, selection }) {
  const rows = element("span", { className: "grid__count" });
  const cell = element("span", { className: "grid__about", role: "status" });
  const sums = element("span", { className: "grid__sums push" });
  bar.replaceChildren(rows, cell, sums);
  let flash = 0;

  const showCount = () => {
    const all = count(store.rows.size, "row");
    rows.textContent = order.isNarrowed ? `${FIGURE.format(order.length)} of ${all}` : all;
  };
  const showCell = (event) => {
    if (event?.type === "move") flash = clearTimeout(flash);
    if (flash) return;
    const { row, column } = selection;
    const draft = row !== null && column && store.draft(row, column.name);
    cell.textContent = draft?.message ?? (row !== null && column && !column.editable ? whyReadOnly(column) : "");
    sums.textContent = selection.isRange ? summary(selection, store) : "";
  };

  order.addEventListener("order", showCount);
  selection.addEventListener("move", showCell);
  store.addEventListener("drafts", showCell);
  showCount();

  /** Say something in passing; the line returns to the active cell by itself. */
  return function say(text) {
    clearTimeout(flash);
    cell.textContent = text;
    flash = setTimeout(() => { flash = 0; showCell(); }, 6000);
  };
}

function summary(selection, store) {
  const { top, bottom, left, right } = selection.range;
  const cells = (bottom - top + 1) * (right - left + 1);
  const parts = [count(cells, "cell")];
  if (cells > MOST_SUMMED) return parts[0];
  const values = selection.cells().flat().map(({ row, column }) => isNumeric(column) && store.value(row, column.name));
  const figures = values.filter((value) => typeof value === "number");
  if (figures.length > 1) {
    const sum = figures.reduce((total, figure) => total + figure, 0);
    parts.push(`Sum ${FIGURE.format(sum)}`, `Average ${FIGURE.format(sum / figures.length)}`);
  }
  return parts.join(" · ");
}

const WORDS = { saving: "Saving…", saved: "Saved", offline: "Not saved yet, retrying" };

export function connectSaveChip(chip, { store, saver, order, selection, scroller, clearFilters }) {
  let state = "saved";
  const show = () => {
    const refused = store.refused.length;
    const shown = refused && state === "saved" ? "error" : state;
    chip.dataset.state = shown;
    chip.textContent = shown === "error" ? `${count(refused, "cell")} not saved` : WORDS[state];
    chip.title = refused ? "Go to the next cell that was not saved" : "";
    chip.disabled = !refused;
  };
  let next = 0;
  chip.addEventListener("click", () => {
    const refused = store.refused;
    const { row, column } = refused[next++ % refused.length];
    if (order.placeOf(row) < 0) clearFilters();
    selection.moveToCell(row, column);
    scroller.focus();
  });
  saver.addEventListener("state", (event) => { state = event.detail; show(); });
  store.addEventListener("drafts", show);
  show();
}

