/**
 * The params as rows of fields, each saved on its own when it is left. A name the formula reads and nobody has made a
 * param of yet gets a row as well; the first thing typed there makes it one.
 * Events: "input" (somebody typed a number, or what is stored changed).
 */
import { button, element } from "../dom.js";
import { isBlank, written } from "../grid/format.js";

const by = (id) => document.getElementById(id);
const NUMBERS = ["value", "min", "max", "distribution", "unit"];
const APPROVED = "approved";
const REFUSED = new Set(["invalid", "denied", "conflict"]);

export class ParamTable extends EventTarget {
  #seen = new WeakMap(); // field → what it showed when somebody came to it
  #making = new Map(); // name → what was sent to make it a param
  #denied = {};
  #read = null;

  constructor({ store, saver, key, page }) {
    super();
    Object.assign(this, { store, saver, key, page, table: by("params") });
    this.mayCreate = store.canCreate;
    for (const body of this.#bodies()) this.#unlock(body);
    this.#connect();
    this.#showAll();
  }

  #connect() {
    const { table, store } = this;
    table.addEventListener("focusin", ({ target }) => {
      if (target.matches(".cell")) this.#seen.set(target, { stored: this.#stored(target), text: textOf(target) });
    });
    table.addEventListener("input", () => this.#typed());
    table.addEventListener("change", ({ target }) => target.matches(".cell") && this.commit(target));
    table.addEventListener("focusout", ({ target }) => target.matches(".cell") && this.#leave(target));
    table.addEventListener("keydown", (event) => this.#key(event));
    table.addEventListener("click", (event) => this.#openForm(event));
    store.addEventListener("cells", ({ detail }) => { for (const row of detail) this.#show(this.#body(row)); this.#typed(); });
    store.addEventListener("rows", () => { this.#showAll(); this.#typed(); });
    store.addEventListener("drafts", () => this.#showApprove());
    this.saver.addEventListener("answer", ({ detail }) => this.#made(detail));
    by("params-approve").addEventListener("click", () => this.approveAll());
  }

  // What is on the page ----------------------------------------------------------------------------

  #bodies() { return [...this.table.tBodies]; }
  #body(row) { return this.table.querySelector(`tbody[data-row="${row}"]`); }
  #named(name) { return this.#bodies().find((body) => body.dataset.name === name); }
  #stored(field) {
    const { row } = bodyOf(field).dataset;
    return row ? this.store.saved(Number(row), field.dataset.column) : null;
  }

  /** Every param's numbers as they stand in the fields, saved or not, and what it is called. */
  numbers() {
    const texts = (body) => Object.fromEntries(NUMBERS.map((column) => [column, textOf(fieldOf(body, column))]));
    const cells = (body) => ({ ...texts(body), label: textOf(fieldOf(body, "param_display")) });
    return Object.fromEntries(this.#bodies().map((body) => [body.dataset.name, cells(body)]));
  }

  /** Something typed for a name that is no param yet. */
  get hasUnsaved() { return this.#bodies().some((body) => !body.dataset.row && isTouched(body)); }

  // Going places ----------------------------------------------------------------------------------

  focusCell(row, column) { reach(fieldOf(this.#body(row), column)); }
  focusName(name) { reach(fieldOf(this.#named(name), "value")); }

  #key(event) {
    const field = event.target.closest(".cell");
    if (!field) return;
    if (event.key === "Escape") return this.#giveUp(field);
    if (event.key !== "Enter" || field.type === "checkbox" || event.isComposing) return;
    event.preventDefault();
    this.commit(field);
    const bodies = this.#bodies();
    reach(fieldOf(bodies[bodies.indexOf(bodyOf(field)) + (event.shiftKey ? -1 : 1)], field.dataset.column));
  }

  /** Back to what the field showed before it was typed in. */
  #giveUp(field) {
    const { row } = bodyOf(field).dataset;
    if (row && this.store.draft(Number(row), field.dataset.column)) this.store.dropDraft(Number(row), field.dataset.column);
    setText(field, row ? written(this.#column(field), this.#stored(field)) : this.#seen.get(field)?.text ?? "");
    this.#typed();
  }

  #openForm(event) {
    const link = event.target.closest(".param__name");
    const { row } = link ? bodyOf(link).dataset : {};
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (row) window.htmx.ajax("GET", `${this.page}rows/${row}/`, { target: "#drawer-content", swap: "innerHTML" });
  }

  // Saving ----------------------------------------------------------------------------------------

  commitActive() {
    const field = document.activeElement;
    if (field?.matches?.("#params .cell")) this.commit(field);
  }

  commit(field) {
    const body = bodyOf(field);
    if (!body.dataset.row) return this.#make(body);
    const row = Number(body.dataset.row);
    const { column } = field.dataset;
    if (textOf(field) === written(this.#column(field), this.#stored(field))) return this.store.dropDraft(row, column);
    const value = valueOf(field);
    const draft = this.store.draft(row, column);
    if (draft?.value === value && draft.state === "saving") return undefined;
    const seen = this.#seen.get(field);
    this.#seen.set(field, { stored: value, text: textOf(field) });
    return this.saver.edit([{ row, column, value, ...(seen && !draft ? { expected: seen.stored } : {}) }]);
  }

  /** A text that stood there when somebody came is no change to the browser, but may not be saved yet. */
  #leave(field) {
    const { row } = bodyOf(field).dataset;
    if (row && !this.store.draft(Number(row), field.dataset.column)) this.commit(field);
    this.#show(bodyOf(field));
  }

  /** The first thing typed for a name makes it a param. */
  #make(body) {
    const { name } = body.dataset;
    if (this.#making.has(name) || !isTouched(body)) return;
    const typed = typedIn(body);
    this.#making.set(name, typed);
    body.dataset.state = "saving";
    this.saver.create(name, { initiative_key: this.key, param_name: name, ...typed });
  }

  #made({ created = {}, results = [] }) {
    for (const [name, row] of Object.entries(created)) this.#becomes(name, row);
    for (const { row: name, status, message, column } of results) {
      if (status === "ok" || !this.#making.has(name)) continue;
      this.#making.delete(name);
      const body = this.#named(name);
      delete body?.dataset.state;
      if (body) this.#say(body, [{ text: message, column }]);
    }
  }

  /** A new row is there; what was typed while it was made is saved now. */
  #becomes(name, row) {
    const body = this.#named(name);
    const sent = this.#making.get(name);
    this.#making.delete(name);
    if (!body || !sent) return;
    this.#settle(body, row);
    const late = fieldsOf(body).filter((field) => {
      const text = sent[field.dataset.column] ?? blankOf(field);
      const isTyping = this.#isTypedIn(field);
      this.#seen.set(field, { stored: this.#stored(field), text });
      return textOf(field) !== text && !isTyping;
    });
    // All at once: showing the first as saved would show the others as they are stored, which is blank.
    this.saver.edit(late.map((field) => ({ row, column: field.dataset.column, value: valueOf(field) })));
    this.#show(body);
  }

  #settle(body, row) {
    body.dataset.row = row;
    delete body.dataset.new;
    delete body.dataset.state;
    body.querySelector(".param__name").href = `${this.page}rows/${row}/`;
  }

  approveAll() {
    const rows = this.#approvable();
    this.saver.edit(rows.map((row) => ({ row, column: APPROVED, value: true })));
  }

  /** Params of the formula with a value that this person may approve, and nobody has. */
  #approvable() {
    const rows = this.#bodies().filter((body) => body.dataset.row && !("unread" in body.dataset)).map((body) => Number(body.dataset.row));
    const waits = (row) => this.store.value(row, APPROVED) !== true && !isBlank(this.store.value(row, "value"));
    return rows.filter((row) => waits(row) && !this.#denied[row]?.[APPROVED] && this.store.column(APPROVED).editable);
  }

  #isTypedIn(field) { return field === document.activeElement && textOf(field) !== this.#seen.get(field)?.text; }

  // Showing ---------------------------------------------------------------------------------------

  /** By row and column: what this person may not enter there, though their role may elsewhere. */
  deny(denied) {
    this.#denied = denied ?? {};
    for (const body of this.#bodies()) this.#unlock(body);
    this.#showApprove();
  }

  #unlock(body) {
    for (const field of fieldsOf(body)) {
      const column = this.#column(field);
      const why = this.#denied[body.dataset.row]?.[column.name];
      const editable = body.dataset.row ? column.editable || (field.dataset.locked === undefined && !why) : this.mayCreate && column.creatable;
      const open = editable && !why;
      field.toggleAttribute("data-locked", !open);
      if (field.type === "checkbox" || field.tagName === "SELECT") field.disabled = !open;
      else field.readOnly = !open;
      field.title = why ?? (open ? "" : field.title);
    }
  }

  #column(field) { return this.store.column(field.dataset.column); }

  #showAll() {
    for (const row of this.store.rows.keys()) {
      const name = this.store.saved(row, "param_name");
      const body = this.#body(row) ?? this.#named(name) ?? this.#add(name);
      if (!body.dataset.row) this.#adopt(body, row);
      this.#show(body);
    }
    for (const body of this.#bodies()) if (body.dataset.row && !this.store.rows.has(Number(body.dataset.row))) body.remove();
    this.#showApprove();
    by("params-none").hidden = this.#bodies().length > 0;
  }

  /** Somebody, or an approval, made the param of a name that had a row here; what was typed for it stays. */
  #adopt(body, row) {
    if (this.#making.has(body.dataset.name)) return;
    const typed = typedIn(body);
    this.#settle(body, row);
    this.#unlock(body);
    const edits = Object.entries(typed).map(([column, value]) => ({ row, column, value, expected: null }));
    if (edits.length) this.saver.edit(edits);
  }

  #add(name) {
    const body = by("param-template").content.firstElementChild.cloneNode(true);
    body.dataset.name = name;
    body.dataset.new = "";
    body.querySelector(".param__name").append(...name.split(/(?<=_)/).flatMap((part) => [part, element("wbr")]));
    body.querySelector(".param__name").removeAttribute("href");
    for (const field of fieldsOf(body)) field.setAttribute("aria-label", `${field.getAttribute("aria-label").trim()} ${name}`);
    this.table.insertBefore(body, this.#bodies().find((one) => "unread" in one.dataset) ?? null);
    this.#unlock(body);
    by("params-none").hidden = true;
    return body;
  }

  #show(body) {
    if (!body?.dataset.row) return;
    const row = Number(body.dataset.row);
    const said = [];
    for (const field of fieldsOf(body)) {
      const column = this.#column(field);
      const draft = this.store.draft(row, column.name);
      const isTyping = this.#isTypedIn(field);
      if (!isTyping) setText(field, written(column, this.store.value(row, column.name)));
      if (field === document.activeElement && !isTyping) this.#seen.set(field, { stored: this.#stored(field), text: textOf(field) });
      field.dataset.state = draft?.state ?? "";
      if (draft && REFUSED.has(draft.state)) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
      if (draft?.message) said.push({ column: column.name, text: `${column.label}: ${draft.message}`, draft });
      const note = this.store.note(row, column.name);
      if (note) said.push({ text: note.text, isRemark: true });
    }
    this.#say(body, said);
  }

  #say(body, said) {
    const place = body.querySelector(".param__said");
    place.replaceChildren(...said.map(({ text, isRemark, draft }) =>
      element("p", { className: isRemark ? "is-remark" : "is-refused" }, text, ...(draft?.state === "conflict" ? this.#choices(draft) : []))));
  }

  #choices(draft) {
    const column = this.store.column(draft.column);
    const keep = () => this.saver.edit([{ row: draft.row, column: draft.column, value: draft.value }]);
    const give = () => { this.store.dropDraft(draft.row, draft.column); this.#show(this.#body(draft.row)); this.#typed(); };
    const theirs = written(column, draft.theirs) || "blank";
    return [` It is ${theirs} now. `, button("btn btn--small", keep, {}, "Keep mine"), " ", button("btn btn--small", give, {}, "Take theirs")];
  }

  #showApprove() {
    const waiting = this.#approvable().length;
    by("params-approve").disabled = !waiting;
    by("params-approve").textContent = waiting ? `Approve ${waiting} param${waiting === 1 ? "" : "s"}` : "Approve params";
    by("params-approve").title = waiting ? "" : this.#whyNothing();
  }

  #whyNothing() {
    if (!this.store.column(APPROVED).editable) return "Your role may not approve params.";
    return "Every param of the formula that has a value, and is yours to approve, is approved.";
  }

  // Following the formula --------------------------------------------------------------------------

  /** Rows for the names read, a mark on those that are not, and what can't be read in a field. */
  follow({ identifiers, assigned, refused, unusable }) {
    if (identifiers === null) return this.#refuse(refused, unusable);
    const read = new Set(identifiers);
    if (!assigned.some((name) => name === "effort" || name === "effort_days")) read.add("effort_days");
    for (const body of this.#bodies()) {
      const { name, row } = body.dataset;
      if (!row && !read.has(name) && !isTouched(body) && !this.#making.has(name)) body.remove();
      else body.toggleAttribute("data-unread", !read.has(name));
    }
    for (const name of identifiers) if (!this.#named(name)) this.#add(name);
    by("params-none").hidden = this.#bodies().length > 0;
    this.#showApprove();
    return this.#refuse(refused, unusable);
  }

  #refuse(refused = {}, unusable = {}) {
    for (const body of this.#bodies()) {
      const wrong = refused[body.dataset.name] ?? {};
      for (const field of fieldsOf(body)) {
        const draft = body.dataset.row && this.store.draft(Number(body.dataset.row), field.dataset.column);
        const isWrong = field.dataset.column in wrong || (draft && REFUSED.has(draft.state));
        if (isWrong) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      }
      body.toggleAttribute("data-unusable", body.dataset.name in unusable);
    }
  }

  #typed() { this.dispatchEvent(new Event("input")); }
}

const bodyOf = (node) => node.closest("tbody");
const fieldsOf = (body) => [...body.querySelectorAll(".cell")];
const fieldOf = (body, column) => body?.querySelector(`.cell[data-column="${column}"]`);
const textOf = (field) => (field.type === "checkbox" ? String(field.checked).toUpperCase() : field.value.trim());
const valueOf = (field) => (field.type === "checkbox" ? field.checked : field.value.trim() || null);
const blankOf = (field) => (field.type === "checkbox" ? "FALSE" : "");
const isTouched = (body) => fieldsOf(body).some((field) => textOf(field) !== blankOf(field));

/** What was typed into a row, by column; blanks say nothing. */
const typedIn = (body) => Object.fromEntries(
  fieldsOf(body).filter((field) => textOf(field) !== blankOf(field)).map((field) => [field.dataset.column, textOf(field)]));

function setText(field, text) {
  if (field.type === "checkbox") field.checked = text === "TRUE";
  else if (field.value !== text) field.value = text;
}

function reach(field) {
  field?.focus();
  field?.scrollIntoView({ block: "nearest" });
}
