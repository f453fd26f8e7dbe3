/** The search box, the filter popover and its chips; filters given in the page's address are applied on arrival. */
import { button, debounce, element, icon } from "../dom.js";
import { OPERATORS, operatorsFor } from "./order.js";

export function connectFilters({ search, chips, form, popover }, { store, order }) {
  const field = (name) => form.elements.namedItem(name);

  search.addEventListener("input", debounce(() => order.searchFor(search.value), 120));

  function drawChips() {
    const without = (filter) => order.filterBy(order.filters.filter((other) => other !== filter));
    chips.replaceChildren(...order.filters.map((filter) => chip(filter, () => without(filter))));
    chips.hidden = !order.filters.length;
  }

  function chip(filter, remove) {
    const words = describe(store, filter);
    const cross = button("", remove, { "aria-label": `Remove the filter ${words}` }, icon("close"));
    return element("span", { className: "chip" }, words, cross);
  }

  function offerOperators() {
    const column = store.column(field("column").value);
    const option = (name) => element("option", { value: name }, OPERATORS[name].label);
    field("operator").replaceChildren(...operatorsFor(column).map(option));
    offerValues();
  }

  function offerValues() {
    const column = store.column(field("column").value);
    const values = column.type === "boolean" ? ["Yes", "No"] : column.choices?.map((choice) => choice.label);
    const same = { name: "value", id: "filter-value", className: "field" };
    const input = values
      ? element("select", same, ...values.map((value) => element("option", {}, value)))
      : element("input", { ...same, type: column.type === "date" ? "date" : "text", autocomplete: "off" });
    field("value").replaceWith(input);
    input.disabled = Boolean(OPERATORS[field("operator").value].unary);
  }

  function offerColumns() {
    if (field("column").options.length === store.columns.length) return;
    field("column").replaceChildren(...store.columns.map((column) => element("option", { value: column.name }, column.label)));
    offerOperators();
  }

  popover.addEventListener("beforetoggle", () => {
    const { left, bottom } = document.querySelector(`[popovertarget="${popover.id}"]`).getBoundingClientRect();
    popover.style.setProperty("left", `${left}px`);
    popover.style.setProperty("top", `${bottom + 4}px`);
  });
  store.addEventListener("rows", offerColumns);
  field("column").addEventListener("change", offerOperators);
  field("operator").addEventListener("change", offerValues);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [column, operator, value] = ["column", "operator", "value"].map((name) => field(name).value);
    order.filterBy([...order.filters, { column, operator, value }]);
    popover.hidePopover();
  });
  order.addEventListener("order", drawChips);
  search.value = order.search;
  offerColumns();
  drawChips();

  /** Drop every filter and the search. */
  return function clear() {
    search.value = "";
    order.search = "";
    order.filterBy([]);
  };
}

function describe(store, { column, operator, value }) {
  const { label, unary } = OPERATORS[operator];
  return `${store.column(column)?.label ?? column} ${label}${unary ? "" : ` ${value}`}`;
}

/** ?q=text and ?column=value of a link into a tab become its search and filters. */
export function fromAddress(order, store, address = new URLSearchParams(location.search)) {
  order.search = (address.get("q") ?? "").toLowerCase();
  const given = [...address].filter(([name]) => store.index.has(name));
  order.filters = given.map(([column, value]) => ({ column, operator: value === "" ? "blank" : "is", value }));
}
