"""The form of one row: the same columns as the grid, saved through the same gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.http import QueryDict

from portfolio.tabs import wording
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import CONFLICT, CellResult, Change, CreateRow, Outcome, SetCell, Surface
from portfolio.tabs.columns import Column
from portfolio.tabs.gate import NOT_WITHOUT_ITS_ROW, apply_changes, entry_tab
from portfolio.tabs.tab import Tab

SEEN = "_seen"
WIDE = {"longtext", "script", "json", "keys"}


@dataclass
class Entry:
    """One line of the form that may be filled in."""

    column: Column
    field: BoundField
    refusal: CellResult | None = None

    @property
    def is_wide(self) -> bool:
        return self.column.type_name in WIDE

    @cached_property
    def suggestions(self) -> list[tuple[str, str]]:
        return self.column.suggestions()

    @property
    def unit(self) -> str:
        """The unit, unless the label says it already."""
        return "" if self.column.unit.casefold() in self.column.label.casefold() else self.column.unit

    @property
    def conflict(self) -> CellResult | None:
        return self.refusal if self.refusal and self.refusal.status == CONFLICT else None

    @property
    def theirs(self) -> str:
        """What somebody else wrote meanwhile, readable."""
        return wording.readable(self.column, self.conflict.theirs) if self.conflict else ""

    @property
    def theirs_written(self) -> str:
        return wording.written(self.column, self.conflict.theirs) if self.conflict else ""


@dataclass
class Fact:
    """One line of the form that only shows."""

    column: Column
    text: str

    @property
    def entered_on(self) -> Tab | None:
        return entry_tab(self.column)

    @property
    def who_enters(self) -> str:
        return wording.who_enters(self.column)


class RowForm:
    """``row`` None is a row to be made. What the person saw travels along, so that the gate can compare."""

    def __init__(self, tab: Tab, actor: Actor, row: Model | None, data: QueryDict | None = None) -> None:
        self.tab, self.actor, self.row = tab, actor, row
        self.columns = tab.columns_for(Surface.FORM)
        self.seen: dict[str, Any] = (data and _seen_of(data)) or self._shown_now()
        self.form = self._form(data)
        self.refusals: dict[str, CellResult] = {}
        self.problem = ""

    def _shown_now(self) -> dict[str, Any]:
        return {column.name: self._shown(column) for column in self.editable}

    def _shown(self, column: Column) -> Any:
        return None if self.row is None else column.show(column.read(self.row))

    @cached_property
    def editable(self) -> list[Column]:
        return [column for column in self.columns if self._may_fill(column)]

    def _may_fill(self, column: Column) -> bool:
        fixed = column.on_create and self.row is not None
        return column.entered_here and not fixed and column.may_enter(self.actor, self.row)

    def _form(self, data: QueryDict | None) -> forms.Form:
        made = forms.Form(data, initial=self._initial(), auto_id="field-%s", use_required_attribute=False)
        for column in self.editable:
            made.fields[column.name] = field = column.form_field()
            if column.suggestions():
                field.widget.attrs["list"] = f"suggested-{column.name}"
        if data is not None:
            made.is_valid()
        return made

    def _initial(self) -> dict[str, str]:
        return {column.name: wording.written(column, self.seen.get(column.name)) for column in self.editable}

    # Shown ---------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        return self.tab.label_of(self.row) if self.row is not None else "New row"

    def entries(self) -> Iterator[Entry]:
        for column in self.editable:
            yield Entry(column, self.form[column.name], self.refusals.get(column.name))

    def facts(self) -> list[Fact]:
        """What the row shows but this person does not enter here."""
        if self.row is None:
            return []
        shown = [column for column in self.columns if column not in self.editable]
        return [Fact(column, wording.readable(column, self._shown(column))) for column in shown]

    @property
    def seen_json(self) -> str:
        """What the person has seen by now: after a conflict, their value; saving again then means it."""
        theirs = {name: r.theirs for name, r in self.refusals.items() if r.status == CONFLICT}
        return json.dumps(self.seen | theirs)

    # Saved ---------------------------------------------------------------------------------------

    def save(self) -> Outcome | None:
        """Put what was filled in through the gate; None where something was refused, told per field."""
        outcome = apply_changes(self.tab, self.actor, Surface.FORM, self._changes(), row_atomic=True)
        if outcome.ok:
            return outcome
        for result in outcome.refused:
            self._refuse(result)
        return None

    def _changes(self) -> list[Change]:
        typed = {column.name: self._typed(column.name) for column in self.editable}
        if self.row is None:
            return [CreateRow("new", {name: text for name, text in typed.items() if text})]
        return [
            SetCell(self.row.pk, column.name, typed[column.name] or None, self.seen.get(column.name))
            for column in self.editable
            if typed[column.name] != wording.written(column, self.seen.get(column.name)).strip()
        ]

    def _typed(self, name: str) -> str:
        # Browsers send line breaks as CR LF.
        return self.form.data.get(name, "").strip().replace("\r\n", "\n")

    def _refuse(self, result: CellResult) -> None:
        if result.message == NOT_WITHOUT_ITS_ROW:
            return
        if result.column in self.form.fields:
            self.refusals[result.column] = result
            self.form.add_error(result.column, result.message)
        else:
            self.problem = result.message


def _seen_of(data: QueryDict) -> dict[str, Any]:
    """What the person saw; nothing where a client sent something else than our form did."""
    try:
        seen = json.loads(str(data.get(SEEN, "")))
    except (ValueError, RecursionError):
        return {}
    return seen if isinstance(seen, dict) else {}
