/** Other people's changes: ask every 15 s while the page is looked at, never while something of ours is under way. */
import { get } from "../http.js";

const EVERY_MS = 15000;

export function connectPolling(api, { store, saver }) {
  async function refresh() {
    if (document.hidden || saver.pending) return;
    try {
      const answer = await get(`${api}?since=${store.revision}`);
      if (saver.pending || answer.unchanged) return;
      if (answer.schema_hash !== store.schemaHash || !answer.partial) store.load(answer);
      else store.merge(answer);
    } catch { /* The next round tries again; saving has its own words for a lost connection. */ }
  }
  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
  return refresh;
}
