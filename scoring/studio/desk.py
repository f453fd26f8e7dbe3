"""Everything the page of one initiative shows, read in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString

from initiatives.models import Initiative
from metrics.models import Metric
from portfolio.actions.registry import actions
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import CreateRow, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.tab import Tab
from scoring.buttons import SCORE
from scoring.frameworks import math_model
from scoring.frameworks.math_model import Known
from scoring.models import FIRST, MathModel, Param
from scoring.readers import names_read
from scoring.remarks import model_warnings
from scoring.studio import chain_picture
from scoring.studio.cells import Cell, cells, why_not
from scoring.studio.chain_picture import Link
from scoring.studio.documents import document
from scoring.studio.drafts import Drafts
from scoring.studio.figures import Figures
from scoring.studio.trying import attempt
from scoring.studio.typed import NUMBERS

PARAM_CELLS = ("param_display", *NUMBERS, "source", "approved", "description")
MODEL_FACTS = ("model_description", "assumptions_text")


@dataclass(frozen=True)
class ParamRow:
    """A param's cells; ``row`` None is the row that a name just typed is given."""

    row: Param | None
    cells: dict[str, Cell]
    is_read: bool = True

    @property
    def name(self) -> str:
        return self.row.param_name if self.row else ""


class Desk:
    """One initiative with its models and params, for one person. ``chosen``: the model's primary key."""

    def __init__(self, initiative: Initiative, actor: Actor, chosen: int | None = None) -> None:
        self.initiative, self.actor, self._asked = initiative, actor, chosen

    # Models --------------------------------------------------------------------------------------

    @cached_property
    def models_tab(self) -> Tab:
        return registry.tab("math_models")

    @cached_property
    def models(self) -> list[MathModel]:
        return list(self.models_tab.queryset().filter(initiative=self.initiative).order_by("pk"))

    @cached_property
    def model(self) -> MathModel | None:
        """The one asked for, else the primary one."""
        asked = (model for model in self.models if model.pk == self._asked)
        primary = (model for model in self.models if model.is_primary)
        return next(asked, None) or next(primary, None) or next(iter(self.models), None)

    def is_other_than(self, pk: int | None) -> bool:
        return self.model is None or self.model.pk != pk

    @property
    def model_pk(self) -> str:
        return str(self.model.pk) if self.model else ""

    @property
    def formula(self) -> str:
        return self.model.formula_text if self.model else ""

    @property
    def unit(self) -> str:
        return self.model.target_kpi.unit if self.model and self.model.target_kpi else ""

    @property
    def may_create_model(self) -> bool:
        return self.models_tab.may_create(self.actor)

    @property
    def may_score(self) -> bool:
        return self.actor.has(*actions[SCORE].roles)

    @cached_property
    def model_cells(self) -> dict[str, Cell]:
        return cells(
            self.models_tab, self.model, self.actor, ("formula_text", "formula_approved", "is_primary")
        )

    @property
    def why_no_formula(self) -> str:
        return why_not(self.models_tab, self.models_tab.column("formula_text"), self.model, self.actor)

    @cached_property
    def drafts(self) -> Drafts | None:
        return Drafts(self.model, self.actor) if self.model else None

    @property
    def warnings(self) -> list[str]:
        """What looks wrong in the model, besides what its numbers' units say beside the formula."""
        said = model_warnings([self.model.pk]).get(self.model.pk, "") if self.model else ""
        doubts = self.figures.attempt.doubts
        return [warning for warning in said.splitlines() if warning not in doubts]

    @property
    def next_name(self) -> str:
        """A name no model of the initiative has."""
        taken = {model.model_name.casefold() for model in self.models}
        stem = self.initiative.initiative_key + FIRST[:-1]
        numbers = range(1, len(taken) + 2)
        return next(stem + str(number) for number in numbers if (stem + str(number)).casefold() not in taken)

    def create_model(self, name: str) -> Outcome:
        values = {"initiative_key": self.initiative.initiative_key, "model_name": name}
        return apply_changes(self.models_tab, self.actor, Surface.FORM, [CreateRow("new", values)])

    def make_primary(self, model: int) -> Outcome:
        return apply_changes(self.models_tab, self.actor, Surface.FORM, [SetCell(model, "is_primary", True)])

    # Chain ---------------------------------------------------------------------------------------

    @cached_property
    def chain(self) -> list[Link]:
        """The model's chain; without one, what it moves first and what it targets."""
        if self.model is None:
            return []
        target = [self.model.target_kpi.kpi_key] if self.model.target_kpi else []
        names = (self.model.metric_chain or {}).get("chain") or [
            name for name in (self.model.immediate_kpi, *target) if name
        ]
        wanted = {name.casefold() for name in names}
        known = {metric.kpi_key.casefold(): metric for metric in Metric.objects.all()} if wanted else {}
        return chain_picture.links(list(dict.fromkeys(names)), known)

    @property
    def has_undeclared(self) -> bool:
        return any(link.metric is None for link in self.chain)

    @property
    def chain_svg(self) -> SafeString | str:
        return chain_picture.picture(self.chain) if self.chain else ""

    # Params --------------------------------------------------------------------------------------

    @cached_property
    def params_tab(self) -> Tab:
        return registry.tab("params")

    @cached_property
    def params(self) -> list[Param]:
        return list(self.params_tab.queryset().filter(initiative=self.initiative).order_by("pk"))

    @cached_property
    def param_rows(self) -> list[ParamRow]:
        """What the formula reads in its order, then the others."""
        order = {name: at for at, name in enumerate(names_read(self.formula))}
        rows = [self._param_row(param, param.param_name in order) for param in self.params]
        return sorted(rows, key=lambda row: order.get(row.name, len(order)))

    def _param_row(self, param: Param, is_read: bool) -> ParamRow:
        return ParamRow(param, cells(self.params_tab, param, self.actor, PARAM_CELLS), is_read)

    @property
    def new_param(self) -> ParamRow:
        return ParamRow(None, cells(self.params_tab, None, self.actor, PARAM_CELLS))

    @property
    def param_columns(self) -> dict[str, Any]:
        return {name: self.params_tab.column(name) for name in PARAM_CELLS}

    # Numbers -------------------------------------------------------------------------------------

    @cached_property
    def figures(self) -> Figures:
        """Of what is stored, were all of it approved."""
        stored = {p.param_name: {name: getattr(p, name) for name in NUMBERS} for p in self.params}
        labels = {param.param_name: param.param_display for param in self.params}
        days = self.initiative.effort_engineering_days
        return Figures(attempt(self.formula, stored, days, self.unit), self.unit, labels)

    @property
    def standing(self) -> list[str]:
        """What keeps the stored formula from scoring, as scoring would say it."""
        return list(self._standing()) if self.model and self.formula else []

    def _standing(self) -> Iterator[str]:
        if self.model and not self.model.formula_approved:
            yield "The formula is not approved yet."
        known = {param.param_name: Known(param.value, param.approved) for param in self.params}
        scored = math_model.score(self.formula, known, self.initiative.effort_engineering_days)
        yield from (f"{warning[:1].upper()}{warning[1:].rstrip('.')}." for warning in scored.warnings)

    # For the script ------------------------------------------------------------------------------

    def documents(self) -> dict[str, Any]:
        return {
            "math_models": document(self.models_tab, self.actor, self.models),
            "params": document(self.params_tab, self.actor, self.params),
            "standing": self.standing,
        }
