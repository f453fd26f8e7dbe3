/**
 * The studio page: a formula, the params it reads, and what it is worth while somebody types.
 *
 * Nothing here computes: studio-try answers what a formula gives, and every saved cell goes through the gate, by the
 * grid's own store and saver. The page works as it came until this module takes the locks off its fields.
 */
import { get } from "../http.js";
import { debounce, element } from "../dom.js";
import { Saver } from "../grid/save.js";
import { Store } from "../grid/store.js";
import { display } from "../grid/format.js";
import { toast } from "../toast.js";
import { connectChip } from "./chip.js";
import { FormulaEditor } from "./editor.js";
import { ParamTable } from "./params.js";
import { Trial } from "./trial.js";

const REFRESH_MS = 15000;
const by = (id) => document.getElementById(id);
const root = by("studio");

function open(documents) {
  const models = new Store();
  const params = new Store();
  models.load(documents.math_models);
  params.load(documents.params);
  const savers = { models: new Saver(models, root.dataset.modelsApi), params: new Saver(params, root.dataset.paramsApi) };
  const model = Number(root.dataset.model);
  const editor = new FormulaEditor({ store: models, saver: savers.models, model });
  const table = new ParamTable({ store: params, saver: savers.params, key: root.dataset.key, page: root.dataset.paramsPage });
  table.deny(documents.params.denied);
  const trial = new Trial({ url: root.dataset.try, model, editor, table });

  async function refresh({ always = true } = {}) {
    if (document.hidden || savers.models.pending || savers.params.pending) return;
    const seen = `&math_models=${models.revision}&params=${params.revision}`;
    const answer = await get(root.dataset.rows + (always ? "" : seen)).catch(() => ({ unchanged: true }));
    if (answer.unchanged || savers.models.pending || savers.params.pending) return;
    models.load(answer.math_models);
    params.load(answer.params);
    table.deny(answer.params.denied);
    showStanding(answer.standing);
  }
  const refreshSoon = debounce(refresh, 250);

  function showStanding(standing) {
    by("studio-standing").hidden = !standing.length;
    by("studio-standing").querySelector("ul").replaceChildren(...standing.map((said) => element("li", {}, said)));
  }

  function showFacts() {
    by("studio-scored").hidden = models.saved(model, "computed_value") === null;
    for (const fact of document.querySelectorAll("[data-shown]")) {
      fact.textContent = display(models.column(fact.dataset.shown), models.saved(model, fact.dataset.shown)) || "–";
    }
  }

  function connectSaving(store, saver) {
    saver.addEventListener("problem", ({ detail }) => toast(problem(detail), "error"));
    saver.addEventListener("outage", ({ detail }) => toast(detail, "error"));
    saver.addEventListener("answer", ({ detail }) => {
      if (detail.announced?.length) toast(detail.announced.join(" "), "ok");
      refreshSoon();
      if (store === models) document.body.dispatchEvent(new CustomEvent("formulaSaved"));
    });
    store.addEventListener("orphans", ({ detail }) => toast(orphaned(store, detail), "error"));
  }

  connectSaving(models, savers.models);
  connectSaving(params, savers.params);
  connectChip(by("save-chip"), [{ store: models, saver: savers.models }, { store: params, saver: savers.params }], {
    unsaved: () => editor.isDirty,
    show: (draft) => (draft.column === "formula_text" ? editor.focus() : table.focusCell(draft.row, draft.column)),
    changes: [editor],
  });
  for (const change of ["rows", "cells"]) models.addEventListener(change, showFacts);
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    table.commitActive();
    editor.save();
  });
  by("formula-answer").addEventListener("click", (event) => {
    const { line, param } = event.target.closest("[data-line], [data-param]")?.dataset ?? {};
    if (line) editor.goTo(Number(line));
    if (param) table.focusName(param);
  });
  window.addEventListener("beforeunload", (event) => {
    if (savers.models.pending || savers.params.pending || params.drafts.size || table.hasUnsaved) event.preventDefault();
  });
  for (const told of ["rowSaved", "actionFinished"]) document.body.addEventListener(told, () => refreshSoon());
  setInterval(() => refresh({ always: false }), REFRESH_MS);
  document.addEventListener("visibilitychange", () => refresh({ always: false }));
  trial.start();
  document.documentElement.dataset.studioReady = "";
}

const problem = ({ text, code }) =>
  (code === "schema_changed" ? "The columns have changed. Your text is kept; reload the page to go on." : text);

function orphaned(store, drafts) {
  const texts = drafts.map(({ column, value }) => `${store.column(column)?.label ?? column}: ${value}`);
  return `Someone deleted a row you were editing. You had typed ${texts.join("; ")}.`;
}

const documents = by("studio-rows");
if (documents) open(JSON.parse(documents.textContent));
