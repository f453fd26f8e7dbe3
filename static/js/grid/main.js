/** Puts the grid of a tab page together. Each part is a module of its own; this one only introduces them. */
import { toast } from "../toast.js";
import { openDrawer } from "../drawer.js";
import { get } from "../http.js";
import { connectBulkBar, makeConfirm } from "./bulk.js";
import { connectCellCard } from "./cellcard.js";
import { connectClipboard } from "./clipboard.js";
import { Editor } from "./editors.js";
import { count } from "./format.js";
import { connectFilters, fromAddress } from "./filters.js";
import { Header, whyReadOnly } from "./header.js";
import { connectKeyboard, connectMouse } from "./keyboard.js";
import { Layout } from "./layout.js";
import { Order } from "./order.js";
import { connectPolling } from "./poll.js";
import { Saver } from "./save.js";
import { Selection } from "./selection.js";
import { connectSaveChip, connectStatus } from "./status.js";
import { Store } from "./store.js";
import { View } from "./view.js";

const by = (id) => document.getElementById(id);

class Grid {
  constructor(root) {
    this.api = root.dataset.api;
    this.page = root.dataset.page;
    this.scroller = by("grid-scroller");
    this.store = new Store();
    this.order = new Order(this.store);
    this.layout = new Layout(root.dataset.tab);
    this.selection = new Selection(this.store, this.order, this.layout);
    this.saver = new Saver(this.store, this.api);
  }

  async start() {
    const payload = await get(this.api);
    this.store.load(payload);
    fromAddress(this.order, this.store);
    this.order.refresh();
    this.header = new Header(this, by("grid-help"));
    this.view = new View(this.scroller, this);
    this.editor = new Editor(by("grid-editor"), this.view, this.store);
    this.#connect();
    this.view.relayout();
    this.#showEmpty();
    this.selection.moveTo(0, 0, { scroll: false });
    performance.mark("grid-ready");
    document.documentElement.dataset.gridReady = "";
  }

  #connect() {
    this.say = connectStatus(by("grid-status"), this);
    const [search, chips, form, popover] = ["search", "chips", "filter-form", "filter"].map((name) => by(`grid-${name}`));
    this.clearFilters = connectFilters({ search, chips, form, popover }, this);
    this.confirm = makeConfirm(by("confirm"));
    this.progress = "#action-progress";
    connectKeyboard(this.scroller, this);
    connectMouse(this.scroller, this);
    connectClipboard(this.scroller, this);
    connectCellCard(by("cell-card"), this);
    connectSaveChip(by("save-chip"), this);
    connectBulkBar(by("bulk-bar"), this);
    this.refresh = connectPolling(this.api, this);
    this.#connectEdits();
    this.#connectPage();
  }

  #connectEdits() {
    this.header.addEventListener("resize", () => this.view.relayout());
    this.editor.addEventListener("commit", (event) => this.#commit(event.detail));
    this.editor.addEventListener("close", (event) => { if (!event.detail.stay) this.scroller.focus({ preventScroll: true }); });
    this.store.addEventListener("orphans", (event) => this.#orphaned(event.detail));
    this.saver.addEventListener("problem", (event) => this.#problem(event.detail));
    this.saver.addEventListener("outage", (event) => toast(event.detail, "error"));
    this.saver.addEventListener("stale", () => this.refresh());
    this.saver.addEventListener("answer", (event) => this.#answered(event.detail));
  }

  #connectPage() {
    this.order.addEventListener("order", () => this.#showEmpty());
    for (const change of ["rows", "cells"]) this.store.addEventListener(change, () => this.#showContext());
    this.#showContext();
    document.addEventListener("preference", () => this.view.relayout());
    document.body.addEventListener("rowSaved", (event) => this.#rowSaved(event.detail));
    document.body.addEventListener("actionFinished", () => this.refresh());
    document.addEventListener("click", (event) => this.#pageButton(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.saver.pending || this.store.drafts.size) event.preventDefault();
    });
    const undo = by("grid-undo");
    const showUndo = () => { undo.disabled = !this.saver.canUndo; };
    this.saver.addEventListener("state", showUndo);
    showUndo();
  }

  #pageButton(event) {
    const button = event.target.closest("[data-grid]")?.dataset.grid;
    if (button === "undo") this.saver.undo();
    if (button === "clear-filters") this.clearFilters();
    if (button === "hide-progress") by("action-progress").replaceChildren();
  }

  /** Edit the active cell; `typed` replaces its text. A read-only key opens its row, another read-only cell says why. */
  edit(typed = null) {
    const { place, position, row, column } = this.selection;
    if (row === null || !column) return;
    if (!column.editable && position === 0 && typed === null) return this.openRow(row);
    if (!column.editable) return void this.say(whyReadOnly(column));
    if (column.type === "boolean" && typed === null && !this.store.draft(row, column.name)) return void this.toggle();
    this.view.reveal(place, position);
    this.editor.open(place, position, row, column, typed);
    by("cell-card").hidden = true;
  }

  toggle() {
    const { row, column } = this.selection;
    if (!column.editable) return void this.say(whyReadOnly(column));
    this.saver.edit([{ row, column: column.name, value: this.store.value(row, column.name) !== true }]);
  }

  openRow(row) {
    if (row !== null && row !== undefined) openDrawer(`${this.page}rows/${row}/`);
  }

  #commit({ row, column, value, expected, move, changed }) {
    if (changed) this.saver.edit([{ row, column, value, expected }]);
    if (move === "next") this.selection.step(1);
    else if (move === "previous") this.selection.step(-1);
    else if (move) this.selection.moveTo(Math.max(0, this.selection.place + move[0]), this.selection.position + move[1]);
  }

  #answered({ kind, results = [], rows = [], removed = [], announced = [] }) {
    const refused = results.filter((result) => result.status !== "ok" && !this.store.draft(result.row, result.column));
    if (refused.length) toast(refused.map((result) => result.message).join(" "), "error");
    const undo = { label: "Undo", run: () => this.saver.undo() };
    const done = count(results.length || rows.length + removed.length, "change");
    if (kind === "undo") this.say(`Undone: ${done}.`);
    else if (kind === "redo") this.say(`Done again: ${done}.`);
    else if (announced.length) toast(announced.join(" "), "ok", undo);
    else if (removed.length) toast(`${count(removed.length, "row")} deleted.`, "ok", undo);
  }

  #problem({ text, code }) {
    const moved = "The columns of this tab have changed. Your text is kept; reload the page to go on.";
    toast(code === "schema_changed" ? moved : text, "error");
  }

  async #rowSaved({ row, batch_id: batch }) {
    this.saver.remember(batch);
    await this.refresh();
    if (this.order.placeOf(row) < 0) this.say("Saved. The search and the filters hide this row.");
    else this.selection.moveToCell(row, this.layout.all[0].column.name);
  }

  #orphaned(drafts) {
    const texts = drafts.map(({ column, value }) => `${this.store.column(column)?.label ?? column}: ${value}`);
    toast(`Someone deleted a row you were editing. You had typed ${texts.join("; ")}.`, "error");
  }

  #showContext() {
    by("grid-context").textContent = this.store.context;
    by("grid-context").hidden = !this.store.context;
  }

  #showEmpty() {
    by("grid-empty").hidden = this.store.rows.size > 0;
    by("grid-nothing").hidden = this.store.rows.size === 0 || this.order.length > 0;
  }
}

const root = by("grid");
const grid = new Grid(root);
grid.start().catch((error) => {
  by("grid-loading")?.remove();
  by("grid-failed").hidden = false;
  by("grid-failed-why").textContent = error.message;
  throw error;
});
