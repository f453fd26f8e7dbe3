/**
 * Saving: every edit, paste or deletion is one batch; batches go out one after the other, in order.
 *
 * A batch that met no answer is sent again with the same batch_id, so it is never applied twice. What the server
 * refuses stays a draft in the store. Undo and redo are batches too, posted to undo/.
 * Events: "state" (detail: "saved" | "saving" | "offline"), "answer" (detail: the server's answer), "problem" (text, code),
 * "stale" (what is shown may be old), "outage" (text: why nothing can be saved for now).
 */
import { HttpError, post, uniqueId } from "../http.js";

const RETRY_MS = [1000, 2000, 5000, 10000, 30000];
const KEPT = 100;
const MOST_CHANGES = 20000;

export class Saver extends EventTarget {
  #queue = [];
  #busy = false;
  #redo = [];

  constructor(store, api) {
    super();
    this.store = store;
    this.api = api;
    this.undoKey = `undo:${api}`;
  }

  get pending() { return this.#queue.length; }
  get canUndo() { return this.pending > 0 || this.#undoable().length > 0; }

  /** Store cell edits [{row, column, value, expected?}] as one batch; equal values are not sent, unless they are `meant`. */
  edit(edits, { meant = false } = {}) {
    const { store } = this;
    const says = ({ row, column, value }) => value !== store.value(row, column) || store.draft(row, column);
    const changes = meant ? edits : edits.filter(says);
    if (changes.length > MOST_CHANGES) return this.#tell("problem", { text: tooMany(changes.length) });
    this.store.together(() => changes.forEach((change) => this.#draft(change)));
    return changes.length && this.#enqueue({ url: "changes/", body: { changes } });
  }

  #draft(change) {
    if (!("expected" in change)) change.expected = this.store.saved(change.row, change.column);
    this.store.setDraft(change.row, change.column, { value: change.value, state: "saving" });
  }

  /** Make a row; the "answer" says under `created[ref]` which one it is, or why there is none. */
  create(ref, values) { this.#enqueue({ url: "changes/", body: { changes: [{ create: ref, values }] } }); }

  /** Delete rows as one batch. */
  remove(ids) { this.#enqueue({ url: "changes/", body: { changes: ids.map((id) => ({ delete: id })) } }); }

  undo() { this.#enqueue({ url: "undo/", kind: "undo" }); }
  redo() { this.#enqueue({ url: "undo/", kind: "redo" }); }

  /** What to undo is settled when its turn comes: the edit just typed may still be on its way. */
  #inverted(kind) {
    const from = kind === "undo" ? this.#undoable() : this.#redo;
    const batchId = from.pop();
    if (kind === "undo") this.#keepUndoable(from);
    return batchId && { batch_id: batchId };
  }

  #enqueue(batch) {
    // undo/ names the batch to undo; only changes/ carries its own, made once so that a retry is the same batch.
    if (batch.url === "changes/") batch.body.batch_id = uniqueId();
    this.#queue.push(batch);
    this.#pump();
  }

  async #pump() {
    if (this.#busy) return;
    this.#busy = true;
    for (let failures = 0; this.#queue.length;) {
      this.#tell("state", failures ? "offline" : "saving");
      const batch = this.#queue[0];
      batch.body ??= this.#inverted(batch.kind);
      if (!batch.body) { this.#queue.shift(); continue; }
      try {
        const answer = await post(this.api + batch.url, { ...batch.body, schema_hash: this.store.schemaHash });
        this.#queue.shift();
        this.#accept(batch, answer);
        failures = 0;
      } catch (error) {
        if (error instanceof HttpError && error.status < 500 && error.status !== 429) this.#refuse(this.#queue.shift(), error);
        else await this.#wait(batch, failures++, error);
      }
    }
    this.#busy = false;
    this.#tell("state", "saved");
  }

  #wait(batch, failures, error) {
    batch.retried = true;
    this.#tell("state", "offline");
    // Once per outage, and not for a hiccup that the first retry gets over.
    if (failures === 1) this.#tell("outage", error.message);
    return new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]));
  }

  #accept(batch, answer) {
    const waiting = this.#waiting();
    this.store.together(() => (answer.results ?? []).forEach((result) => this.#settle(result, waiting)));
    this.#remember(batch, answer);
    this.store.merge(answer);
    this.#tell("answer", { ...answer, kind: batch.kind ?? "edit" });
  }

  #settle({ row, column, status, value, message, theirs, who, when }, waiting) {
    const draft = this.store.draft(row, column);
    if (!draft) return;
    const newer = waiting.get(`${row}/${column}`) ?? [];
    if (status === "conflict") this.store.learn(row, column, theirs);
    if (status === "ok") {
      for (const change of newer) change.expected = value;
      if (!newer.length) this.store.dropDraft(row, column);
    } else if (!newer.length) {
      this.store.setDraft(row, column, { value: draft.value, state: status, message, theirs, who, when });
    }
  }

  /** Edits that wait behind the batch just answered, by cell. */
  #waiting() {
    const cells = new Map();
    for (const change of this.#queue.flatMap((batch) => batch.body?.changes ?? [])) {
      const cell = `${change.row}/${change.column}`;
      cells.set(cell, [...(cells.get(cell) ?? []), change]);
    }
    return cells;
  }

  /** A batch saved elsewhere (the drawer) can be undone here as well. */
  remember(batchId) {
    this.#keepUndoable([...this.#undoable(), batchId]);
    this.#redo = [];
    this.#tell("state", "saved");
  }

  #remember(batch, answer) {
    // A value that was there already is no change, and nothing to undo.
    if (!answer.rows?.length && !answer.removed?.length) return;
    if (batch.kind === "undo") this.#redo.push(answer.batch_id);
    else this.#keepUndoable([...this.#undoable(), answer.batch_id]);
    if (!batch.kind) this.#redo = [];
  }

  #refuse(batch, error) {
    // The first attempt got through and only its answer was lost.
    if (batch.kind && batch.retried) return this.#tell("stale");
    for (const { row, column, value } of batch.body.changes ?? []) {
      if (column) this.store.setDraft(row, column, { value, state: "denied", message: error.message });
    }
    return this.#tell("problem", { text: error.message, code: error.body.code });
  }

  #undoable() { return JSON.parse(sessionStorage.getItem(this.undoKey) ?? "[]"); }
  #keepUndoable(batches) { sessionStorage.setItem(this.undoKey, JSON.stringify(batches.slice(-KEPT))); }
  #tell(what, detail) { this.dispatchEvent(new CustomEvent(what, { detail })); }
}

const tooMany = (cells) => `These are ${cells} cells; at most ${MOST_CHANGES} can be changed at a time.`;
