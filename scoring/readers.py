"""Which models read which params: worked out from the formulas as they stand, so never out of date."""

from __future__ import annotations

from collections import defaultdict

from portfolio.tabs.memo import memo
from scoring import formula
from scoring.frameworks.math_model import EFFORT, EFFORT_DAYS
from scoring.models import MathModel, Param


def names_read(formula_text: str) -> tuple[str, ...]:
    """The params a formula reads, in order, and the one it takes its effort from where it assigns none."""
    try:
        script = formula.parse(formula_text)
    except formula.FormulaError:
        return ()
    states_effort = {EFFORT, EFFORT_DAYS} & set(script.assigned) or EFFORT_DAYS in script.identifiers
    return script.identifiers if states_effort else (*script.identifiers, EFFORT_DAYS)


def model_names(pks: list[int]) -> dict[int, str]:
    """By param: the models of its initiative whose formula reads it."""
    return {pk: ", ".join(names) for pk, names in _readers(pks).items() if names}


def is_unused(pks: list[int]) -> dict[int, bool]:
    """By param: whether no formula reads it."""
    return {pk: not names for pk, names in _readers(pks).items()}


def _readers(pks: list[int]) -> dict[int, list[str]]:
    return memo(("readers of params", tuple(pks)), lambda: _look_up(pks))


def _look_up(pks: list[int]) -> dict[int, list[str]]:
    params = Param.objects.order_by()
    params = params.filter(pk__in=pks) if len(pks) < 500 else params
    found = {
        pk: (initiative, name)
        for pk, initiative, name in params.values_list("pk", "initiative_id", "param_name")
    }
    read_by = _read_by({initiative for initiative, _ in found.values()})
    return {pk: read_by[found[pk]] for pk in pks if pk in found}


def _read_by(initiatives: set[int]) -> dict[tuple[int, str], list[str]]:
    rows = MathModel.objects.exclude(formula_text="").order_by("pk")
    rows = rows.filter(initiative_id__in=initiatives) if len(initiatives) < 500 else rows
    read_by: dict[tuple[int, str], list[str]] = defaultdict(list)
    for initiative, model, text in rows.values_list("initiative_id", "model_name", "formula_text"):
        for name in names_read(text):
            read_by[initiative, name].append(model)
    return read_by
