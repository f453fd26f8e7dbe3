"""What the studio answers while somebody types: all that scoring would say, and nothing saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portfolio.tabs.models import Batch
from scoring.models import MathModel, Param, Score
from tests.factories import put
from tests.scoring.conftest import scored
from tests.studio.conftest import FORMULA, path, tried

pytestmark = pytest.mark.django_db
FILLED = {"traffic": 1000, "rate": 0.05, "margin": 8}


@pytest.mark.parametrize(
    ("formula", "errors"),
    [
        ("value = a +", [(1, "syntax")]),
        ("value = a *\nx = 1 2", [(1, "syntax"), (2, "syntax")]),
        ("# one\n\nvalue = print(a)", [(3, "unknown_function")]),
        ("x = a", [(1, "missing_value")]),
        ("y = x\nx = 1\nvalue = y", [(1, "use_before_assignment")]),
        ("value = a / (traffic - traffic)", [(1, "division_by_zero")]),
        ("x = 1\ntraffic = 2\nvalue = x", [(2, "assigns_param")]),
        ("value = 1,000", [(1, "bad_literal")]),
        ("value = 10 * a\n" * 101, [(1, "too_many_lines")]),
    ],
)
def test_errors_come_by_line(ana: Client, checkout: Any, formula: str, errors: list[Any]) -> None:
    answer = tried(ana, checkout, formula, a=1, **FILLED)
    told = [(error["line"], error["kind"]) for error in answer["errors"]]
    assert told == errors or told[0][1] == errors[0][1] == "too_many_lines"
    assert answer["value"] is None
    assert f'data-line="{told[0][0]}"' in answer["answer"]


@pytest.mark.parametrize("formula", ["", "  \n", "\n\n"])
def test_no_formula_is_no_error(ana: Client, checkout: Any, formula: str) -> None:
    answer = tried(ana, checkout, formula)
    assert (answer["identifiers"], answer["errors"]) == (None, [])
    assert "Write a formula" in answer["figures"]


def test_a_formula_is_computed_with_the_numbers_of_the_page(ana: Client, checkout: Any) -> None:
    answer = tried(ana, checkout, FORMULA, **FILLED)
    assert answer["identifiers"] == ["traffic", "rate", "margin"]
    assert (answer["value"], answer["effort"], answer["overall"]) == (400, 20, 20)
    assert answer["values"] == {"uplift": 50, "value": 400}
    assert answer["p10"] is None


@pytest.mark.parametrize(
    ("typed", "value"), [("1,000", 400), ("1000", 400), (1000.0, 400), ("(1000)", -400), ("50%", 0.2)]
)
def test_numbers_are_read_as_the_params_tab_reads_them(
    ana: Client, checkout: Any, typed: Any, value: float
) -> None:
    assert tried(ana, checkout, FORMULA, **FILLED | {"traffic": typed})["value"] == pytest.approx(value)


def test_a_cell_that_cannot_be_read_is_named_and_counts_as_blank(ana: Client, checkout: Any) -> None:
    answer = tried(ana, checkout, FORMULA, **FILLED | {"rate": "lots"})
    assert "is not a number" in answer["refused"]["rate"]["value"]
    assert answer["missing"] == ["rate"]


def test_what_has_no_value_is_named(ana: Client, checkout: Any) -> None:
    answer = tried(ana, checkout, FORMULA, traffic=1000, margin=None)
    assert answer["missing"] == ["rate", "margin"]
    assert answer["value"] is None
    assert "Fill rate, margin" in answer["figures"]


def test_a_range_gives_percentiles_a_tornado_and_a_histogram(ana: Client, checkout: Any) -> None:
    wide = {"value": 0.05, "min": 0.01, "max": 0.1, "distribution": "uniform"}
    answer = tried(ana, checkout, FORMULA, **FILLED | {"rate": wide})
    assert answer["p10"] == pytest.approx(1000 * 8 * 0.019, rel=0.01)
    assert answer["p90"] == pytest.approx(1000 * 8 * 0.091, rel=0.01)
    assert answer["p_positive"] == 1
    assert answer["draws"] == 10_000
    for title in ("What moves the value", "How the value is spread"):
        assert f"<title>{title}</title>" in answer["charts"]
    assert " style=" not in answer["charts"]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"value": 0.2, "min": 0.01, "max": 0.1}, "must lie from min"),
        ({"value": 0.05, "min": 0.1, "max": 0.01}, "is above max"),
        ({"value": 0.05, "min": 0, "max": 0.1, "distribution": "lognormal_90"}, "needs a min above 0"),
    ],
)
def test_a_range_that_cannot_be_drawn_from_leaves_the_value(
    ana: Client, checkout: Any, cells: dict[str, Any], why: str
) -> None:
    answer = tried(ana, checkout, FORMULA, **FILLED | {"rate": cells})
    assert why in answer["unusable"]["rate"]
    assert answer["value"] == pytest.approx(8000 * cells["value"])
    assert answer["p50"] is None


@pytest.mark.parametrize("cells", [{"min": 0.01}, {"min": 0.01, "max": 0.1, "distribution": "fixed"}])
def test_half_a_range_and_a_fixed_one_are_certain(ana: Client, checkout: Any, cells: dict[str, Any]) -> None:
    answer = tried(ana, checkout, FORMULA, **FILLED | {"rate": {"value": 0.05, **cells}})
    assert (answer["value"], answer["p50"], answer["unusable"]) == (400, None, {})


def test_it_says_what_scoring_says(ana: Client, checkout: Any) -> None:
    rate = Param.objects.get(initiative=checkout, param_name="rate")
    put("params", rate, min=0.02, max=0.09, approved=True)
    inputs = scored(checkout)
    of_model = MathModel.objects.get(initiative=checkout)
    answer = tried(ana, checkout, FORMULA, **FILLED | {"rate": {"value": 0.05, "min": 0.02, "max": 0.09}})
    told = [answer[part] for part in ("value", "effort", "overall")]
    assert told == [inputs.math_value_score, inputs.math_effort_score, inputs.math_overall_score]
    told = [answer[name] for name in ("p10", "p50", "p90")]
    assert told == pytest.approx([of_model.p10, of_model.p50, of_model.p90], rel=1e-11)


def test_it_saves_nothing(ana: Client, checkout: Any) -> None:
    before = (Batch.objects.count(), Score.objects.count(), Param.objects.count())
    tried(ana, checkout, "value = something_else", something_else=1)
    assert (Batch.objects.count(), Score.objects.count(), Param.objects.count()) == before
    assert MathModel.objects.get().formula_text == FORMULA


@pytest.mark.parametrize(
    "body",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"formula": 1}',
        '{"formula": "value = 1", "params": []}',
        '{"formula": "value = 1", "params": {"a": 1}}',
        "[" * 100_000,
        '{"formula": "' + "x" * 300_000 + '"}',
    ],
)
def test_a_request_of_another_form_is_refused_in_words(ana: Client, checkout: Any, body: str) -> None:
    answer = ana.post(path(checkout, "try/"), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"].endswith(".")


def test_only_a_signed_in_person_with_a_token_may_ask(checkout: Any, person: Any) -> None:
    asked = {"formula": "value = 1"}
    stranger = Client().post(path(checkout, "try/"), asked, content_type="application/json")
    assert stranger.status_code == 302
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(person("PM"))
    assert careful.post(path(checkout, "try/"), asked, content_type="application/json").status_code == 403
    assert careful.get(path(checkout, "try/")).status_code == 405


def test_a_viewer_may_try_but_an_unknown_initiative_is_a_404(signed_in: Any, checkout: Any) -> None:
    viewer = signed_in("Viewer")
    assert tried(viewer, checkout, "value = 2")["value"] == 2
    gone = viewer.post("/studio/INIT-999999/try/", {"formula": "value = 1"}, content_type="application/json")
    assert gone.status_code == 404
