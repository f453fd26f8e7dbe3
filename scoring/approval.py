"""When a formula, and a param's value, count as approved."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.tabs.tab import Violation
from portfolio.tabs.writing import RowState
from scoring import formula

VALID = "Valid"


def status_of(text: str | None) -> str:
    """``Valid``, the first error with its line, or nothing for no formula."""
    if not text:
        return ""
    errors = formula.check(text)
    return str(errors[0]) if errors else VALID


def follow_formula(state: RowState) -> None:
    """A changed formula is a new version, and nobody has approved it yet unless the batch says so."""
    if "formula_text" not in state.changed:
        return
    state.derive("formula_status", status_of(state["formula_text"]))
    if not state.created:
        state.derive("version", state["version"] + 1)
    unapprove(state, "formula_approved")


def unapprove(state: RowState, approval: str) -> None:
    """Clear an approval that this batch does not state."""
    if approval not in state.stated:
        state.derive(approval, False)


def only_valid(state: RowState) -> Iterator[Violation]:
    """Only a formula that can be read can be approved."""
    if not state["formula_approved"] or not state.changed & {"formula_approved", "formula_text"}:
        return
    problem = status_of(state["formula_text"])
    if problem == VALID:
        return
    blamed = "formula_approved" if "formula_approved" in state.changed else "formula_text"
    what = f"This formula can't be approved. {problem}" if problem else "There is no formula to approve yet."
    yield Violation(state, (blamed,), what)


def seeds(state: RowState) -> bool:
    """Whether this row's approval is new, or its approved formula is."""
    news = state.created or state.restored or state.changed & {"formula_approved", "formula_text"}
    return state.alive and bool(news) and bool(state["formula_approved"])
