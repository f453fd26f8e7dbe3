"""How uncertain scores, contributions and ranks are, as scoring stores it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from metrics.models import Contributions
from portfolio.tabs import registry
from scoring import ranges, ranks, stability, uncertainty
from scoring.draws import contribution_draws
from scoring.models import Framework, MathModel, Param, Score, ScoringInputs
from tests.factories import put
from tests.scoring.conftest import give, model, modelled, scored


def uncertain(row: Any, name: str, low: float, high: float) -> None:
    param = Param.objects.get(initiative=row, param_name=name)
    assert put("params", param, min=low, max=high, distribution="uniform", approved=True).ok


def rough(value: float = 2, low: float = 1, high: float = 5, name: str = "rate", **more: Any) -> Any:
    """An initiative worth an uncertain number."""
    row = modelled(f"value = {name}", **{name: value}, **more)
    uncertain(row, name, low, high)
    return row


def kept() -> Score:
    return Score.objects.filter(framework=Framework.MATH_MODEL).first()


def spans(*rows: Any) -> list[tuple[int | None, int | None]]:
    found = (ScoringInputs.objects.get(initiative=row) for row in rows)
    return [(inputs.math_rank_p10, inputs.math_rank_p90) for inputs in found]


# Scores ---------------------------------------------------------------------------------------------------


def test_a_score_keeps_what_its_draws_say_and_what_it_takes_to_draw_them_again(revenue: Any) -> None:
    scored(rough(days=4))
    said, stored = kept().uncertainty, MathModel.objects.get()
    assert said["samples"] == stored.samples and said["p90"] == stored.p90
    assert (said["samples"]["draws"], said["samples"]["seed"], said["samples"]["effort"]) == (10_000, 0, 4)
    assert (said["p_positive"], said["finite_fraction"]) == (1, 1)
    assert 0 < said["sampling_error"]["p50"] < 0.05
    again = uncertainty.summarise(ranges.redraw(said["samples"]))
    assert [again.p10, again.p50, again.p90] == pytest.approx([said["p10"], said["p50"], said["p90"]])


def test_the_same_inputs_say_the_same_and_are_kept_once(revenue: Any) -> None:
    row = rough()
    scored(row)
    first = kept().uncertainty
    scored(row)
    assert Score.objects.count() == 1
    Score.objects.all().delete()
    scored(row)
    assert kept().uncertainty == first


def test_another_range_is_another_score_in_the_history(revenue: Any) -> None:
    row = rough()
    scored(row)
    uncertain(row, "rate", 1, 9)
    scored(row)
    newer, older = Score.objects.all()
    assert newer.value == older.value and newer.uncertainty["p90"] > older.uncertainty["p90"]


def test_a_certain_score_has_no_uncertainty(revenue: Any) -> None:
    scored(modelled("value = rate", rate=2))
    assert kept().uncertainty is None


def test_how_often_to_draw_is_a_setting(revenue: Any, settings: Any) -> None:
    settings.SCORING_DRAWS = 400
    scored(rough())
    assert kept().uncertainty["samples"]["draws"] == ranges.redraw(kept().uncertainty["samples"]).size == 400


def test_another_seed_is_another_draw(revenue: Any) -> None:
    scored(rough(days=1))
    samples = kept().uncertainty["samples"]
    one, other = (ranges.redraw_scores(samples, 50, seed).overall for seed in (1, 2))
    assert (one != other).any()


# Overall scores -------------------------------------------------------------------------------------------


def overall() -> Any:
    return ranges.redraw_scores(kept().uncertainty["samples"]).overall


def test_an_uncertain_effort_makes_the_overall_uncertain_and_the_value_not(revenue: Any) -> None:
    row = modelled("value = 10", target="revenue")
    model(row, "value = effort_days", model_name="other", approved=True)
    give(row, effort_days=5)
    uncertain(row, "effort_days", 2, 10)
    assert scored(row).math_overall_score == 2
    main = MathModel.objects.get(model_name="main")
    assert main.p10 is None and main.samples["effort"]["max"] == 10
    assert overall().min() == pytest.approx(1, rel=1e-3) and overall().max() == pytest.approx(5, rel=1e-3)
    assert contribution_draws([row.initiative_key]) == {}


def test_draws_without_effort_have_no_overall(revenue: Any) -> None:
    row = modelled("value = 10\neffort = days", days=None)
    give(row, days=5)
    uncertain(row, "days", -5, 15)
    scored(row)
    assert np.isnan(overall()).mean() == pytest.approx(0.25, abs=0.001)


@pytest.mark.parametrize(
    "line, expected", [("effort = 4", 0.5), ("effort_days = 8", 0.25), ("overall = 7", 7)]
)
def test_what_the_formula_states_goes_first(revenue: Any, line: str, expected: float) -> None:
    row = modelled(f"value = rate * 1\n{line}", days=100, rate=2)
    uncertain(row, "rate", 1, 3)
    scored(row)
    assert np.median(overall()) == pytest.approx(expected, rel=1e-3)


def test_a_range_of_effort_that_excludes_its_value_warns(revenue: Any) -> None:
    row = modelled("value = effort_days", effort_days=5)
    put("params", Param.objects.get(), min=6, max=9, approved=True)
    assert "because of effort_days" in scored(row).score_warnings


# Contributions --------------------------------------------------------------------------------------------


def contributions(row: Any) -> Contributions:
    return Contributions.objects.get(initiative=row)


def test_a_contribution_carries_the_percentiles_of_its_model(revenue: Any) -> None:
    row = rough()
    model(row, "value = 100", model_name="sure", target_kpi="revenue")
    scored(row)
    stored = MathModel.objects.get(model_name="main")
    assert contributions(row).spread["revenue"] == {
        name: pytest.approx(getattr(stored, name) + 100) for name in ("p10", "p50", "p90")
    }


def test_models_of_one_target_add_up_draw_by_draw(revenue: Any) -> None:
    row = rough()
    model(row, "value = rate", model_name="again", target_kpi="revenue")
    model(row, "value = other", model_name="third", target_kpi="revenue")
    give(row, other=4)
    uncertain(row, "other", 1, 9)
    scored(row)
    said = contributions(row).spread["revenue"]
    drawn = contribution_draws([row.initiative_key])[row.initiative_key]["revenue"]
    assert [said["p10"], said["p50"], said["p90"]] == pytest.approx(np.percentile(drawn, [10, 50, 90]))
    assert said["p10"] > 2 * MathModel.objects.get(model_name="main").p10 + 1  # not the sum of percentiles


def test_what_cancels_out_is_as_certain_as_it_adds_up_to(revenue: Any) -> None:
    row = rough()
    model(row, "value = 5 - rate", model_name="loss", target_kpi="revenue")
    scored(row)
    assert contributions(row).spread["revenue"] == pytest.approx({"p10": 5, "p50": 5, "p90": 5})


def test_an_override_is_certain(revenue: Any) -> None:
    row = rough()
    scored(row)
    put("kpi_contributions", row, contribution_override={"revenue": 7}, override_reason="Signed")
    assert contributions(row).percentile("p10") == contributions(row).percentile("p90") == {"revenue": 7}
    assert contributions(row).spread["revenue"]["p10"] < 2


def test_percentiles_show_on_kpi_contributions(revenue: Any) -> None:
    row, sure = rough(), modelled("value = 3")
    scored(row, sure)
    tab = registry.tab("kpi_contributions")
    shown = {name: tab.column(f"contribution_{name}").expand()[0] for name in ("p10", "p90")}
    pks = [row.pk, sure.pk]
    low, high = (shown[name].show(shown[name].compute(pks)[row.pk]) for name in ("p10", "p90"))
    assert low == pytest.approx(1.4, abs=0.01) and high == pytest.approx(4.6, abs=0.01)
    assert shown["p10"].show(shown["p10"].compute(pks)[sure.pk]) == 3


def test_a_range_that_goes_takes_the_percentiles_away(revenue: Any) -> None:
    row = rough()
    scored(row)
    put("params", Param.objects.get(), min=None, max=None, approved=True)
    scored(row)
    assert contributions(row).spread is None and contributions(row).computed == {"revenue": 2}


# Ranks ----------------------------------------------------------------------------------------------------


def test_ranks_say_how_far_they_may_be_off(revenue: Any) -> None:
    certain = modelled("value = 3 * 1", days=1)
    rows = [rough(2, 1, 5, "rate", days=1), certain, rough(0.5, 0, 1, "small", days=1)]
    scored(*rows)
    # The first exceeds 3 in half of its draws, and nothing else can change places.
    assert spans(*rows) == [(1, 2), (1, 2), (3, 3)]


def test_a_shared_assumption_moves_no_ranks(revenue: Any) -> None:
    rows = [modelled(f"value = traffic * {factor}", days=1, traffic=10) for factor in (3, 2, 1)]
    for row in rows:
        uncertain(row, "traffic", 1, 100)
    scored(*rows)
    assert spans(*rows) == [(1, 1), (2, 2), (3, 3)]


def test_ranks_of_certain_scores_have_no_span(revenue: Any) -> None:
    rows = [modelled(f"value = {number} * 1", days=1) for number in (1, 2)]
    scored(*rows)
    assert spans(*rows) == [(None, None)] * 2


def test_without_an_overall_there_is_no_span(revenue: Any) -> None:
    rows = [rough(days=1), rough()]
    scored(*rows)
    assert spans(*rows) == [(1, 1), (None, None)]


def test_an_initiative_that_is_scored_alone_moves_the_spans_of_the_others(revenue: Any) -> None:
    rows = [rough(2, 1, 5, "rate", days=1), modelled("value = big", days=1, big=1)]
    scored(*rows)
    assert spans(*rows) == [(1, 1), (2, 2)]
    give(rows[1], big=9)
    scored(rows[1])
    assert spans(*rows) == [(2, 2), (1, 1)]


def test_ranks_take_fewer_draws_where_all_do_not_fit(revenue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [rough(2, 1, 5, f"rate_{at}", days=1) for at in range(3)]
    sizes: list[tuple[int, int]] = []

    def noted(scores: Any, shares: Any) -> Any:
        sizes.append(scores.shape)
        return original(scores, shares)

    original = stability.place_percentiles
    monkeypatch.setattr(stability, "place_percentiles", noted)
    monkeypatch.setattr(ranks, "MOST_NUMBERS", 900)
    scored(*rows)
    assert sizes == [(3, 300)] and spans(*rows) == [(1, 3)] * 3
