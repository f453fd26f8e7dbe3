/**
 * The formula: a textarea over marks of what the server read in it. Saved on purpose (the button, Ctrl+S), because every
 * saved change is a version and takes the approval back; until then its text is kept with this window.
 * Events: "input" (the text changed), "dirty" (it came to differ from what is stored, or no longer does).
 */
import { button, element } from "../dom.js";

const by = (id) => document.getElementById(id);
const NAME = /[A-Za-z][A-Za-z0-9_]*/g;
const COLUMN = "formula_text";
const APPROVED = "formula_approved";

export class FormulaEditor extends EventTarget {
  #answer = { identifiers: [], assigned: [], errors: [], missing: [] };

  constructor({ store, saver, model }) {
    super();
    Object.assign(this, { store, saver, model });
    this.field = by("formula");
    this.keptAs = `formula:${model}`;
    this.base = this.stored;
    this.locked = this.field.hasAttribute("data-locked");
    this.field.readOnly = this.locked;
    this.#restore();
    this.#connect();
    this.#draw();
    this.#show();
  }

  get formula() { return this.field.value; }
  get stored() { return this.store.saved(this.model, COLUMN) ?? ""; }
  get isApproved() { return this.store.saved(this.model, APPROVED) === true; }
  get isDirty() { return !this.locked && this.formula.trim() !== this.stored.trim(); }

  #connect() {
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("scroll", () => this.#scroll());
    by("formula-save").addEventListener("click", () => this.save());
    by("formula-approve").addEventListener("click", () => this.approve());
    this.store.addEventListener("drafts", () => this.#show());
    for (const change of ["rows", "cells"]) this.store.addEventListener(change, () => this.#follow());
  }

  focus() { this.field.focus(); }

  /** Store the text, where it differs. `expected` is what it was based on, so that nobody is overwritten unseen. */
  save(more = []) {
    const changes = this.isDirty ? [{ row: this.model, column: COLUMN, value: this.formula.trim(), expected: this.base }] : [];
    if (!changes.length && !more.length) return;
    // An approval that stands already has to be said again, or the changed formula takes it back.
    this.saver.edit([...changes, ...more], { meant: true });
    this.#show();
  }

  approve() { this.save([{ row: this.model, column: APPROVED, value: !this.isApproved || this.isDirty, expected: this.isApproved }]); }

  goTo(line) {
    const lines = this.formula.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    this.field.focus();
    this.field.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }

  /** Take another text in, as if it had been typed: a draft, a version, a colleague's. */
  take(text) {
    this.field.value = text;
    this.#typed();
    this.field.focus();
  }

  /** Show what the server read in the text. */
  mark(answer) {
    this.#answer = answer;
    this.#draw();
    this.#show();
  }

  #typed() {
    if (this.isDirty) sessionStorage.setItem(this.keptAs, JSON.stringify({ text: this.formula, base: this.base }));
    else sessionStorage.removeItem(this.keptAs);
    this.#draw();
    this.#show();
    this.dispatchEvent(new Event("input"));
  }

  /** Text that was not saved when the page was left. */
  #restore() {
    const kept = JSON.parse(sessionStorage.getItem(this.keptAs) ?? "null");
    if (!kept || this.locked || kept.text.trim() === this.stored.trim()) return;
    this.field.value = kept.text;
    this.base = kept.base;
  }

