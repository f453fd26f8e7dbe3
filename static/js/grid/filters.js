/** The search box, the filter popover and its chips; filters given in the page's address are applied on arrival. */
import { debounce, element, icon } from "../dom.js";
import { OPERATORS, operatorsFor } from "./order.js";

export function connectFilters({ search, chips, form, popover }, { store, order }) {
  const field = (name) => form.elements.namedItem(name);

  search.addEventListener("input", debounce(() => order.searchFor(search.value), 120));

  function drawChips() {
    chips.replaceChildren(...order.filters.map((filter, at) => chip(filter, () => order.filterBy(order.filters.filter((_, place) => place !== at)))));
    chips.hidden = !order.filters.length;
  }

  function chip(filter, remove) {
    const words = describe(store, filter);
    return element("span", { className: "chip" }, words, element("button", { type: "button", "aria-label": `Remove the filter ${words}`, onclick: remove }, icon("close")));
  }

  function offerOperators() {
    const column = store.column(field("column").value);
    field("operator").replaceChildren(...operatorsFor(column).map((name) => element("option", { value: name }, OPERATORS[name].label)));
    offerValues();
  }

  function offerValues() {
    const column = store.column(field("column").value);
    const values = column.type === "boolean" ? ["Yes", "No"] : column.choices?.map((choice) => choice.label);
    const input = values
      ? element("select", { name: "value", id: "filter-value", className: "field" }, ...values.map((value) => element("option", {}, value)))
      : element("input", { name: "value", id: "filter-value", className: "field", type: column.type === "date" ? "date" : "text", autocomplete: "off" });
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
    order.filterBy([...order.filters, { column: field("column").value, operator: field("operator").value, value: field("value").value }]);
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
  order.filters = [...address].filter(([name]) => store.index.has(name)).map(([column, value]) => (value === "" ? { column, operator: "blank", value } : { column, operator: "is", value }));
}
