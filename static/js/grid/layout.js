/** Where columns lie: frozen ones first and in view, the others from left to right; widths a person changed are kept. */

export const GUTTER = 62;
export const NARROWEST = 56;
const FROZEN_SHARE = 0.5;
const HEAD_ROOM = 40;
const WIDEST_HEAD = 280;
const pen = document.createElement("canvas").getContext("2d");

/** The declared width, or more where the header would not fit: two columns must not read the same. */
function natural(column) {
  pen.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
  // The unit stands on a line of its own, below the label.
  const head = Math.max(...[column.label, unitShown(column)].map((line) => pen.measureText(line).width)) + HEAD_ROOM;
  return Math.max(column.width, Math.min(Math.ceil(head), WIDEST_HEAD));
}

/** The unit, unless the label says it already. */
export function unitShown({ label, unit }) {
  return unit && !label.toLowerCase().includes(unit.toLowerCase()) ? unit : "";
}

export class Layout {
  all = [];
  frozen = [];

  constructor(tab) { this.storageKey = `widths:${tab}`; }

  /** Lay out columns; the key column(s) freeze only while they leave half of the width to the rest. */
  place(columns, available) {
    const kept = JSON.parse(localStorage.getItem(this.storageKey) ?? "{}");
    let x = GUTTER;
    const place = (column, frozen) => {
      const width = kept[column.name] ?? natural(column);
      const at = { column, x, width, frozen };
      x += width;
      return at;
    };
    const fits = (column) => column.frozen && x + (kept[column.name] ?? natural(column)) <= available * FROZEN_SHARE;
    this.frozen = [];
    for (const column of columns) if (fits(column)) this.frozen.push(place(column, true));
    if (this.frozen.length) this.frozen.at(-1).edge = true;
    this.frozenWidth = x;
    const rest = columns.filter((column) => !this.frozen.some((at) => at.column === column));
    this.all = [...this.frozen, ...rest.map((column) => place(column, false))];
    this.width = x;
  }

  keepWidth(name, width) {
    const kept = JSON.parse(localStorage.getItem(this.storageKey) ?? "{}");
    kept[name] = Math.max(NARROWEST, Math.round(width));
    localStorage.setItem(this.storageKey, JSON.stringify(kept));
  }

  /** Positions (in order) of the columns to draw for this horizontal window: frozen ones always. */
  visible(left, width) {
    const from = left + this.frozenWidth;
    const to = left + width;
    const positions = [];
    this.all.forEach((at, position) => {
      if (at.frozen || (at.x + at.width > from && at.x < to)) positions.push(position);
    });
    return positions;
  }
}
