/** Asks the server what the formula gives with the numbers on the page, shortly after each key. It saves nothing. */
import { debounce } from "../dom.js";
import { post } from "../http.js";

const QUIET_MS = 50;
const SAY_AFTER_MS = 900;
const by = (id) => document.getElementById(id);

export class Trial {
  #asked = null;

  constructor({ url, model, editor, table }) {
    Object.assign(this, { url, model, editor, table });
    this.say = debounce((text) => { by("studio-said").textContent = text; }, SAY_AFTER_MS);
    this.soon = debounce(() => this.run(), QUIET_MS);
  }

  start() {
    this.editor.addEventListener("input", () => this.soon());
    this.table.addEventListener("input", () => this.soon());
    // A draft that has just come stands beside the saved text.
    document.body.addEventListener("htmx:afterSwap", ({ target }) => target.id === "studio-draft" && this.soon());
    this.run();
  }

  /** Only the newest question counts: an older answer on its way is given up. */
  async run() {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    const { formula } = this.editor;
    const body = { model: this.model, formula, params: this.table.numbers() };
    by("studio-figures").setAttribute("aria-busy", "true");
    try {
      const answer = await post(this.url, body, { signal: asked.signal });
      if (asked === this.#asked) this.#show(answer);
    } catch (error) {
      if (asked !== this.#asked || error.name === "AbortError") return;
      by("formula-answer").textContent = error.message;
    }
    by("studio-figures").removeAttribute("aria-busy");
  }

  #show(answer) {
    this.#showNumbers(answer);
    swap(by("formula-answer"), answer.answer);
    if (answer.draft && by("draft-lines")) swap(by("draft-lines"), answer.draft);
    this.editor.mark(answer);
    this.table.follow(answer);
    this.say(spoken(answer));
  }

  /** While a text can't be read the last numbers stay, faint and said to be of another text: a half-typed name is no news. */
  #showNumbers(answer) {
    const [figures, charts] = [by("studio-figures"), by("studio-charts")];
    const isStale = answer.identifiers === null && answer.errors.length > 0 && !figures.hasAttribute("data-bare");
    for (const place of [figures, charts]) place.toggleAttribute("data-stale", isStale);
    if (isStale) figures.querySelector(".figures__note").textContent = STALE;
    if (isStale) return shown.delete(figures);
    figures.toggleAttribute("data-bare", answer.value === null);
    swap(figures, answer.figures);
    return swap(charts, answer.charts);
  }
}

const STALE = "The numbers of the text before its error.";
const shown = new WeakMap();

/** The answer's markup in place of the old, with what was opened before still open. */
function swap(place, markup) {
  if (shown.get(place) === markup) return;
  shown.set(place, markup);
  const open = new Set([...place.querySelectorAll("details[open][data-keep]")].map((one) => one.dataset.keep));
  const focused = place.contains(document.activeElement) && document.activeElement.closest("details")?.dataset.keep;
  place.innerHTML = markup;
  for (const details of place.querySelectorAll("details[data-keep]")) details.open = open.has(details.dataset.keep);
  if (focused) place.querySelector(`details[data-keep="${focused}"] summary`)?.focus();
}

function spoken({ errors, missing, figures }) {
  if (errors.length) return `Line ${errors[0].line}: ${errors[0].message}`;
  if (missing.length) return `No value yet: ${missing.join(", ")}`;
  const value = new DOMParser().parseFromString(figures, "text/html").querySelector(".figure--value dd");
  return value ? `Value ${value.textContent.trim().replace(/\s+/g, " ")}` : "";
}
