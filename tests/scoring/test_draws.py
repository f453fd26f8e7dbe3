"""Contributions redrawn from what scoring stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from metrics.models import Contributions
from scoring import draws as drawing
from scoring.draws import TooManyDrawsError, contribution_draws
from scoring.models import MathModel, Param
from tests.factories import put
from tests.scoring.conftest import model, modelled, scored


def uncertain(row: Any, name: str, low: float, high: float, **more: Any) -> None:
    param = Param.objects.get(initiative=row, param_name=name)
    assert put("params", param, min=low, max=high, distribution="uniform", approved=True, **more).ok


def computed(row: Any) -> float:
    return Contributions.objects.get(initiative=row).effective["revenue"]


def drawn(*rows: Any, **asked: Any) -> Any:
    return contribution_draws([row.initiative_key for row in rows], **asked)


def test_draws_are_those_behind_the_stored_percentiles(revenue: Any) -> None:
    row = modelled(traffic=100, rate=2)
    uncertain(row, "rate", 1, 5)
    scored(row)
    values = drawn(row)[row.initiative_key]["revenue"]
    stored = MathModel.objects.get()
    assert values.size == stored.samples["draws"] == 10_000
    assert np.percentile(values, [10, 50, 90]) == pytest.approx([stored.p10, stored.p50, stored.p90])
    assert computed(row) == 200 and values.min() >= 100 and values.max() <= 500


def test_models_of_one_target_add_up_draw_by_draw(revenue: Any) -> None:
    row = modelled("value = rate * 10", rate=2)
    model(row, "value = -rate * 10", model_name="loss", target_kpi="revenue")
    model(row, "value = 7", model_name="sure", target_kpi="revenue")
    uncertain(row, "rate", 1, 5)
    scored(row)
    assert drawn(row)[row.initiative_key]["revenue"] == pytest.approx(computed(row)) and computed(row) == 7


def test_a_param_of_one_name_is_drawn_alike_for_all(revenue: Any) -> None:
    rows = [modelled("value = sessions * 2", sessions=10) for _ in range(2)]
    for row in rows:
        uncertain(row, "sessions", 5, 20)
    scored(*rows)
    one, other = (found["revenue"] for found in drawn(*rows).values())
    assert (one == other).all()


def test_what_is_overridden_or_has_no_range_is_certain(revenue: Any) -> None:
    sure, said = modelled("value = rate", rate=2), modelled("value = rate", rate=2)
    uncertain(said, "rate", 1, 5)
    scored(sure, said)
    assert list(drawn(sure, said)) == [said.initiative_key]
    put("kpi_contributions", said, contribution_override={"revenue": 5})
    assert drawn(sure, said) == {}


@pytest.mark.parametrize("change", [{"scenario_label": "Bold"}, {"formula_approved": False}])
def test_models_that_do_not_contribute_are_not_drawn(revenue: Any, change: dict[str, Any]) -> None:
    row = modelled("value = rate", rate=2)
    uncertain(row, "rate", 1, 5)
    put("math_models", MathModel.objects.get(), **change)
    scored(row)
    assert drawn(row) == {}


def test_params_changed_since_scoring_do_not_count_before_it_runs_again(revenue: Any) -> None:
    row = modelled("value = rate", rate=2)
    uncertain(row, "rate", 1, 5)
    scored(row)
    before = drawn(row)[row.initiative_key]["revenue"]
    uncertain(row, "rate", 1, 9)
    assert (drawn(row)[row.initiative_key]["revenue"] == before).all()
    scored(row)
    assert drawn(row)[row.initiative_key]["revenue"].max() > before.max()


def test_another_seed_or_size_is_another_draw(revenue: Any) -> None:
    row = modelled("value = rate", rate=2)
    uncertain(row, "rate", 1, 5)
    scored(row)
    one, other = (drawn(row, draws=50, seed=seed)[row.initiative_key]["revenue"] for seed in (0, 1))
    assert one.size == 50 and (one != other).any() and sorted(one) == pytest.approx(sorted(other))


def test_impossible_draws_stay_visible_and_impossible_models_are_certain(revenue: Any) -> None:
    some, none = modelled("value = sqrt(rate)", rate=2), modelled("value = rate", rate=2)
    uncertain(some, "rate", -1, 5)
    uncertain(none, "rate", 1, 5)
    scored(some, none)
    MathModel.objects.filter(initiative=none).update(
        samples=MathModel.objects.get(initiative=none).samples | {"formula": "value = sqrt(-rate)"}
    )
    found = drawn(some, none)
    assert list(found) == [some.initiative_key]
    assert 0 < np.isnan(found[some.initiative_key]["revenue"]).sum() < 10_000


def test_memory_is_bounded(revenue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = modelled("value = rate", rate=2)
    uncertain(row, "rate", 1, 5)
    scored(row)
    monkeypatch.setattr(drawing, "MOST_NUMBERS", 500)
    assert drawn(row)[row.initiative_key]["revenue"].size == 500
    with pytest.raises(TooManyDrawsError, match="at most 500"):
        drawn(row, draws=501)
