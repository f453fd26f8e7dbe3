/** Copy, cut and paste as the text every spreadsheet understands: cells by tabs, rows by line breaks, quotes where needed. */
import { written } from "./format.js";

const NEEDS_QUOTES = /[\t\n"]/;

const quote = (text) => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function toText(rows) {
  return rows.map((row) => row.map(quote).join("\t")).join("\n");
}

/** The rows of cells of pasted text. A quoted cell may hold tabs and line breaks. */
export function fromText(text) {
  const rows = [];
  let row = [];
  const cell = /(?:"((?:[^"]|"")*)"(?=\t|\r?\n|$)|([^\t\r\n]*))(\t|\r?\n|$)/gy;
  for (let found; cell.lastIndex < text.length && (found = cell.exec(text));) {
    const [, quoted, bare, end] = found;
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === "\t" && cell.lastIndex === text.length) row.push("");
    if (end !== "\t") { rows.push(row); row = []; }
  }
  if (row.length) rows.push(row);
  return rows;
}

export function connectClipboard(scroller, { store, order, layout, selection, saver, editor, say }) {
  const isOurs = () => !editor.isOpen && selection.row !== null;

  const copy = (event) => {
    if (!isOurs()) return false;
    const textOf = ({ row, column }) => written(column, store.value(row, column.name));
    event.clipboardData.setData("text/plain", toText(selection.cells().map((cells) => cells.map(textOf))));
    event.preventDefault();
    return true;
  };

  scroller.addEventListener("copy", copy);
  scroller.addEventListener("cut", (event) => { if (copy(event)) clearSelection({ selection, saver, say }); });
  scroller.addEventListener("paste", (event) => {
    if (!isOurs()) return;
    event.preventDefault();
    paste(fromText(event.clipboardData.getData("text/plain")));
  });

  /** One pasted cell fills the whole selection; a block is laid down from its upper left corner. */
  function paste(block) {
    const { top, left, bottom, right } = selection.range;
    const fills = block.length === 1 && block[0].length === 1;
    const height = fills ? bottom - top + 1 : block.length;
    const width = fills ? right - left + 1 : Math.max(...block.map((row) => row.length));
    const edits = [];
    let readOnly = 0;
    for (let down = 0; down < height && top + down < order.length; down++) {
      for (let across = 0; across < width && left + across < layout.all.length; across++) {
        const text = fills ? block[0][0] : block[down][across];
        const { column } = layout.all[left + across];
        if (text === undefined) continue;
        if (!column.editable) { readOnly++; continue; }
        edits.push({ row: order.ids[top + down], column: column.name, value: text.trim() === "" ? null : text });
      }
    }
    saver.edit(edits);
    // Reaching past the last row or column selects up to it.
    if (!fills) selection.moveTo(top + height - 1, left + width - 1, { extend: true, scroll: false });
    say(pasteReport(edits.length, readOnly, Math.max(0, top + height - order.length)));
  }
}

function pasteReport(pasted, readOnly, overflow) {
  const parts = [`Pasted ${pasted} ${pasted === 1 ? "cell" : "cells"}.`];
  if (readOnly) parts.push(`${readOnly} read-only ${readOnly === 1 ? "cell was" : "cells were"} left as they are.`);
  if (overflow) parts.push(`${overflow} ${overflow === 1 ? "row" : "rows"} below the last row did not fit; create rows first.`);
  return parts.join(" ");
}

export function clearSelection({ selection, saver, say }) {
  const cells = selection.cells().flat();
  const editable = cells.filter(({ column }) => column.editable);
  saver.edit(editable.map(({ row, column }) => ({ row, column: column.name, value: null })));
  if (editable.length < cells.length) say(`${cells.length - editable.length} read-only cells were left as they are.`);
}
