/** Keys of the grid (not of an open editor), after the WAI-ARIA data grid pattern and the habits of spreadsheets. */
import { clearSelection } from "./clipboard.js";
import { HEADER } from "./selection.js";

export function connectKeyboard(scroller, grid) {
  const { selection, view, saver, header, order } = grid;

  const moves = {
    ArrowUp: () => [-1, 0], ArrowDown: () => [1, 0], ArrowLeft: () => [0, -1], ArrowRight: () => [0, 1],
    PageUp: () => [-view.rowsPerPage, 0], PageDown: () => [view.rowsPerPage, 0],
  };

  function move(event) {
    const [down, right] = moves[event.key]();
    const far = event.ctrlKey || event.metaKey ? order.length + grid.layout.all.length : 1;
    // Page and Ctrl+Up stop at the first row; only a plain Arrow Up reaches the header.
    const toHeader = event.key === "ArrowUp" && far === 1;
    const top = toHeader ? HEADER : Math.min(0, selection.place);
    const place = Math.max(top, selection.place + down * far);
    selection.moveTo(place, selection.position + right * far, { extend: event.shiftKey });
  }

  function edge(event) {
    const last = event.key === "End";
    const place = event.ctrlKey || event.metaKey ? (last ? selection.lastPlace : 0) : selection.place;
    selection.moveTo(place, last ? selection.lastPosition : 0, { extend: event.shiftKey });
  }

  const onHeader = {
    Enter: () => order.toggleSort(selection.column.name),
    " ": () => order.toggleSort(selection.column.name),
    F1: () => header.explain(selection.position),
  };

  const onCell = {
    Enter: (event) => (event.ctrlKey || event.metaKey ? grid.openRow(selection.row) : grid.edit()),
    F2: () => grid.edit(),
    F1: () => header.explain(selection.position),
    Delete: () => clearSelection(grid),
    Backspace: () => clearSelection(grid),
    Escape: () => selection.moveTo(selection.place, selection.position),
    " ": (event) => space(event),
  };

  function space(event) {
    if (event.shiftKey) selection.tick([selection.row], !selection.ticked.has(selection.row));
    else if (selection.column.type === "boolean") grid.toggle();
    else grid.edit(" ");
  }

  const withControl = {
    a: () => selection.selectAll(),
    z: (event) => (event.shiftKey ? saver.redo() : saver.undo()),
    y: () => saver.redo(),
  };

  scroller.addEventListener("keydown", (event) => {
    if (event.target !== scroller || event.altKey) return;
    const run = handlerOf(event);
    if (!run) return;
    event.preventDefault();
    run(event);
  });

  function handlerOf(event) {
    if (moves[event.key]) return move;
    if (event.key === "Home" || event.key === "End") return edge;
    if ((event.ctrlKey || event.metaKey) && withControl[event.key.toLowerCase()]) return withControl[event.key.toLowerCase()];
    if (selection.place === HEADER) return onHeader[event.key];
    if (selection.row === null) return null;
    if (onCell[event.key]) return onCell[event.key];
    const typed = event.key.length === 1 && !event.ctrlKey && !event.metaKey;
    return typed ? () => grid.edit(event.key) : null;
  }

  // An input method composes into whatever has the focus: give it an empty editor before it starts.
  scroller.addEventListener("keydown", (event) => { if (event.key === "Process" && event.target === scroller) grid.edit(""); });
}

export function connectMouse(scroller, grid) {
  const { selection, editor } = grid;
  const cellAt = (event) => {
    const cell = event.target.closest?.(".grid__body [data-position]");
    return cell && { place: Number(cell.parentElement.dataset.place), position: Number(cell.dataset.position) };
  };
  const rowAt = (event) => grid.order.ids[Number(event.target.closest("[data-place]")?.dataset.place)];
  let dragging = false;

  scroller.addEventListener("pointerdown", (event) => {
    const at = event.button === 0 && cellAt(event);
    if (!at) return;
    if (editor.isOpen) editor.commit(null);
    dragging = true;
    selection.moveTo(at.place, at.position, { extend: event.shiftKey, scroll: false });
    // The browser would start a text selection, and a native drag, where a range of cells is meant.
    event.preventDefault();
    scroller.focus({ preventScroll: true });
  });
  scroller.addEventListener("pointerover", (event) => {
    const at = dragging && cellAt(event);
    if (at) selection.moveTo(at.place, at.position, { extend: true, scroll: false });
  });
  document.addEventListener("pointerup", () => { dragging = false; });
  scroller.addEventListener("dblclick", (event) => { if (cellAt(event)) grid.edit(); });
  scroller.addEventListener("click", (event) => {
    if (event.target.closest(".gutter__open")) grid.openRow(rowAt(event));
    else if (event.target.matches(".grid__body .gutter__tick")) tick(event);
    else if (event.target.closest(".tick") && selection.column.type === "boolean" && !event.shiftKey) grid.toggle();
  });

  let lastTicked = null;
  function tick(event) {
    const row = rowAt(event);
    const [from, to] = [grid.order.placeOf(event.shiftKey ? lastTicked : row), grid.order.placeOf(row)].sort((a, b) => a - b);
    lastTicked = row;
    selection.tick(from < 0 ? [row] : grid.order.ids.slice(from, to + 1), event.target.checked);
    scroller.focus({ preventScroll: true });
  }
}
