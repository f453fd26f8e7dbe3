/** The save chip of a page with several savers: Saving, Saved, not saved yet, or how many cells were refused. */
import { count } from "../grid/format.js";

const WORDS = { saving: "Saving…", saved: "Saved", offline: "Not saved yet, retrying", unsaved: "Formula not saved" };
const WORST_LAST = ["saved", "saving", "offline"];

export function connectChip(chip, parts, { unsaved, show: reveal, changes }) {
  const states = new Map(parts.map(({ saver }) => [saver, "saved"]));
  const refused = () => parts.flatMap(({ store }) => store.refused);
  let next = 0;

  function show() {
    const broken = refused().length;
    const saving = [...states.values()].sort((a, b) => WORST_LAST.indexOf(b) - WORST_LAST.indexOf(a))[0];
    const state = saving !== "saved" ? saving : broken ? "error" : unsaved() ? "unsaved" : "saved";
    chip.dataset.state = state;
    chip.textContent = state === "error" ? `${count(broken, "cell")} not saved` : WORDS[state];
    chip.title = broken ? "Go to the next cell that was not saved" : "";
    chip.disabled = !broken;
  }

  chip.addEventListener("click", () => {
    const drafts = refused();
    reveal(drafts[next++ % drafts.length]);
  });
  for (const { store, saver } of parts) {
    saver.addEventListener("state", (event) => { states.set(saver, event.detail); show(); });
    store.addEventListener("drafts", show);
  }
  for (const source of changes) source.addEventListener("dirty", show);
  show();
}