  /** What is stored changed: show it, unless this person is in the middle of something else. */
  #follow() {
    const draft = this.store.draft(this.model, COLUMN);
    if (!draft && this.formula.trim() === this.stored.trim()) this.#settled();
    else if (!draft && this.formula.trim() === this.base.trim() && this.base !== this.stored) {
      this.field.value = this.stored;
      this.#settled();
      this.#draw();
      this.dispatchEvent(new Event("input"));
    }
    this.#show();
  }

  #settled() {
    this.base = this.stored;
    sessionStorage.removeItem(this.keptAs);
  }

  #show() {
    const draft = this.store.draft(this.model, COLUMN);
    const approve = by("formula-approve");
    const version = this.store.saved(this.model, "version");
    const isApproved = this.isApproved && !this.isDirty;
    const state = this.isDirty ? "Not saved" : isApproved ? "Approved" : "Draft";
    by("formula-state").textContent = `${state} · version ${version}`;
    by("formula-state").className = `badge ${isApproved ? "badge--ok" : this.isDirty ? "badge--warn" : ""}`;
    by("formula-save").disabled = !this.isDirty || draft?.state === "saving";
    approve.textContent = isApproved ? "Withdraw approval" : this.isDirty ? "Save and approve" : "Approve formula";
    approve.classList.toggle("btn--primary", !isApproved);
    const why = approve.dataset.whyNot || (isApproved ? "" : this.#whyNot());
    approve.disabled = Boolean(why);
    approve.title = why;
    by("formula-why").textContent = why || this.#refusal(APPROVED);
    this.#showConflict(draft);
    this.dispatchEvent(new Event("dirty"));
  }

  #whyNot() {
    if (!this.formula.trim()) return "There is no formula to approve yet.";
    const unread = this.#answer.errors.find((error) => !RUNTIME.has(error.kind));
    return unread ? "A formula with an error can’t be approved." : "";
  }

  #refusal(column) { return this.store.draft(this.model, column)?.message ?? ""; }

  #showConflict(draft) {
    const place = by("formula-conflict");
    place.hidden = !draft?.message;
    if (!draft?.message) return place.replaceChildren();
    const keep = () => { this.base = draft.theirs; this.store.dropDraft(this.model, COLUMN); this.save(); };
    const give = () => { this.store.dropDraft(this.model, COLUMN); this.base = draft.theirs ?? ""; this.take(this.base); };
    const buttons = draft.state !== "conflict" ? [] : [
      element("pre", {}, draft.theirs ?? ""),
      element("div", { className: "row" },
        button("btn btn--small", keep, {}, "Keep mine"), button("btn btn--small", give, {}, "Take theirs")),
    ];
    return place.replaceChildren(element("p", {}, draft.message), ...buttons);
  }

  #draw() {
    const lines = this.formula.split("\n");
    const wrong = new Map(this.#answer.errors.map((error) => [error.line, error.message]));
    by("formula-lines").replaceChildren(...lines.map((_, at) =>
      element("span", { "data-error": wrong.has(at + 1), title: wrong.get(at + 1) }, String(at + 1))));
    by("formula-marks").replaceChildren(...lines.flatMap((line, at) => [this.#marked(line, wrong.has(at + 1)), "\n"]));
    this.field.closest(".formula").classList.toggle("formula--error", wrong.size > 0);
    this.field.setAttribute("aria-invalid", String(wrong.size > 0));
    this.#scroll();
  }

  #marked(line, isWrong) {
    const code = line.split("#")[0];
    const read = new Set(this.#answer.identifiers ?? []);
    const missing = new Set(this.#answer.missing);
    const parts = [];
    let end = 0;
    for (const { 0: name, index } of code.matchAll(NAME)) {
      if (!read.has(name)) continue;
      parts.push(line.slice(end, index), element("mark", { className: missing.has(name) ? "is-missing" : "" }, name));
      end = index + name.length;
    }
    return element("span", { className: isWrong ? "is-wrong" : "" }, ...parts, line.slice(end));
  }

  #scroll() {
    const { scrollTop, scrollLeft } = this.field;
    by("formula-marks").scrollTo(scrollLeft, scrollTop);
    by("formula-lines").parentElement.scrollTop = scrollTop;
  }
}

/** What only the numbers bring about: it says nothing against the formula. */
const RUNTIME = new Set(["division_by_zero", "domain", "non_finite", "missing_param", "bad_param"]);
