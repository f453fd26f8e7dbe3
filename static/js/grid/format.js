/** How a value looks in a cell, in an editor and on the clipboard. One place for all three. */

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
const SMALL = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 4 });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

const NUMERIC = new Set(["number", "integer", "fraction"]);
export const isNumeric = (column) => NUMERIC.has(column.type);
const LONG = new Set(["longtext", "script", "json"]);
export const isLong = (column) => LONG.has(column.type);

export const isBlank = (value) => value === null || value === undefined || value === "";

const number = (value) => (value !== 0 && Math.abs(value) < 0.001 ? SMALL : NUMBER).format(value);

/** What a person reads. A draft may hold any text, so every type lets text through as it is. */
export function display(column, value) {
  if (isBlank(value)) return "";
  if (column.type === "boolean") return value === true ? "Yes" : value === false ? "No" : String(value);
  if (column.type === "fraction" && typeof value === "number") return PERCENT.format(value);
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "object") return Object.entries(value).map(([name, item]) => `${name}: ${plain(item)}`).join(", ");
  if (column.type === "datetime") return moment(value);
  if (column.choices) return choiceLabel(column, value);
  return String(value);
}

function plain(item) {
  if (typeof item === "number") return number(item);
  return typeof item === "object" ? JSON.stringify(item) : String(item);
}

export function moment(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.valueOf()) ? String(iso) : MOMENT.format(date).replace(",", "");
}

function choiceLabel(column, value) {
  return column.choices.find((choice) => choice.value === value)?.label ?? String(value);
}

/** What an editor or the clipboard holds: exact, and read back by the server as the same value. */
export function written(column, value) {
  if (isBlank(value)) return "";
  if (column.type === "boolean") return String(value).toUpperCase();
  if (column.type === "fraction" && typeof value === "number") return `${Number((value * 100).toPrecision(12))}%`;
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** Two cells in ascending order; blanks last whatever the direction (the caller flips only the rest). */
export function compare(column, a, b) {
  if (isNumeric(column)) return Number(a) - Number(b);
  if (column.type === "boolean") return Number(a) - Number(b);
  return display(column, a).localeCompare(display(column, b), "en", { numeric: true, sensitivity: "base" });
}

/** "1 row", "10,000 rows" */
export const count = (number, noun) => `${NUMBER.format(number)} ${noun}${number === 1 ? "" : "s"}`;
