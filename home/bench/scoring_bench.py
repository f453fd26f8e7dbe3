"""The scoring job over initiatives with RICE inputs, one approved model each, and three params each."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Concat

from home.bench import Bench, Case, filling
from initiatives.models import Initiative
from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import CreateRow, SetCell
from portfolio.tabs.models import gate_open
from scoring.models import MathModel, Param

FORMULA = "reached = audience * share\nvalue = reached * worth\n"
VALUES = {"audience": 120_000, "share": 0.12, "worth": 4.5}


def prepare(size: int) -> None:
    filling.put("metrics_config", [CreateRow("star", {"kpi_key": "revenue", "kpi_level": "north_star"})])
    pks = filling.backlog(size)
    rice = {"rice_reach": 900, "rice_impact": 2, "rice_confidence": 0.8, "rice_effort": 1.5}
    filling.put("scoring_inputs", [SetCell(pk, name, value) for pk in pks for name, value in rice.items()])
    keys = Initiative.objects.order_by("pk").values_list("initiative_key", flat=True)
    filling.put("math_models", [CreateRow(key, model(key)) for key in keys])
    given = Param.objects.values_list("pk", "param_name")
    cells = [(pk, {"value": VALUES[name], "approved": True}) for pk, name in given]
    filling.put("params", [SetCell(pk, name, value) for pk, row in cells for name, value in row.items()])


def model(key: str) -> dict[str, object]:
    return {
        "initiative_key": key,
        "model_name": "Worth of people reached",
        "target_kpi": "revenue",
        "formula_text": FORMULA,
        "formula_approved": True,
    }


def one_formula(size: int) -> Callable[[], object]:
    return score


def own_formulas(size: int) -> Callable[[], object]:
    """Every text is another one, so that none was parsed before."""
    with gate_open():
        own = Concat(F("formula_text"), Value("# "), Cast("pk", TextField()), output_field=TextField())
        MathModel.objects.update(formula_text=own)
    return score


def score() -> ActionRun:
    run = run_inline(Actor.command_line(), "pm.score_selected")
    assert run.status == Status.SUCCEEDED, run.error
    return run


BENCH = Bench(
    size=10_000,
    prepare=prepare,
    cases={"one formula for all": Case(one_formula), "a formula of its own each": Case(own_formulas)},
)
