/**
 * The card under a cell that was refused or carries a warning: what is wrong, whose value stands there, and the way out.
 * It follows the active cell and comes right after the grid in tab order.
 */
import { button, element } from "../dom.js";
import { display, moment } from "./format.js";

export function connectCellCard(card, { store, selection, view, saver, editor, scroller }) {
  const hide = () => { card.hidden = true; };

  function show() {
    const { row, column } = selection;
    const draft = row !== null && column && store.draft(row, column.name);
    const note = row !== null && column && store.note(row, column.name);
    if (editor.isOpen || selection.place < 0 || !(draft?.message || note)) return hide();
    card.className = `cell-card cell-card--${draft?.message ? draft.state : note.level}`;
    card.replaceChildren(...(draft?.message ? refusedCard(row, column, draft) : [element("p", {}, note.text)]));
    card.hidden = false;
    return align();
  }

  function refusedCard(row, column, draft) {
    const choice = (label, run, kind = "") => button(`btn btn--small ${kind}`, () => { scroller.focus(); run(); }, {}, label);
    const discard = () => store.dropDraft(row, column.name);
    if (draft.state !== "conflict") {
      const edit = () => { hide(); editor.open(selection.place, selection.position, row, column); };
      const again = draft.state === "denied" ? [] : [choice("Edit", edit)];
      const choices = [...again, choice("Discard my text", discard)];
      return [element("p", {}, draft.message), element("div", { className: "row" }, ...choices)];
    }
    const keep = () => saver.edit([{ row, column: column.name, value: draft.value, expected: draft.theirs }]);
    const who = [draft.who, draft.when && moment(draft.when)].filter(Boolean).join(", ");
    const by = who && element("span", { className: "muted" }, ` · ${who}`);
    return [
      element("p", {}, element("strong", {}, "Someone else changed this cell while you did.")),
      element("dl", { className: "defs" },
        element("dt", {}, "Yours"), element("dd", {}, display(column, draft.value) || "blank"),
        element("dt", {}, "Theirs"), element("dd", {}, display(column, draft.theirs) || "blank", by)),
      element("div", { className: "row" }, choice("Keep mine", keep, "btn--primary"), choice("Take theirs", discard)),
    ];
  }

  function align() {
    if (card.hidden || selection.row === null) return;
    const { left, top, height, frame } = view.boxOf(selection.place, selection.position);
    const outside = top < frame.top || top + height > frame.bottom;
    card.classList.toggle("cell-card--away", outside);
    const { offsetWidth, offsetHeight } = card;
    const below = top + height + 4;
    const fits = below + offsetHeight < innerHeight - 8;
    card.style.setProperty("left", `${Math.max(frame.left + 8, Math.min(left, frame.right - offsetWidth - 8))}px`);
    card.style.setProperty("top", `${fits ? below : top - offsetHeight - 4}px`);
  }

  selection.addEventListener("move", show);
  store.addEventListener("drafts", show);
  editor.addEventListener("close", show);
  view.addEventListener("scroll", align);
  return { show, hide };
}
