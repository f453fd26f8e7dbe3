/**
 * What the grid knows: the tab's columns and rows as the server last told them, and what the person typed since.
 *
 * A draft is a person's text for one cell that is not (yet) stored:
 *   { value, state: "saving" | "offline" | "invalid" | "denied" | "conflict", message, theirs, who, when }
 * Drafts survive everything but being saved or given up, so nobody's text is ever lost.
 * Events: "rows" (rows appeared or went), "cells" (detail: Set of row ids, values changed), "drafts" (drafts changed),
 * "orphans" (detail: drafts whose row somebody else deleted).
 */
const key = (row, column) => `${row}/${column}`;

export const REFUSED = new Set(["invalid", "denied", "conflict"]);

export class Store extends EventTarget {
  columns = [];
  rows = new Map();
  notes = new Map();
  drafts = new Map();
  revision = 0;
  context = "";
  schemaHash = "";
  #held = null;

  /** Take a whole answer of GET /api/v1/tabs/{tab}/. */
  load(payload) {
    this.canCreate = payload.can_create;
    this.canDelete = payload.can_delete;
    this.columns = payload.columns;
    this.index = new Map(payload.columns.map((column, at) => [column.name, at]));
    this.rows = new Map(payload.rows.map(([id, ...cells]) => [id, cells]));
    this.notes = new Map(Object.entries(payload.notes ?? {}).map(([id, notes]) => [Number(id), notes]));
    this.mark(payload);
    this.#dropOrphans();
    this.#tell("rows");
  }

  /** Take what changed: an answer to a batch, or a partial answer to ?since=, which brings the notes of every row. */
  merge({ rows = [], removed = [], notes = {}, partial = false, ...rest }) {
    const noted = partial ? [...this.notes.keys(), ...Object.keys(notes).map(Number)] : [];
    if (partial) this.notes = new Map(Object.entries(notes).map(([id, said]) => [Number(id), said]));
    const grew = rows.some(([id]) => !this.rows.has(id)) || removed.some((id) => this.rows.has(id));
    for (const [id, ...cells] of rows) {
      this.rows.set(id, cells);
      if (notes[id]) this.notes.set(id, notes[id]);
      else this.notes.delete(id);
    }
    for (const id of removed) this.rows.delete(id);
    this.mark(rest);
    this.#dropOrphans();
    this.#tell("cells", new Set([...rows.map(([id]) => id), ...noted]));
    if (grew) this.#tell("rows");
  }

  mark({ revision, schema_hash: hash, context }) {
    if (revision !== undefined) this.revision = revision;
    if (hash) this.schemaHash = hash;
    if (context !== undefined) this.context = context;
  }

  column(name) { return this.columns[this.index.get(name)]; }
  saved(row, name) { return this.rows.get(row)?.[this.index.get(name)] ?? null; }
  draft(row, name) { return this.drafts.get(key(row, name)); }
  /** A single stored value that came to light otherwise: what somebody else wrote. */
  learn(row, name, value) {
    const cells = this.rows.get(row);
    if (cells) cells[this.index.get(name)] = value;
  }

  note(row, name) { return this.notes.get(row)?.[name]; }

  /** What the person should see: their own text where there is some, else the stored value. */
  value(row, name) {
    const draft = this.draft(row, name);
    return draft ? draft.value : this.saved(row, name);
  }

  setDraft(row, name, draft) {
    this.drafts.set(key(row, name), { row, column: name, ...draft });
    this.#draftsChanged(row);
  }

  dropDraft(row, name) {
    if (this.drafts.delete(key(row, name))) this.#draftsChanged(row);
  }

  /** Make many draft changes and tell of them once: a paste may touch thousands of cells. */
  together(run) {
    this.#held = new Set();
    run();
    const rows = this.#held;
    this.#held = null;
    this.#tell("cells", rows);
    this.#tell("drafts");
  }

  /** Refused cells, in the order they were refused. */
  get refused() { return [...this.drafts.values()].filter((draft) => REFUSED.has(draft.state)); }

  #dropOrphans() {
    const orphans = [...this.drafts].filter(([, { row, column }]) => !this.rows.has(row) || !this.index.has(column));
    for (const [at] of orphans) this.drafts.delete(at);
    if (orphans.length) this.#tell("orphans", orphans.map(([, draft]) => draft));
  }

  #draftsChanged(row) {
    if (this.#held) return void this.#held.add(row);
    this.#tell("cells", new Set([row]));
    this.#tell("drafts");
  }

  #tell(what, detail = null) { this.dispatchEvent(new CustomEvent(what, { detail })); }
}
